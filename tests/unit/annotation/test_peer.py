"""HGVS beside snpEff, where it is installed, on the demo's genes: the same words but for habits of its own."""

import random
import re
import shutil
import subprocess

import numpy as np
import polars as pl
import pysam
import pytest

from permed.annotation.annotating import annotate_variants
from permed.annotation.genes.reading import read_genes
from permed.demo.genes import AMINO_ACID, Gene, make_genes, to_gff3
from permed.variants import variant_keys

CONTIG = "chr1"
EACH = 400  # variants a gene


@pytest.fixture
def peer(tmp_path, make_vcf):
    """Variants with our row and the peer's (HGVS.c, HGVS.p) on the transcript that speaks."""
    rng, bases, genes = random.Random(3), "", []
    for made in make_genes(["chr1", "chr2", "chr6", "chr12"], np.random.default_rng(3)):
        bases += "".join(rng.choices("ACGT", k=9000))
        genes.append(Gene(made.name, CONTIG, len(bases) + 1, made.strand, made.sequence, made.exons, made.coding))
        bases += made.genomic
    bases += "".join(rng.choices("ACGT", k=9000))
    fasta, models = tmp_path / "r.fa", tmp_path / "g.gff3"
    fasta.write_text(f">{CONTIG}\n{bases}\n")
    pysam.faidx(str(fasta))
    models.write_text(to_gff3(genes, {CONTIG: len(bases)}))
    places = sorted({rng.randint(g.start + 5, g.end - 5) for g in genes for _ in range(EACH)})
    rows = [(CONTIG, *_variant(bases, pos, rng), "0/1") for pos in places]
    raw = make_vcf(rows, contigs=((CONTIG, len(bases)),))
    vcf = tmp_path / "n.bcf"
    pysam.bcftools.norm("-f", str(fasta), "-d", "exact", "-Ob", "-o", str(vcf), str(raw), catch_stdout=False)
    with pysam.VariantFile(str(vcf)) as records:
        kept = [(CONTIG, r.pos, r.ref, r.alts[0]) for r in records]
    sites = pl.DataFrame(kept, schema=["contig", "pos", "ref", "alt"], orient="row")
    sites = sites.with_columns(key=variant_keys(sites))
    table = read_genes(models, [CONTIG], "GRCh38")
    [(ours, _)] = annotate_variants(vcf, sites, CONTIG, fasta, table, "GRCh38", models)
    theirs = _ask(tmp_path, fasta, models, vcf)
    return [(row, theirs[(row["pos"], row["ref"], row["alt"])]) for row in ours.iter_rows(named=True)]


def _variant(bases: str, pos: int, rng: random.Random) -> tuple[int, str, str]:
    base, size = bases[pos - 1], rng.randint(1, 4)
    match rng.choice("sdi"):
        case "s":
            return pos, base, rng.choice([b for b in "ACGT" if b != base])
        case "d":
            return pos, bases[pos - 1 : pos + size], base
        case _:
            return pos, base, base + "".join(rng.choices("ACGT", k=size))


def _ask(folder, fasta, models, vcf) -> dict[tuple, dict[str, tuple[str, str]]]:
    home = folder / "data" / "sim"
    home.mkdir(parents=True)
    shutil.copy(fasta, home / "sequences.fa")
    shutil.copy(models, home / "genes.gff")
    codons = ", ".join(f"{codon}/{letter}{'+' if codon == 'ATG' else ''}" for codon, letter in AMINO_ACID.items())
    config = folder / "snpEff.config"
    config.write_text(f"data.dir = {folder}/data/\nsim.genome : sim\ncodon.Standard : {codons}\n")
    plain = folder / "n.vcf"
    pysam.bcftools.view("-G", "-Ov", "-o", str(plain), str(vcf), catch_stdout=False)
    build = ["snpEff", "build", "-c", config, "-gff3", "-noCheckCds", "-noCheckProtein", "sim"]
    subprocess.run([*map(str, build)], check=True, capture_output=True)
    ask = ["snpEff", "ann", "-c", config, "-noStats", "-noLog", "-ud", "0", "sim", plain]
    text = subprocess.run([*map(str, ask)], check=True, capture_output=True, text=True).stdout
    found = {}
    for line in text.splitlines():
        if line.startswith("#") or "ANN=" not in line:
            continue
        cells = line.split("\t")
        entries = [entry.split("|") for entry in re.search("ANN=([^;]*)", cells[7])[1].split(",")]
        named = [entry for entry in entries if entry[5] == "transcript" and entry[9]]
        of = {entry[6].removeprefix("transcript:").split(".")[0]: (entry[9], entry[10]) for entry in named}
        found[(int(cells[1]), cells[3], cells[4])] = of
    return found


def _habit(text: str) -> str:
    """snpEff names deleted and doubled bases, says p.Asn73Asn, p.Gln320fs, * and p.Met1?, without brackets."""
    text = re.sub(r"(del|dup)[ACGT]+$", r"\1", text.replace("*", "Ter") if text.startswith("p.") else text)
    same = re.fullmatch(r"p\.([A-Z][a-z]{2})(\d+)\1", text)
    return f"p.{same[1]}{same[2]}=" if same else text


def _short(text: str) -> str:
    text = re.sub(r"^p\.\((.*)\)$", r"p.\1", text)
    return re.sub(r"(\d+)[A-Z][a-z]{2}fs.*", r"\1fs", re.sub(r"extTer.*", "extTer?", text))


@pytest.mark.skipif(shutil.which("snpEff") is None, reason="snpEff is not installed")
def test_snpeff_describes_alike(peer):
    coding = [(row, theirs[row["transcript"].split(".")[0]]) for row, theirs in peer if row["hgvs_c"]]
    assert len(coding) / len(peer) > 0.97
    wrong = [(row["hgvs_c"], c) for row, (c, _) in coding if row["hgvs_c"].split(":")[1] != _habit(c)]
    assert not wrong
    proteins = [(_short(row["hgvs_p"]), _habit(p)) for row, (_, p) in coding if row["hgvs_p"] not in (None, "p.?")]
    # An immediate stop is p.(Trp7Ter) in HGVS, a frameshift or insertion to snpEff, which does not shift residues 3'.
    differ = [(own, p) for own, p in proteins if own != p and not own.endswith("Ter")]
    assert len(differ) / len(proteins) < 0.02, differ
