"""Where the positions of the definitions, published on GRCh38, lie on GRCh37: proven from pairs, never guessed.

Positions are 1-based. A gene's evidence is the ends of its inner exons, given on both builds, and variants that one
table gives on both. It serves only if every exon end has one offset; a pair with another offset is not taken.
"""

from dataclasses import dataclass, field

from permed.variants import trim

BUILD = "GRCh37"
NOWHERE = (None, None, None, None, None)


@dataclass
class Evidence:
    """What a source says of a gene on both builds, all as plus-strand positions.

    ``exons`` are ends of inner exons as (GRCh37, GRCh38), ``pairs`` variants with equal alleles as {GRCh38: GRCh37},
    ``variants`` the (position, REF, ALT) that it knows on GRCh37, and ``carried`` the (position, REF, ALT) on GRCh38 of
    the allele that the GRCh37 sequence carries.
    """

    exons: list[tuple[int, int]] = field(default_factory=list)
    pairs: dict[int, int] = field(default_factory=dict)
    variants: set[tuple[int, str, str]] = field(default_factory=set)
    carried: set[tuple[int, str, str]] = field(default_factory=set)

    def offset(self) -> int | None:
        """What to subtract from a GRCh38 position; None where the exons do not agree on one."""
        offsets = {there - here for here, there in self.exons}
        return offsets.pop() if len(offsets) == 1 else None


def place(evidence: Evidence, contig: str, pos: int, ref: str, alts: list[str], source: str) -> tuple:
    """``contig37 pos37 ref37 alts37 source37`` of a position, all None where its place is not proven."""
    offset = evidence.offset()
    if offset is None:
        return NOWHERE
    if evidence.pairs.get(pos) == pos - offset:
        proof = f"{source}: the same variant on both builds"
    else:
        anchors = sorted(there for here, there in [*evidence.exons, *map(reversed, evidence.pairs.items())])
        anchors = [there for there in anchors if evidence.pairs.get(there, there - offset) == there - offset]
        before = [there for there in anchors if there <= pos]
        after = [there for there in anchors if there >= pos + len(ref) - 1]
        if not before or not after:
            return NOWHERE
        proof = f"{source}: offset {-offset:+} at {contig}:{before[-1]} and {contig}:{after[0]} (GRCh38)"
    known = {v for v in evidence.variants if v[0] == pos - offset}
    known |= {(at - offset, alt, own) for at, own, alt in evidence.carried if at == pos}
    bases = _bases(known, ref, alts, pos - offset)
    if bases is None:
        return NOWHERE
    (ref37, *alts37), seen = bases
    proof += "; REF seen" if seen else "; REF as on GRCh38"
    return contig, str(pos - offset), ref37, ",".join(alts37), proof


def _bases(known: set[tuple[int, str, str]], ref: str, alts: list[str], pos: int) -> tuple[list[str], bool] | None:
    """REF and alternates on GRCh37, and whether a variant there showed them; None where variants contradict."""
    keys = {trim(pos, ref, alt) for alt in alts}
    same = any(trim(*variant) in keys for variant in known)
    swapped = {own for at, own, alt in known if (at, alt, own) in keys and len(own) == len(alt) == len(ref)}
    if swapped and (same or len(swapped) > 1):
        return None
    if swapped:
        own = swapped.pop()
        return [own, ref, *(alt for alt in alts if alt != own)], True
    return [ref, *alts], same
