"""Where a change lies in its transcript and what follows for the protein: what PVS1's decision tree asks for.

Nonsense-mediated decay by the rule of ClinGen's PVS1 decision tree (Abou Tayoun 2018, doi:10.1002/humu.23626): none is
predicted for a premature stop codon in the last exon or in the last 50 bases of the one before it.
"""

from dataclasses import asdict, dataclass

from permed.annotation.hgvs.edits import Edit
from permed.annotation.hgvs.naming import Locus
from permed.annotation.hgvs.proteins import ProteinChange

NMD_BASES = 50


@dataclass
class Details:
    """Facts of one variant on one transcript; None where a question does not arise or has no sure answer.

    ``splice_distance`` counts bases from the nearest border of exon and intron: 1, 2 … in the intron, -1, -2 … in the
    exon, 0 across it. ``protein_length`` is without the stop codon. ``protein_lost`` is the share of residues from the
    first changed one on, for truncations. ``start_lost_rescue`` is the position of the next methionine in frame.
    ``skipped_…`` are of the exon that would be left out when a splice site of it is lost.
    """

    exon: int | None = None
    exons: int | None = None
    last_exon: bool | None = None
    splice_site: str | None = None
    splice_distance: int | None = None
    cds_position: int | None = None
    cds_length: int | None = None
    protein_position: int | None = None
    protein_length: int | None = None
    stop_position: int | None = None
    nmd: str | None = None
    nmd_reason: str | None = None
    protein_lost: float | None = None
    start_lost_rescue: int | None = None
    skipped_exon: int | None = None
    skipped_in_frame: bool | None = None
    skipped_share: float | None = None


NAMES = tuple(asdict(Details()))


def details(locus: Locus, moved: Edit, change: ProteinChange | None, consequence: str) -> Details:
    """The facts of a change that has been shifted 3', with what :func:`protein_name` made of it and csq's terms."""
    t = locus.transcript
    made = Details(exons=len(t.exons), cds_length=t.coding_length or None)
    held = [part // 2 for part in locus.region(moved) if part >= 0 and part % 2 == 0]
    if held:
        made.exon, made.last_exon = held[0] + 1, held[-1] == len(t.exons) - 1
    _splicing(made, locus, moved)
    if not t.translated or t.phase:
        return made
    made.protein_length = made.cds_length // 3 - 1
    _coding(made, locus, moved, change)
    terms = set(consequence.split("&"))
    if terms & {"splice_acceptor", "splice_donor"}:
        _skipping(made, locus, moved, "splice_donor" in terms)
    if change and change.first and terms & {"stop_gained", "frameshift"}:
        _truncation(made, locus, moved, change)
    if "start_lost" in terms:
        found = locus.protein.find("M", 1)
        made.start_lost_rescue = found + 1 if found > 0 else None
    return made


def _splicing(made: Details, locus: Locus, moved: Edit) -> None:
    t = locus.transcript
    parts = locus.region(moved)
    if len(parts) > 1:
        made.splice_distance = 0 if min(parts) >= 0 else None
        return
    low, high = moved.first - locus.flank, max(moved.end - 1, moved.first) - locus.flank
    if moved.first == moved.end:
        low, high = low - 1, low
    index, inside = parts[0] // 2, parts[0] % 2 == 0
    if parts[0] < 0:
        return
    first, end = t.blocks[index]
    if inside:
        ways = [(first - high - 1 if low < first else low - first + 1, "acceptor")] if index else []
        ways += [(end - high, "donor")] if index < len(t.blocks) - 1 else []
    else:
        ways = [(low - end + 1, "donor")]
        ways += [(t.blocks[index + 1][0] - high, "acceptor")] if index < len(t.blocks) - 1 else []
    if ways:
        distance, made.splice_site = min(ways)
        made.splice_distance = -distance if inside else distance


def _coding(made: Details, locus: Locus, moved: Edit, change: ProteinChange | None) -> None:
    first, end = locus.transcript.translated
    inside = locus.spliced_edit(moved)
    if inside and first <= inside.first < end:
        made.cds_position = inside.first - first + 1
        made.protein_position = change.first if change and change.first else (inside.first - first) // 3 + 1
    if change and change.stop and change.stop > 0:
        made.stop_position = change.stop


def _truncation(made: Details, locus: Locus, moved: Edit, change: ProteinChange) -> None:
    t = locus.transcript
    made.protein_lost = round(1 - (change.first - 1) / made.protein_length, 4) if made.protein_length else None
    inside = locus.spliced_edit(moved)
    if not made.stop_position or inside is None:
        made.nmd_reason = "no stop codon follows in the changed reading frame"
        return
    if len(t.exons) == 1:
        made.nmd, made.nmd_reason = "escapes", "the transcript has one exon"
        return
    junction = t.offsets[-2] + (inside.change if inside.first < t.offsets[-2] else 0)
    ahead = junction - (t.translated[0] + 3 * (made.stop_position - 1))
    if ahead > NMD_BASES:
        made.nmd, text = "triggers", f"the new stop codon is {ahead} bases before the last junction of exons"
    else:
        made.nmd = "escapes"
        text = "the new stop codon is in the last exon" if ahead <= 0 else (
            f"the new stop codon is {ahead} bases before the last junction of exons, within {NMD_BASES}"
        )  # fmt: skip
    made.nmd_reason = text


def _skipping(made: Details, locus: Locus, moved: Edit, donor: bool) -> None:
    t = locus.transcript
    introns = [part // 2 for part in locus.region(moved) if part >= 0 and part % 2]
    exons = [part // 2 for part in locus.region(moved) if part >= 0 and part % 2 == 0]
    index = (introns[0] if donor else introns[0] + 1) if introns else (exons[0] if exons else None)
    if index is None or index >= len(t.exons):
        return
    first, end = t.translated
    low, high = t.offsets[index], t.offsets[index + 1]
    coding = max(0, min(high, end) - max(low, first))
    made.skipped_exon, made.skipped_share = index + 1, round(coding / made.cds_length, 4)
    if first <= low and high <= end and low > first and high < end:
        made.skipped_in_frame = coding % 3 == 0
