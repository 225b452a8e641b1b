"""A record that failed its FILTER is not believed: nobody of its file is known to be reference there."""

import pysam
import pysam.bcftools
import pytest

from permed.evidence.known import Wanted
from permed.filters import failed
from permed.normalise.contig import normalise_contig
from permed.observations.bounds import Bounds

FILTERS = ["PASS", ".", "q10", "s50", "q10;s50"]


@pytest.fixture
def vcf(tmp_path):
    """Write an indexed VCF of rows (pos, FILTER, genotypes…)."""

    def write(name, samples, *rows):
        lines = ["##fileformat=VCFv4.2", "##contig=<ID=chr1>"]
        lines += [f'##FILTER=<ID={name_},Description="x">' for name_ in ("q10", "s50")]
        lines += ['##FORMAT=<ID=GT,Number=1,Type=String,Description="g">']
        lines += ["\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples])]
        lines += ["\t".join(["chr1", str(pos), ".", "AC", "A,G", ".", kept, ".", "GT", *gt]) for pos, kept, *gt in rows]
        path = tmp_path / name
        with pysam.BGZFile(str(path), "w") as out:
            out.write(("\n".join(lines) + "\n").encode())
        pysam.bcftools.index("-c", "-f", str(path), catch_stdout=False)
        return path

    return write


@pytest.fixture
def normalised(tmp_path):
    def run(files, samples, **wanted):
        out, folder = tmp_path / "out.bcf", tmp_path / "work"
        folder.mkdir(exist_ok=True)
        done = normalise_contig(files, "chr1", samples, None, out, folder, Wanted(**wanted))
        with pysam.VariantFile(str(out)) as file:
            return done, {(r.pos, r.alts[0]): [call["GT"] for call in r.samples.values()] for r in file}

    return run


@pytest.mark.parametrize(
    ("believed", "kept"),
    [
        (("PASS", "."), ["PASS", "."]),
        (("PASS",), ["PASS"]),
        (("PASS", ".", "q10"), ["PASS", ".", "q10"]),
        (("q10", "s50"), ["q10", "s50", "q10;s50"]),
        (("any",), FILTERS),
    ],
)
def test_a_record_is_believed_if_all_its_filters_are(vcf, normalised, believed, kept):
    path = vcf("a.vcf.gz", ["S1", "S2"], *((100 * n, name, "0/1", "0/2") for n, name in enumerate(FILTERS, 1)))
    done, found = normalised([path], ["S1", "S2"], bounds=Bounds(filters=believed))
    assert sorted({pos for pos, _ in found}) == [100 * FILTERS.index(name) + 100 for name in kept]
    aside = done.frame()
    assert set(aside["pos"]) == {100 * n for n, name in enumerate(FILTERS, 1) if name not in kept}
    assert aside["samples"].null_count() == len(aside), "of nobody it is known what is there"
    assert done.counts["filtered"] == 2 * (len(FILTERS) - len(kept)), "each of the two split records"


def test_only_the_people_of_the_file_are_unknown_and_never_filled_as_reference(vcf, normalised):
    one = vcf("a.vcf.gz", ["S1"], (100, "PASS", "0/1"), (200, "PASS", "0/1"))
    two = vcf("b.vcf.gz", ["S2"], (100, "q10", "0/1"))
    done, found = normalised([one, two], ["S1", "S2"], absent_sites="reference")
    assert found[100, "A"] == [(0, 1), (None, None)], "S2 may carry it: not reference"
    assert found[200, "A"] == [(0, 1), (0, 0)]
    assert {tuple(names) for names in done.frame()["samples"]} == {("S2",)}


def test_a_missing_filter_is_a_dot():
    assert not failed([], ("PASS", "."))
    assert failed([], ("PASS",))
    assert failed(["q10"], ("PASS", "."))
    assert not failed(["q10"], ("any",))
