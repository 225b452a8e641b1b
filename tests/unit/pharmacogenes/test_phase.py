"""Phase sets, mixed phase in one gene, and phase from reads beside what the genotypes state."""

import numpy as np
import polars as pl
import pytest

from permed.pharmacogenes.calling.gene import call_gene
from permed.pharmacogenes.phase.phasing import SCHEMA, add_read_phase, with_phase
from permed.pharmacogenes.reading.assembling import GeneGenotypes


@pytest.mark.parametrize("rest", ["0/0", "0|0"])
@pytest.mark.parametrize("homozygous", ["1/1", "1|1"])
def test_homozygous_genotypes_among_phased_ones_do_not_undo_the_phase(call, rest, homozygous):
    given = {"rs3758581": homozygous, "rs12769205": "0|1", "rs4244285": "0|1", "rs12248560": "1|0"}
    found = call("CYP2C19", given, rest=rest)
    assert (found["state"], found["diplotype"], found["phased"]) == ("called", "*2/*17", True)
    given["rs12248560"] = "0|1"  # all on one chromosome, as no known allele has them
    assert call("CYP2C19", given, rest=rest)["state"] == "no_call"
    given |= {"rs12769205": "0/1", "rs4244285": "0/1"}
    found = call("CYP2C19", given, rest=rest)
    assert (found["diplotype"], found["phased"]) == ("*2/*17", False)


def test_one_unphased_position_beside_phased_ones_is_tried_both_ways(call):
    # TPMT *3A is both changes on one chromosome, *3B and *3C are one each.
    given = {"rs1800460": "0|1", "rs1142345": [("T", "C", "0/1")]}
    found = call("TPMT", given, rest="0|0")
    assert (found["state"], found["diplotype"], found["alternatives"]) == ("called", "*1/*3A", "*3B/*3C")
    assert not found["phased"]
    given["rs1142345"] = [("T", "C", "1|0")]
    found = call("TPMT", given, rest="0|0")
    assert (found["diplotype"], found["alternatives"], found["phased"]) == ("*3B/*3C", None, True)


@pytest.mark.parametrize(
    ("first", "second", "diplotype"),
    [
        ("0|1:5", "0|1:5", "*1/*3A"),
        ("0|1:5", "1|0:5", "*3B/*3C"),
        ("0|1:5", "1|0:9", "*1/*3A"),
        ("0|1:.", "1|0:.", "*3B/*3C"),
        ("0|1:5", "1|0:.", "*1/*3A"),
        ("0/1:5", "1|0:5", "*1/*3A"),
    ],
    ids=["one set", "one set, apart", "two sets", "no set named", "one of them in a set", "one of them unphased"],
)
def test_phase_sets_in_one_gene(call, first, second, diplotype):
    given = {"rs1800460": first, "rs1142345": [("T", "C", second)]}
    for rest in ("0/0:.", "0|0:.", "0|0:5"):
        assert call("TPMT", given, rest=rest, formats="GT:PS")["diplotype"] == diplotype


def test_a_person_without_rows_keeps_what_the_genotypes_state(genes):
    gene = genes["UGT1A1"]
    codes = np.zeros((4, len(gene.positions), 2), np.int8)
    blocks = np.zeros(codes.shape[:2], np.int32)
    codes[1:, :2, 1], blocks[1, :2], blocks[2, :2] = 1, -1, (4, 9)
    found = add_read_phase(gene, ["S1", "S2", "S3", "S4"], GeneGenotypes(codes, blocks), None, "GRCh38")
    assert found.sources == ["none", "genotypes", "none", "none"] and found.notes == [""] * 4


def test_phase_of_genotypes_and_of_reads_are_told_apart(genes):
    gene = genes["CYP2D6"]
    codes = np.zeros((1, len(gene.positions), 2), np.int8)
    codes[0, :4, 1] = 1
    blocks = np.zeros(codes.shape[:2], np.int32)
    blocks[0, :2] = 7
    pos = [position.pos for position in gene.positions]
    bases = [(position.ref, position.alts[0]) for position in gene.positions]
    row = {"sample": "S1", "gene": "CYP2D6", "contig": "chr22", "reads_supporting": 5, "reads_against": 0}
    rows = [row | {"pos": pos[1], "set": pos[1], "strand": "|".join(bases[1])}]
    rows += [row | {"pos": pos[2], "set": pos[1], "strand": "|".join(bases[2][::-1])}]
    found = add_read_phase(gene, ["S1"], GeneGenotypes(codes, blocks), pl.DataFrame(rows, SCHEMA), "GRCh38")
    assert found.sources == ["both"]
    assert found.genotypes.blocks[0, :5].tolist() == [7, 7, 7, 0, 0]
    first = found.genotypes.codes[0, :3, 0].tolist()
    assert first in ([0, 0, 1], [1, 1, 0]), "a block turns as a whole"


@pytest.mark.parametrize(("cis", "score"), [(True, "1.0"), (False, "0.5")])
def test_phase_of_reads_decides_where_single_variants_do(genes, cis, score):
    gene = genes["DPYD"]
    at = [n for n, position in enumerate(gene.positions) if position.name in ("rs3918290", "rs67376798")]
    codes = np.zeros((1, len(gene.positions), 2), np.int8)
    codes[0, at, 1] = 1
    genotypes = GeneGenotypes(codes, np.zeros(codes.shape[:2], np.int32))
    assert call_gene(gene, ["S1"], genotypes)["activity_score"].to_list() == ["0.5"], "the cautious reading"
    first = gene.positions[at[0]].pos
    rows = []
    for n, turn in zip(at, (False, not cis), strict=True):
        bases = (gene.positions[n].ref, gene.positions[n].alts[0])
        rows.append(("S1", "DPYD", "chr1", gene.positions[n].pos, first, "|".join(bases[:: -1 if turn else 1]), 9, 0))
    phased = add_read_phase(gene, ["S1"], genotypes, pl.DataFrame(rows, SCHEMA, orient="row"), "GRCh38")
    found = with_phase(call_gene(gene, ["S1"], phased.genotypes), phased).row(0, named=True)
    assert (found["state"], found["activity_score"], found["phase_source"]) == ("called", score, "reads")
    together = "Reference/[c.1905+1G>A (*2A) + c.2846A>T]"
    assert found["diplotype"] == (together if cis else "c.1905+1G>A (*2A)/c.2846A>T")
