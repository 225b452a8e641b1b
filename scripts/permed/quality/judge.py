"""The verdict on each sample, with every reason as metric, value and threshold."""

from collections.abc import Collection
from dataclasses import dataclass, field

import polars as pl

from permed.carried import lists_carried_only, remedy, why_no_call_rate
from permed.pedigree import SEX_OF
from permed.quality.believed import COLUMNS as BELIEVED
from permed.quality.believed import FINDINGS, judge_believed
from permed.quality.kinship.pedigree import declared_parents
from permed.quality.outliers import find_outliers
from permed.quality.sex import MAX_XY_HET, infer_sexes
from permed.quality.thresholds import thresholds_of

COLUMNS = (
    "sample status reasons call_rate het_rate inbreeding ti_tv sex_reported sex_inferred contamination population "
    "n_sites n_called n_het n_alt x_inbreeding x_het_ratio x_sites y_call_rate sex_evidence het_hom_alt n_singleton "
    "insertion_deletion indel_snv mean_depth mean_gq het_balance contamination_method group not_assessable"
).split() + list(BELIEVED)
DEPTHS = "mean_depth mean_gq het_balance contamination contamination_method contamination_reason".split()
DEPTHS += ["contamination_low", "contamination_most"]
_TEXT = {
    *("sample", "status", "reasons", "sex_reported", "sex_inferred", "population", "sex_evidence"),
    *("contamination_method", "group", "not_assessable"),
    *(name for name in BELIEVED if name.startswith("doubts")),
}
_WHOLE = {"n_sites", "n_called", "n_het", "n_alt", "n_singleton", "x_sites"}
_SCHEMA = {n: pl.String if n in _TEXT else pl.Int64 if n in _WHOLE else pl.Float64 for n in COLUMNS}
MIXED = "Ask the laboratory for another library of this sample, and whose samples were prepared beside it"
MORE_READS = "Give the sample's alignments, or genotypes with reads by allele (AD) at more common sites"
_SNV, _INDEL = ("n_transition", "n_transversion"), ("n_insertion", "n_deletion")
_RATIOS = {
    "ti_tv": (("Ti/Tv", "substitutions"), _SNV[:1], _SNV[1:]),
    "het_hom_alt": (("Heterozygous/homozygous", "alternate genotypes"), ("n_het",), ("n_alt",)),
    "insertion_deletion": (("Insertions/deletions", "insertions and deletions"), _INDEL[:1], _INDEL[1:]),
    "indel_snv": (("Indels/substitutions", "variants"), _INDEL, _SNV),
}


@dataclass
class Findings:
    """What is held against a sample, and what could not be looked at (as ``metric: reason``)."""

    failures: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def status(self) -> str:
        """The worst."""
        return "fail" if self.failures else "warn" if self.warnings else "pass"


def judge_samples(
    metrics: pl.DataFrame,
    people: pl.DataFrame,
    quality: dict,
    pedigree: pl.DataFrame | None = None,
    ancestry: pl.DataFrame | None = None,
    depths: pl.DataFrame | None = None,
    bases: pl.DataFrame | None = None,
    variants_only: Collection[str] = frozenset(),
) -> pl.DataFrame:
    """Status, reasons and metrics of every sample, in the order of ``metrics`` (columns of :data:`COLUMNS`).

    ``people`` has ``sample sex`` and perhaps ``group mother father``, ``quality`` is that section of the configuration.
    The other tables may be absent: ``pedigree`` (sample, verdict fail or warn, reason), ``ancestry`` (sample,
    population, pcs, state, reason), ``depths`` (sample and what is there of :data:`DEPTHS`, x_depth, y_depth,
    autosome_depth), ``bases`` what :func:`~permed.quality.believed.believed_bases` gives.
    ``variants_only`` are the people whose files list only what they carry. A metric that cannot be had is null and says
    so in ``not_assessable``.
    """
    told = {row["sample"]: row for row in people.to_dicts()}
    rows = [row | _told(told.get(row["sample"], {})) for row in metrics.to_dicts()]
    of_group = {group: thresholds_of(quality, group) for group in {row["group"] for row in rows}}
    limits = [of_group[row["group"]] for row in rows]
    sexes = infer_sexes(metrics, limits, depths)
    _take(rows, sexes, ["sex_inferred", "sex_evidence", "sex_unclear"])
    _take(rows, depths, DEPTHS)
    _take(rows, bases, [f"{name}{FINDINGS}" for name in ("n_written", "believed_rate", "doubts")])
    _take(rows, ancestry, ["population", "pcs", "state", "reason"])
    roles = {parent: role for _, role, parent in declared_parents(people)}
    findings = [Findings() for _ in rows]
    for row, own, found in zip(rows, limits, findings, strict=True):
        _judge_counts(row, own, len(rows), row["sample"] in variants_only, found)
        _judge_reads(row, own, depths is not None, found)
        found.warnings += judge_believed(row, own)
        _judge_sex(row, found)
        _judge_role(row, roles.get(row["sample"]), found)
        _judge_ancestry(row, ancestry is not None, found)
    for place, reason in find_outliers(rows, limits):
        findings[place].warnings.append(reason)
    _add_pedigree(rows, findings, pedigree)
    for row, found in zip(rows, findings, strict=True):
        row["status"], row["not_assessable"] = found.status, "; ".join(found.unknown)
        row["reasons"] = "; ".join(found.failures + found.warnings)
    return pl.DataFrame([{name: row.get(name) for name in COLUMNS} for row in rows], schema=_SCHEMA)


def _told(person: dict) -> dict:
    return {"sex_reported": person.get("sex") or "NA", "group": person.get("group")}


def _take(rows: list[dict], table: pl.DataFrame | None, names: list[str]) -> None:
    """Put columns of a table beside each sample's own; null where the table, the column or the sample is not there."""
    by_sample = {} if table is None else {row["sample"]: row for row in table.to_dicts()}
    for row in rows:
        other = by_sample.get(row["sample"], {})
        row.update({name: other.get(name) for name in names})


def _judge_counts(row: dict, limits: dict, cohort: int, variants_only: bool, found: Findings) -> None:
    """Call rate, heterozygosity, inbreeding and Ti/Tv; what rests on too little becomes null."""
    fewest, sites, called = limits["min_sites"], row["n_sites"], row["n_called"]
    carried = called, row["n_het"], row["n_alt"]
    listed = lists_carried_only(*carried, sites, fewest, limits["warn_call_rate"], variants_only)
    if sites < fewest:
        found.unknown.append(f"call rate and all below: {sites} autosomal sites, {fewest} are needed")
        found.warnings.append(f"quality is not assessable: n_sites {sites} is below {fewest}")
        row["call_rate"] = None
    elif limits.get("no_call_rate") or listed:
        found.unknown.append(f"call rate: {limits.get('no_call_rate') or why_no_call_rate(*carried)}")
        if not limits.get("no_call_rate"):
            found.warnings.append(f"call_rate is not assessable: {why_no_call_rate(*carried)}. {remedy()}")
        row["call_rate"] = None
    elif row["call_rate"] < limits["fail_call_rate"]:
        found.failures.append(f"call_rate {row['call_rate']:.4f} is below {limits['fail_call_rate']}")
    elif row["call_rate"] < limits["warn_call_rate"]:
        found.warnings.append(f"call_rate {row['call_rate']:.4f} is below {limits['warn_call_rate']}")
    if called < fewest:
        if sites >= fewest:
            found.unknown.append(f"heterozygosity, inbreeding, Ti/Tv: {called} called sites, {fewest} are needed")
        row.update(dict.fromkeys(("het_rate", "inbreeding", *_RATIOS)))
        return
    if listed:
        found.unknown.append(f"heterozygosity, inbreeding: {why_no_call_rate(*carried)}")
        row.update(dict.fromkeys(("het_rate", "inbreeding")))
    elif cohort < limits["min_cohort"]:
        found.unknown.append(f"inbreeding: {cohort} people, {limits['min_cohort']} are needed")
        row["inbreeding"] = None
    for metric, (words, above, below) in _RATIOS.items():
        total = sum(row[name] for name in (*above, *below))
        row[f"{metric}_counts"] = (sum(row[name] for name in above), sum(row[name] for name in below))
        if total < fewest or row[metric] is None:
            found.unknown.append(f"{words[0]}: {total} {words[1]} carried, {fewest} are needed")
            row[metric] = None
    _judge_ti_tv(row, limits, found)
    _judge_zygosity(row, limits, found)


def _judge_zygosity(row: dict, limits: dict, found: Findings) -> None:
    """Heterozygous to homozygous ALT genotypes: too many where two people's DNA is mixed, whatever is listed."""
    value, most = row["het_hom_alt"], limits["max_het_hom_alt"]
    if value is None or most is None:
        return
    carried, needed = sum(row["het_hom_alt_counts"]), limits["min_substitutions"]
    if carried < needed:
        found.unknown.append(f"Heterozygous/homozygous: {carried} genotypes carried, {needed} are needed to compare it")
    elif value > most:
        found.warnings.append(f"het_hom_alt {value:.2f} is above {most}")


def _judge_ti_tv(row: dict, limits: dict, found: Findings) -> None:
    value, low, high = row["ti_tv"], limits["min_ti_tv"], limits["max_ti_tv"]
    if value is None:
        return
    substitutions, needed = sum(row["ti_tv_counts"]), limits["min_substitutions"]
    if low is None and high is None:
        reason = limits.get("no_ti_tv") or "its expected range depends on the assay, which quality.preset does not name"
        found.unknown.append(f"Ti/Tv: {reason}")
    elif substitutions < needed:
        found.unknown.append(f"Ti/Tv: {substitutions} substitutions carried, {needed} are needed to compare it")
    elif (low is not None and value < low) or (high is not None and value > high):
        span = f"outside {low} to {high}"
        if low is None or high is None:
            span = f"below {low}" if high is None else f"above {high}"
        found.warnings.append(f"ti_tv {value:.2f} is {span}")


def _judge_reads(row: dict, limits: dict, measured: bool, found: Findings) -> None:
    """Depth, genotype quality, allele balance and contamination, of files that have them."""
    for metric in ("mean_depth", "mean_gq", "het_balance"):
        least = limits[f"min_{metric}"]
        if row[metric] is not None and least is not None and row[metric] < least:
            found.warnings.append(f"{metric} {row[metric]:.3g} is below {least:g}")
        elif row[metric] is None and least is not None:
            found.unknown.append(f"{metric}: not in the input")
    _judge_contamination(row, limits, measured, found)


def _judge_contamination(row: dict, limits: dict, measured: bool, found: Findings) -> None:
    """Fail where the share is too large beyond doubt, warn where too large a one is not excluded."""
    value, fails, warns = row["contamination"], limits["fail_contamination"], limits["warn_contamination"]
    if value is None:
        reason = row["contamination_reason"] or ("not in the input" if measured else "not measured in this run")
        found.unknown.append(f"contamination: {reason}")
        return
    low, most = (row[name] for name in ("contamination_low", "contamination_most"))
    if value > fails and (low is None or low > warns):
        found.failures.append(f"contamination {value:.3f} is above {fails}{_how_much(row)}. {MIXED}")
    elif value > warns:
        found.warnings.append(f"contamination {value:.3f} is above {warns}{_how_much(row)}. {MIXED}")
    elif most is not None and most >= fails:
        said = f"{low:.3f} at least and up to {most:.3f} are not excluded, {fails} fails"
        found.warnings.append(f"contamination {value:.3f} is not known well enough: {said}. {MORE_READS}")


def _how_much(row: dict) -> str:
    """Of a relative more reads are needed to look the same."""
    low, most = row["contamination_low"], row["contamination_most"]
    if most is None or low is None:
        return ""
    return f" (at least {low:.3f}, up to {most:.3f} if a relative's)"


def _judge_sex(row: dict, found: Findings) -> None:
    """Fail where the sheet and the genotypes do not agree on a Y, warn where only the number of X differs."""
    reported, inferred, evidence = row["sex_reported"], row["sex_inferred"], row["sex_evidence"]
    if inferred == "NA":
        found.unknown.append(f"sex: {evidence}")
        if row["sex_unclear"]:
            found.warnings.append(f"sex_inferred is unclear ({evidence})")
    elif reported in ("XX", "XY") and inferred != reported:
        other = found.failures if ("Y" in inferred) != ("Y" in reported) else found.warnings
        other.append(f"sex_inferred {inferred} is not sex_reported {reported} ({evidence})")
    elif inferred not in ("XX", "XY"):
        found.warnings.append(f"sex_inferred {inferred} is neither XX nor XY ({evidence})")
    if inferred == "XY" and row["x_het"] > MAX_XY_HET * row["x_sites"]:
        share = f"{row['x_het']} of {row['x_sites']} genotypes on chrX outside the pseudoautosomal regions"
        found.warnings.append(f"x_het_share {row['x_het'] / row['x_sites']:.3f} is above {MAX_XY_HET} in XY ({share})")


def _judge_role(row: dict, role: str | None, found: Findings) -> None:
    """Fail where somebody whom the sheet names as a mother has a Y, or a father none, and the sheet gives no sex."""
    inferred = row["sex_inferred"]
    if role is None or inferred == "NA" or row["sex_reported"] in ("XX", "XY"):
        return
    if ("Y" in inferred) != ("Y" in SEX_OF[role]):
        says = f"sex_inferred {inferred} does not fit a {role}, as whom the pedigree names this sample"
        found.failures.append(f"{says} ({row['sex_evidence']})")


def _judge_ancestry(row: dict, measured: bool, found: Findings) -> None:
    """Note why there is no population; components that rest on too little explain nothing."""
    if row["state"] == "not_assessable":
        row["pcs"] = None
    if row["population"] is None:
        reason = row["reason"] or ("not assessable" if measured else "not measured in this run")
        found.unknown.append(f"population: {reason}")


def _add_pedigree(rows: list[dict], findings: list[Findings], pedigree: pl.DataFrame | None) -> None:
    if pedigree is None:
        return
    place = {row["sample"]: n for n, row in enumerate(rows)}
    for sample, verdict, reason in pedigree.select("sample", "verdict", "reason").iter_rows():
        if sample in place and reason:
            found = findings[place[sample]]
            where = {"fail": found.failures, "warn": found.warnings, "not_assessable": found.unknown}[verdict]
            where.append(f"kinship: {reason}" if verdict == "not_assessable" else reason)
