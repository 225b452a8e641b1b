"""The rows of a scoring file: what each line says of a variant, and why it cannot be scored."""

import polars as pl

from permed.genome import CONTIGS, accessions, canonical
from permed.scoring_files.positions import DOSAGE_WEIGHTS, Positions
from permed.scoring_files.terms import NOT_ADDITIVE, expand
from permed.scoring_files.weights import Weights

TERM_TYPES = ("interaction", "haplotype", "diplotype")
EFFECT_TYPES = ("additive", "dominant", "recessive", "dosage", *TERM_TYPES)
SCORE_SCHEMA = {
    "score": pl.String,
    "line": pl.Int64,
    "rsid": pl.String,
    "contig": pl.String,
    "pos": pl.Int64,
    "effect_allele": pl.String,
    "other_allele": pl.String,
    "weight": pl.Float64,
    "effect_type": pl.String,
    "not_scorable": pl.String,
    "dosage_weights": pl.List(pl.Float64),
    "term": pl.Int64,
    "frequency": pl.Float64,
}
COLUMNS = (
    "rsID chr_name chr_position effect_allele other_allele effect_weight accession effect_type locus_name hm_rsID "
    "hm_chr hm_pos hm_inferOtherAllele allelefrequency_effect is_dominant is_recessive is_haplotype is_diplotype "
    "is_interaction OR HR"
).split() + DOSAGE_WEIGHTS
NO_NAME = r"^(?i:chr)?[0-9.]*$"  # a number that names no chromosome, such as plink's 23
ACCESSION = r"^(?i:NC_0{3})[0-9]{3}(\.[0-9]+)?$|^(?i:NC_012920|NC_001807)"  # RefSeq's of a chromosome, of any build
NOTHING = ("NA", "NaN", "nan", "NR", ".", "-", "None", "null")  # what R and others write where there is no value
NO_POSITION = "no position"
_FLAGGED = ("haplotype", "diplotype", "interaction")


def build_rows(
    table: pl.DataFrame, header: dict, positions: Positions, file_name: str, weights: Weights
) -> pl.DataFrame:
    """The rows of :data:`SCORE_SCHEMA` with those cells as they stand in the file that can be wrong.

    A row of several sites becomes a row a site (see :mod:`permed.scoring_files.terms`).
    """
    rows = _plain_rows(table, header, positions, file_name, weights).with_columns(not_scorable=_not_scorable())
    several = (pl.col("kinds") != "") | (pl.col("locus").str.to_uppercase() == "APOE").fill_null(False)
    of_sites = several & pl.col("not_scorable").is_null() & ~_is_dna("effect_allele")
    of_sites |= (pl.col("kinds") != "") & pl.col("not_scorable").is_null()
    parts = [part for row in rows.filter(of_sites).iter_rows(named=True) for part in _parts(row, positions)]
    if parts:
        expanded = pl.DataFrame(parts, schema=rows.schema, orient="row")
        rows = pl.concat([rows.filter(~of_sites), expanded]).sort("line", maintain_order=True)
    return rows.with_columns(not_scorable=pl.coalesce("not_scorable", _not_scorable_alone()))


def _plain_rows(
    table: pl.DataFrame, header: dict, positions: Positions, file_name: str, weights: Weights
) -> pl.DataFrame:
    def cell(name: str) -> pl.Expr:
        return pl.col(name) if name in table.columns else pl.lit(None, pl.String)

    def is_true(name: str) -> pl.Expr:
        return cell(name).str.to_lowercase().is_in(["true", "t", "1", "yes"]).fill_null(False)

    places = [name for name in {positions.contig, positions.pos, "chr_name", "chr_position"} if name in table.columns]
    table = table.with_columns(pl.when(~pl.col(name).is_in(NOTHING)).then(pl.col(name)).alias(name) for name in places)
    names = {name: contig_of(name, positions.build) for name in table[positions.contig].unique().drop_nulls()}
    named = pl.lit(header["pgs_id"]) if header.get("pgs_id") else pl.coalesce(cell("accession"), pl.lit(file_name))
    given = cell("other_allele").str.to_uppercase()
    known = pl.when(~given.is_in([".", "NA", "NR"])).then(given)
    inferred = cell("hm_inferOtherAllele").str.to_uppercase()
    inferred = pl.when(inferred.str.contains("^[ACGT]+$")).then(inferred)
    flagged = pl.when(is_true("is_dominant")).then(pl.lit("dominant"))
    flagged = flagged.when(is_true("is_recessive")).then(pl.lit("recessive")).otherwise(pl.lit("additive"))
    declared = pl.coalesce(cell("effect_type").str.to_lowercase(), flagged)
    by_dosage = pl.any_horizontal(cell(name).is_not_null() for name in DOSAGE_WEIGHTS)
    by_copies = pl.concat_list(weights.of(cell(name).cast(pl.Float64, strict=False)) for name in DOSAGE_WEIGHTS)
    kinds = [pl.when(is_true(f"is_{kind}")).then(pl.lit(kind)) for kind in _FLAGGED]
    frequency = cell("allelefrequency_effect").cast(pl.Float64, strict=False)
    own = ["chr_name", "chr_position"] if positions.authored else []
    place_cells = dict(zip(["own_contig", "own_pos"], own or ["", ""], strict=True))
    return table.select(
        score=named,
        line=pl.col("line"),
        rsid=pl.coalesce(cell("hm_rsID"), cell("rsID")),
        contig=pl.col(positions.contig).replace(names),
        pos=pl.col(positions.pos).cast(pl.Int64, strict=False),
        effect_allele=pl.col("effect_allele").str.to_uppercase(),
        other_allele=pl.coalesce(known, inferred),
        weight=pl.when(~by_dosage).then(weights.of(cell(weights.column).cast(pl.Float64, strict=False))),
        effect_type=pl.when(by_dosage).then(pl.lit("dosage")).otherwise(declared),
        not_scorable=pl.lit(None, pl.String),
        dosage_weights=pl.when(by_dosage).then(by_copies),
        term=pl.lit(None, pl.Int64),
        frequency=pl.when(frequency.is_between(0, 1)).then(frequency),
        pos_text=pl.col(positions.pos),
        weight_text=cell(weights.column),
        dosage_texts=pl.when(by_dosage).then(
            pl.concat_str([cell(name).fill_null("") for name in DOSAGE_WEIGHTS], separator=" ")
        ),
        kinds=pl.concat_str(kinds, separator=",", ignore_nulls=True),
        bent=pl.when(by_dosage & (is_true("is_dominant") | is_true("is_recessive")))
        .then(pl.lit("weights by dosage and a dominant or recessive effect"))
        .when(is_true("is_dominant") & is_true("is_recessive"))
        .then(pl.lit("both dominant and recessive"))
        .when((pl.concat_str(kinds, ignore_nulls=True) != "") & (by_dosage | (declared != "additive")))
        .then(pl.lit(NOT_ADDITIVE)),
        locus=cell("locus_name"),
        contig_text=pl.col(positions.contig),
        **{name: cell(column) for name, column in place_cells.items()},
        harmonised=pl.lit(positions.pos == "hm_pos"),
    )


def contig_of(name: str, build: str) -> str:
    """The canonical name of a contig in any common spelling, a RefSeq accession of ``build`` or LDpred's ``chrom_1``.

    An accession of another build stays as it is, since its positions are of that build.
    """
    of_accession = {accession: contig for contig, accession in accessions(build).items()}
    bare = name.strip()
    return of_accession.get(bare.upper()) or canonical(bare.removeprefix("chrom_"))


def _not_scorable() -> pl.Expr:
    """What hinders a row whether it names one site or several."""
    effect_type = pl.col("effect_type")
    known = effect_type.is_in(["additive", "dominant", "recessive", "dosage"])
    hla = pl.col("effect_allele").str.starts_with("HLA")
    reasons = [
        (hla, pl.format("an HLA allele, which genotypes of single sites do not tell: {}", "effect_allele")),
        (pl.col("bent").is_not_null(), pl.col("bent")),
        (~known, pl.format("effect type is not known: {}", effect_type)),
    ]
    return pl.coalesce(pl.when(condition).then(reason) for condition, reason in reasons)


def _not_scorable_alone() -> pl.Expr:
    """What hinders a row of one site, or a part of a term."""
    effect, other = pl.col("effect_allele"), pl.col("other_allele")
    odd = pl.when(~_is_dna("effect_allele")).then(effect.fill_null("empty")).otherwise(other)
    no_place = pl.col("contig").is_null() | (pl.col("pos").is_null() & pl.col("pos_text").is_null())
    named = pl.col("contig").str.contains(NO_NAME) | pl.col("contig").str.contains(ACCESSION)
    foreign = ~pl.col("contig").is_in(CONTIGS) & ~named
    reasons = [
        (
            ~_is_dna("effect_allele") | ~other.fill_null("A").str.contains("^[ACGT]+$"),
            pl.format("allele is not of ACGT: {}", odd),
        ),
        (no_place & pl.col("harmonised"), pl.lit("the harmonisation found no position")),
        (no_place, pl.lit(NO_POSITION)),
        (effect == other, pl.lit("effect and other allele are the same")),
        (foreign, pl.format("{} is no chromosome of the primary assembly", "contig")),
        (pl.col("contig").is_in(["chrY", "chrM"]), pl.format("haploid on {}", "contig")),
    ]
    return pl.coalesce(pl.when(condition).then(reason) for condition, reason in reasons)


def _is_dna(name: str) -> pl.Expr:
    return pl.col(name).fill_null("").str.contains("^[ACGT]+$")


def _parts(row: dict, positions: Positions) -> list[dict]:
    """The rows that stand for one that names several sites; a frequency that it gives is of none of them."""
    if not row["kinds"] and not row["locus"]:
        return [row]
    places = [(row["contig_text"], row["pos_text"]), (row["own_contig"], row["own_pos"])]
    return [{**row, "frequency": None, **part} for part in expand({**row, "places": places}, positions.build)]
