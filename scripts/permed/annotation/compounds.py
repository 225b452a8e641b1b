"""Variants that meet in one codon or one reading frame of one chromosome copy, and what they do together.

The annotation judges each variant alone, so that it does not depend on who else is in the cohort. What two variants do
together depends on the person who carries them: bcftools csq reads that person's phased genotypes.
"""

import tempfile
from pathlib import Path

import polars as pl
import pysam
import pysam.bcftools

from permed.annotation.consequences import run_csq
from permed.bcftools import bcftools

SITE = ["pos", "ref", "alt"]
SCHEMA = {
    **dict.fromkeys(("contig", "sample", "gene", "transcript"), pl.String),
    "variants": pl.List(pl.String),
    **dict.fromkeys(("state", "consequence", "amino_acid_change", "reason"), pl.String),
}
UNPHASED = "it is not known whether the variants are on the same copy of the chromosome"
MISSING = "the genotype of one of the variants is missing"


def find_compounds(
    variants: Path, rows: pl.DataFrame, models: pl.DataFrame, reference: Path, samples: list[str]
) -> pl.DataFrame:
    """One row a person, transcript and set of variants: ``found`` with the joint consequence, or ``not_assessable``.

    ``variants`` is indexed; ``rows`` is the table of one contig's variants on transcripts, of which the chosen and the
    MANE ones are looked at, ``models`` are the contig's transcripts; ``samples`` are those who may be looked at. People
    who carry such variants on different copies, and those who carry at most one while the others are known to be
    absent, have no row.
    """
    groups = meeting(rows)
    contig = rows["contig"][0] if len(rows) else ""
    kept = models.filter(pl.col("name").is_in(groups["transcript"].implode()))
    if groups.is_empty() or not samples:
        return pl.DataFrame(schema=SCHEMA)
    with tempfile.TemporaryDirectory(prefix=".compounds-", dir=variants.parent) as folder:
        near = _carriers(variants, contig, groups, samples, Path(folder))
        near = near.join(groups, on=SITE, how="inner", maintain_order="left_right")
        status = _status(near)
        certain = near.join(status.filter(state="found"), on=["transcript", "group", "sample"], how="inner")
        together = _together(Path(folder), certain, kept, contig, reference)
    names = {row["identifier"]: row for row in kept.select("identifier", "name", "gene").iter_rows(named=True)}
    genes = {row["name"]: row["gene"] for row in names.values()}
    made = [
        {"contig": contig, "sample": sample, "gene": names[identifier]["gene"], "state": "found"}
        | {"transcript": names[identifier]["name"], "variants": dna.split("+")}
        | {"consequence": consequence, "amino_acid_change": change, "reason": None}
        for sample, identifier, consequence, change, dna in together
    ]
    for row in status.filter(state="not_assessable").iter_rows(named=True):
        gene = genes[row["transcript"]]
        of = {name: row[name] for name in ("sample", "transcript", "variants", "state", "reason")}
        made.append({**dict.fromkeys(SCHEMA), "contig": contig, "gene": gene, **of})
    table = pl.DataFrame(made, schema=SCHEMA).unique(maintain_order=True)
    return table.sort("transcript", pl.col("variants").list.join(" "), "sample", "state", "consequence")


def meeting(rows: pl.DataFrame) -> pl.DataFrame:
    """Groups (``transcript group pos ref alt``) of coding variants that share a codon, or all shift the frame."""
    coding = rows.filter((pl.col("chosen") | pl.col("mane").is_not_null()) & pl.col("cds_position").is_not_null())
    size = pl.max_horizontal(pl.col("ref").str.len_bytes(), pl.col("alt").str.len_bytes())
    first = (pl.col("cds_position") - 1) // 3
    coding = coding.select(
        "transcript", *SITE, "consequence", first=first, last=(pl.col("cds_position") + size - 2) // 3
    ).sort("transcript", "first", "last", *SITE)
    before = pl.col("last").cum_max().shift(1).over("transcript")
    apart = (pl.col("first") > before).fill_null(True)
    by_codon = coding.with_columns(group=apart.cum_sum().over("transcript"))
    shifts = coding.filter(pl.col("consequence").str.contains("frameshift")).with_columns(group=pl.lit(0, pl.UInt32))
    several = pl.len().over("transcript", "group") > 1
    parts = [part.with_columns(pl.col("group").cast(pl.UInt32)).filter(several) for part in (by_codon, shifts)]
    return pl.concat(parts).select("transcript", "group", *SITE)


def _carriers(variants: Path, contig: str, groups: pl.DataFrame, samples: list[str], folder: Path) -> pl.DataFrame:
    """``sample pos ref alt genotype phase_set`` of who carries a grouped variant or has no genotype for it."""
    with pysam.VariantFile(str(variants)) as records:
        tag = "%PS" if "PS" in records.header.formats else "."
    sites, people = folder / "sites.tsv", folder / "people.txt"
    sites.write_text("".join(f"{contig}\t{pos}\n" for pos in groups["pos"].unique().sort()))
    people.write_text("".join(f"{sample}\n" for sample in samples))
    small = folder / "small.bcf"
    words = ["-R", sites, "--regions-overlap", "0", "-S", people, "-Ob", "-o", small, variants]
    bcftools("view", *words, file=variants)
    form = f"[%SAMPLE\t%POS\t%REF\t%ALT\t%GT\t{tag}\n]"
    text = pysam.bcftools.query("-i", 'GT="alt" || GT="mis"', "-f", form, str(small))
    schema = dict.fromkeys(("sample", *SITE, "genotype", "phase_set"), pl.String)
    rows = [line.split("\t") for line in text.splitlines()]
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col("pos").cast(pl.Int64))


def _status(near: pl.DataFrame) -> pl.DataFrame:
    """One row a person and group: ``found`` where it is known which variants share a copy, else ``not_assessable``."""
    missing = pl.col("genotype").str.contains(".", literal=True)
    alleles = pl.col("genotype").str.count_matches("[1-9]")
    both = (alleles > 1) & ~missing | ~pl.col("genotype").str.contains(r"[/|]")
    single = (alleles > 0) & ~both & ~missing
    near = near.with_columns(missing=missing, alone=single, carried=alleles > 0)
    loose = pl.col("alone") & ~pl.col("genotype").str.contains("|", literal=True)
    sets = pl.col("phase_set").filter(pl.col("alone"))
    counted = near.group_by("transcript", "group", "sample", maintain_order=True).agg(
        carried=pl.col("carried").sum(), missing=pl.col("missing").sum(), single=pl.col("alone").sum(),
        loose=loose.sum(), sets=sets.n_unique(), variants=pl.concat_str("pos", "ref", pl.lit(">"), "alt"),
    )  # fmt: skip
    counted = counted.filter((pl.col("carried") > 0) & (pl.col("carried") + pl.col("missing") > 1))
    unknown = (pl.col("single") > 1) & ((pl.col("loose") > 0) | (pl.col("sets") > 1))
    reason = pl.when(pl.col("missing") > 0).then(pl.lit(MISSING)).when(unknown).then(pl.lit(UNPHASED))
    state = pl.when(reason.is_null()).then(pl.lit("found")).otherwise(pl.lit("not_assessable"))
    return counted.with_columns(state=state, reason=reason, variants=pl.col("variants").list.sort())


def _together(
    folder: Path, certain: pl.DataFrame, models: pl.DataFrame, contig: str, reference: Path
) -> list[tuple[str, str, str, str, str]]:
    """Sample, transcript's identifier, consequence, change of residues and of bases of joint consequences."""
    people = certain["sample"].unique(maintain_order=True).to_list()
    if not people:
        return []
    (folder / "chosen.txt").write_text("".join(f"{name}\n" for name in people))
    few = folder / "few.bcf"
    bcftools("view", "-S", folder / "chosen.txt", "-Ob", "-o", few, folder / "small.bcf")
    known: dict[tuple[str, str], list[set[str]]] = {}
    for sample, transcript, group in certain.select("sample", "transcript", "variants").iter_rows():
        known.setdefault((sample, transcript), []).append(set(group))
    free: dict[tuple, list[str]] = {}  # with at most one variant on one copy alone, copies can be named in any order
    for *site, sample in certain.filter(pl.col("single") < 2).select(*SITE, "sample").iter_rows():
        free.setdefault(tuple(site), []).append(sample)
    phased = folder / "phased.bcf"
    with pysam.VariantFile(str(few)) as source, pysam.VariantFile(str(phased), "wb", header=source.header) as out:
        for record in source:
            for sample in free.get((record.pos, record.ref, record.alts[0]), []):
                record.samples[sample].phased = True
            out.write(record)
    found = run_csq(phased, contig, reference, models, folder, ("-p", "s"))
    text = pysam.bcftools.query("-f", "[%SAMPLE\t%TBCSQ\n]", str(found))
    names = dict(models.select("identifier", "name").iter_rows())
    made = {}
    for line in text.splitlines():
        sample, *copies = line.split("\t")
        for entry in {entry for copy in copies for entry in copy.split(",")}:
            fields = entry.split("|")
            if len(fields) < 7 or "+" not in fields[6]:
                continue
            parts = set(fields[6].split("+"))
            if any(parts <= group for group in known.get((sample, names[fields[2]]), [])):
                made[(sample, fields[2], fields[0], fields[5], fields[6])] = None
    return list(made)
