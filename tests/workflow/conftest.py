"""Run the workflow as a user does, a program in a folder; or its first steps alone, in this process."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

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
def snakemake(root, ours_named):
    """Call snakemake on the checkout (or another Snakefile) in a folder, as a user does: each job is a process."""
    return _caller(root, ours_named, ["-m", "snakemake"], cores=2)


@pytest.fixture(scope="session")
def in_process(root, ours_named):
    """The same with all jobs in the process of snakemake, one after the other: for what comes out of a run."""
    return _caller(root, ours_named, [root / "tests" / "one_process.py"], cores=1)


def _caller(root: Path, ours_named, program: list, cores: int):
    def call(folder: Path, *words, snakefile: Path | None = None, cwd: Path | None = None) -> Run:
        command = [sys.executable, *program, "--snakefile", snakefile or root / "Snakefile", *words]
        if cwd is None:
            command += ["--directory", folder]
        if not {"--cores", "-n"} & set(words):
            command += ["--cores", cores]
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "NO_COLOR": "1"}
        done = subprocess.run(
            [str(word) for word in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
        )
        run = Run(Path(folder), done.returncode, done.stdout + done.stderr)
        configs = "".join(Path(cwd or folder, word).read_text() for word in words if str(word).endswith(".yaml"))
        for outdir, line in faults_of(run) if run.status else []:
            assert ours_named(line, outdir, configs) == [], line
        return run

    return call


def faults_of(run: Run) -> list[tuple[str, str]]:
    """The faults that a run was stopped by, each with the folder of results: what a rule's log says to users as well.

    A step writes its faults to its log and to the terminal, and whatever else it has to say to one of the two.
    """
    shown = set(run.terminal.splitlines())
    logs = [path for path in run.folder.glob("*/logs/**/*.log") if path.is_file()]
    lines = [(path.relative_to(run.folder).parts[0], line) for path in logs for line in path.read_text().splitlines()]
    return [(outdir, line) for outdir, line in lines if line in shown]


@pytest.fixture
def check(root, run_step, monkeypatch, named_by_user):
    """Run what stands before all computing, the checks and the gate, in this process: for tests of faults.

    Snakemake reads the workflow and the configuration as in a run, so that the steps get the arguments of their rules.
    Status and terminal are those that a run ends with, and nothing after the gate is run.
    """
    from snakemake.api import SnakemakeApi
    from snakemake.exceptions import WorkflowError
    from snakemake.settings.types import ConfigSettings, OutputSettings, Quietness, ResourceSettings

    from permed.errors import Fault
    from permed.inputs.files import fault_lines
    from permed.step import arguments_of_rule

    def run(workflow, name: str) -> None:
        rule, step = workflow.get_rule(name), run_step(name)
        params = {key: value(None) if callable(value) else value for key, value in rule.params.items()}
        job = SimpleNamespace(rule=name, input=rule.input, output=rule.output, params=params, threads=1)
        step(**arguments_of_rule(step, job))

    def call(folder: Path, config: Path) -> Run:
        named_by_user.append(config.read_text())
        monkeypatch.chdir(folder)
        with SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
            given, cores = ConfigSettings(configfiles=[config]), ResourceSettings(cores=1)
            try:
                workflow = api.workflow(cores, given, snakefile=root / "Snakefile", workdir=folder)._workflow
            except WorkflowError as error:
                return Run(folder, 1, str(error))
        refused: list[Fault] = []
        run(workflow, "check_inputs")
        try:
            run(workflow, "admit_samples")
        except* Fault as group:
            refused += group.exceptions
        lines = [*map(str, refused), *fault_lines(folder / workflow.globals["FAULTS_FILE"])]
        return Run(folder, int(bool(refused)), "\n".join(lines))

    return call


@pytest.fixture(scope="session")
def expectations(root):
    """The module that reads expectations of a run and finds which of them do not hold."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("expectations", root / "tests" / "expectations.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def run_case(tmp_path, in_process, expectations):
    """Run a case in a copy of its folder, and give the expectations that do not hold, a line each.

    The folder has ``config.yaml`` with its inputs, and ``expect.tsv`` where no rows are given; ``{real}`` in the
    configuration stands for the folder of real data beside the folder of cases.
    """

    def run(case: Path, rows: list[dict[str, str]] | None = None) -> list[str]:
        folder = tmp_path / "run" / case.name
        shutil.copytree(case, folder)
        config = folder / "config.yaml"
        text = config.read_text(encoding="utf-8").replace("{real}", str(case.parents[2] / "real"))
        config.write_text(text, encoding="utf-8")
        rows = expectations.read_rows(case / "expect.tsv") if rows is None else rows
        assert rows, "a case without expectations says nothing"
        return expectations.violations(in_process(folder, "--configfile", config), rows)

    return run


@pytest.fixture(scope="session")
def demo(snakemake, tmp_path_factory) -> Run:
    """The demo, run once."""
    run = snakemake(tmp_path_factory.mktemp("demo"))
    assert run.status == 0, run.terminal
    return run


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
