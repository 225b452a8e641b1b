"""Phase from the genotypes of parents, against planted chromosomes; who may be used as a parent."""

import itertools
import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from call_pharmacogenes import call_pharmacogenes
from permed.pharmacogenes.definitions import MISSING, NO_STRAND
from permed.pharmacogenes.phase.phasing import add_read_phase
from permed.pharmacogenes.phase.trios import add_parental_phase, confirmed_parents
from permed.pharmacogenes.reading.assembling import GeneGenotypes
from permed.pharmacogenes.reading.depths import Depths

TRIO = ["child", "mother", "father"]
PARENTS = {"child": {"mother": "mother", "father": "father"}}
SIZE = 7  # positions of a gene that are looked at


def genotypes_of(gene, *people, blocks=None):
    """Genotypes of people from their strands at the first positions; the rest is reference."""
    codes = np.zeros((len(people), len(gene.positions), 2), np.int8)
    for person, strands in enumerate(people):
        codes[person, : len(strands)] = strands
        if len(strands) and strands[0][1] == NO_STRAND:
            codes[person, :, 1] = NO_STRAND
    sets = np.zeros(codes.shape[:2], np.int32)
    if blocks is not None:
        sets[0, : len(blocks)] = blocks
    return GeneGenotypes(codes, sets)


def phase(gene, genotypes, parents=PARENTS, assumed=False, samples=TRIO):
    start = add_read_phase(gene, samples, genotypes, None, "GRCh38")
    return add_parental_phase(gene, samples, start, parents, assumed=assumed)


chromosome = st.lists(st.sampled_from([0, 0, 1]), min_size=SIZE, max_size=SIZE)


@settings(max_examples=400)
@given(
    st.lists(chromosome, min_size=4, max_size=4),
    st.lists(st.booleans(), min_size=3 * SIZE, max_size=3 * SIZE),
    st.sets(st.tuples(st.integers(1, 2), st.integers(0, SIZE - 1))),
    st.sampled_from([("mother", "father"), ("mother",), ("father",)]),
    st.integers(0, 1),
)
def test_blocks_hold_what_lies_on_the_planted_chromosomes(genes, four, turns, unread, roles, sex):
    """Unphased genotypes of a child of two parents, some unread: what is phased is so in truth, and all is that can be.

    ``sex`` 1 is a gene of chrX in a daughter, whose father has one copy.
    """
    gene = genes["G6PD" if sex else "CYP2D6"]
    maternal, paternal = four[0], four[2]
    truth = list(zip(maternal, paternal, strict=True))
    told = [
        truth,
        list(zip(four[0], four[1], strict=True)),
        [(one, NO_STRAND) for one in four[2]] if sex else list(zip(four[2], four[3], strict=True)),
    ]
    flip = iter(turns)
    written = [[pair[::-1] if next(flip) and NO_STRAND not in pair else pair for pair in own] for own in told]
    for who, at in unread:
        written[who][at] = (MISSING, written[who][at][1] if NO_STRAND in written[who][at] else MISSING)
    own = {role: role for role in roles}
    found = phase(gene, genotypes_of(gene, *written), {"child": own})
    codes, blocks = found.genotypes.codes[0], found.genotypes.blocks[0]
    informative = [at for at in range(SIZE) if _is_told(truth[at], *_passed(told, unread, roles, at))]
    if len(informative) > 1:
        assert sorted(np.flatnonzero(blocks)) == informative and len(set(blocks[informative].tolist())) == 1
        firsts = [codes[at, 0] for at in informative]
        assert firsts in ([maternal[at] for at in informative], [paternal[at] for at in informative])
        assert found.sources[0] == "family" and "is from the genotypes of" in found.notes[0]
    else:
        assert not blocks.any() and found.sources[0] == "none" and not found.notes[0]
    assert not found.genotypes.blocks[1:].any(), "parents are not phased by their child"
    assert all(sorted(pair) == sorted(codes[at].tolist()) for at, pair in enumerate(truth))


def _passed(told, unread, roles, at):
    for who, role in ((1, "mother"), (2, "father")):
        known = role in roles and (who, at) not in unread
        yield {0, 1} if not known else set(told[who][at]) - {NO_STRAND}


def _is_told(pair, mother, father):
    """Brute force: of the ways to get this genotype from the parents, whether all give the mother the same allele."""
    ways = {(m, f) for m, f in itertools.product(mother, father) if sorted((m, f)) == sorted(pair)}
    return pair[0] != pair[1] and len(ways) == 1


@pytest.mark.parametrize(
    ("child", "mother", "father"),
    [((0, 1), (0, 0), (0, 0)), ((0, 1), (1, 1), (1, 1)), ((1, 1), (0, 0), (1, 1)), ((0, 0), (1, 1), (0, 1))],
)
def test_a_genotype_that_the_parents_cannot_have_passed_on_is_told(genes, child, mother, father):
    gene = genes["CYP2C19"]
    people = [[child, (0, 1), (0, 1)], [mother, (0, 1), (0, 0)], [father, (0, 0), (0, 1)]]
    found = phase(gene, genotypes_of(gene, *people))
    blocks = found.genotypes.blocks[0]
    assert blocks[0] == 0 and blocks[1] == blocks[2] != 0, "the others are phased"
    assert f"At {gene.positions[0].name} the genotype is none that the mother and the father can" in found.notes[0]
    assert found.genotypes.codes[0, 1:3, 0].tolist() in ([1, 0], [0, 1])


def test_blocks_of_the_genotypes_are_joined_and_never_changed(genes):
    gene = genes["CYP2C19"]
    het, plain = (0, 1), (0, 0)
    people = [[het, (1, 0), het, het], [het, plain, plain, het], [plain, plain, het, het]]
    # The first two are one set, the last two another: of each the parents tell one position.
    people[1][1], people[2][1] = het, het
    found = phase(gene, genotypes_of(gene, *people, blocks=[5, 5, 9, 9]))
    codes, blocks = found.genotypes.codes[0], found.genotypes.blocks[0]
    assert len(set(blocks[:4].tolist())) == 1 and found.sources[0] == "genotypes and family"
    assert codes[0, 0] != codes[1, 0] and codes[2, 0] == codes[3, 0], "within a set all stays as it was"
    assert codes[0, 0] != codes[2, 0], "the first is the mother's, the third the father's"


def test_a_block_that_the_parents_contradict_stays(genes):
    gene = genes["CYP2C19"]
    het, plain = (0, 1), (0, 0)
    people = [[het, het, het, het], [het, plain, het, plain], [plain, het, plain, het]]
    found = phase(gene, genotypes_of(gene, *people, blocks=[5, 5, 0, 0]))
    codes, blocks = found.genotypes.codes[0], found.genotypes.blocks[0]
    assert blocks[0] == blocks[1] == 5 and codes[0].tolist() == codes[1].tolist() == [0, 1]
    assert blocks[2] == blocks[3] not in (0, 5) and codes[2, 0] != codes[3, 0]
    assert "was kept as it is" in found.notes[0]


def test_a_parent_taken_for_reference_tells_nothing_without_reads(genes):
    gene = genes["CYP2C19"]
    people = [[(0, 1), (0, 1)], [(0, 1), (0, 0)], [(0, 0), (0, 1)]]
    genotypes = genotypes_of(gene, *people)
    assert phase(gene, genotypes).sources[0] == "family"
    assert phase(gene, genotypes, assumed=True).sources[0] == "none"
    depths = Depths(gene, 3)
    depths.total = np.full((3, len(gene.positions)), 30, np.int16)
    counted = GeneGenotypes(genotypes.codes, genotypes.blocks, depths=depths)
    assert phase(gene, counted, assumed=True).sources[0] == "family"


def test_mitochondrial_dna_and_unknown_copies_have_no_parental_phase(genes):
    gene = genes["MT-RNR1"]
    people = [[(0, 1), (0, 1)], [(0, 0), (0, 0)], [(1, 1), (1, 1)]]
    assert phase(gene, genotypes_of(gene, *people)).sources[0] == "none"
    gene = genes["G6PD"]
    genotypes = genotypes_of(gene, *people)
    for who in range(3):
        unknown = np.arange(3) == who
        open_ = GeneGenotypes(genotypes.codes, genotypes.blocks, open_copies=unknown)
        assert phase(gene, open_).sources[0] == ("none" if who == 0 else "family"), "one parent is enough here"


def test_parents_are_declared_confirmed_and_usable():
    people = pl.DataFrame(
        {
            "sample": ["C", "M", "F", "D"],
            "mother": ["M", None, None, "M"],
            "father": ["F", None, None, "X"],
        }
    )
    kin = pl.DataFrame(
        [("C", "M", "parent-child"), ("F", "C", "parent-child"), ("D", "M", "siblings"), ("C", "D", "parent-child")],
        schema=["sample1", "sample2", "relation"],
        orient="row",
    )
    assert confirmed_parents(people, kin, "CMFD") == {"C": {"mother": "M", "father": "F"}}
    assert confirmed_parents(people, kin, "CMD") == {"C": {"mother": "M"}}
    assert confirmed_parents(people, kin, "MFD") == {}
    assert confirmed_parents(people.drop("mother", "father"), kin, "CMFD") == {}


@pytest.fixture
def family(tables, genes, make_vcf, tmp_path):
    """Call TPMT of a trio in which mother and father have one of the changes of *3A each."""

    def run(agreed=TRIO, relation="parent-child", failed=(), kinship=True, absent_sites="missing"):
        gene = genes["TPMT"]
        own = {"rs1800460": ("0/1", "0/1", "0/0"), "rs1142345": ("0/1", "0/0", "0/1")}
        rows = [
            (gene.contig, p.pos, p.ref, p.alts[0], *own.get(p.name, ("0/0",) * 3))
            for p in sorted(gene.positions, key=lambda p: p.pos)
        ]
        vcf = make_vcf(rows, TRIO, [("chr6", 170_805_979)])
        files = {name: tmp_path / f"{name}.parquet" for name in ("quality", "people", "kinship", "calls")}
        judged = [(n, "fail" if n in failed else "pass", "NA", "NA") for n in TRIO]
        quality = pl.DataFrame(judged, schema=["sample", "status", "sex_reported", "sex_inferred"], orient="row")
        quality.with_columns(withheld=pl.lit(None, pl.String)).write_parquet(files["quality"])
        named = [("child", None, "mother", "father"), ("mother", None, None, None), ("father", None, None, None)]
        people = pl.DataFrame(named, schema=["sample", "population", "mother", "father"], orient="row")
        people.cast(pl.String).write_parquet(files["people"])
        kin = [("child", "mother", relation), ("child", "father", relation)]
        pl.DataFrame(kin, schema=["sample1", "sample2", "relation"], orient="row").write_parquet(files["kinship"])
        consent = tmp_path / "consent.txt"
        consent.write_text("".join(f"{name}\n" for name in agreed))
        call_pharmacogenes(
            [vcf],
            consent,
            sorted(tables.glob("*.tsv")),
            calls=files["calls"],
            absent_sites=absent_sites,
            contigs=["chr6"],
            genes=["TPMT"],
            quality=files["quality"],
            people=files["people"],
            kinship=files["kinship"] if kinship else None,
        )
        return pl.read_parquet(files["calls"]).filter(sample="child").row(0, named=True)

    return run


def test_parents_phase_a_child(family):
    found = family()
    assert (found["state"], found["diplotype"], found["phase_source"]) == ("called", "*3B/*3C", "family")
    assert "is from the genotypes of the mother and the father." in found["reason"]
    assert found["alternatives"] is None and found["phased"]


@pytest.mark.parametrize(
    "options",
    [
        {"agreed": ["child"]},
        {"relation": "unrelated"},
        {"relation": "first-degree"},
        {"failed": ["mother", "father"]},
        {"kinship": False},
        {"absent_sites": "reference"},
    ],
    ids=["no consent", "no relatives", "not certain", "failed", "nobody names parents", "assumed"],
)
def test_parents_who_may_not_be_used_are_not(family, options):
    found = family(**options)
    assert (found["diplotype"], found["phase_source"]) == ("*1/*3A", "none")
    assert "mother" not in json.dumps(found) and "father" not in json.dumps(found)


def test_one_parent_tells_what_the_other_cannot(family):
    found = family(agreed=["child", "mother"])
    assert (found["diplotype"], found["phase_source"]) == ("*1/*3A", "none"), "she may have passed on either"
    found = family(failed=["father"])
    assert found["diplotype"] == "*1/*3A"
