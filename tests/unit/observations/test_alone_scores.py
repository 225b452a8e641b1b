"""Nobody's sums of scores depend on who else is in the run."""

import importlib.util
import random
import tempfile
from pathlib import Path

import polars as pl
import pysam
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permed.evidence.positions import gene_positions, needed_positions, score_positions
from permed.genotypes.packing import ENDINGS, pack_file
from permed.reference import Reference
from permed.scores.score import sum_log
from permed.scoring_files import SCORE_SCHEMA

_found = importlib.util.spec_from_file_location("observations_cohorts", Path(__file__).with_name("cohorts.py"))
cohorts = importlib.util.module_from_spec(_found)
_found.loader.exec_module(cohorts)
CONTIG, SIZE = "chr1", 500
BASES = "".join(random.Random(3).choice("ACGT") for _ in range(SIZE))
TURNED = str.maketrans("ACGT", "GTAC")  # transitions, whose strand is never in doubt


def place(number: int) -> "cohorts.Place":
    """A position with one alternate."""
    pos = 40 * number + 40
    ref = BASES[pos - 1]
    alts = [ref.translate(TURNED)]
    return cohorts.Place(pos, ref, tuple(alts), pos)


SINGLE = [place(number) for number in range(8)]
# Deletions over the first two positions of scores.
LONG = [cohorts.Place(at, BASES[at - 1 : at + 4], (BASES[at - 1],), at + 4) for at in (38, 78)]
PLACES = sorted([*SINGLE, *LONG], key=lambda own: own.pos)
# The effect allele is REF at every second position.
SCORED = [(p.pos, p.ref, p.alts[0]) if n % 2 else (p.pos, p.alts[0], p.ref) for n, p in enumerate(SINGLE)]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The reference and a scoring file whose weights are powers of three, so that a sum tells its dosages."""
    folder = tmp_path_factory.mktemp("scored")
    fasta, score = folder / "reference.fa", folder / "powers.txt"
    fasta.write_text(f">{CONTIG}\n{BASES}\n")
    pysam.faidx(str(fasta))
    rows = [(f"{CONTIG}", str(pos), effect, other, str(3**n)) for n, (pos, effect, other) in enumerate(SCORED)]
    head = "chr_name chr_position effect_allele other_allele effect_weight".split()
    score.write_text("\n".join("\t".join(row) for row in [head, *rows]) + "\n")
    return fasta, score


def positions_of(fasta: Path) -> pl.DataFrame:
    variants = [
        dict.fromkeys(SCORE_SCHEMA) | {"contig": CONTIG, "pos": pos, "effect_allele": effect, "other_allele": other}
        for pos, effect, other in SCORED
    ]
    none = gene_positions(pl.DataFrame(schema={"gene": pl.String}), [], "GRCh38")
    bases = Reference(fasta, [CONTIG]).bases
    return needed_positions(none, score_positions(pl.DataFrame(variants, schema=SCORE_SCHEMA), bases), [CONTIG])


def sums(match_scores, done, fasta: Path, score: Path, absent_sites: str) -> dict[str, tuple[float, float]]:
    """Of each person the sum and how many alleles entered it."""
    folder = done.variants.parent
    store = {name: folder / f"{CONTIG}{ending}" for name, ending in ENDINGS.items()}
    pack_file(done.variants, done.people, **store)
    samples = folder / "samples.parquet"
    pl.DataFrame({"sample": done.people}).write_parquet(samples)
    made = {name: folder / f"{name}.parquet" for name in ("matches", "variants")}
    options = {"build": "GRCh38", "min_match": 0.0, "absent_sites": absent_sites, "reference": fasta}
    match_scores([store["sites"]], [score], [done.set_aside], **made, **options)
    found = pl.read_parquet(made["matches"])["score"].to_list()
    total = sum_log([store["bed"]], samples, made["variants"], found, done.people, build="GRCh38")
    return {name: (float(total.total[0, n]), float(total.alleles[0, n])) for n, name in enumerate(done.people)}


@pytest.mark.slow
@settings(max_examples=30)
@given(
    people=cohorts.cohorts(PLACES),
    absent_sites=st.sampled_from(["missing", "reference"]),
)
def test_a_persons_sum_is_the_same_alone_and_in_any_cohort(files, run_step, people, absent_sites):
    (fasta, score), match_scores = files, run_step("match_scores")
    positions = positions_of(fasta)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        written = cohorts.write_all(folder, CONTIG, people, PLACES)
        names = [person.name for person in people]
        found = []
        for own in [names, *([one] for one in names)]:
            done = cohorts.run(folder, written, own, CONTIG, positions, fasta, absent_sites=absent_sites)
            found.append(sums(match_scores, done, fasta, score, absent_sites))
    # Where an effect allele that is not REF is none of a mate's alternates the variant leaves the match: its copies are
    # none before and after, and the number of alleles is by two smaller.
    third = any(cohorts.OTHER in seen.copies for person in people for seen in person.seen)
    for n, name in enumerate(names):
        together, alone = found[0][name], found[1 + n][name]
        assert together[: 1 if third else 2] == alone[: 1 if third else 2], people[n]


def test_a_copy_under_a_deletion_of_no_record_is_none_of_ref_whatever_others_carry(files, run_step):
    """One copy is REF, the other ``*``; others bring the score's alternate and a third one in files of their own."""
    (fasta, score), match_scores = files, run_step("match_scores")
    at = 3  # of the places with one alternate; there the effect allele is REF
    people = []
    for name, kind, copies in (
        ("P1", "joint", (cohorts.STAR, cohorts.OTHER)),
        ("P2", "own", (1, cohorts.OTHER)),
        ("P3", "joint", (cohorts.STAR, cohorts.REF)),
    ):
        seen = [cohorts.Seen((cohorts.REF, cohorts.REF)) for _ in PLACES]
        seen[PLACES.index(SINGLE[at])] = cohorts.Seen(copies)
        people.append(cohorts.Person(name, kind, seen))
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        written = cohorts.write_all(folder, CONTIG, people, PLACES)
        for own in (["P1", "P2", "P3"], ["P3", "P2"], ["P3"]):
            done = cohorts.run(folder, written, own, CONTIG, positions_of(fasta), fasta, absent_sites="missing")
            total = sums(match_scores, done, fasta, score, "missing")["P3"][0]
            # Two copies at the places 1, 5 and 7, one at this.
            assert total == 2 * (3**1 + 3**5 + 3**7) + 3**at
