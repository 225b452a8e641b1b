"""The sites to classify, with what the databases say under names that do not depend on the user's."""

from dataclasses import dataclass

import polars as pl

from permed.annotation.acmg.clinvar import clinvar_columns
from permed.annotation.acmg.tables import SPLICING, thresholds
from permed.errors import Fault
from permed.genome import canonical
from permed.null_variants import SPLICE, TRUNCATING, has, split_terms

NO_SOURCE = "no_source"
ROLES = {
    "frequency": {
        "af": pl.Float64,
        "ac": pl.Int64,
        "an": pl.Int64,
        "homozygotes": pl.Int64,
        "hemizygotes": pl.Int64,
        "filtering_af": pl.Float64,
        "filters": pl.String,
    },
    "clinvar": {
        "significance": pl.String,
        "stars": pl.Int64,
        "conflicting": pl.String,
        "conditions": pl.String,
        "variation_id": pl.String,
        "origin": pl.String,
    },
    "predictor": {"score": pl.Float64},
    "splicing": {"score": pl.Float64},
}
DETAILS = {
    "gene": pl.String,
    "transcript": pl.String,
    "consequence": pl.String,
    "hgvs_c": pl.String,
    "hgvs_p": pl.String,
    "amino_acid_change": pl.String,
    "mane": pl.String,
    "canonical": pl.Boolean,
    "exons": pl.Int64,
    "nmd": pl.String,
    "nmd_reason": pl.String,
    "protein_position": pl.Int64,
    "protein_lost": pl.Float64,
    "start_lost_rescue": pl.Int64,
    "splice_site": pl.String,
    "splice_distance": pl.Int64,
    "skipped_exon": pl.Int64,
    "skipped_in_frame": pl.Boolean,
    "skipped_share": pl.Float64,
}
PLACE = ("contig", "pos", "ref", "alt", "key")
INFRAME = ("inframe_insertion", "inframe_deletion", "inframe_altering")
SILENT = ("synonymous", "stop_retained", "start_retained")
# Consequences of which a class is asked; others have one where ClinVar, a splicing score or a reviewer speaks.
CODING = (*TRUNCATING, *SPLICE, *INFRAME, *SILENT, "start_lost", "stop_lost", "missense", "splice_region")
CODING += ("coding_sequence", "feature_elongation")
_PARTS = r"^(\d+)([A-Z])>(\d+)([A-Z])$"  # of csq's change of one residue


@dataclass(frozen=True)
class Sources:
    """The database of each role, None without one, and what is shown of it: its name, title and release."""

    names: dict[str, str | None]
    shown: dict[str, str]
    predictor: str | None


def choose_sources(abouts: list[dict], wanted: dict[str, str | None]) -> Sources:
    """The database of each role among those that ``build_source`` described; ``wanted`` names them where set.

    Raises a Fault for a name that is no database of the role, and where several have a role and none is named.
    """
    names, shown = {}, {}
    for role in ROLES:
        own = {about["name"]: about for about in abouts if about["role"] == role}
        name = wanted.get(role)
        if name is not None and name not in own:
            remedy = f"Name one of {', '.join(own) or 'none: annotation.sources has no database of this role'}"
            raise Fault(f"annotation.classification.{role} names {name}, which is no {role} database", remedy=remedy)
        if name is None and len(own) > 1:
            remedy = f"Set annotation.classification.{role} to one of {', '.join(own)}"
            raise Fault(f"{len(own)} databases of annotation.sources have the role {role}", remedy=remedy)
        names[role] = name or next(iter(own), None)
        if names[role]:
            about = own[names[role]]
            shown[role] = " ".join(filter(None, [about["title"], about.get("release")]))
    chosen = names["predictor"]
    predictor = next((about.get("predictor") for about in abouts if about["name"] == chosen), None) if chosen else None
    return Sources(names, shown, predictor)


def standard_sites(annotation: pl.DataFrame, sources: Sources) -> pl.DataFrame:
    """The annotation with standard names: ``frequency_state``, ``frequency_af``, ``predictor_score`` and so on.

    A column that the annotation has not is null, a role without a database has the state ``no_source``. Added are
    ``terms`` (list of consequences), ``residue``, ``changed``, ``residue_position`` of a change of one residue,
    ``mitochondrial`` and what :func:`clinvar_columns` gives.
    """
    columns = {name: _column(annotation, name, kind) for name, kind in DETAILS.items()}
    for role, fields in ROLES.items():
        name = sources.names[role]
        state = pl.col(f"{name}_state") if name else pl.lit(NO_SOURCE)
        columns[f"{role}_state"] = state
        columns |= {f"{role}_{field}": _column(annotation, f"{name}_{field}", kind) for field, kind in fields.items()}
    table = annotation.select(*PLACE, **columns)
    mitochondrial = [name for name in table["contig"].unique() if canonical(name) == "chrM"]
    table = table.with_columns(
        terms=split_terms(),
        **residue_change(),
        mitochondrial=pl.col("contig").is_in(mitochondrial),
    )
    return table.with_columns(residue_position=pl.coalesce("residue_position", "protein_position")).with_columns(
        clinvar_columns(table)
    )


def residue_change() -> dict[str, pl.Expr]:
    """``residue_position``, ``residue`` and ``changed`` of csq's change of one residue; null for any other."""
    change = pl.col("amino_acid_change").str.extract_groups(_PARTS)
    one = change.struct.field("1") == change.struct.field("3")
    parts = {"residue": "2", "changed": "4"}
    made = {name: pl.when(one).then(change.struct.field(part)) for name, part in parts.items()}
    return made | {"residue_position": pl.when(one).then(change.struct.field("1").cast(pl.Int64, strict=False))}


def worth_classifying(sites: pl.DataFrame, reviewed: pl.DataFrame | None) -> pl.DataFrame:
    """Sites in a coding or splice region, or of which ClinVar, the splicing score or the reviewer says something."""
    asked = has(CODING) | pl.col("clinvar_speaks") | (pl.col("splicing_score") >= thresholds(SPLICING, "PP3")[-1][1])
    if reviewed is not None and len(reviewed):
        asked = asked.fill_null(False) | pl.col("key").is_in(reviewed["key"].implode())
    return sites.filter(asked.fill_null(False))


def is_silent() -> pl.Expr:
    """Whether neither the protein nor its reading frame changes."""
    return has(SILENT) & ~has((*TRUNCATING, *SPLICE, *INFRAME, "start_lost", "stop_lost", "missense"))


def _column(annotation: pl.DataFrame, name: str, kind: pl.DataType) -> pl.Expr:
    return (pl.col(name) if name in annotation.columns else pl.lit(None)).cast(kind)
