"""Run the workflow as a user does: a program in a folder."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest


@dataclass
class Run:
    """A finished run: its folder, exit status and what the terminal showed."""

    folder: Path
    status: int
    terminal: str

    def table(self, path: str) -> pl.DataFrame:
        """A Parquet table, or a TSV with every cell as text, of the results."""
        file = self.folder / "results" / path
        return (
            pl.read_parquet(file)
            if file.suffix == ".parquet"
            else pl.read_csv(file, separator="\t", infer_schema=False)
        )

    def file(self, path: str) -> Path:
        """A file of the results."""
        return self.folder / "results" / path


@pytest.fixture(scope="session")
def snakemake(root):
    """Call snakemake on the checkout (or another Snakefile) in a folder."""

    def call(folder: Path, *words, snakefile: Path | None = None, cwd: Path | None = None) -> Run:
        command = [sys.executable, "-m", "snakemake", "--snakefile", snakefile or root / "Snakefile", *words]
        if cwd is None:
            command += ["--directory", folder]
        if not {"--cores", "-n"} & set(words):
            command += ["--cores", "2"]
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "NO_COLOR": "1"}
        done = subprocess.run(
            [str(word) for word in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
        )
        return Run(Path(folder), done.returncode, done.stdout + done.stderr)

    return call


@pytest.fixture(scope="session")
def demo(snakemake, tmp_path_factory) -> Run:
    """The demo, run once."""
    run = snakemake(tmp_path_factory.mktemp("demo"))
    assert run.status == 0, run.terminal
    return run


@pytest.fixture
def demo_copy(demo, tmp_path) -> Path:
    """A folder of its own with the demo's finished results, to change and run again."""
    shutil.copytree(demo.folder, tmp_path / "copy", symlinks=True, copy_function=shutil.copy2)
    return tmp_path / "copy"


@pytest.fixture(scope="session")
def write_config():
    """Write a configuration as YAML."""
    import yaml

    def write(folder: Path, name: str = "my.yaml", **sections) -> Path:
        (folder / name).write_text(yaml.safe_dump(sections))
        return folder / name

    return write


@pytest.fixture(scope="session")
def write_gene():
    """Write ``genes.gff3`` with one gene of one exon, chr1:601-1500, into a folder."""

    def write(folder: Path) -> None:
        gene = [
            ("gene", "ID=gene:G1;Name=ONE;biotype=protein_coding"),
            ("mRNA", "ID=transcript:T1;Parent=gene:G1;biotype=protein_coding;tag=MANE_Select"),
            ("exon", "Parent=transcript:T1"),
            ("CDS", "ID=CDS:P1;Parent=transcript:T1"),
        ]
        lines = [f"chr1\tx\t{kind}\t601\t1500\t.\t+\t{'0' if kind == 'CDS' else '.'}\t{more}" for kind, more in gene]
        (folder / "genes.gff3").write_text("\n".join(["##gff-version 3", *lines, ""]))

    return write
