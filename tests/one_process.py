"""Snakemake with every step in its own process: the workflow's rules and steps as a run has them, started once.

``python tests/one_process.py`` takes snakemake's words. Most of a small run is starting Python and loading libraries
and compiled kernels for each job; tests of what comes out of a run need that once. One job runs at a time.
"""

import logging
import os
import runpy
import subprocess
import sys

from snakemake.benchmark import benchmarked
from snakemake.cli import main
from snakemake.script import PythonScript


def run_here(script: PythonScript, path: str, edit: bool = False) -> None:
    """Run a written script as the main module of this process, with the log of its job alone."""
    root, handlers = logging.getLogger(), logging.getLogger().handlers[:]
    level, paths = root.level, sys.path[:]
    root.handlers.clear()
    measured = benchmarked(os.getpid(), script.bench_record) if script.bench_record else benchmarked(False)
    try:
        with measured:
            runpy.run_path(path, run_name="__main__")
    except SystemExit as end:
        if end.code:
            raise subprocess.CalledProcessError(1, path) from None
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers[:] = handlers
        root.setLevel(level)
        sys.path[:] = paths


PythonScript.execute_script = run_here
if __name__ == "__main__":
    main(sys.argv[1:])
