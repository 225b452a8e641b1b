"""csq's consequences where it is known to err, compared with a translation of our own and corrected by it.

csq 1.24 errs at start and stop codons, on coding sequences without either, and where bases are replaced by more or
fewer: docs/annotation.md lists how. Other substitutions, insertions and deletions it gets right.
"""

import polars as pl

from permed.annotation.genes.table import from_table
from permed.annotation.hgvs.effects import INFRAME, UNKNOWN, effects
from permed.annotation.hgvs.naming import locus_of
from permed.reference import Reference

SEVERE = frozenset(("frameshift", "stop_gained", "stop_lost", "start_lost"))
SAME = frozenset(("synonymous", "stop_retained", "start_retained"))
OF_CODONS = frozenset((*SEVERE, *SAME, *INFRAME, *UNKNOWN, "missense", "feature_elongation", "feature_truncation"))
DOUBTFUL = "start_|stop_|coding_sequence|feature_|^(?:splice_region|NMD_transcript|[35]_prime_utr|&)+$"
ELSEWHERE = ("intron", "non_coding", "5_prime_utr", "3_prime_utr")
CODONS, ITSELF = (f"bcftools csq says {{}}, which {what}" for what in ("the codons contradict", "contradicts itself"))


def correct(rows: pl.DataFrame, models: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """The rows ``pos ref alt identifier consequence amino_acid_change`` with ``consequence_reason``.

    Where the codons contradict csq, ``consequence`` says what they say, ``consequence_reason`` tells both, and
    ``amino_acid_change`` is empty unless csq only said too much.
    """
    changed = []
    asked = rows.with_row_index().filter(~pl.col("consequence").is_in(ELSEWHERE)).filter(_doubtful())
    asked = asked.select("identifier", "index", "pos", "ref", "alt", "consequence")
    models = models.filter(pl.col("coding").list.len() > 0).join(asked, on="identifier", how="semi")
    of_transcript: dict[str, list[tuple]] = {}
    for identifier, *row in asked.iter_rows():
        of_transcript.setdefault(identifier, []).append(row)
    for transcript in from_table(models):
        locus = locus_of(transcript, reference)
        for index, pos, ref, alt, consequence in of_transcript[transcript.identifier]:
            if not set(alt) <= set("ACGT") or not locus.fits(pos, ref):
                continue
            said, read = consequence.removeprefix("*").split("&"), effects(locus, locus.edit(pos, ref, alt))
            found = read or UNKNOWN
            if _contradicts(found, frozenset(said)) if read else SEVERE & {*said} and SAME & {*said}:
                found = found | {"frameshift"} & {*said} if read == UNKNOWN else found
                beside = [term for term in said if term not in OF_CODONS]
                reason = (CODONS if read else ITSELF).format(consequence)
                changed.append((index, "&".join([*beside, *sorted(found)]), found <= {*said}, reason))
    return _with_changes(rows, changed)


def _doubtful() -> pl.Expr:
    """Where csq's answer is compared: what it has been seen to get wrong."""
    sizes = [pl.col(name).str.len_bytes() for name in ("ref", "alt")]
    said, residues = pl.col("consequence"), pl.col("amino_acid_change").fill_null("")
    replaced = (sizes[0] != sizes[1]) & (pl.col("ref").str.head(1) != pl.col("alt").str.head(1))
    longer = pl.any_horizontal(size > 1 for size in sizes)
    of_longer = said.str.contains(DOUBTFUL) | replaced | residues.str.contains(r"^\d+[^>]{0,3}\*")
    other_start = said.str.contains("start_", literal=True) & ~residues.str.starts_with("1M>")
    of_single = other_start | said.str.contains("stop_gained.*stop_retained|stop_retained.*stop_gained")
    return pl.when(longer).then(of_longer).otherwise(of_single)


def _contradicts(found: frozenset[str], said: frozenset[str]) -> bool:
    """Whether csq's terms mean another thing than those of the codons, not whether they are the same words."""
    if found == UNKNOWN:
        return bool(said & (SEVERE | SAME | {"missense"}) - {"frameshift"})
    if "start_lost" in found & said:
        return False
    if found <= SAME and not said & OF_CODONS:
        return False
    if found & SEVERE != said & SEVERE:
        return True
    if found & SEVERE or "missense" in found:
        return bool(said & SAME) or not said & found
    if found & INFRAME:
        return not said & INFRAME or "synonymous" in said
    return not said & SAME or bool(said & (INFRAME | {"missense"}))


def _with_changes(rows: pl.DataFrame, changed: list[tuple[int, str, bool, str]]) -> pl.DataFrame:
    schema = {"index": pl.UInt32, "found": pl.String, "less": pl.Boolean, "consequence_reason": pl.String}
    table = pl.DataFrame(changed, schema=schema, orient="row")
    rows = rows.with_row_index().join(table, on="index", how="left", maintain_order="left")
    return rows.with_columns(
        consequence=pl.coalesce("found", "consequence"),
        amino_acid_change=pl.when(pl.col("less").fill_null(True)).then("amino_acid_change"),
    ).drop("index", "found", "less")
