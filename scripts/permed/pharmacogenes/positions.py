"""A position of an allele definition on either build, with every spelling of an insertion or deletion."""

from dataclasses import dataclass, replace

from permed.pharmacogenes.spelling import Change, change_of


@dataclass(frozen=True)
class Position:
    """A position of the definition, GRCh38, 1-based, alleles in VCF form; ``name`` is its rsID or ``contig:pos``.

    ``never_default`` tells that without a genotype it counts as not read, whatever absent sites mean in the files.

    ``spellings`` are all known ways to write the alternates of an insertion or deletion, as position, REF, ALT and
    code; ``stretch`` is the first and last base over which they can lie, ``stretch_known`` tells whether the bases
    around show that it ends there.

    As one of :attr:`Gene.grch37` it holds the place, REF and alternates on GRCh37, on the same strand.
    """

    contig: str
    pos: int
    ref: str
    alts: tuple[str, ...]
    name: str
    required: bool
    hgvs: tuple[str, ...] = ()
    never_default: bool = False
    spellings: tuple[tuple[int, str, str, int], ...] = ()
    stretch: tuple[int, int] | None = None
    stretch_known: bool = False

    def change(self, code: int) -> str:
        """The genomic change to the base of ``code``, such as ``g.94781859G>A``; ``>?`` for an unknown one."""
        if code < 1:
            return f"g.{self.pos}{self.ref}>?"
        alt = self.alts[code - 1]
        own = [name for name in self.hgvs if name.endswith(f">{alt}") or len(self.hgvs) == len(self.alts) == 1]
        return own[0] if own else f"g.{self.pos}{self.ref}>{alt}"

    @property
    def is_indel(self) -> bool:
        """Whether an alternate differs from the reference in length."""
        return any(len(alt) != len(self.ref) for alt in self.alts)

    @property
    def around(self) -> tuple[int, int]:
        """First and last base that must be looked at to know the position: its REF, and of an insertion or deletion
        the stretch over which it can lie with one base either side."""
        own = self.pos, self.pos + len(self.ref) - 1
        if not self.is_indel or self.stretch is None:
            return own
        return min(own[0], self.stretch[0] - 1), max(own[1], self.stretch[1] + 1)

    def keys(self) -> dict[Change, int]:
        """Code of each alternate by what it changes, in every known spelling: an anchor before or after it, or both,
        makes no difference."""
        own = {change_of(self.pos, self.ref, alt): code for code, alt in enumerate(self.alts, start=1)}
        return {change_of(*written): code for *written, code in self.spellings} | own

    def known_bases(self) -> dict[int, str]:
        """The reference's bases by position, as far as REF and the spellings show them."""
        written = [(pos, ref) for pos, ref, *_ in (*self.spellings, (self.pos, self.ref))]
        return {pos + i: base for pos, ref in written for i, base in enumerate(ref)}


def read_positions(rows: list[dict], spelled: list[dict]) -> tuple[tuple[Position, ...], tuple[Position | None, ...]]:
    """The positions of the tables' rows on GRCh38, and each one's place on GRCh37, None where it is not known."""
    by_place = _by_place(spelled)
    here = tuple(_spelled(_position(row), by_place.get(("GRCh38", row["pos"]), [])) for row in rows)
    there = tuple(
        _on_grch37(row, position, by_place.get(("GRCh37", row["pos"]), []))
        for row, position in zip(rows, here, strict=True)
    )
    return here, there


def _position(row: dict) -> Position:
    name = row["rsid"] or f"{row['contig']}:{row['pos']}"
    alts = tuple(row["alts"].split(","))
    hgvs = tuple(change.strip() for change in (row["hgvs"] or "").split(";"))
    flags = row["required"] == "yes", hgvs, _never_default(row, "GRCh38")
    return Position(row["contig"], int(row["pos"]), row["ref"], alts, name, *flags)


def _never_default(row: dict, build: str) -> bool:
    """Whether the row says so of both builds, or of this one: GRCh37's REF may be the base of an allele."""
    return row["never_default"] in ("yes", build)


def _on_grch37(row: dict, position: Position, spelled: list[dict]) -> Position | None:
    if row["pos37"] is None:
        return None
    place = {"contig": row["contig37"], "pos": int(row["pos37"]), "never_default": _never_default(row, "GRCh37")}
    there = replace(position, **place, ref=row["ref37"], alts=tuple(row["alts37"].split(",")))
    return _spelled(there, spelled)


def _by_place(rows: list[dict]) -> dict[tuple[str, str], list[dict]]:
    found: dict[tuple[str, str], list[dict]] = {}
    for row in rows:
        found.setdefault((row["build"], row["pos"]), []).append(row)
    return found


def _spelled(position: Position, rows: list[dict]) -> Position:
    """The position with the spellings of its build, none for a substitution."""
    if not rows:
        return replace(position, spellings=(), stretch=None, stretch_known=False)
    codes = {alt: code for code, alt in enumerate(position.alts, start=1)}
    return replace(
        position,
        spellings=tuple(
            (int(row["spelled_pos"]), row["spelled_ref"], row["spelled_alt"], codes[row["alt"]]) for row in rows
        ),
        stretch=(int(rows[0]["start"]), int(rows[0]["end"])),
        stretch_known=rows[0]["known"] == "yes",
    )
