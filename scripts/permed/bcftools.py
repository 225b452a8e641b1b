"""bcftools' commands through pysam, with failures as faults."""

import errno
import os
from pathlib import Path

import pysam
import pysam.bcftools

from permed.errors import Fault

PACKED = "-Ob4"  # BCF for a third of the time of the usual level, a tenth larger


def bcftools(command: str, *words, file: Path | None = None) -> str:
    """Run a bcftools command without a stamp in the header; give its messages. A failure is a fault of ``file``, which
    stands in what bcftools says for the files that it was given."""
    stamp = [] if command in ("index", "sort", "query") else ["--no-version"]
    call = getattr(pysam.bcftools, command)
    try:
        call(*stamp, *map(str, words), catch_stdout=False)
    except pysam.SamtoolsError as error:
        _raise_of_the_machine(str(error))
        text = " ".join(str(error).split("stderr=")[-1].strip("'\"").replace("\\n", " ").split())
        for word in (word for word in words if isinstance(word, Path)):
            text = text.replace(str(word), str(file or word.name))
        remedy = "Check the records it names, with bcftools view"
        if "Undefined tags" in text:
            text = "its records use FILTER, INFO or FORMAT names or contigs that the header does not define"
            remedy = "Complete the header, with bcftools reheader"
        raise Fault(f"bcftools {command} stopped: {text}", file, remedy=remedy) from None
    return call.get_messages() or ""


def _raise_of_the_machine(text: str) -> None:
    """Tell memory and disks that are at their end, which are no fault of a file, from what bcftools says."""
    if any(words in text.lower() for words in ("allocate", "out of memory", "thread pool")):
        raise MemoryError(text)
    for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS):
        if os.strerror(number) in text:
            raise OSError(number, os.strerror(number))


def attempt(command: str, *words) -> str | None:
    """Run a bcftools command that may fail; what it says when it does, else None. htslib's complaints are silenced."""
    verbosity = pysam.set_verbosity(0)
    try:
        getattr(pysam.bcftools, command)(*map(str, words), catch_stdout=False)
    except pysam.SamtoolsError as error:
        _raise_of_the_machine(str(error))
        return str(error)
    finally:
        pysam.set_verbosity(verbosity)
    return None


def index_bcf(path: Path, file: Path | None = None) -> None:
    """Index a file anew, beside it, as CSI.

    How deep the usual index is follows from the contig lengths of the header, which may be less than where records
    lie; such a file gets an index that asks nothing of them, and of which a bin is a whole contig.
    """
    if attempt("index", "-c", "-f", path) is not None:
        bcftools("index", "-c", "-f", "-m", "30", path, file=file)


def opened(path: Path) -> pysam.VariantFile:
    """Open a file to read it through, without htslib's complaint that it has no index."""
    verbosity = pysam.set_verbosity(0)
    try:
        return pysam.VariantFile(str(path))
    finally:
        pysam.set_verbosity(verbosity)
