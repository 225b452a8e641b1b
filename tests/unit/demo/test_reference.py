"""The sparse reference reads as an ordinary genome; its indexes are those that samtools builds."""

import shutil

import numpy as np
import pysam
import pytest

from permed.demo.reference import BLOCK, LINE, Islands, write_reference
from permed.errors import Fault

LENGTHS = {"a": 3 * BLOCK + 17, "b": BLOCK, "c": 5 * BLOCK, "d": 100, "e": LINE}
SPANS = [
    ("a", 1, 10),
    ("a", BLOCK - 5, BLOCK + 5),
    ("a", 3 * BLOCK + 10, 3 * BLOCK + 17),
    ("b", LINE - 3, LINE + 3),
    ("b", LINE + 2, LINE + 50),
    ("c", 2 * BLOCK + 1, 2 * BLOCK + 1),
    ("d", 40, 400),
]


@pytest.fixture
def islands():
    return Islands(SPANS, LENGTHS, np.random.default_rng(3))


@pytest.fixture
def written(islands, tmp_path):
    path = tmp_path / "g.fa.gz"
    write_reference(islands, path, tmp_path / "g.fa.gz.fai", tmp_path / "g.fa.gz.gzi")
    return path


def plain(islands, contig):
    text = np.full(LENGTHS[contig], ord("N"), np.uint8)
    for start, bases in islands.spans(contig):
        text[start - 1 : start - 1 + len(bases)] = bases
    return text.tobytes().decode()


def test_every_contig_reads_whole_and_in_parts(islands, written):
    rng = np.random.default_rng(4)
    with pysam.FastaFile(str(written)) as fasta:
        assert dict(zip(fasta.references, fasta.lengths, strict=True)) == LENGTHS
        for contig, length in LENGTHS.items():
            whole = plain(islands, contig)
            assert fasta.fetch(contig) == whole
            starts = [*rng.integers(0, length, 40).tolist(), *(s - 5 for c, s, _ in SPANS if c == contig and s > 5)]
            for start in starts:
                assert fasta.fetch(contig, start, start + 30) == whole[start : start + 30]


def test_islands_merge_and_end_at_the_contig(islands):
    assert [(start, len(bases)) for start, bases in islands.spans("b")] == [(LINE - 3, 54)]
    assert [(start, len(bases)) for start, bases in islands.spans("d")] == [(40, 61)]


def test_indexes_are_those_of_samtools(written, tmp_path):
    copy = tmp_path / "copy.fa.gz"
    shutil.copy(written, copy)
    pysam.faidx(str(copy))
    assert (tmp_path / "copy.fa.gz.fai").read_bytes() == (tmp_path / "g.fa.gz.fai").read_bytes()
    assert (tmp_path / "copy.fa.gz.gzi").read_bytes() == (tmp_path / "g.fa.gz.gzi").read_bytes()


def test_what_is_painted_stays(islands):
    islands.paint("a", 3, "GATTACA")
    islands.paint("a", 5, "TTA")
    assert islands.read("a", 3, 7) == "GATTACA"
    with pytest.raises(Fault, match="a:5"):
        islands.paint("a", 5, "TG")


def test_outside_an_island_there_is_nothing_to_read(islands):
    for pos, size in [(11, 1), (9, 3), (BLOCK - 6, 1)]:
        with pytest.raises(IndexError, match="not inside an island"):
            islands.read("a", pos, size)
    with pytest.raises(IndexError):
        islands.read("e", 1)
