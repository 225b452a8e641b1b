"""BGEN files (versions 1.1 to 1.3): their people and variants.

The first allele of a variant is REF in most files, but nothing in the file says so; as with a .bed the reference's
bases decide.
"""

from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl

from permed.errors import Fault
from permed.inputs.chromosomes import contig_of
from permed.inputs.files import companions
from permed.inputs.plink import Fileset
from permed.plain_text import read_plain

MAGIC = b"bgen"  # from the 17th byte on
COPY = "Copy it again from its source"


def is_bgen(start: bytes) -> bool:
    """Whether a file that starts so is a BGEN file: its header tells the magic letters and fits its own length."""
    if len(start) < 24 or start[16:20] != MAGIC:
        return False
    offset, header = (int.from_bytes(start[n : n + 4], "little") for n in (0, 4))
    return 20 <= header <= offset and header < 1 << 24


def open_bgen(path: str):
    """Open a file with the places of its variants; a damaged one is a Fault."""
    from bgen import BgenReader

    try:
        return BgenReader(path, delay_parsing=False)
    except (ValueError, OSError, RuntimeError) as error:
        raise damaged(path, error) from None


def damaged(path: str, error: Exception) -> Fault:
    """The fault of a file that the library cannot read."""
    return Fault(f"the file is cut short or damaged ({error})", path, remedy=COPY)


def read_bgen(path: str) -> Fileset:
    """The people and variants of a file. Raises an ExceptionGroup of every fault, as :func:`read_fileset` does."""
    file = open_bgen(path)
    samples = _people(path, file)
    faults = [
        Fault("the sample is there twice", path, name, remedy="Give each person a name of their own")
        for name, times in Counter(samples).items()
        if times > 1
    ]
    if len(file) != file.header.nvariants:
        fault = f"the file holds {len(file)} variants, its header says {file.header.nvariants}"
        faults.append(Fault(fault, path, remedy=COPY))
    if faults:
        raise ExceptionGroup("bgen", faults)
    try:
        variants = [(contig_of(one.chrom), one.pos, _name(one.rsid, one.varid), one.alleles) for one in file]
    except (ValueError, OSError, RuntimeError) as error:
        raise damaged(path, error) from None
    schema = {"chrom": pl.String, "pos": pl.Int64, "id": pl.String, "alleles": pl.List(pl.String)}
    sites = pl.DataFrame(variants, schema=schema, orient="row")
    sites = sites.with_columns(pl.col("alleles").list.join(",").str.to_uppercase(), provisional=pl.lit(True))
    file.close()
    return Fileset(path, samples, np.zeros(len(samples), bool), sites)


def _name(*names: str) -> str | None:
    return next((name for name in names if name not in ("", ".")), None)


def _people(path: str, file) -> list[str]:
    """Names of the people: those in the file, else those of the .sample file beside it."""
    beside = companions(path)
    own = list(file.samples) if file.header.has_sample_ids else None
    if not beside:
        if own is None:
            name = Path(path).with_suffix(".sample").name
            raise Fault("the file names nobody", path, remedy=f"Put its sample file beside it, as {name}")
        return own
    names, others = _sample_file(beside[0])
    if own is None and len(names) != file.header.nsamples:
        fault = f"there are {len(names)} people; {Path(path).name} holds genotypes of {file.header.nsamples}"
        raise Fault(fault, beside[0], remedy="Give the sample file that belongs to the genotypes")
    if own is not None and own not in (names, others):
        remedy = f"Give the sample file that belongs to the genotypes, or take it away: {Path(path).name} has names"
        raise Fault("the names are not those in the genotypes", beside[0], remedy=remedy)
    return names


def _sample_file(path: str) -> tuple[list[str], list[str]]:
    """Names by ID_2, which is PLINK's IID, and by the first column; by that alone where there is no ID_2."""
    text = read_plain(Path(path), what="sample file").decode()
    lines = [line.split() for line in text.split("\n") if line.strip()]
    if len(lines) < 2 or set(lines[1]) - {"0", "D", "C", "P", "B"}:
        remedy = "Give a sample file of Oxford format: column names, column types, then a line a person"
        raise Fault("the file has no lines of column names and types", path, line=2, remedy=remedy)
    rows = lines[2:]
    second = 1 if len(lines[0]) > 1 and lines[0][1].upper() in ("ID_2", "ID2", "IID") else 0
    short = next((n for n, row in enumerate(rows, 3) if len(row) <= second), None)
    if short:
        raise Fault("the line has no name", path, line=short, remedy=COPY)
    return [row[second] for row in rows], [row[0] for row in rows]
