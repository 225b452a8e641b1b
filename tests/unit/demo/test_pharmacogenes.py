"""Planted diplotypes stand in the VCF as their definitions say, and ambiguous ones are known."""

import numpy as np
import polars as pl
import pysam
import pytest

from permed.demo.cohort import CONTIGS
from permed.demo.pharmacogenes import alternatives, draw_pair, read_definitions
from permed.errors import Fault
from permed.tables import read_table

SITES = [("g1", "chr1", "10", "A", "G"), ("g1", "chr1", "20", "CAT", "C,CATAT"), ("g1", "chr1", "30", "T", "C")]
CELLS = [
    *(("*1", "10", "A"), ("*1", "20", "CAT"), ("*1", "30", "T")),
    *(("*2", "10", "G"), ("*3", "20", "CATAT")),
    *(("*4", "10", "G"), ("*4", "20", "CATAT"), ("*5", "20", "C"), ("*5", "30", "T,C")),
]


def definition(every="top"):
    genes = pl.DataFrame(
        {"gene": ["g1"], "contig": ["chr1"], "reference_allele": ["*1"], "unphased_candidates": [every]}
    )
    positions = pl.DataFrame(SITES, schema=["gene", "contig", "pos", "ref", "alts"], orient="row")
    positions = positions.with_columns(rsid=pl.lit(None, pl.String), role=pl.lit("definition"))
    names = [f"*{n}" for n in range(1, 6)]
    alleles = pl.DataFrame({"gene": "g1", "allele": names, "reported_as": names, "defined": "yes"})
    variants = pl.DataFrame(CELLS, schema=["allele", "pos", "base"], orient="row").with_columns(gene=pl.lit("g1"))
    return read_definitions(genes, positions, alleles, variants)["g1"]


def test_definitions_are_read_as_allowed_alleles():
    read = definition()
    assert read.allowed.tolist() == [[1, 1, 1], [2, 1, 1], [1, 4, 1], [2, 4, 1], [1, 2, 3]]
    assert read.score.tolist() == [3, 1, 1, 2, 2]


def test_alternatives_of_an_unphased_pair_that_scores_higher():
    """*2/*3 unphased is A/G and CAT/CATAT, which *1/*4 explains too, with 3 + 2 cells against 1 + 1."""
    sequences = np.array([[1, 0], [0, 2], [0, 0]], np.int8)
    assert alternatives(definition(), (1, 2), sequences, phased=False) == ["*1/*4"]
    assert alternatives(definition(), (1, 2), sequences, phased=True) == []
    assert alternatives(definition(), (0, 3), sequences[:, ::-1], phased=False) == []
    assert alternatives(definition("all"), (0, 3), sequences[:, ::-1], phased=False) == ["*2/*3"]


def test_haploid_alternatives():
    assert alternatives(definition(), (1,), np.array([[1, -1], [0, -1], [0, -1]], np.int8), phased=False) == []


def test_wobble_shows_either_base():
    laid = {tuple(definition().lay_down(4, np.random.default_rng(seed)).tolist()) for seed in range(20)}
    assert laid == {(0, 1, 0), (0, 1, 1)}


def test_given_alleles_are_taken_and_checked():
    rng = np.random.default_rng(0)
    pair, sequences = draw_pair(definition(), False, True, rng, ("*4", "*1"))
    assert pair == (3, 0)
    assert sequences.tolist() == [[1, 0], [2, 0], [0, 0]]
    with pytest.raises(Fault, match="no allele"):
        draw_pair(definition(), False, True, rng, ("*9", "*1"))
    with pytest.raises(Fault, match="given 2 alleles"):
        draw_pair(definition(), True, True, rng, ("*4", "*1"))


def test_drawn_pairs_are_not_ambiguous():
    rng = np.random.default_rng(1)
    for _ in range(100):
        pair, sequences = draw_pair(definition(), False, False, rng)
        assert alternatives(definition(), pair, sequences, phased=False) == []


def test_genotypes_in_the_file_are_those_of_the_planted_alleles(root, files, truth):
    """Position by position from the written VCF and the raw tables: each copy shows what its allele allows."""
    cells = {}
    for row in read_table(root / "resources/pharmacogenes/allele_variants.tsv").to_dicts():
        cells[row["gene"], row["allele"], int(row["pos"])] = set(row["base"].split(","))
    names = {}
    for row in read_table(root / "resources/pharmacogenes/alleles.tsv").to_dicts():
        names.setdefault((row["gene"], row["reported_as"]), []).append(row["allele"])
    genotypes = {}
    with pysam.VariantFile(str(files.cohort)) as records:
        for r in records:
            genotypes[r.contig, r.pos] = (r.ref, {name: call.alleles for name, call in r.samples.items()})
    positions = read_table(root / "resources/pharmacogenes/positions.tsv").filter(role="definition")
    positions = positions.filter(pl.col("gene").is_in(truth["pharmacogenes"]["gene"].unique().to_list()))
    by_gene = positions.partition_by("gene", as_dict=True)
    checked = 0
    for row in truth["pharmacogenes"].to_dicts():
        planted = [allele for allele in (row["allele1"], row["allele2"]) if allele]
        for place in by_gene[row["gene"],].to_dicts():
            ref, calls = genotypes[place["contig"], int(place["pos"])]
            assert ref == place["ref"]
            shown = calls[row["sample"]]
            assert len(shown) == len(planted) and None not in shown
            allowed = [
                set().union(
                    *(cells.get((row["gene"], n, int(place["pos"])), {ref}) for n in names[row["gene"], allele])
                )
                for allele in planted
            ]
            straight = all(base in bases for base, bases in zip(shown, allowed, strict=True))
            crossed = all(base in bases for base, bases in zip(shown[::-1], allowed, strict=True))
            assert straight or crossed, (row, place["pos"], shown)
            checked += 1
    assert checked == 50 * positions.height


def test_every_gene_and_person_has_a_diplotype(root, truth, demo):
    table = truth["pharmacogenes"]
    defined = read_table(root / "resources/pharmacogenes/genes.tsv")
    genes = defined.filter(pl.col("contig").is_in([name for name in CONTIGS if name != "chrM"]))["gene"]
    assert table.height == 50 * len(genes) and set(table["gene"]) == set(genes) and len(genes) == 21
    males = {p.sample for p in demo.people if p.sex == "XY"}
    assert set(table.filter(pl.col("allele2").is_null()).select("sample", "gene").rows()) <= {
        (m, "G6PD") for m in males
    }
    assert (table["ambiguous"] == "yes").sum() <= 5
    drawn = table.group_by("gene").agg(pl.col("allele1").append(pl.col("allele2")).drop_nulls().n_unique())
    assert (drawn["allele1"] >= 2).all()


def test_children_have_an_allele_of_each_parent(truth):
    planted = {
        (r["sample"], r["gene"]): {r["allele1"], r["allele2"]} - {None} for r in truth["pharmacogenes"].to_dicts()
    }
    for child, father, mother in (("PERM003", "PERM001", "PERM002"), ("PERM019", "PERM017", "PERM018")):
        for gene in {gene for _, gene in planted}:
            mine = planted[child, gene]
            assert mine <= planted[father, gene] | planted[mother, gene]
            assert mine & planted[mother, gene]


def test_a_duplicate_has_the_same_diplotypes(truth):
    table = truth["pharmacogenes"].drop("ambiguous", "alternatives")
    first, second = (table.filter(pl.col("sample") == name).drop("sample") for name in ("PERM036", "PERM047"))
    assert first.equals(second)
