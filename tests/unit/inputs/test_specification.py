"""Every file with which the VCF specification is tested, through the steps that take it: nothing but a Fault stops one.

A valid file is read, or has no people or records, or is set aside with a reason. An invalid file is refused, or what
is wrong with it is set aside, mended or left out; where neither is needed, :data:`HARMLESS` says why.
"""

import json
import re
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from permed.errors import Fault

VERSIONS = ["4.1", "4.2", "4.3", "4.5"]
COUNTED = ("read", "kept", "duplicates")
NO_PEOPLE = "there are no genotypes: the file names no people"
NAMEABLE = re.compile(r"[A-Za-z0-9_.-]+")  # what genome.contigs allows

# Files that are valid by their folder and that we refuse, with the reason.
REFUSED_THOUGH_VALID = {
    "4.5/zero_length_LAA": "its last line has no end, which the specification asks for and which is how cut text shows",
}
# What is wrong with a file that is read all the same, by its name, and why that cannot change a result.
HARMLESS = {
    r"body_info_(?!016|017|018)\d+": "INFO is taken away before anything is read, but for END",
    r"body_info_01[678]": "an END that is no position after POS is not read: the record ends with its REF",
    r"body_id_\d+": "an ID is compared with rsIDs as a whole: one that is none matches none",
    r"body_qual_\d+": "QUAL is not read",
    r"body_sample_004": "a DS of two values at one ALT is not read, and the genotype is there",
    r"body_sample_0(05|10)": "a field that is not read is taken away, whatever its number",
    r"body_samples_ploidy_\d+": "likelihoods of another number than there are genotypes are not read",
    r"body_sample_009": "a DS that is text is not read, and the genotype is there",
    r"body_filter_00[04]": "FILTER has a value that is not PASS: only cohort.filters: any believes such a record",
    r"body_format_003": "the field has a name that is none, and only fields by the names of the specification are read",
}
# What is wrong with a file that is mended or left out: by the file's name what the steps say they did.
MENDED = {
    r"body_(contiguous|unsorted)_\d+": "sorted",
    r"body_duplicated_00[013]": "1 of the same variant merged|2 of the same variant merged",
    r"body_duplicated_002": "records of one variant differ",
    r"body_sample_006": "have not one value for each allele or genotype, and are left out",
    r"body_alt_002": "symbolic allele or breakend",
}
# Files by outcome: a change of any of these numbers is a change of what we take.
TABLE = {
    "4.1": {
        "invalid, harmless": 49,
        "invalid, mended": 9,
        "invalid, no people": 97,
        "invalid, refused": 31,
        "invalid, set aside": 7,
        "valid, no people": 9,
        "valid, no record": 1,
        "valid, read": 14,
        "valid, set aside": 1,
    },
    "4.2": {
        "invalid, harmless": 48,
        "invalid, mended": 9,
        "invalid, no people": 95,
        "invalid, refused": 31,
        "invalid, set aside": 7,
        "valid, no people": 9,
        "valid, no record": 1,
        "valid, read": 14,
        "valid, set aside": 1,
    },
    "4.3": {
        "invalid, harmless": 49,
        "invalid, mended": 9,
        "invalid, no people": 118,
        "invalid, refused": 41,
        "invalid, set aside": 7,
        "valid, no people": 10,
        "valid, no record": 1,
        "valid, read": 13,
        "valid, set aside": 1,
    },
    "4.5": {"valid, refused": 1},
}


@pytest.fixture
def folder():
    """A folder in memory where there is one: these are hundreds of small files."""
    memory = Path("/dev/shm")
    made = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def take(run_step, folder, monkeypatch, caplog):
    """Take a file by the three steps: (outcome, what they said)."""
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    check, index, normalise = (run_step(name) for name in ("check_inputs", "index_inputs", "normalise_variants"))

    caplog.set_level("INFO", "permed")

    def run(path: Path) -> tuple[str, str]:
        caplog.clear()
        rows = path.read_bytes().decode("utf-8", "replace").splitlines()
        people = next((row.split("\t")[9:] for row in rows if row.startswith("#CHROM")), [])
        named = dict.fromkeys(row.split("\t")[0] for row in rows if row and row[0] != "#")
        contigs = [name for name in named if NAMEABLE.fullmatch(name)] or ["1"]
        (folder / "sheet.tsv").write_text("sample\tconsent\n" + "".join(f"{name}\tscores\n" for name in people))
        (folder / "any.txt").write_text("".join(f"{name}\n" for name in people))
        build = "GRCh37" if "##reference=GRCh37" in rows else "GRCh38"
        sheet = str(folder / "sheet.tsv") if people else ""
        check(sheet, [str(path)], contigs, report=folder / "inputs.json", build=build)
        report = json.loads((folder / "inputs.json").read_text())
        if report["faults"]:
            return "refused", report["faults"][0]["fault"]
        link, taken = folder / "index" / "c.vcf.gz", folder / "taken.json"
        counts, reasons = Counter(), set()
        try:
            outputs = {"linked_genotypes": [link], "indexes": [Path(f"{link}.csi")], "taken": taken}
            index([path], folder / "any.txt", contigs, **outputs)
            for contig in contigs:
                names = {"variants": "v.bcf", "index": "v.bcf.csi", "set_aside": "a.parquet", "counts": "c.json"}
                normalise(
                    folder / "any.txt", [link], contig, filters=["any"], **{k: folder / v for k, v in names.items()}
                )
                counts += Counter(
                    {k: n for k, n in json.loads((folder / "c.json").read_text()).items() if k in COUNTED}
                )
                reasons |= set(pl.read_parquet(folder / "a.parquet")["reason"])
        except Fault as fault:
            assert fault.file in (str(path), str(link))
            assert fault.remedy
            return "refused", fault.fault
        how = json.loads(taken.read_text())["files"][0]["how"]
        said = [how, *reasons, *report["notes"], *(record.message for record in caplog.records)]
        said += [f"{counts['duplicates']} of the same variant merged"]
        outcome = "read" if counts["kept"] else "set aside" if counts["read"] else "no record"
        return outcome, "; ".join(said)

    return run


def files(shared, version: str, kind: str) -> list[Path]:
    return sorted((shared / "real" / "anno" / "hts-specs" / "vcf" / version / kind).glob("*.vcf"))


def why(known: dict[str, str], path: Path) -> str | None:
    """What is known of an invalid file by its name."""
    name = path.stem.removeprefix("failed_")
    return next((text for pattern, text in known.items() if re.fullmatch(pattern, name)), None)


@pytest.mark.parametrize("version", VERSIONS)
def test_valid_files_are_taken_and_invalid_ones_refused_mended_or_harmless(shared, take, version):
    seen = Counter()
    for path in files(shared, version, "passed"):
        outcome, said = take(path)
        outcome = "no people" if said == NO_PEOPLE else outcome
        if outcome == "refused":
            assert f"{version}/{path.stem}" in REFUSED_THOUGH_VALID, (path.stem, said)
        seen["valid", outcome] += 1
    for path in files(shared, version, "failed"):
        outcome, said = take(path)
        outcome = "no people" if said == NO_PEOPLE else outcome
        if outcome == "read" and (mended := why(MENDED, path)):
            assert any(words in said for words in mended.split("|")), (path.stem, said)
            outcome = "mended"
        elif outcome == "read":
            assert why(HARMLESS, path), (path.stem, said)
            outcome = "harmless"
        assert outcome in ("refused", "no people", "set aside", "mended", "harmless"), (path.stem, outcome)
        seen["invalid", outcome] += 1
    assert {f"{kind}, {outcome}": n for (kind, outcome), n in sorted(seen.items())} == TABLE[version]
