"""Reference bases that the workflow's own tables know: what array text and PLINK are placed by without a FASTA.

Three tables tell them: the positions of the pharmacogenes' definitions, the common sites for contamination, and the
scoring files of the run. The first two give REF and its alternates. A scoring file gives a pair of alleles of which
either may be REF: where no table knows which, the pair is *open*. An open pair serves scores, which count alleles and
ask for no REF; it would be wrong for whatever takes a site without a record, or within a block, for REF. So open pairs
are used only in runs where nothing does (:func:`may_stay_open`). Positions are 1-based.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from permed.genome import canonical, lengths
from permed.scoring_files.read import read_scoring_file
from permed.variants import is_ambiguous

OUTSIDE = "markers where no table knows the reference's base; genome.reference would tell it"
OPEN = "markers of scores whose reference allele is not known: their alleles stand in the order of the alphabet"
UNTOLD = "variants of which no table knows the reference allele; genome.reference would tell it"
_BASES = frozenset("ACGT")
_FILESETS = frozenset({"bed", "pgen", "bgen"})


@dataclass
class KnownTables:
    """Where the tables are, for a ``build``; they are read when the first file needs them.

    ``open_pairs`` says whether pairs of alleles of which nobody knows REF may be used.
    """

    build: str
    positions: Path | None = None
    common: Path | None = None
    scores: tuple[Path, ...] = ()
    open_pairs: bool = False

    def on(self, contigs: Iterable[str]) -> "KnownSites":
        """The tables' sites under the run's names of contigs."""
        return KnownSites(self, contigs)

    @cached_property
    def sites(self) -> dict[tuple[str, int], str]:
        """REF followed by its known alternates, single bases, by canonical contig and position.

        A longer REF tells the bases under it, without alternates. Where tables contradict each other nothing is known.
        """
        bases: dict[tuple[str, int], set[str]] = defaultdict(set)
        alternates: dict[tuple[str, int], set[str]] = defaultdict(set)
        for contig, pos, ref, alts in (*self._definitions(), *self._common()):
            for n, base in enumerate(ref):
                bases[contig, pos + n].add(base)
            if len(ref) == 1:
                alternates[contig, pos].update(alt for alt in alts if alt in _BASES)
        found = {place: next(iter(base)) for place, base in bases.items() if len(base) == 1 and base <= _BASES}
        for place, pairs in self.pairs.items():
            if place in found:
                alternates[place].update(*(pair for pair in pairs if found[place] in pair))
        return {place: ref + "".join(sorted(alternates[place] - {ref})) for place, ref in found.items()}

    @cached_property
    def pairs(self) -> dict[tuple[str, int], set[str]]:
        """The pairs of alleles that the scoring files give, each in alphabetical order, by contig and position."""
        found: dict[tuple[str, int], set[str]] = defaultdict(set)
        for path in self.scores:
            file = read_scoring_file(path, self.build)
            if file.faults:
                continue
            single = pl.col("effect_allele").is_in(list(_BASES)) & pl.col("other_allele").is_in(list(_BASES))
            rows = file.rows.filter(pl.col("not_scorable").is_null() & single & pl.col("pos").is_not_null())
            for contig, pos, *alleles in rows.select("contig", "pos", "effect_allele", "other_allele").iter_rows():
                if alleles[0] != alleles[1]:
                    found[contig, pos].add("".join(sorted(alleles)))
        return found

    @cached_property
    def rsids(self) -> dict[str, dict[str, tuple[str, int]]]:
        """Where the definitions' markers lie, by rsID and build; those that lie alike on both are left out."""
        if self.positions is None:
            return {}
        table = pl.read_csv(self.positions, separator="\t", infer_schema=False)
        places = table.select(
            "rsid", "contig", pl.col("pos").cast(pl.Int64), "contig37", pl.col("pos37").cast(pl.Int64)
        )
        return {
            rsid: {"GRCh38": (contig, pos), "GRCh37": (contig37, pos37)}
            for rsid, contig, pos, contig37, pos37 in places.drop_nulls().iter_rows()
            if (contig, pos) != (contig37, pos37)
        }

    def _definitions(self) -> Iterator[tuple[str, int, str, list[str]]]:
        if self.positions is None:
            return
        end = "37" if self.build == "GRCh37" else ""
        names = [f"{name}{end}" for name in ("contig", "pos", "ref", "alts")]
        table = pl.read_csv(self.positions, separator="\t", infer_schema=False).select(names)
        for contig, pos, ref, alts in table.drop_nulls(names[:3]).iter_rows():
            yield canonical(contig), int(pos), ref.upper(), (alts or "").upper().split(",")

    def _common(self) -> Iterator[tuple[str, int, str, list[str]]]:
        if self.common is None:
            return
        table = pl.read_csv(self.common, separator="\t", infer_schema=False, columns=["contig", "pos", "ref", "alt"])
        for contig, pos, ref, alt in table.iter_rows():
            yield canonical(contig), int(pos), ref.upper(), [alt.upper()]


class KnownSites:
    """The tables' sites under the run's names of contigs, asked as a :class:`permed.reference.Reference` is.

    ``lengths`` are those of the build.
    """

    def __init__(self, tables: KnownTables, contigs: Iterable[str]) -> None:
        self.tables = tables
        self.build = tables.build
        known = lengths(tables.build)
        self._canonical = {name: canonical(name) for name in contigs}
        self.lengths = {name: known[own] for name, own in self._canonical.items() if own in known}

    def bases(self, contig: str, start: int, end: int) -> str:
        """The bases from ``start`` to ``end``, both included; none where one of them is not known."""
        known, own = self.tables.sites, self._canonical.get(contig, contig)
        if start == end:
            return known.get((own, start), "")[:1]
        found = [known.get((own, pos), "")[:1] for pos in range(start, end + 1)]
        return "".join(found) if all(found) else ""

    def among(self, sites: pl.DataFrame) -> pl.DataFrame:
        """Those of some sites, with ``chrom`` (canonical) and ``pos``, at whose position the tables know the base."""
        places = pl.DataFrame(list(self.tables.sites), schema={"chrom": pl.String, "pos": pl.Int64}, orient="row")
        return sites.join(places, on=["chrom", "pos"], how="semi", maintain_order="left")

    def alternates(self, contig: str, pos: int) -> str:
        """The alternates that the tables know at a position, single letters; none where they know none."""
        return self.tables.sites.get((self._canonical.get(contig, contig), pos), "")[1:]

    def pair(self, contig: str, pos: int) -> str:
        """The open pair of alleles at a position; none where REF is known, or several pairs are, or it is not to be
        used. A/T and C/G are no pairs: which strand the scoring file names nothing could tell."""
        if not self.tables.open_pairs:
            return ""
        place = (self._canonical.get(contig, contig), pos)
        pairs = self.tables.pairs.get(place, ()) if place not in self.tables.sites else ()
        return next((pair for pair in pairs if not is_ambiguous(*pair)), "") if len(pairs) == 1 else ""


def may_stay_open(formats: Iterable[str | None], absent_sites: str, reads: Iterable[str | None]) -> bool:
    """Whether an allele that only may be REF can do no harm: nothing in the run takes a place for REF.

    ``formats`` are those of all genotype files: a VCF tells REF itself, and its blocks are REF. ``reads`` are callable
    regions and alignments, which tell that a place is REF.
    """
    kinds = set(formats)
    alike = kinds <= {"array"} or kinds <= _FILESETS
    return alike and absent_sites == "missing" and not any(reads)
