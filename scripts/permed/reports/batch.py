"""Write the reports of a batch of people, and the index that vouches for their bytes."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from permed.errors import Fault
from permed.reports.evidence import Context, finite, rows_by_sample
from permed.reports.person import person_report
from permed.reports.pharmacogenes import Terms
from permed.reports.render import render_person
from permed.tables import read_table, write_text

NAMES = {"html": "report.html", "json": "report.json"}
INDEX_SCHEMA = {"sample": pl.String, "path": pl.String, "sha256": pl.String, "bytes": pl.Int64}


@dataclass(frozen=True)
class Results:
    """Tables of the stages; None for a stage that did not run."""

    samples: Path
    quality: Path
    calls: Path | None = None
    scores: Path | None = None
    matches: Path | None = None
    evidence: Path | None = None
    advice: Path | None = None
    doses: Path | None = None
    findings: Path | None = None
    finding_genes: Path | None = None
    couples: Path | None = None
    depths: Path | None = None
    ancestry: Path | None = None
    pedigree: Path | None = None
    finding_phenotypes: Path | None = None
    entries: Path | None = None


def batch_reports(batch: list[str], results: Results, context: Context, terms: Terms) -> Iterable[tuple[str, dict]]:
    """The name and the content of the report of each person of a batch who agreed to anything, in the batch's order."""
    people = rows_by_sample(results.samples, batch)
    quality = rows_by_sample(results.quality, batch)
    measured = {name: rows_by_sample(getattr(results, name), batch) for name in ("depths", "ancestry", "pedigree")}
    calls = rows_by_sample(results.calls, batch)
    evidence = rows_by_sample(results.evidence, batch)
    advice = rows_by_sample(results.advice, batch)
    doses = rows_by_sample(results.doses, batch)
    entries = rows_by_sample(results.entries, batch)
    scores = rows_by_sample(results.scores, batch)
    findings = rows_by_sample(results.findings, batch)
    gene_states = rows_by_sample(results.finding_genes, batch)
    phenotypes = rows_by_sample(results.finding_phenotypes, batch)
    couples = [] if results.couples is None else read_table(results.couples).to_dicts()
    matches = [] if results.matches is None else read_table(results.matches).to_dicts()
    matches = [{name: finite(value) for name, value in row.items()} for row in matches]
    for sample in batch:
        if not context.agreed(sample, "any"):
            continue
        if sample not in people:
            remedy = "Make it again: snakemake --forcerun admit_samples"
            raise Fault("the person is not in the table of those admitted", sample=sample, remedy=remedy)
        yield (
            sample,
            person_report(
                people[sample][0],
                context,
                terms,
                quality=quality.get(sample, [None])[0],
                **{name: rows.get(sample, [None])[0] for name, rows in measured.items()},
                calls=calls.get(sample, []),
                evidence=evidence.get(sample, []),
                advice=advice.get(sample, []),
                doses=doses.get(sample, []),
                entries=entries.get(sample, []),
                matches=matches,
                scores=scores.get(sample, []),
                findings=findings.get(sample, []),
                gene_states=gene_states.get(sample, []),
                couples=couples,
                phenotypes=phenotypes.get(sample, []),
            ),
        )


def write_batch(reports: Iterable[tuple[str, dict]], folder: Path, formats: list[str]) -> pl.DataFrame:
    """Write reports below ``folder``/samples; the index: ``sample path sha256 bytes``, paths relative to ``folder``.

    Each file is written whole or not at all. Nothing is removed.
    """
    unknown = sorted(set(formats) - set(NAMES))
    if unknown:
        raise Fault(f"reports cannot be written as {', '.join(unknown)}", remedy=f"Use {', '.join(NAMES)}")
    rows = []
    for sample, content in reports:
        if Path(sample).name != sample or not sample.strip("."):
            raise Fault("the name cannot be that of a folder", sample=sample, remedy="Rename the sample")
        for name in (name for name in NAMES if name in formats):
            text = render_person(content) if name == "html" else as_json(content)
            path = Path("samples") / sample / NAMES[name]
            write_text(text, Path(folder) / path)
            encoded = text.encode("utf-8")
            rows.append((sample, path.as_posix(), hashlib.sha256(encoded).hexdigest(), len(encoded)))
    return pl.DataFrame(rows, schema=INDEX_SCHEMA, orient="row")


def as_json(content: dict) -> str:
    """Content as JSON text; keys in the order of the content, missing values null, no NaN."""
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
