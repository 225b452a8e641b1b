"""Whose genotypes come from the same files."""

from collections.abc import Iterable


def file_batches(samples_by_file: Iterable[tuple[str, list[str]]]) -> list[dict]:
    """The people of the same files, as rows of checks/inputs.json: ``file`` (the first), ``files`` and ``people``."""
    files: dict[str, list[str]] = {}
    for path, samples in samples_by_file:
        for sample in samples:
            files.setdefault(sample, []).append(path)
    batches: dict[tuple[str, ...], list[str]] = {}
    for sample, paths in files.items():
        batches.setdefault(tuple(paths), []).append(sample)
    return [{"file": paths[0], "files": len(paths), "people": people} for paths, people in batches.items()]
