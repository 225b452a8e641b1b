"""Write the probabilities of a BGEN file as BCF: GP, or HDS where they are phased, on the run's contigs and REF.

Genotypes are derived from them afterwards, as from any file of imputed dosages (:mod:`permed.inputs.imputed`).
"""

from collections import Counter
from pathlib import Path

import numpy as np

from permed.inputs.bcf_writer import END_FLOAT, MISSING_BITS, BcfWriter, genotype_codes
from permed.inputs.bgen import damaged, open_bgen
from permed.inputs.known_sites import KnownSites
from permed.inputs.plink import Fileset
from permed.inputs.plink_genotypes import CELLS, allele_orders, sorted_sites
from permed.reference import Reference

SEVERAL = "variants of more than two alleles"
PLOIDY = "genotypes of more than two copies"


def write_bgen(
    files: Fileset,
    out: Path,
    people: list[str],
    contigs: dict[str, int | None],
    reference: Reference | None,
    known: KnownSites | None = None,
) -> Counter:
    """Write BCF of those ``people`` whom the file has, sorted, without GT; give counts of what was kept and left out.

    A variant whose alleles cannot be put on the reference, or that has several alternates, is missing at its place,
    never absent. A person has as many copies as the file says, one or two.
    """
    wanted = set(people)
    places = np.array([n for n, name in enumerate(files.samples) if name in wanted], np.int64)
    names = [files.samples[n] for n in places]
    counts: Counter = Counter()
    sites, elsewhere = sorted_sites(files, list(contigs))
    counts.update(elsewhere)
    with BcfWriter(out, names, contigs, probabilities=True) as writer:
        if not names:
            return counts
        reader = open_bgen(files.path)
        unread = genotype_codes(np.full((len(names), 2), -1))
        for chunk in sites.iter_slices(max(1, min(4096, CELLS // len(names)))):
            orders = allele_orders(chunk, reference or known, counts)
            rows = chunk.select("row", "rank", "contig", "pos", "id", "alleles").iter_rows()
            for (row, rank, contig, pos, name, alleles), order in zip(rows, orders, strict=True):
                words = alleles.split(",")
                if order is not None and len(words) == 2 and len(order) == 2:
                    key, values = _probabilities(files.path, reader[row], places, counts, swap=order[0] == 1)
                    writer.write(rank, pos, name, [words[n] for n in order], None, floats=(key, values))
                    counts["kept"] += 1
                    continue
                counts[SEVERAL] += order is not None
                base = (reference or known).bases(contig, pos, pos) if reference or known else ""
                writer.write(rank, pos, name, [base or "N"], unread)
        reader.close()
    return counts


def _probabilities(path: str, variant, places: np.ndarray, counts: Counter, swap: bool) -> tuple[str, np.ndarray]:
    """The key and values of a variant of two alleles for some people, as the bits of float32.

    GP is (people, 3): of no, one and two copies of ALT; HDS is (people, 2): of ALT in each copy. ``swap`` says that the
    file's second allele is REF.
    """
    try:
        given, ploidy, phased = variant.probabilities[places], variant.ploidy[places], variant.is_phased
    except (ValueError, OSError, RuntimeError) as error:
        raise damaged(path, error) from None
    width = 2 if phased else 3
    values = np.full((len(places), width), np.nan, np.float32)
    one, two = ploidy == 1, ploidy == 2
    counts[PLOIDY] += int((~one & ~two).sum())
    if phased:
        values[one, 0] = given[one, 1]
        if two.any():
            values[two] = given[two][:, [1, 3]]
        values = 1 - values if swap else values
    else:
        values[one, :2] = given[one][:, [1, 0] if swap else [0, 1]]
        if two.any():
            values[two] = given[two][:, [2, 1, 0] if swap else [0, 1, 2]]
    unknown = np.isnan(values[:, 0]) | (two & np.isnan(values).any(axis=1))
    bits = values.astype("<f4").view("<u4")
    bits[one, width - 1 :] = END_FLOAT
    bits[unknown] = _missing(int(unknown.sum()), width)
    return ("HDS" if phased else "GP"), bits


def _missing(people: int, width: int) -> np.ndarray:
    """The bits of missing values: one that is missing, then the end of the list."""
    values = np.full((people, width), END_FLOAT, "<u4")
    values[:, 0] = MISSING_BITS
    return values
