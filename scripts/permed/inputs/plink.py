"""PLINK 1 .bed and PLINK 2 .pgen filesets: their people and variants, and which allele is the reference's.

Alleles of a .bed come in no order that could be believed: A1 is ALT for PLINK 2 and the rarer one for PLINK 1. With
a reference its bases decide; a deletion or insertion that fits either way is left out.
"""

import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from permed.errors import Fault
from permed.genome import BUILDS, canonical
from permed.inputs.chromosomes import contig_of
from permed.inputs.definition_places import CHANCE, CHANCE_OF_TWO, Fits, places, rsid_places
from permed.inputs.files import companions
from permed.inputs.known_sites import KnownSites
from permed.plain_text import read_plain
from permed.reference import Reference

CHECKED = 2000
MAX_FOREIGN = 0.10  # of variants none of whose alleles is the reference's: at wrong places it is about half
_BASES = re.compile(r"[ACGTN]+")
_FAM = ["FID", "IID", "PAT", "MAT", "SEX", "PHENO"]
_BIM = ["CHROM", "ID", "CM", "POS", "A1", "A2"]


@dataclass
class Fileset:
    """A PLINK fileset.

    ``samples`` are the IIDs, ``male`` is boolean of their length, ``sites`` has a row a variant in the file's order:
    ``chrom`` (canonical), ``pos``, ``id``, ``alleles`` (comma list; A2 or REF first) and ``provisional``, which says
    that the first allele need not be the reference's.
    """

    path: str
    samples: list[str]
    male: np.ndarray
    sites: pl.DataFrame

    def reader(self, subset: np.ndarray | None = None):
        """Open the genotypes, of the people at the places ``subset`` if given, in the file's order."""
        import pgenlib

        alleles = self.sites["alleles"].str.count_matches(",", literal=True).to_numpy().astype(np.uintp) + 1
        offsets = np.concatenate([np.zeros(1, np.uintp), np.cumsum(alleles, dtype=np.uintp)])
        wide = {"allele_idx_offsets": offsets} if len(alleles) and alleles.max() > 2 else {}
        try:
            return pgenlib.PgenReader(
                str(self.path).encode(), len(self.samples), len(self.sites), sample_subset=subset, **wide
            )
        except RuntimeError as error:
            raise damaged(self.path, error) from None


def read_fileset(path: str) -> Fileset:
    """Read the companions of a .bed or .pgen and check that its size or header fits them.

    Raises an ExceptionGroup of every fault: an absent companion, repeated people, another number of variants.
    """
    absent = [file for file in companions(path) if not Path(file).is_file()]
    if not companions(path):
        raise ExceptionGroup("name", [Fault("a PLINK file is not named .bed or .pgen", path, remedy="Rename it")])
    if absent:
        remedy = f"It belongs to {Path(path).name}; give both, side by side"
        raise ExceptionGroup("absent", [Fault("the file is not there", file, remedy=remedy) for file in absent])
    variants, people = companions(path)
    samples, male = _people(people)
    faults = [
        Fault("the sample is there twice", people, name, remedy="Give each person an IID of their own")
        for name, times in Counter(samples).items()
        if times > 1
    ]
    sites = _sites_of_bim(variants) if path.endswith(".bed") else _sites_of_pvar(variants, path)
    if not samples:
        faults.append(Fault("the file names nobody", people, remedy="Copy it again from its source"))
    files = Fileset(path, samples, male, sites)
    if not faults:
        faults += _size_faults(files)
    if faults:
        raise ExceptionGroup("fileset", faults)
    return files


def reference_order(alleles: list[str], provisional: bool, bases: str | None) -> list[int] | str:
    """The order of alleles that puts the reference's first, as places in ``alleles``; or why there is none.

    ``bases`` is what the reference has from the position on, at least as long as the longest allele (shorter at the
    contig's end), or None where there is no reference.
    """
    order = list(range(len(alleles)))
    if provisional:
        known = [allele for allele in alleles if allele not in ("0", ".")]
        if any(allele in ("I", "D") for allele in known):
            return "alleles coded I or D"
        if any(not _BASES.fullmatch(allele) for allele in known) or not known:
            return "alleles that are missing or no bases"
        if len(known) < len(alleles):  # nobody carries the other allele; known to be none only if this one is REF
            rest = [n for n in order if alleles[n] in known]
            return rest if bases is not None and len(rest) == 1 and bases.startswith(known[0]) else "a missing allele"
    if bases is None or not provisional:
        return order
    fitting = [n for n in order if bases.startswith(alleles[n])]
    if not fitting:
        return "no allele is the reference's" if "N" not in bases else "the reference has N there"
    if len(fitting) > 1:
        return "insertion or deletion that fits the reference either way"
    return [fitting[0], *(n for n in order if n != fitting[0])]


def spread(sites: pl.DataFrame) -> pl.DataFrame:
    """Some variants, from all parts of a file."""
    return sites.gather_every(max(1, len(sites) // CHECKED))


def disagreement(sites: pl.DataFrame, reference: Reference | KnownSites) -> tuple[int, int]:
    """How many of some sites have no allele that the reference has, and how many could be checked."""
    told = isinstance(reference, KnownSites)
    names = {canonical(name): name for name in reference.lengths}
    none = checked = 0
    for chrom, pos, alleles in sites.select("chrom", "pos", "alleles").iter_rows():
        own = names.get(chrom)
        known = [allele for allele in alleles.split(",") if _BASES.fullmatch(allele)]
        if own is None or not known:
            continue
        bases = reference.bases(own, pos, pos + max(map(len, known)) - 1)
        if "N" not in bases and (bases or not told):
            checked += 1
            none += not any(bases.startswith(allele) for allele in known)
    return none, checked


def fileset_fits(files: Fileset) -> Fits:
    """How a fileset fits the pharmacogene definitions on each build, by REF where stated, else by both alleles."""
    stated = not files.sites["provisional"].all()
    fits = Fits(chance=CHANCE if stated else CHANCE_OF_TWO)
    wanted = pl.DataFrame(
        [(contig, pos) for build in BUILDS for contig, at in places(build).items() for pos in at],
        schema={"chrom": pl.String, "pos": pl.Int64},
        orient="row",
    )
    named = pl.col("id").is_in(list(rsid_places()))
    there = pl.struct("chrom", "pos").is_in(wanted.select(pl.struct("chrom", "pos")).to_series().implode())
    for chrom, pos, name, alleles, provisional in files.sites.filter(there | named.fill_null(False)).iter_rows():
        words = alleles.split(",")
        if stated:
            words = [] if provisional else words[:1]
        if chrom:
            fits.add(chrom, pos, name or ".", words)
    return fits


def damaged(path: str, error: Exception) -> Fault:
    """The fault of a file that pgenlib cannot read."""
    text = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
    return Fault(f"the file cannot be read: {text.strip()}", path, remedy="Copy it again from its source")


def _people(path: str) -> tuple[list[str], np.ndarray]:
    table = _table(path, _FAM)
    if "IID" not in table.columns:
        raise Fault("there is no column IID", path, remedy="Give the .psam or .fam that belongs to the genotypes")
    male = table["SEX"].is_in(["1", "M", "m"]).fill_null(False) if "SEX" in table.columns else [False] * len(table)
    return table["IID"].fill_null("").to_list(), np.asarray(male, bool)


def _sites_of_bim(path: str) -> pl.DataFrame:
    table = _table(path, _BIM)
    alleles = pl.concat_str(pl.col("A2").str.to_uppercase(), pl.col("A1").str.to_uppercase(), separator=",")
    return _sites(table, path, alleles, pl.lit(True))


def _sites_of_pvar(path: str, genotypes: str) -> pl.DataFrame:
    table = _table(path, None)
    absent = [name for name in ("CHROM", "POS", "ID", "REF", "ALT") if name not in table.columns]
    if absent:
        remedy = "Give the .pvar that PLINK 2 writes, with its header"
        raise Fault(f"there is no column {', '.join(absent)}", path, remedy=remedy)
    provisional = pl.lit(_flag(genotypes) == 2)
    if "INFO" in table.columns and _flag(genotypes) != 2:
        provisional = pl.col("INFO").fill_null("").str.split(";").list.contains("PR")
    alleles = pl.when(pl.col("ALT") == ".").then(pl.col("REF")).otherwise(pl.concat_str("REF", "ALT", separator=","))
    return _sites(table, path, alleles.str.to_uppercase(), provisional)


def _flag(genotypes: str) -> int:
    """Bits 6-7 of a .pgen's twelfth byte: 1 no REF allele is provisional, 2 all are, else the .pvar says which."""
    with open(genotypes, "rb") as handle:
        return handle.read(12)[11:12].rjust(1, b"\0")[0] >> 6


def _sites(table: pl.DataFrame, path: str, alleles: pl.Expr, provisional: pl.Expr) -> pl.DataFrame:
    chroms = {name: contig_of(name) for name in table["CHROM"].unique().drop_nulls().to_list()}
    sites = table.select(
        chrom=pl.col("CHROM").replace_strict(chroms, default=None, return_dtype=pl.String),
        pos=pl.col("POS").cast(pl.Int64, strict=False),
        id=pl.when(pl.col("ID") != ".").then("ID"),
        alleles=alleles,
        provisional=provisional,
    )
    wrong = sites.select((pl.col("pos").is_null() | pl.col("alleles").is_null()).arg_true()).to_series()
    if len(wrong):
        fault = f"variant {wrong[0] + 1} has no position or alleles"
        raise Fault(fault, path, remedy="Copy it again from its source")
    return sites


def _table(path: str, names: list[str] | None) -> pl.DataFrame:
    """A table of text columns in any coding; a header that starts with # names them, else ``names`` do."""
    try:
        if path.endswith(".zst"):
            content: str | io.BytesIO = path
            start = b"#CHROM"
        else:
            data = read_plain(Path(path), what="table")
            start = next((row for row in data.splitlines() if row.strip() and not row.startswith(b"##")), b"")
            if b"\t" not in start:
                data = b"\n".join(b"\t".join(row.split()) for row in data.splitlines()) + b"\n"
            content = io.BytesIO(data)
        if start.startswith(b"#"):
            options = {"comment_prefix": "##"}
        else:
            options = {"has_header": False}
        table = pl.read_csv(content, separator="\t", infer_schema=False, quote_char=None, null_values=[""], **options)
    except pl.exceptions.NoDataError:
        raise Fault("the file is empty", path, remedy="Copy it again from its source") from None
    except (pl.exceptions.PolarsError, OSError) as error:
        text = str(error).splitlines()[0]
        raise Fault(f"the table cannot be read: {text}", path, remedy="Copy it again from its source") from None
    if start.startswith(b"#"):
        return table.rename({table.columns[0]: table.columns[0].lstrip("#")})
    wanted = names or _BIM
    if wanted == _BIM and table.width == len(_BIM) - 1:
        wanted = [name for name in _BIM if name != "CM"]  # which PLINK 2 lets be left out
    if table.width < len(wanted) - 1:
        fault = f"{table.width} columns where {len(wanted)} are expected ({' '.join(wanted)})"
        raise Fault(fault, path, remedy="Copy it again from its source")
    return table.rename(dict(zip(table.columns, wanted, strict=False)))


def _size_faults(files: Fileset) -> list[Fault]:
    """Whether the genotypes are of as many variants and people as the companions name."""
    variants, people = len(files.sites), len(files.samples)
    remedy = "Give the three files of one data set; copy them again from their source"
    with open(files.path, "rb") as handle:
        magic = handle.read(12)
    if magic[:2] != b"\x6c\x1b":
        return [Fault("the file is no PLINK genotypes", files.path, remedy=remedy)]
    if files.path.endswith(".bed"):
        if magic[2:3] != b"\x01":
            text = "Make it again with plink --make-bed"
            return [Fault("the genotypes are stored sample after sample", files.path, remedy=text)]
        size, expected = Path(files.path).stat().st_size, 3 + variants * (-(-people // 4))
        if size != expected:
            fault = f"the file has {size} bytes; {variants} variants of {people} people need {expected}"
            return [Fault(fault, files.path, remedy=remedy)]
        return []
    if magic[2] >= 0x02 and len(magic) == 12:
        held = int.from_bytes(magic[3:7], "little"), int.from_bytes(magic[7:11], "little")
        if held != (variants, people):
            fault = f"the file holds {held[0]} variants of {held[1]} people, its companions name {variants} of {people}"
            return [Fault(fault, files.path, remedy=remedy)]
    try:
        files.reader().close()
    except Fault as fault:
        return [fault]
    return []
