"""Changes on a part of the mitochondrial DNA, and ones that are not believed: found with a caution, never absent."""

import itertools

import pysam
import pytest

from permed.normalise.contig import normalise_contig
from permed.pharmacogenes.calling.gene import call_gene
from permed.pharmacogenes.evidence.doubted import doubt_sentences
from permed.pharmacogenes.evidence.shares import share_sentences
from permed.pharmacogenes.reading.files import read_genotypes

GENE = "MT-RNR1"
GRAVE, NAME = "chrM:1555", "m.1555A>G"
FIELDS = {"GT": "1,Type=String", "GQ": "1,Type=Integer", "DP": "1,Type=Integer", "AD": "R,Type=Integer"}


@pytest.fixture
def mito(genes, tmp_path):
    """Normalise a file of chrM and call MT-RNR1 from genotypes by position; ``rest`` is that of the others."""
    numbers = itertools.count()

    def run(formats, given_, rest, alternates=None):
        gene = genes[GENE]
        lines = ["##fileformat=VCFv4.2", "##contig=<ID=chrM,length=16569>"]
        lines += [f'##FORMAT=<ID={n},Number={FIELDS[n]},Description="x">' for n in formats.split(":")]
        lines.append("\t".join("#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT S1".split()))
        for p in sorted(gene.positions, key=lambda p: p.pos):
            alt, own = p.alts[0], given_.get(p.name, rest)
            if p.name in given_ and alternates:
                alt = alternates
            lines.append("\t".join(["chrM", str(p.pos), ".", p.ref, alt, ".", "PASS", ".", formats, own]))
        path = tmp_path / f"{next(numbers)}.vcf.gz"
        with pysam.BGZFile(str(path), "wb") as out:
            out.write(("\n".join(lines) + "\n").encode())
        pysam.tabix_index(str(path), preset="vcf", force=True)
        out = tmp_path / f"{next(numbers)}.bcf"
        folder = tmp_path / f"work{next(numbers)}"
        folder.mkdir()
        normalise_contig([path], "chrM", ["S1"], None, out, folder)
        read = read_genotypes([out], gene, ["S1"], absent_sites="missing")
        found = call_gene(gene, ["S1"], read).row(0, named=True)
        more = {"doubt": doubt_sentences(gene, read, 1)[0], "share": share_sentences(gene, read, 1)[0]}
        return found | more

    return run


@pytest.mark.parametrize("share", [2, 3, 10, 50, 90, 98])
def test_any_share_is_a_change_on_a_part(mito, share):
    found = mito("GT:AD:DP", {GRAVE: f"0/1:{100 - share},{share}:100"}, "0/0:100,0:100")
    assert (found["state"], found["alleles_found"]) == ("no_call", f"{NAME} (part)")
    assert "heteroplasmy" in found["reason"] and not found["doubt"], "a small share is no reading error by itself"
    assert found["share"] == f"Reads by allele: at {GRAVE} A {100 - share}, G {share}."
    assert not found["phenotype_certain"]


@pytest.mark.parametrize(
    ("formats", "genotype", "rest"),
    [
        ("GT:GQ", "0/1:3", "0/0:99"),
        ("GT:GQ", "1/1:3", "0/0:99"),
        ("GT:GQ", "1:3", "0:99"),
        ("GT:DP", "1:1", "0:100"),
        ("GT:DP", "0/1:2", "0/0:100"),
        ("GT:AD", "1/1:60,40", "0/0:100,0"),
        ("GT:AD", "1:60,40", "0:100,0"),
        ("GT:GQ:DP", "0/1:0:3", "0/0:99:100"),
    ],
)
def test_a_change_that_is_not_believed_is_found_with_a_caution(mito, formats, genotype, rest):
    found = mito(formats, {GRAVE: genotype}, rest)
    assert (found["state"], found["alleles_found"]) == ("no_call", f"{NAME} (part)")
    assert not found["phenotype_certain"] and "confirmed" in found["reason"]
    assert found["doubt"].startswith("Read, but not believed: ") and GRAVE in found["doubt"]


def test_a_change_without_reads_by_allele_has_an_unknown_share(mito):
    found = mito("GT", {GRAVE: "0/1"}, "0/0")
    assert found["alleles_found"] == f"{NAME} (part)" and found["share"] == f"Reads by allele: at {GRAVE} not known."


def test_the_reference_is_absent_only_if_it_is_believed(mito):
    assert mito("GT:GQ", {}, "0:99")["phenotype"].startswith("normal")
    found = mito("GT:GQ", {GRAVE: "0:3"}, "0:99")
    assert found["state"] == "not_assessable" and found["missing_positions"] == GRAVE and not found["share"]
    assert NAME in found["alternatives"]


@pytest.mark.parametrize("genotype", ["0/1:3", "0/2:3", "1/1:3"])
def test_other_rows_of_a_site_do_not_hide_a_change(mito, genotype, genes):
    """A site of several alternates is split: what one row says not to be believed leaves the change of another."""
    place = next(p for p in genes[GENE].positions if len(p.alts) > 1)
    found = mito("GT:GQ", {place.name: genotype}, "0/0:99", alternates=",".join(place.alts))
    assert found["alleles_found"].endswith("(part)") and found["state"] == "no_call", found


def test_a_sure_change_of_the_gravest_risk_is_called_beside_a_doubtful_one(mito):
    found = mito("GT:GQ", {GRAVE: "1:99", "chrM:827": "1:3"}, "0:99")
    assert (found["state"], found["diplotype"]) == ("called", NAME)
    assert "m.827A>G (part)" in found["alleles_found"] and "GQ 3" in found["doubt"]
