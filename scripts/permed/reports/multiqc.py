"""Tables for MultiQC: its custom content, which is a TSV below a commented YAML header (docs.seqera.io/multiqc)."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

PARENT = {
    "parent_id": "permed",
    "parent_name": "permed",
    "parent_description": "Quality control of the cohort by permed.",
}


@dataclass(frozen=True)
class Column:
    """A column of ours as MultiQC shows it: its title, what it means, a factor, digits, and the span of its bar."""

    title: str
    description: str
    factor: float = 1
    digits: int | None = None
    suffix: str = ""
    least: float | None = None
    most: float | None = None

    @property
    def header(self) -> dict[str, str | float]:
        """The keys of MultiQC's header of a column."""
        header: dict[str, str | float] = {"title": self.title, "description": self.description}
        if self.digits is not None:
            header |= {"format": f"{{:,.{self.digits}f}}", "scale": "Blues"}
        else:
            header |= {"scale": False}
        given = {"suffix": self.suffix or None, "min": self.least, "max": self.most}
        return header | {key: value for key, value in given.items() if value is not None}


SAMPLES = {
    "status": Column("Verdict", "pass, warn or fail"),
    "call_rate": Column("Call rate", "Share of autosomal genotypes that were called", 100, 2, "%", most=100),
    "believed_rate": Column(
        "Believed", "Share of written genotypes that results may be made of", 100, 2, "%", most=100
    ),
    "het_rate": Column("Het. rate", "Share of called autosomal genotypes that are heterozygous", 100, 2, "%", 0),
    "inbreeding": Column("F", "Inbreeding coefficient", digits=3),
    "ti_tv": Column("Ti/Tv", "Transitions for each transversion", digits=2),
    "sex_reported": Column("Sex, sheet", "Recorded sex"),
    "sex_inferred": Column("Sex, genetic", "Sex chromosomes as the genotypes show them"),
    "contamination": Column("Contamination", "Share of reads from another person", 100, 2, "%", 0),
    "mean_depth": Column("Depth", "Mean reads at a genotype", 1, 1, "X", 0),
    "population": Column("Similar to", "Most similar population of the reference panel"),
}
PAIRS = {
    "relation": Column("Relation", "As the genotypes show it"),
    "kinship": Column("Kinship", "Kinship coefficient", digits=3),
    "ibs0": Column("IBS0", "Share of sites with opposite homozygotes", digits=4, least=0),
    "n_sites": Column("Sites", "Sites called in both", digits=0, least=0),
    "expected": Column("Sheet", "What the families of the sample sheet say"),
    "agrees": Column("Agrees", "Whether sheet and genotypes agree; empty where the sheet cannot tell"),
}


def quality_text(quality: pl.DataFrame) -> str:
    """A row a sample, from the quality table."""
    about = {"id": "permed_quality", "section_name": "Sample quality"}
    about |= {"description": "Verdict and measures of each sample. Empty cells were not measured."}
    return _text(quality, pl.col("sample"), SAMPLES, about, "Sample")


def kinship_text(kinship: pl.DataFrame) -> str:
    """A row a pair that is related or whom the sheet puts into one family, from the kinship table."""
    about = {"id": "permed_kinship", "section_name": "Kinship"}
    about |= {"description": "Pairs of related samples, and all pairs within a family of the sample sheet."}
    name = pl.format("{} and {}", "sample1", "sample2")
    return _text(kinship, name, PAIRS, about, "Pair")


def _text(frame: pl.DataFrame, name: pl.Expr, columns: dict[str, Column], about: dict, first: str) -> str:
    """The file; nothing below the titles where the frame has no rows."""
    columns = {key: column for key, column in columns.items() if key in frame.columns}
    table = {"id": f"{about['id']}_table", "title": about["section_name"], "namespace": "permed", "col1_header": first}
    header = PARENT | about | {"file_format": "tsv", "plot_type": "table", "pconfig": table}
    header |= {"headers": {key: column.header for key, column in columns.items()}}
    shown = frame.select(name.alias("row name"), *columns).cast({pl.Boolean: pl.String})
    lines = ["\t".join([first, *columns])]
    for row in shown.iter_rows():
        cells = [_cell(value, column) for value, column in zip(row[1:], columns.values(), strict=True)]
        lines.append("\t".join([_quoted(row[0]), *cells]))
    return "\n".join([*(f"# {line}" for line in _yaml(header)), *lines]) + "\n"


def _cell(value, column: Column) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    return value if isinstance(value, str) else f"{value * column.factor:.10g}"


def _quoted(name: str) -> str:
    """A name in quotes, by which MultiQC takes 007 for a name and not for a number."""
    return '"' + name.replace('"', "'") + '"'


def _yaml(content: dict, indent: str = "") -> Iterator[str]:
    """Lines of YAML with every text in quotes."""
    for key, value in content.items():
        if isinstance(value, dict):
            yield f"{indent}{key}:"
            yield from _yaml(value, f"{indent}  ")
        else:
            text = str(value).lower() if isinstance(value, bool) else value
            quoted = "'" + value.replace("'", "''") + "'" if isinstance(value, str) else text
            yield f"{indent}{key}: {quoted}"
