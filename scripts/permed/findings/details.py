"""Phase, depth and quality of single genotypes, from the normalised variants of the few people who carry something."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pysam

from permed.findings.genotypes import HEMIZYGOUS, HETEROZYGOUS, HOMOPLASMIC, HOMOZYGOUS, REFERENCE
from permed.observations.codes import CONTRADICTED, LOW_DEPTH, LOW_QUALITY, NO_READS, ONE_ALLELE, REASONS

SCHEMA = {
    "phased": pl.Boolean,
    "haplotype": pl.Int64,
    "phase_set": pl.Int64,
    "depth": pl.Int64,
    "genotype_quality": pl.Int64,
    "alternate_share": pl.Float64,
}
SHARES = {REFERENCE: "none", HETEROZYGOUS: "about half", HOMOZYGOUS: "all", HEMIZYGOUS: "all", HOMOPLASMIC: "all"}
WHOLE = -1  # phase set of phased genotypes that name none: one set a contig, as the VCF specification has it


@dataclass(frozen=True)
class Limits:
    """Below which depth, quality and share of reads a genotype is to be confirmed first."""

    min_depth: int
    min_quality: int
    min_balance: float


def genotype_details(carriers: pl.DataFrame, variants: dict[str, Path]) -> pl.DataFrame:
    """``carriers`` (``sample contig pos ref alt``) with the columns of :data:`SCHEMA`.

    ``variants`` has the normalised BCF of each contig, indexed. ``haplotype`` is 0 or 1, the strand that carries ALT in
    a phased heterozygous genotype; ``alternate_share`` the share of reads that show ALT. What the file has not is null.
    """
    found: dict[tuple, tuple] = {}
    sites = (
        carriers.select("contig", "pos", "ref", "alt", "sample").unique().sort("contig", "pos", "ref", "alt", "sample")
    )
    for (contig,), rows in sites.group_by("contig", maintain_order=True):
        with pysam.VariantFile(str(variants[contig])) as file:
            for (pos, ref, alt), group in rows.group_by("pos", "ref", "alt", maintain_order=True):
                record = _record(file, contig, pos, ref, alt)
                if record is not None:
                    for sample in group["sample"]:
                        found[sample, contig, pos, ref, alt] = _details(record.samples[sample])
    nothing = (None,) * len(SCHEMA)
    keys = carriers.select("sample", "contig", "pos", "ref", "alt").iter_rows()
    told = pl.DataFrame([found.get(key, nothing) for key in keys], schema=SCHEMA, orient="row")
    return pl.concat([carriers, told], how="horizontal")


def doubts(row: dict, limits: Limits) -> list[str]:
    """Why a genotype is to be confirmed first; empty where depth, quality and balance are as they should be.

    ``row`` has the columns of :data:`SCHEMA`, ``zygosity``, ``ploidy_doubt`` and ``doubt``. Values that the file lacks
    are named.
    """
    told = [row["ploidy_doubt"]] if row.get("ploidy_doubt") else []
    depth, quality, share = (row[name] for name in ("depth", "genotype_quality", "alternate_share"))
    if depth is None and quality is None:
        told.append("the file has neither depth nor quality of the genotype")
    if depth is not None and depth < limits.min_depth:
        told.append(f"{depth} reads, fewer than {limits.min_depth}")
    if quality is not None and quality < limits.min_quality:
        told.append(f"genotype quality {quality}, below {limits.min_quality}")
    expected = SHARES.get(row["zygosity"])
    if share is not None and expected and not _fits(share, row["zygosity"], limits.min_balance):
        told.append(f"{share:.2f} of the reads show the variant, not {expected}")
    code = row.get("doubt")
    measured = code in (NO_READS, LOW_QUALITY, LOW_DEPTH, CONTRADICTED, ONE_ALLELE) and told  # said above
    return told if not code or measured else [*told, f"not believed: {REASONS[code]}"]


def _fits(share: float, zygosity: str, balance: float) -> bool:
    """Whether the share of reads that show a variant is that of the genotype."""
    low = {REFERENCE: 0.0, HETEROZYGOUS: balance}.get(zygosity, 1 - balance)
    high = {REFERENCE: balance, HETEROZYGOUS: 1 - balance}.get(zygosity, 1.0)
    return low <= share <= high


def _record(file: pysam.VariantFile, contig: str, pos: int, ref: str, alt: str) -> pysam.VariantRecord | None:
    for record in file.fetch(contig, pos - 1, pos):
        if record.pos == pos and record.ref == ref and record.alts == (alt,):
            return record
    return None


def _details(call) -> tuple:
    alleles = [allele for allele in call["GT"] if allele is not None]
    phased = len(alleles) == 2 and bool(call.phased)
    one = phased and alleles[0] != alleles[1]
    named = _value(call, "PS")
    reads = call.get("AD")
    depth = _value(call, "DP")
    known = isinstance(reads, tuple) and len(reads) > 1 and None not in reads and sum(reads) > 0
    return (
        phased,
        alleles.index(1) if one and 1 in alleles else None,
        (WHOLE if named is None else named) if one else None,
        sum(reads) if depth is None and known else depth,
        _value(call, "GQ"),
        reads[1] / sum(reads) if known else None,
    )


def _value(call, name: str) -> int | None:
    value = call.get(name)
    value = value[0] if isinstance(value, tuple) else value
    return int(value) if isinstance(value, int | float) else None
