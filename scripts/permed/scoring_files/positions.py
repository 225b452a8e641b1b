"""Where the variants of a scoring file lie on the run's build: the columns that say it, and lifting to it."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from permed.chain import Chain
from permed.errors import Fault
from permed.genome import canonical
from permed.lifting import Lifted, Lost, lift_alleles
from permed.reference import Reference
from permed.variants import complement

DOSAGE_WEIGHTS = ["dosage_0_weight", "dosage_1_weight", "dosage_2_weight"]
NOT_REPORTED = "as given, of a build that the file does not report, taken for {}"
_WANTED = "chr_name, chr_position, effect_allele, other_allele, effect_weight"
_BUILDS = {
    **dict.fromkeys(("GRCH37", "HG19", "B37", "NCBI37", "HS37", "HS37D5", "37"), "GRCh37"),
    **dict.fromkeys(("GRCH38", "HG38", "B38", "NCBI38", "HS38", "38"), "GRCh38"),
}
_PATCH = re.compile(r"\.P[0-9]+$")


@dataclass
class Lift:
    """The chain from the other build and the reference of the run's; the chain's file is read when it is needed."""

    path: Path
    reference: Reference

    @cached_property
    def chain(self) -> Chain:
        """The chain."""
        return Chain(self.path)


@dataclass(frozen=True)
class Positions:
    """The columns with contig and position, the ``build`` they are of, in words where they come from (``origin``).

    ``authored`` says that the author's positions are of that build too.
    """

    contig: str
    pos: str
    build: str
    origin: str
    authored: bool = True


def find_positions(path: Path, header: dict, columns: list[str], build: str, lift: Lift | None) -> Positions:
    """Which columns hold contig and position; a Fault where none do for the run's build or columns are missing."""
    harmonised = {"hm_chr", "hm_pos"} <= set(columns)
    own = {"chr_name", "chr_position"} <= set(columns)
    _refuse_missing(path, header, columns, harmonised or own, build)
    hm_build = named_build(header.get("hmpos_build")) if harmonised else None
    author_build = named_build(header.get("genome_build"))
    if hm_build == build:
        return Positions("hm_chr", "hm_pos", build, f"harmonised to {build}", own and author_build == build)
    if own and author_build == build:
        return Positions("chr_name", "chr_position", build, f"as given, of {build}")
    if own and author_build is None and hm_build is None:
        return Positions("chr_name", "chr_position", build, NOT_REPORTED.format(build))
    if lift:
        other = "GRCh38" if build == "GRCh37" else "GRCh37"
        if own and author_build == other:
            return Positions("chr_name", "chr_position", other, f"lifted from {other}")
        if hm_build == other:
            return Positions("hm_chr", "hm_pos", other, f"harmonised to {other} and lifted", False)
    if not own and hm_build is None:
        fault = "there are positions in hm_chr and hm_pos, but no #HmPOS_build above the table says of which build"
    else:
        author = f"genome_build is {header.get('genome_build') or 'not reported'}"
        fault = f"the run's build is {build}; {author}" + (f", harmonised to {hm_build}" if hm_build else "")
    file = f"Take the file that the PGS Catalog harmonised to {build} (…_hmPOS_{build}.txt.gz)"
    raise Fault(fault, path, remedy=f"{file}, or set genome.chain to lift it")


def named_build(name: str | None) -> str | None:
    """The build under our name, of any patch, the name itself if it is neither of ours, None if it is not reported."""
    text = (name or "").strip()
    if text.upper() in ("", "NR", "NA"):
        return None
    named = {_BUILDS.get(_PATCH.sub("", part.upper())) for part in re.split(r"[\s/,;()]+", text) if part}
    return named.pop() if len(named) == 1 and None not in named else text


def lift_rows(rows: pl.DataFrame, lift: Lift, build: str) -> pl.DataFrame:
    """Scorable rows (columns of ``SCORE_SCHEMA``) with their places and alleles on ``build``.

    A single base is turned to the other strand where the chain turns it; longer alleles are checked against the
    reference. What has no place becomes ``not_scorable``, and so do all parts of a term of which one has none.
    """
    places = [
        _lift(lift, *row) if row[4] is None and row[1] is not None else (*row[:4], row[4])
        for row in rows.select("contig", "pos", "effect_allele", "other_allele", "not_scorable").iter_rows()
    ]
    schema = ["contig", "pos", "effect_allele", "other_allele", "not_scorable"]
    table = pl.DataFrame(places, schema={name: rows.schema[name] for name in schema}, orient="row")
    reason = pl.when(pl.col("term").is_not_null()).then(pl.col("not_scorable").drop_nulls().first().over("term"))
    return rows.with_columns(table).with_columns(not_scorable=pl.coalesce(reason, "not_scorable"))


def _lift(lift: Lift, contig: str, pos: int, effect: str, other: str | None, _: None) -> tuple:
    if len(effect) == 1 and len(other or "A") == 1:
        place = lift.chain.place(contig, pos, pos)
        if isinstance(place, str):
            return contig, None, effect, other, f"not lifted: {place}"
        if place.reverse:
            effect, other = complement(effect), other and complement(other)
        return canonical(place.contig), place.start, effect, other, None
    if other is None:
        return contig, None, effect, other, "not lifted: an insertion or deletion without its other allele"
    both = [
        lift_alleles(lift.chain, lift.reference, contig, pos, *pair) for pair in ((effect, [other]), (other, [effect]))
    ]
    placed = [_alleles(lifted, turned) for lifted, turned in zip(both, (False, True), strict=True)]
    found = sorted({place for place in placed if place})
    if len(found) == 1:
        return *found[0], None
    reason = both[0].reason if isinstance(both[0], Lost) else "its alleles do not tell which is the reference"
    return contig, None, effect, other, f"not lifted: {reason}"


def _alleles(lifted: Lifted | Lost, turned: bool) -> tuple[str, int, str, str] | None:
    """Contig, position, effect and other allele; ``turned`` says that the other one was taken for REF."""
    if isinstance(lifted, Lost):
        return None
    alleles = lifted.alleles if (lifted.codes is None) != turned else lifted.alleles[::-1]
    return canonical(lifted.contig), lifted.pos, *alleles


def without_positions(path: Path, header: dict, build: str, fault: str) -> Fault:
    """The fault of a file that places no variant, which points to one that does."""
    accession = header.get("pgs_id", "")
    file = f"the file that the PGS Catalog harmonised to {build}"
    if re.fullmatch("PGS[0-9]{6,}", accession):
        file += f" ({accession}_hmPOS_{build}.txt.gz; scores.catalog: [{accession}] downloads it)"
    return Fault(fault, path, remedy=f"Take {file}, or add chr_name and chr_position")


def _refuse_missing(path: Path, header: dict, columns: list[str], placed: bool, build: str) -> None:
    found = [name for name in DOSAGE_WEIGHTS if name in columns]
    if 0 < len(found) < len(DOSAGE_WEIGHTS):
        lost = next(name for name in DOSAGE_WEIGHTS if name not in columns)
        remedy = "Give all three of dosage_0_weight, dosage_1_weight and dosage_2_weight, or none"
        raise Fault(f"the column is missing: {lost}, beside {found[0]}", path, remedy=remedy)
    weighed = found or {"OR", "HR"} & set(columns)
    needed = ["effect_allele", *([] if weighed else ["effect_weight"])]
    needed += [] if placed else ["chr_name", "chr_position"]
    missing = [name for name in needed if name not in columns]
    if missing == ["chr_name", "chr_position"] and "rsID" in columns:
        raise without_positions(path, header, build, "its variants have rsIDs and no positions")
    if missing:
        remedy = (
            f"A scoring file has {_WANTED}, or hm_chr and hm_pos for the position; columns under other names are told "
            "by scores.columns"
        )
        plural = "columns are" if len(missing) > 1 else "column is"
        raise Fault(f"the {plural} missing: {', '.join(missing)}", path, remedy=remedy)
