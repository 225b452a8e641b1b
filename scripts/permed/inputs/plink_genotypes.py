"""Write the genotypes of a PLINK fileset as BCF, on the run's contigs and on the reference's alleles."""

from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl

from permed.genome import canonical, pseudoautosomal
from permed.inputs.bcf_writer import BcfWriter, genotype_codes
from permed.inputs.known_sites import UNTOLD, KnownSites
from permed.inputs.plink import Fileset, damaged, reference_order
from permed.reference import Reference

CELLS = 1 << 22  # genotypes held at a time
_NEAR = 1e-3  # a dosage this close to a whole number is one: .pgen keeps 1/16384


def write_fileset(
    files: Fileset,
    out: Path,
    people: list[str],
    contigs: dict[str, int | None],
    build: str,
    reference: Reference | None,
    known: KnownSites | None = None,
) -> Counter:
    """Write BCF of those ``people`` that the fileset has, sorted; give counts of what was kept and left out.

    ``contigs`` are the run's, with lengths. Males are haploid on chrX outside the pseudoautosomal regions, everybody
    is on chrY and chrM, where both alleles are alike; PLINK 1 keeps such genotypes as homozygous.
    A variant whose alleles cannot be put on the reference is missing at its place, never absent; one coded I or D also
    at the base before, where VCF puts insertions and deletions. Without a ``reference`` the ``known`` sites tell it;
    where they do not, the alleles stand as in the file if they may, else the variant is left out.
    """
    wanted = set(people)
    places = np.array([n for n, name in enumerate(files.samples) if name in wanted], np.uint32)
    names = [files.samples[n] for n in places]
    counts: Counter = Counter()
    sites, elsewhere = sorted_sites(files, list(contigs))
    counts.update(elsewhere)
    with BcfWriter(out, names, contigs) as writer:
        if not names:
            return counts
        reader = files.reader(places)
        for chunk in sites.iter_slices(max(1, min(4096, CELLS // len(names)))):
            orders = allele_orders(chunk, reference or known, counts)
            _write_chunk(writer, reader, files, chunk, orders, places, build, reference or known)
            counts["kept"] += sum(order is not None for order in orders)
        reader.close()
    return counts


def sorted_sites(files: Fileset, contigs: list[str]) -> tuple[pl.DataFrame, Counter]:
    """Variants on the run's contigs by contig and position: ``row`` in the file, ``rank`` and name of the contig; and
    how many lie elsewhere.

    Those coded I or D come a second time, for the base ``before`` them.
    """
    ranks = {canonical(contig): n for n, contig in enumerate(contigs)}
    chroms = {name: ranks.get(name) for name in files.sites["chrom"].unique().drop_nulls().to_list()}
    ranked = files.sites.with_row_index("row").with_columns(
        rank=pl.col("chrom").replace_strict(chroms, default=None, return_dtype=pl.Int32)
    )
    named = ranked.filter(pl.col("rank").is_not_null() & (pl.col("pos") > 0))
    names = pl.col("rank").replace_strict(list(range(len(contigs))), contigs, return_dtype=pl.String)
    coded = named.filter(
        pl.col("provisional") & pl.col("alleles").str.contains(r"(^|,)[ID](,|$)") & (pl.col("pos") > 1)
    )
    both = [named.with_columns(before=pl.lit(False)), coded.with_columns(pl.col("pos") - 1, before=pl.lit(True))]
    lost = files.sites["chrom"].null_count()
    counts = Counter({"lost in lifting": lost, "not on a contig of the run": len(files.sites) - len(named) - lost})
    return pl.concat(both).with_columns(contig=names).sort("rank", "pos", maintain_order=True), counts


def allele_orders(
    chunk: pl.DataFrame, reference: Reference | KnownSites | None, counts: Counter
) -> list[list[int] | None]:
    """The order of alleles of each variant that puts REF first, None where it cannot be told; the reasons counted."""
    found = []
    columns = chunk.select("contig", "pos", "alleles", "provisional", "before").iter_rows()
    for contig, pos, alleles, provisional, before in columns:
        words = alleles.split(",")
        asked = reference is not None and provisional and contig in reference.lengths
        have = reference.bases(contig, pos, pos + max(map(len, words)) - 1) if asked else None
        if isinstance(reference, KnownSites) and asked and not have:
            have = None
        order = reference_order(words, provisional, have)
        if have is None and asked and not isinstance(order, str) and not reference.tables.open_pairs:
            order = UNTOLD
        if isinstance(order, str):
            counts[order] += not before
        elif order and order[0]:
            counts["alleles exchanged"] += 1
        found.append(None if isinstance(order, str) else order)
    return found


def _write_chunk(
    writer, reader, files: Fileset, chunk: pl.DataFrame, orders, places: np.ndarray, build: str, reference
) -> None:
    rows = chunk["row"].to_numpy().astype(np.uint32)
    people = len(places)
    alleles = np.empty((len(rows), 2 * people), np.int32)
    phased = np.zeros((len(rows), people), np.uint8)
    dosages = None
    try:
        if reader.hardcall_phase_present():
            reader.read_alleles_and_phasepresent_list(rows, alleles, phased)
        else:
            reader.read_alleles_list(rows, alleles)
        if not files.path.endswith(".bed"):
            dosages = np.empty((len(rows), people), np.float32)
            reader.read_dosages_list(rows, dosages)
    except RuntimeError as error:
        raise damaged(files.path, error) from None
    alleles = alleles.reshape(len(rows), people, 2)
    male = files.male[places]
    columns = chunk.select("rank", "contig", "pos", "id", "alleles").iter_rows()
    for n, ((rank, contig, pos, name, words), order) in enumerate(zip(columns, orders, strict=True)):
        if order is None:
            base = reference.bases(contig, pos, pos) if reference is not None else ""
            codes = genotype_codes(np.full((people, 2), -1), haploid=_haploid(contig, pos, male, build))
            writer.write(rank, pos, name, [base or "N"], codes)
            continue
        own, is_phased = _renumbered(alleles[n], order), phased[n].astype(bool)
        own = np.where(is_phased[:, None], own, np.sort(own, axis=1))
        haploid = _haploid(contig, pos, male, build) & (own[:, 0] == own[:, 1])
        dosage = _dosage(dosages[n], alleles[n], order, haploid) if dosages is not None else None
        texts = words.split(",")
        codes = genotype_codes(own, is_phased, haploid)
        writer.write(rank, pos, name, [texts[place] for place in order], codes, dosage)


def _renumbered(alleles: np.ndarray, order: list[int]) -> np.ndarray:
    """Allele numbers of the new order; -1 for missing and for an allele that the order leaves out."""
    if order == list(range(len(order))):
        return np.where(alleles >= len(order), -1, alleles)
    new = np.full(max(order) + 2, -1)
    new[order] = np.arange(len(order))
    return np.where(alleles < 0, -1, new[alleles.clip(0, max(order) + 1)])


def _haploid(contig: str, pos: int, male: np.ndarray, build: str) -> np.ndarray:
    name = canonical(contig)
    if name in ("chrY", "chrM"):
        inside = any(start <= pos <= end for start, end in pseudoautosomal(build, contig))
        return np.full(len(male), not inside)
    if name != "chrX" or any(start <= pos <= end for start, end in pseudoautosomal(build, contig)):
        return np.zeros(len(male), bool)
    return male


def _dosage(values: np.ndarray, alleles: np.ndarray, order: list[int], haploid: np.ndarray) -> np.ndarray | None:
    """Dosages of ALT, NaN for missing, halved where haploid; None where they say no more than the genotypes."""
    if len(order) != 2:
        return None
    known = values >= 0
    called = alleles[:, 0] >= 0
    hard = np.where(called, alleles.clip(0).sum(axis=1), 0)
    if not (known & (~called | (np.abs(values - hard) > _NEAR))).any():
        return None
    dosage = np.where(known, values, np.nan)
    dosage = dosage if order[0] == 0 else 2 - dosage
    return np.where(haploid, dosage / 2, dosage).astype(np.float32)
