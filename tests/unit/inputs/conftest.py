"""A small cohort of known genotypes and reference, to be written in every format."""

import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pysam
import pytest

from permed.inputs.definition_places import places
from permed.reference import Reference

LENGTH = 4000
PEOPLE = ["S1", "007", "Zoë", "1e5", "S5"]
CONTIGS = ["chr1", "chr2"]
HEAD = ["##fileformat=VCFv4.2", '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">']
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1"


@dataclass
class Cohort:
    """Variants (contig, pos, ref, alt) with allele pairs a person (-1 missing); ``folder`` takes files."""

    folder: Path
    bases: dict[str, str]
    sites: list[tuple[str, int, str, str]]
    genotypes: np.ndarray
    people: list[str] = field(default_factory=lambda: list(PEOPLE))

    @property
    def reference(self) -> Reference:
        return Reference(self.folder / "reference.fa", CONTIGS)

    def rows(self, people: list[str] | None = None) -> list[str]:
        columns = [self.people.index(name) for name in people or self.people]
        rows = []
        for (contig, pos, ref, alt), pairs in zip(self.sites, self.genotypes, strict=True):
            calls = ["/".join("." if a < 0 else str(a) for a in pairs[n]) for n in columns]
            rows.append("\t".join([contig, str(pos), ".", ref, alt, ".", ".", ".", "GT", *calls]))
        return rows

    def text(self, rows: list[str] | None = None, people: list[str] | None = None) -> bytes:
        head = ["##fileformat=VCFv4.2", *(f"##contig=<ID={name},length={LENGTH}>" for name in CONTIGS)]
        head += ['##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">']
        columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *(people or self.people)]
        return "\n".join([*head, "\t".join(columns), *(self.rows(people) if rows is None else rows), ""]).encode()

    def write(self, name: str, content: bytes, packed: bool = False) -> Path:
        path = self.folder / name
        if packed:
            with pysam.BGZFile(str(path), "w") as out:
                out.write(content)
        else:
            path.write_bytes(content)
        return path

    def write_bed(self, name: str = "set.bed", exchanged: bool = False) -> Path:
        """A PLINK 1 fileset: A1 is ALT, or at every other site REF where ``exchanged``."""
        out, bim = bytearray(b"\x6c\x1b\x01"), []
        for n, ((contig, pos, ref, alt), pairs) in enumerate(zip(self.sites, self.genotypes, strict=True)):
            swap = exchanged and n % 2
            codes = [1 if min(p) < 0 else {0: 3, 1: 2, 2: 0}[2 - sum(p) if swap else sum(p)] for p in pairs]
            for start in range(0, len(codes), 4):
                out.append(sum(code << 2 * k for k, code in enumerate(codes[start : start + 4])))
            one, two = (ref, alt) if swap else (alt, ref)
            bim.append(f"{contig.removeprefix('chr')}\t.\t0\t{pos}\t{one}\t{two}\n")
        path = self.write(name, bytes(out))
        path.with_suffix(".bim").write_text("".join(bim))
        path.with_suffix(".fam").write_text("".join(f"0 {person} 0 0 0 -9\n" for person in self.people))
        return path

    def write_pgen(self, name: str = "set.pgen", phased: bool = False, provisional: bool = False) -> Path:
        import pgenlib

        path = self.folder / name
        writer = pgenlib.PgenWriter(
            str(path).encode(), len(self.people), variant_ct=len(self.sites), nonref_flags=provisional,
            hardcall_phase_present=phased,
        )  # fmt: skip
        for pairs in self.genotypes:
            alleles = np.where(pairs < 0, -9, pairs).astype(np.int32).ravel()
            if phased:
                writer.append_partially_phased(alleles, np.ones(len(self.people), np.uint8))
            else:
                writer.append_alleles(alleles)
        writer.close()
        rows = (f"{contig.removeprefix('chr')}\t{pos}\t.\t{ref}\t{alt}\n" for contig, pos, ref, alt in self.sites)
        path.with_suffix(".pvar").write_text("#CHROM\tPOS\tID\tREF\tALT\n" + "".join(rows))
        path.with_suffix(".psam").write_text("#IID\tSEX\n" + "".join(f"{person}\tNA\n" for person in self.people))
        return path


@pytest.fixture
def cohort(tmp_path) -> Cohort:
    source = random.Random(7)
    bases = {contig: "".join(source.choices("ACGT", k=LENGTH)) for contig in CONTIGS}
    text = "".join(f">{contig}\n{sequence}\n" for contig, sequence in bases.items())
    (tmp_path / "reference.fa").write_text(text)
    pysam.faidx(str(tmp_path / "reference.fa"))
    sites = []
    for contig in CONTIGS:
        for pos in range(20, LENGTH - 20, 40):
            ref = bases[contig][pos - 1]
            kind = source.random()
            alt = source.choice([base for base in "ACGT" if base != ref])
            if kind < 0.2:  # an insertion that does not repeat what follows
                alt = ref + next(base for base in "ACGT" if base not in (ref, bases[contig][pos])) + "T"
            sites.append((contig, pos, ref, alt))
    genotypes = np.array([[source.choice([(0, 0), (0, 1), (1, 1), (-1, -1)]) for _ in PEOPLE] for _ in sites])
    return Cohort(tmp_path, bases, sites, genotypes)


@pytest.fixture
def take(cohort):
    """Take a file as the workflow does; give the records as (contig, pos, ref, alt, allele tuples)."""
    from permed.inputs.convert import take_file
    from permed.inputs.files import place_name

    def run(path: Path, people: list[str] | None = None, reference="own", **given):
        place = cohort.folder / "ours" / place_name(0, str(path))
        place.parent.mkdir(exist_ok=True)
        reference = cohort.reference if reference == "own" else reference
        admitted = cohort.people if people is None else people
        options = {"contigs": CONTIGS, "build": "GRCh38", "reference": reference} | given
        run.done, run.changes = take_file(path, place, Path(f"{place}.csi"), admitted, **options)
        run.place = place
        return run

    def records(contig: str | None = None):
        with pysam.VariantFile(str(run.place), index_filename=f"{run.place}.csi") as file:
            run.samples = list(file.header.samples)
            wanted = [contig] if contig else CONTIGS
            found = [record for name in wanted for record in file.fetch(name)]
            return [
                (r.chrom, r.pos, r.ref, ",".join(r.alts or "."), *(call["GT"] for call in r.samples.values()))
                for r in found
            ]

    run.records = records
    return run


@pytest.fixture
def truth(cohort) -> list[tuple]:
    """The cohort's records as ``take.records`` gives them."""
    return [
        (*site, *(tuple(None if a < 0 else int(a) for a in pair) for pair in pairs))
        for site, pairs in zip(cohort.sites, cohort.genotypes, strict=True)
    ]


@pytest.fixture
def check_files(tmp_path, run_step):
    """Check files without a reference; give what checks/inputs.json says."""
    (tmp_path / "people.tsv").write_text("sample\tconsent\nS1\tscores\n")

    def run(*paths, contigs=("chr10",), **options):
        report = tmp_path / "inputs.json"
        run_step("check_inputs")(
            str(tmp_path / "people.tsv"), [str(path) for path in paths], list(contigs), report=report, **options
        )
        return json.loads(report.read_text())

    return run


@pytest.fixture
def write_rows(tmp_path):
    """Write a VCF of rows (contig, pos, id, ref, alt) with more header lines."""

    def make(rows, head=(), name="c.vcf", packed=False):
        lines = [*HEAD, *head, COLUMNS]
        lines += ["\t".join([c, str(pos), i, ref, alt, ".", "PASS", ".", "GT", "0/1"]) for c, pos, i, ref, alt in rows]
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n")
        if not packed:
            return path
        pysam.tabix_index(str(path), preset="vcf", force=True)
        return tmp_path / f"{name}.gz"

    return make


def _defined(build, number, contig="chr10", named=False, own=None, spread=1):
    """Records at single-base definition positions of a build, in order."""
    rows = []
    for pos, there in sorted(places(build)[contig].items())[::spread]:
        if len(there.ref) == 1 and all(len(alt) == 1 for alt in there.alts):
            rows.append((own or contig, pos, (named and there.rsid) or ".", there.ref, sorted(there.alts)[0]))
    return rows[:number]


def _anywhere(number, seed=1, contig="chr10"):
    """Records at places of no definition."""
    source = random.Random(seed)
    positions = sorted(source.sample(range(1_000_000, 90_000_000), number))
    return [(contig, pos, ".", *source.sample("ACGT", 2)) for pos in positions]


@pytest.fixture
def sites() -> SimpleNamespace:
    """Rows (contig, pos, id, ref, alt), ``defined`` at the definition positions of a build or ``anywhere`` else."""
    return SimpleNamespace(defined=_defined, anywhere=_anywhere)
