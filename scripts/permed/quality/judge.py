"""The verdict on each sample, with every reason as metric, value and threshold."""

from collections.abc import Collection

import polars as pl

from permed.carried import lists_carried_only, remedy, why_no_call_rate
from permed.quality.believed import COLUMNS as BELIEVED
from permed.quality.believed import FINDINGS, judge_believed
from permed.quality.findings import Findings
from permed.quality.homozygosity import LEAST_FROH, told_consanguinity
from permed.quality.kinship.findings import declared_parents
from permed.quality.outliers import find_outliers
from permed.quality.sexes.inferring import infer_sexes
from permed.quality.sexes.judging import judge_role, judge_sex
from permed.quality.thresholds import thresholds_of

COLUMNS = (
    "sample status reasons call_rate het_rate inbreeding ti_tv sex_reported sex_inferred contamination population "
    "n_sites n_called n_het n_alt x_inbreeding x_het_ratio x_sites y_call_rate sex_evidence het_hom_alt n_singleton "
    "insertion_deletion indel_snv mean_depth mean_gq het_balance contamination_method group not_assessable"
).split() + [*BELIEVED, "karyotype", "froh"]
DEPTHS = "mean_depth mean_gq het_balance contamination contamination_method contamination_reason".split()
DEPTHS += ["contamination_low", "contamination_most"]
_TEXT = {
    *("sample", "status", "reasons", "sex_reported", "sex_inferred", "population", "sex_evidence"),
    *("contamination_method", "group", "not_assessable", "karyotype"),
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

    ``people`` has ``sample sex`` and perhaps ``group karyotype population mother father``, ``quality`` is that section
    of the configuration.
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
    _take(rows, sexes, ["sex_inferred", "sex_evidence", "sex_unclear", "sex_notes"])
    _take(rows, depths, DEPTHS)
    _take(rows, bases, [f"{name}{FINDINGS}" for name in ("n_written", "believed_rate", "doubts")])
    _take(rows, ancestry, ["population", "pcs", "state", "reason"])
    roles = {parent: role for _, role, parent in declared_parents(people)}
    findings = [Findings() for _ in rows]
    for row, own, found in zip(rows, limits, findings, strict=True):
        _judge_counts(row, own, len(rows), row["sample"] in variants_only, found)
        _judge_reads(row, own, depths is not None, found)
        found.warnings += judge_believed(row, own)
        judge_sex(row, found)
        judge_role(row, roles.get(row["sample"]), found)
        _judge_ancestry(row, ancestry is not None, found)
    for place, kind, reason in find_outliers(rows, limits):
        getattr(findings[place], kind).append(reason)
    for row, found in zip(rows, findings, strict=True):
        if told := told_consanguinity(row["froh"], LEAST_FROH):
            found.notes.append(told)
    _add_pedigree(rows, findings, pedigree)
    for row, found in zip(rows, findings, strict=True):
        row["status"], row["not_assessable"] = found.status, "; ".join(found.unknown)
        row["reasons"] = "; ".join(found.failures + found.warnings + found.notes)
    return pl.DataFrame([{name: row.get(name) for name in COLUMNS} for row in rows], schema=_SCHEMA)


def _told(person: dict) -> dict:
    return {
        "sex_reported": person.get("sex") or "NA",
        "group": person.get("group"),
        "karyotype": person.get("karyotype"),
        "population_reported": person.get("population"),
    }


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
    everybody = row["n_cohort_sites"], fewest, limits["warn_call_rate"]
    listed = lists_carried_only(*carried, *everybody, variants_only)
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
        row.update(dict.fromkeys(("het_rate", "inbreeding", "froh")))
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
