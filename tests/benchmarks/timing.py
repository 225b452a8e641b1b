"""Run commands side by side and print what each cost: CPU and memory are those of a process with its children."""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Cost:
    """CPU and wall seconds, peak memory in MB."""

    cpu: float
    wall: float
    memory: float


@dataclass
class Contender:
    """A named command; several are run one after the other. ``needs`` is a program that may not be installed."""

    name: str
    commands: list[list]
    needs: str | None = None
    costs: list[Cost] = field(default_factory=list)


def step(name: str, **options) -> list[str]:
    """The command line of one of the workflow's steps; a list is an option of several values."""
    words = [sys.executable, str(ROOT / "scripts" / f"{name}.py")]
    for option, value in options.items():
        words.append(f"--{option.replace('_', '-')}")
        words += map(str, value) if isinstance(value, list | tuple) else [str(value)]
    return words


def compare(title: str, contenders: list[Contender], repeats: int) -> None:
    """Run the contenders in turn, ``repeats`` times, and print their medians and the ratio of CPU to the first one.

    Everything runs once before, uncounted, so that files are cached and kernels compiled.
    """
    present = [c for c in contenders if c.needs is None or shutil.which(c.needs)]
    for _ in _progress(repeats + 1):
        for contender in present:
            contender.costs.append(_run(contender.commands))
    rows = [("", "CPU s", "wall s", "MB", "ratio")]
    for contender in contenders:
        if contender not in present:
            rows.append((contender.name, f"{contender.needs} is not installed", "", "", ""))
            continue
        cpu, wall, memory = (
            statistics.median(getattr(cost, of) for cost in contender.costs[1:]) for of in ("cpu", "wall", "memory")
        )
        base = statistics.median(cost.cpu for cost in present[0].costs[1:])
        rows.append((contender.name, f"{cpu:.2f}", f"{wall:.2f}", f"{memory:.0f}", f"{cpu / base:.2f}"))
    width = max(len(row[0]) for row in rows)
    lines = [f"{row[0]:{width}}  " + "  ".join(f"{cell:>8}" for cell in row[1:]) for row in rows]
    sys.stdout.write(f"\n{title}; medians of {repeats}\n" + "\n".join(line.rstrip() for line in lines) + "\n")
    sys.stdout.flush()


def arguments(description: str, **defaults: int) -> argparse.Namespace:
    """Options of whole numbers, ``repeats`` among them."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    for name, default in {**defaults, "repeats": 3}.items():
        parser.add_argument(f"--{name}", type=int, default=default, help=f"number of {name}")
    return parser.parse_args()


@contextmanager
def folder() -> Iterator[Path]:
    """A temporary folder."""
    with tempfile.TemporaryDirectory(prefix="permed-bench-") as path:
        yield Path(path)


def said(message: str, work: Callable, *words, **options):
    """Do something that takes a while and is not measured, and say so on the terminal."""
    sys.stderr.write(f"{message} …\n")
    return work(*words, **options)


# A process begins with the peak memory of the one that started it, so a small one starts the commands.
_LAUNCH = """
import json, os, sys
null = [(os.POSIX_SPAWN_OPEN, 1, sys.argv[1], os.O_WRONLY, 0), (os.POSIX_SPAWN_DUP2, 1, 2)]
pid = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ, file_actions=null)
_, status, usage = os.wait4(pid, 0)
json.dump([os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024], sys.stdout)
"""


def _run(commands: list[list]) -> Cost:
    cpu, memory, begun = 0.0, 0.0, time.perf_counter()
    for words in commands:
        with tempfile.NamedTemporaryFile() as output:
            launch = [sys.executable, "-I", "-S", "-c", _LAUNCH, output.name, *map(str, words)]
            told = subprocess.run(launch, stdout=subprocess.PIPE, check=True)
            status, seconds, peak = json.loads(told.stdout)
            if status:
                sys.exit(f"{words[0]} failed:\n{output.read().decode(errors='replace')}")
        cpu, memory = cpu + seconds, max(memory, peak)
    return Cost(cpu, time.perf_counter() - begun, memory)


def _progress(rounds: int) -> Iterator[int]:
    for number in range(rounds):
        sys.stderr.write(f"round {number} of {rounds - 1}\n" if number else "warming up\n")
        yield number
