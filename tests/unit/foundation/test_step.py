"""One function serves a rule, a prompt and a test."""

import ast
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from permed.errors import Fault
from permed.step import arguments_of_prompt, arguments_of_rule, step


def sum_things(
    genotypes: list[Path], matches: Path, *, scores: Path, threads: int = 1, seed: int | None = None
) -> None:
    """Sum things."""


def job(**changes):
    """A stand-in for Snakemake's job with named input, output and params."""
    parts = {"input": {"genotypes": ["a.bed"], "matches": "m"}, "output": {"scores": "s"}, "params": {"code": "1f"}}
    parts = {name: changes.get(name, content) for name, content in parts.items()}
    return SimpleNamespace(rule="sum_things", threads=3, **parts)


def test_a_rule_fills_the_arguments_with_the_types_that_the_function_names():
    given = arguments_of_rule(sum_things, job())
    assert given == {"genotypes": [Path("a.bed")], "matches": Path("m"), "scores": Path("s"), "threads": 3}


def test_one_file_for_a_list_and_an_empty_input_for_an_optional_path():
    def read(files: list[Path], reference: Path | None = None) -> None: ...

    given = arguments_of_rule(read, job(input={"files": "one.bed", "reference": []}, output={}, params={}))
    assert given == {"files": [Path("one.bed")], "reference": None}


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"params": {"sede": 1}}, "takes no sede"),
        ({"input": {"genotypes": ["a"]}}, "needs matches"),
    ],
)
def test_a_misspelt_or_forgotten_name_is_refused_in_one_line(part, words):
    with pytest.raises(Fault, match=words):
        arguments_of_rule(sum_things, job(**part))


def test_a_prompt_has_the_same_names_as_options():
    words = ["--genotypes", "a", "b", "--matches", "m", "--scores", "s"]
    given = arguments_of_prompt(sum_things, words)
    assert given["genotypes"] == [Path("a"), Path("b")]
    assert given["threads"] == 1
    assert given["seed"] is None


def test_an_imported_step_is_the_plain_function():
    assert step(sum_things) is sum_things


@pytest.mark.parametrize(
    "raised",
    ["Fault('no x', 'f.vcf', 'S1', 3, 'Give x')", "ExceptionGroup('', [Fault('no x', 'f.vcf', 'S1', 3, 'Give x')])"],
)
def test_a_fault_ends_a_program_in_one_line_without_a_traceback(tmp_path, root, raised):
    program = tmp_path / "fail.py"
    program.write_text(
        "from permed.errors import Fault\nfrom permed.step import step\n"
        f"@step\ndef fail() -> None:\n    raise {raised}\n"
    )
    done = subprocess.run(
        [sys.executable, program],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(root / "scripts")},
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "f.vcf line 3, sample S1: no x. Give x\n"


MACHINE = {
    "memory": ("bytearray(1 << 40)", "fail ran out of memory", "--set-resources"),
    "NumPy's memory": ("__import__('numpy').empty(1 << 40)", "fail ran out of memory", "--set-resources"),
    "a full disk": ("open(folder / 'x', 'wb').write(bytes(1 << 20))", "File too large", "room"),
    "a folder that is none": ("write_text('x', folder / 'file' / 'x.txt')", "File exists", "outdir"),
}


@pytest.mark.parametrize("kind", MACHINE)
def test_a_machine_without_memory_or_room_ends_a_program_in_one_line_and_leaves_nothing(tmp_path, root, kind):
    statement, said, remedy = MACHINE[kind]
    (tmp_path / "file").touch()
    program = tmp_path / "fail.py"
    program.write_text(
        "import resource\nfrom pathlib import Path\nfrom permed.step import step\n"
        "from permed.tables import atomic, write_text\n"
        "@step\ndef fail(folder: Path) -> None:\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        f"    with atomic(folder / 'result.txt') as beside:\n        beside.write_text('half')\n        {statement}\n"
    )
    environment = {"PYTHONPATH": str(root / "scripts")}
    command = [sys.executable, program, "--folder", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert said in done.stderr
    assert remedy in done.stderr
    left = {path.name for path in tmp_path.iterdir()} - {"file", "fail.py", "x"}
    assert left == set(), "neither the file nor a part of it"


def test_every_script_explains_itself_at_a_prompt(root):
    script = root / "scripts" / "judge_samples.py"
    done = subprocess.run([sys.executable, script, "--help"], capture_output=True, text=True, check=True)
    assert "--thresholds" in done.stdout
    assert "Write metrics" in done.stdout


def test_in_every_script_the_step_comes_last_under_the_files_name(root):
    for script in sorted((root / "scripts").glob("*.py")):
        last = ast.parse(script.read_text()).body[-1]
        assert isinstance(last, ast.FunctionDef), script
        assert last.name == script.stem
        assert [ast.unparse(decorator) for decorator in last.decorator_list] == ["step"], script
        assert ast.get_docstring(last), script
