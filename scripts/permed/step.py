"""Let one function serve a Snakemake rule, a shell prompt and a test."""

import argparse
import errno
import inspect
import logging
import sys
import types
import typing
from collections.abc import Callable
from pathlib import Path

from permed.errors import Fault
from permed.taken import in_users_words

log = logging.getLogger("permed")
UNWRITABLE = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.ENOTDIR,
    errno.EEXIST,
}
MORE_MEMORY = "Give its rule more, with --set-resources RULE:mem_mb=8000, or run fewer jobs at once, with --cores"
BOUND_BY_RULE = {"threads", "code", "gate", "tracked"}  # gate, tracked: inputs that only order and rerun


def step(function: Callable) -> Callable:
    """Run ``function`` if its file is the program, under a rule or at a prompt; else return it unchanged.

    Under a rule the parameters are filled from the rule's named input, output and params and from its threads;
    at a prompt the same names are options. Annotations convert what arrives: ``Path``, ``list[Path]``, ``str``,
    ``int``, ``float``, ``bool`` and their optional forms. A rule that names something the function does not take,
    or leaves out something it needs, is refused in one line. A :class:`Fault` ends the program with status 1 and
    one line, in the rule's log and on the terminal; so do memory that ran out and a folder that cannot be written. The
    function runs where it stands, so it is the last in its file.
    """
    if function.__module__ != "__main__":
        return function
    job = getattr(sys.modules["__main__"], "snakemake", None)
    logging.basicConfig(level=logging.INFO, format="%(message)s", handlers=_handlers(job))
    try:
        arguments = arguments_of_rule(function, job) if job else arguments_of_prompt(function, sys.argv[1:])
        function(**arguments)
    except Fault as fault:
        _refuse([fault], job)
    except ExceptionGroup as group:
        faults, others = group.split(Fault)
        if others:
            raise
        _refuse(faults.exceptions, job)
    except Exception as error:
        if fault := _of_the_machine(error, function.__name__):
            _refuse([fault], job)
        log.exception("%s failed, which is a mistake of the workflow and not of its input", function.__name__)
        if job is not None and job.log:
            sys.stderr.write(f"{function.__name__} failed unexpectedly; {job.log[0]} says where\n")
        raise SystemExit(1) from None
    return function


def arguments_of_rule(function: Callable, job) -> dict:
    """Arguments for ``function`` from a Snakemake job's input, output, params and threads."""
    parameters = inspect.signature(function, eval_str=True).parameters
    given = {**dict(job.input.items()), **dict(job.output.items()), **dict(job.params.items()), "threads": job.threads}
    unknown = sorted(set(given) - set(parameters) - BOUND_BY_RULE)
    missing = sorted(n for n, p in parameters.items() if p.default is p.empty and n not in given)
    if unknown:
        raise Fault(f"rule {job.rule}: {function.__name__}() takes no {', '.join(unknown)}")
    if missing:
        raise Fault(f"rule {job.rule}: {function.__name__}() needs {', '.join(missing)}")
    return {name: _convert(given[name], p.annotation) for name, p in parameters.items() if name in given}


def arguments_of_prompt(function: Callable, words: list[str]) -> dict:
    """Arguments for ``function`` from the words of a command line; every parameter is an option of its name."""
    parser = argparse.ArgumentParser(
        prog=Path(inspect.getfile(function)).name,
        description=inspect.getdoc(function),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for name, parameter in inspect.signature(function, eval_str=True).parameters.items():
        kind, many = _kind(parameter.annotation)
        needed = parameter.default is parameter.empty
        option = f"--{name.replace('_', '-')}"
        shown = {"metavar": kind.__name__, "help": "needed" if needed else f"default: {parameter.default}"}
        if kind is bool:
            parser.add_argument(
                option, action=argparse.BooleanOptionalAction, required=needed, default=parameter.default
            )
        else:
            default = None if needed else parameter.default
            parser.add_argument(
                option, type=kind, nargs="*" if many else None, required=needed, default=default, **shown
            )
    return vars(parser.parse_args(words))


def _kind(annotation) -> tuple[type, bool]:
    """The type of one value and whether there are many: ``list[Path] | None`` gives ``(Path, True)``."""
    if isinstance(annotation, types.UnionType):
        annotation = next(a for a in typing.get_args(annotation) if a is not types.NoneType)
    if typing.get_origin(annotation) is list:
        return typing.get_args(annotation)[0], True
    return (annotation if isinstance(annotation, type) and annotation is not inspect.Parameter.empty else str), False


def _convert(value, annotation):
    kind, many = _kind(annotation)
    if many:
        values = [value] if isinstance(value, str) else list(value or [])
        return [kind(v) if kind in (Path, str) else v for v in values]
    if kind is Path and value is not None:
        if isinstance(value, str | Path):
            return Path(value) if str(value) else None
        return Path(value[0]) if len(value) else None
    return value


def _of_the_machine(error: Exception, name: str) -> Fault | None:
    """The fault of a machine that has no memory or room, or lets nothing be written; None for another error."""
    if isinstance(error, MemoryError):
        return Fault(f"{name} ran out of memory", remedy=MORE_MEMORY)
    if isinstance(error, OSError) and error.errno in UNWRITABLE:
        remedy = "Check that its folder may be written (outdir) and that the disk has room"
        return Fault(f"the system refuses to open or write it: {error.strerror}", error.filename, remedy=remedy)
    return None


def _handlers(job) -> list[logging.Handler]:
    if job is None or not job.log:
        return [logging.StreamHandler()]
    return [logging.FileHandler(str(job.log[0]), mode="w", encoding="utf-8")]


def tell(text: str) -> None:
    """Log what a user has to know before results are there; under a rule, whose log is a file, on the terminal too."""
    log.warning(text)
    if getattr(sys.modules["__main__"], "snakemake", None) is not None:
        sys.stderr.write(f"{text}\n")


def _refuse(faults, job) -> None:
    for fault in map(in_users_words, faults):
        log.error("%s", fault)
        if job is not None and job.log:
            sys.stderr.write(f"{fault}\n")
    raise SystemExit(1)
