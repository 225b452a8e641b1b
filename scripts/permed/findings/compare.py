"""What changed in people's findings since an earlier run, and why: evidence, class, rule, genotypes or coverage."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from permed.errors import Fault
from permed.findings.lists import PURPOSES
from permed.tables import read_json, read_table

NEW_EVIDENCE, NEW_CLASS, NEW_RULE, NEW_DATA = "new evidence", "new class", "new rule", "new data"
SCHEMA = dict.fromkeys(("sample", "gene", "variant", "list", "before", "after", "cause", "detail"), pl.String)
NOTHING = "not reported"
PLACE = ("contig", "pos", "ref", "alt")
# What the databases said of a variant, as the classes carry it; shown where it differs.
EVIDENCE = ("clinvar_significance", "clinvar_stars", "clinvar_conflicting")
EVIDENCE += ("frequency_state", "frequency_af", "criteria")
SHOWN = ("classification", "zygosity", "reportable")


@dataclass(frozen=True)
class Outcome:
    """What a run found: findings, genes, classes, and the release of each database by name."""

    findings: pl.DataFrame
    genes: pl.DataFrame
    classified: pl.DataFrame
    releases: dict[str, str]


def read_outcome(results: Path) -> Outcome:
    """What the run in a results folder found. Raises a Fault where it has no findings."""
    names = ("findings/findings.parquet", "findings/genes.parquet", "annotation/classified.parquet")
    for name in names:
        if not (results / name).is_file():
            remedy = "Set findings.previous to the results folder of a run that made findings"
            raise Fault("the earlier run has no such table", results / name, remedy=remedy)
    tables = [read_table(results / name) for name in names]
    return Outcome(*tables, read_releases(sorted((results / "annotation/sources").glob("*.json"))))


def read_releases(abouts: list[Path]) -> dict[str, str]:
    """The release of each database and the start of its files' checksums."""
    told = {}
    for path in abouts:
        about = read_json(path)
        digests = ", ".join(file["sha256"][:12] for file in about["files"])
        told[about["name"]] = f"{about['release'] or 'no release'} ({digests})"
    return told


def compare(before: Outcome, after: Outcome, consents: dict[str, frozenset[str]]) -> pl.DataFrame:
    """Columns of :data:`SCHEMA`: a row for every change of somebody who now agrees to the list's purpose, sorted.

    Variants are compared by what is reported of them, and genes by whether they could be assessed; a gene is only told
    of where none of its variants changed.
    """
    agreed = {name: consents.get(purpose, frozenset()) for name, purpose in PURPOSES.items()}
    classes = [_by_place(outcome.classified) for outcome in (before, after)]
    releases = _changed_releases(before.releases, after.releases)
    rows, told = [], set()
    old, new = (_by_key(outcome.findings, agreed) for outcome in (before, after))
    assessed_before = {(s, name) for s, name in before.genes.select("sample", "list").unique().iter_rows()}
    for key in sorted({*old, *new}):
        sample, name, gene, *place = key
        was, now = old.get(key), new.get(key)
        if was and now and all(was[c] == now[c] for c in (*SHOWN, "condition", "rule")):
            continue
        known = (sample, name) in assessed_before
        cause, detail = _cause(was, now, *(table.get(tuple(place)) for table in classes), releases, known)
        variant = "{}:{} {}>{}".format(*place)
        rows.append((sample, gene, _named(was or now, variant), name, _text(was), _text(now), cause, detail))
        told.add((sample, name, gene))
    rows += _gene_changes(before.genes, after.genes, agreed, told)
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").sort("sample", "list", "gene", "variant")


def _cause(was, now, old_class, new_class, releases: str, known: bool) -> tuple[str, str]:
    """Why what is reported of a variant changed: the first of evidence, class, rule and data that explains it."""
    if not known:
        return NEW_DATA, "the person had no such results before"
    if old_class is None or new_class is None:
        return NEW_DATA, "the variant is only in one of the two runs' genotypes"
    differing = [c for c in EVIDENCE if c in old_class and c in new_class and old_class[c] != new_class[c]]
    changed = "; ".join(f"{c.replace('_', ' ')}: {_cell(old_class[c])} → {_cell(new_class[c])}" for c in differing)
    if old_class["classification"] != new_class["classification"]:
        if [c for c in differing if c != "criteria"]:
            return NEW_EVIDENCE, "; ".join(filter(None, [changed, releases]))
        return NEW_CLASS, "; ".join(filter(None, [changed, "the same evidence is classified otherwise"]))
    if was and now and (was["zygosity"], was["copies"]) != (now["zygosity"], now["copies"]):
        return NEW_DATA, f"genotype: {was['zygosity']}, {was['copies']} → {now['zygosity']}, {now['copies']}"
    if was and now and (was["rule"], was["condition"]) == (now["rule"], now["condition"]):
        return NEW_DATA, "other variants of the gene, or their phase, changed"
    rules = " → ".join(_rule(row) for row in (was, now))
    return NEW_RULE, rules if was and now else f"{rules}, or the genotypes were read otherwise"


def _rule(row: dict | None) -> str:
    if row is None:
        return NOTHING
    return " ".join(filter(None, [f"{row['condition']}: {row['rule']}", row["list_source"], row["list_version"]]))


def _gene_changes(before: pl.DataFrame, after: pl.DataFrame, agreed, told: set) -> list[tuple]:
    keys = ["sample", "list", "gene"]
    both = before.join(after, on=keys, how="inner", suffix="_now").filter(pl.col("state") != pl.col("state_now"))
    rows = []
    for row in both.sort(keys).iter_rows(named=True):
        if row["sample"] in agreed[row["list"]] and tuple(row[k] for k in keys) not in told:
            was, now = row["state"].replace("_", " "), row["state_now"].replace("_", " ")
            rows.append((row["sample"], row["gene"], None, row["list"], was, now, NEW_DATA, row["reason_now"]))
    return rows


def _by_key(findings: pl.DataFrame, agreed: dict[str, frozenset[str]]) -> dict[tuple, dict]:
    rows = {}
    for row in findings.iter_rows(named=True):
        if row["sample"] in agreed[row["list"]]:
            rows[row["sample"], row["list"], row["gene"], *(row[c] for c in PLACE)] = row
    return rows


def _by_place(classified: pl.DataFrame) -> dict[tuple, dict]:
    columns = [c for c in (*PLACE, "classification", *EVIDENCE) if c in classified.columns]
    return {tuple(row[c] for c in PLACE): row for row in classified.select(columns).iter_rows(named=True)}


def _changed_releases(before: dict[str, str], after: dict[str, str]) -> str:
    names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    return "; ".join(f"{name}: {before.get(name, 'none')} → {after.get(name, 'none')}" for name in names)


def _named(row: dict, variant: str) -> str:
    return f"{variant} ({row['hgvs_c']})" if row["hgvs_c"] else variant


def _text(row: dict | None) -> str:
    if row is None:
        return NOTHING
    return f"{row['classification'].replace('_', ' ')}, {row['zygosity']}, reportable: {row['reportable']}"


def _cell(value) -> str:
    return "none" if value is None else str(value)
