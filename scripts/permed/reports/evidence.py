"""What a run knows beyond single people: consent, the checks of the input, counts of variants, knowledge tables."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from permed.errors import Fault
from permed.filters import ANY
from permed.reports import wording
from permed.tables import read_json, read_table

_FILES_NAMED = 3  # of a database


@dataclass(frozen=True)
class Context:
    """What holds for every report of a run.

    ``consents`` has the people who agreed to each purpose; ``reference_checked`` is None where it is not recorded;
    ``records`` and ``unchecked`` count normalised records and those whose REF could not be compared. ``evidence`` says
    whether the run had gVCFs (``gvcf``; ``only_gvcf``), ``callable`` regions, ``alignments`` or files with
    ``imputed`` dosages and no genotypes, with ``thresholds``; ``lifted`` are the counts of what was lifted from another
    build, empty where nothing was. ``build_means`` are the means that told the build of the genotype files,
    ``build_unchecked`` counts the files of which nothing did (None where it is not recorded).
    """

    build: str | None
    absent_sites: str | None
    reference: str | None
    reference_checked: bool | None
    records: int | None
    unchecked: int | None
    consents: dict[str, frozenset[str]]
    thresholds: dict[str, float] = field(default_factory=dict)
    min_match: float | None = None
    stages: dict[str, bool] = field(default_factory=dict)
    software: dict[str, str | None] = field(default_factory=dict)
    sources: list[dict] = field(default_factory=list)
    annotated: int | None = None
    evidence: dict = field(default_factory=dict)
    lifted: dict = field(default_factory=dict)
    build_means: tuple[str, ...] = ()
    build_unchecked: int | None = None

    def agreed(self, sample: str, purpose: str) -> bool:
        """Whether a person agreed to a purpose."""
        return sample in self.consents.get(purpose, frozenset())

    @property
    def absent_sites_statement(self) -> str | None:
        """What a site that is not in the files means, with the evidence of the reference that the run had."""
        texts = {
            "gvcf": wording.BLOCKS,
            "callable": wording.CALLABLE,
            "alignments": wording.READS,
            "imputed": wording.FROM_DOSAGES,
        }
        given = [texts[name].format(**self.evidence["thresholds"]) for name in texts if self.evidence.get(name)]
        told = self.evidence.get("callable") or self.evidence.get("only_gvcf")
        assumed = [] if told else [wording.ABSENT_SITES.get(self.absent_sites)]
        return " ".join(filter(None, [*assumed, *given, self._filters_statement])) or None

    @property
    def _filters_statement(self) -> str | None:
        filters = self.evidence.get("filters")
        if not filters:
            return None
        return wording.NOT_FILTERED if ANY in filters else wording.FILTERED.format(filters=", ".join(filters))

    @property
    def absent_sites_short(self) -> str:
        """The same in a few words."""
        given = [short for name, short in wording.EVIDENCE_SHORT.items() if self.evidence.get(name)]
        return ", ".join(given) or wording.ABSENT_SITES_SHORT.get(self.absent_sites, wording.NOT_RECORDED)

    @property
    def reference_statement(self) -> str:
        """Sentences on whether REF and the build were checked, and on what was lifted from another build."""
        sentences = [wording.REFERENCE[self.reference_checked], *self._build_sentences]
        if self.reference_checked and self.unchecked:
            part = wording.REFERENCE_PART.format(unchecked=f"{self.unchecked:,}", records=f"{self.records:,}")
            sentences.append(part)
        if self.lifted.get("files_lifted"):
            sentences.append(wording.LIFTED.format(build=self.build, **self.lifted))
        return " ".join(sentences)

    @property
    def _build_sentences(self) -> list[str]:
        told = [wording.BUILD_MEANS[name] for name in wording.BUILD_MEANS if name in self.build_means]
        means = ", ".join(told[:-1]) + (" and " if told[1:] else "") + told[-1] if told else ""
        sentences = [wording.BUILD_TOLD.format(build=self.build, means=means)] if told else []
        if self.build_unchecked:
            sentences.append(wording.BUILD_NOT_CHECKED.format(build=self.build, files=self.build_unchecked))
        return sentences

    @property
    def build_short(self) -> str | None:
        """The build, with the word that it was not checked where nothing told it of some file."""
        return wording.BUILD_SHORT_NOT_CHECKED.format(build=self.build) if self.build_unchecked else self.build

    @property
    def reference_short(self) -> str:
        """Whether REF was checked, in two words; the share of records where it could be, when it is not all of them."""
        if self.reference_checked and self.unchecked and self.records:
            share = math.floor(100 * (1 - self.unchecked / self.records))
            return wording.REFERENCE_SHORT_PART.format(share=share)
        return wording.REFERENCE_SHORT[self.reference_checked]


def read_context(
    checks: Path,
    consents: list[Path],
    variant_counts: list[Path],
    *,
    build: str | None = None,
    absent_sites: str | None = None,
    lifted: Path | None = None,
    **others,
) -> Context:
    """The context from the checks of the input, the consent lists and the counts of normalisation.

    ``lifted`` are the counts of lifting, where a chain was given.
    ``build`` and ``absent_sites`` stand in where the checks do not say; ``others`` are fields of :class:`Context`.
    """
    checked = read_json(checks)
    counts = read_variant_counts(variant_counts)
    name, was_checked = reference_of(checked)
    return Context(
        build=checked.get("build") or build,
        absent_sites=checked.get("absent_sites") or absent_sites,
        reference=name,
        reference_checked=was_checked,
        records=total(counts, "kept"),
        unchecked=total(counts, "unchecked"),
        evidence=_evidence(checked),
        **_build_told(checked),
        lifted=read_json(lifted) if lifted else {},
        consents=read_consents(consents),
        **others,
    )


def _build_told(checked: dict) -> dict:
    """By which means the checks of the input found the build of the files, and of how many they did not."""
    rows = [file["build"] for file in checked.get("files") or [] if "build" in file]
    means = {name for row in rows for name in row["by"]}
    return {
        "build_means": tuple(sorted(means)),
        "build_unchecked": sum(not row["checked"] for row in rows) if rows else None,
    }


def _evidence(checked: dict) -> dict:
    """What of gVCFs, callable regions and alignments the checks of the input found."""
    return {
        "gvcf": bool(checked.get("gvcf")),
        "only_gvcf": bool(checked.get("gvcf")) and checked["gvcf"] == len(checked.get("files") or []),
        "callable": bool(checked.get("callable")),
        "alignments": bool(checked.get("alignments")),
        "imputed": bool(checked.get("imputed")),
        "filters": checked.get("filters") or [],
        "thresholds": checked.get("thresholds") or {},
    }


def read_consents(paths: Iterable[Path]) -> dict[str, frozenset[str]]:
    """People by purpose; the purpose is the file's name. The list ``any`` must be among them."""
    paths = [Path(path) for path in paths]
    lists = {path.stem: frozenset(path.read_text(encoding="utf-8").splitlines()) - {""} for path in paths}
    if "any" not in lists:
        raise Fault("the list of people who agreed to anything is not given", remedy="Give checks/consent/any.txt")
    return lists


def reference_of(checked: dict) -> tuple[str | None, bool | None]:
    """The reference's file name, without its folder, and whether REF was checked against it."""
    reference = checked.get("reference", ...)
    if reference is ...:
        return None, None
    if not reference:
        return None, False
    if isinstance(reference, str):
        return Path(reference).name, True
    path = reference.get("path")
    was_checked = reference.get("checked", bool(path))
    return (Path(path).name if path else None), bool(was_checked)


def read_variant_counts(paths: Iterable[Path]) -> list[dict]:
    """Counts of normalisation by contig, in the order given: ``contig`` and whatever whole numbers the files hold."""
    rows = []
    for path in map(Path, paths):
        counts = {name: n for name, n in read_json(path).items() if isinstance(n, int) and not isinstance(n, bool)}
        rows.append({**counts, "contig": path.name.removesuffix(".json")})
    return rows


def total(rows: list[dict], *names: str) -> int | None:
    """Sum over contigs of the first of these counts that is there; None where none is."""
    for name in names:
        if any(name in row for row in rows):
            return sum(row.get(name) or 0 for row in rows)
    return None


def read_sources(paths: Iterable[Path]) -> list[dict]:
    """Distinct ``source version licence`` of knowledge tables with the tables that cite them, sorted.

    An annotation database (``.json``, as ``build_source`` writes it) has its release and the start of its checksums.
    """
    cited: dict[tuple[str, ...], set[str]] = {}
    for path in map(Path, paths):
        if path.suffix == ".json":
            cited.setdefault(_database(read_json(path)), set()).add(table_name(path.with_suffix("")))
            continue
        table = read_table(path)
        if {"source", "version", "licence"} <= set(table.columns):
            for row in table.select("source", "version", "licence").unique().fill_null("").rows():
                cited.setdefault(row, set()).add(table_name(path))
    return [
        {"source": source, "version": version or None, "licence": licence or None, "tables": sorted(tables)}
        for (source, version, licence), tables in sorted(cited.items())
    ]


def _database(about: dict) -> tuple[str, str, str]:
    digests = ", ".join(_file(file) for file in about["files"][:_FILES_NAMED])
    more = len(about["files"]) - _FILES_NAMED
    digests += f" and {more} more files" if more > 0 else ""
    return about["title"], f"{about['release'] or 'release not stated'} ({digests})", about["licence"]


def _file(file: dict) -> str:
    origin = f" from {file['address']}" if file.get("address") else ""
    return f"{file['name']} SHA-256 {file['sha256'][:12]}{origin}"


def table_name(path: Path) -> str:
    """A knowledge table's name for readers: its folder and file, ``pharmacogenes/genes.tsv``."""
    return "/".join(Path(path).parts[-2:])


def rows_by_sample(path: Path | None, samples: Iterable[str]) -> dict[str, list[dict]]:
    """Rows of a Parquet table for some samples, by sample, in the table's order; a float that is no number is None."""
    if path is None:
        return {}
    frame = pl.scan_parquet(path).filter(pl.col("sample").is_in(list(samples))).collect()
    rows: dict[str, list[dict]] = {}
    for row in frame.iter_rows(named=True):
        rows.setdefault(row["sample"], []).append({name: finite(value) for name, value in row.items()})
    return rows


def finite(value):
    """The value, or None for a float that JSON cannot hold."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def texts(value, separator: str) -> list[str]:
    """A cell that holds several texts, as a list: a list column or a text with this separator; empty for null."""
    if value is None:
        return []
    parts = value.split(separator) if isinstance(value, str) else [str(part) for part in value if part is not None]
    return [part.strip() for part in parts if part.strip()]


def count_rows(paths: Iterable[Path]) -> int | None:
    """Rows of Parquet tables together; None without tables."""
    paths = list(paths)
    return sum(pl.scan_parquet(path).select(pl.len()).collect().item() for path in paths) if paths else None
