"""From scoring files and a store to each person's sums: planted truth, plink2's answers, consent."""

import gzip
import shutil
import subprocess

import numpy as np
import polars as pl
import pytest

from permed.errors import Fault
from permed.genotypes.read import read_chunks

PLAIN = "chr_name chr_position effect_allele other_allele effect_weight"
FIXED = "sample score sum denominator average z percentile population absolute_risk population_risk status".split()
ALT, NO, HET, REF = range(4)


@pytest.fixture
def run(tmp_path, run_step):
    """Run both steps on a store; give matches, variants and scores."""
    match_scores, score_cohort = run_step("match_scores"), run_step("score_cohort")

    def make(
        store,
        files,
        people=None,
        absent_sites="missing",
        min_match=0.0,
        reference=None,
        build="GRCh38",
        sexes=None,
        withheld=None,
        x_dosage="once",
        min_called=0.0,
    ):
        matches, variants, scores = (tmp_path / f"{name}.parquet" for name in ("matches", "variants", "scores"))
        match_scores(
            store["sites"],
            files,
            store["set_aside"],
            matches=matches,
            variants=variants,
            build=build,
            min_match=min_match,
            absent_sites=absent_sites,
            reference=reference,
        )
        consent = tmp_path / "consent.txt"
        everybody = pl.read_parquet(store["samples"])["sample"].to_list()
        people = everybody if people is None else people
        inferred = [(sexes or {}).get(name, "NA") for name in everybody]
        quality = tmp_path / "quality.parquet"
        told = {"sample": everybody, "sex_inferred": inferred, "sex_reported": ["NA"] * len(everybody)}
        told["withheld"] = [(withheld or {}).get(name) for name in everybody]
        pl.DataFrame(told, schema=dict.fromkeys(told, pl.String)).write_parquet(quality)
        consent.write_text("".join(f"{name}\n" for name in people))
        options = {"build": build, "x_dosage": x_dosage, "min_called": min_called}
        score_cohort(store["genotypes"], store["samples"], quality, variants, matches, consent, sums=scores, **options)
        return pl.read_parquet(matches), pl.read_parquet(variants), pl.read_parquet(scores)

    return make


def codes(*rows):
    return np.array(rows, np.uint8)


def test_planted_sums_of_few_people_leave_missing_genotypes_out(make_store, make_score, run):
    store = make_store(
        {
            "1": ([(10, "A", "G"), (20, "C", "T")], codes([REF, HET, ALT, NO], [ALT, NO, REF, NO])),
            "2": ([(5, "G", "A")], codes([HET, HET, NO, NO])),
        },
        ["A", "B", "C", "D"],
    )
    score = make_score(PLAIN, "chr1 10 G A 1", "1 20 C T 10", "chr2 5 A G 100", "3 5 A G 1000", above="#pgs_id=S\n")
    matches, variants, scores = run(store, [score])
    assert (
        matches.columns[:9] == "score variants matched match_rate ambiguous flipped absent not_scorable status".split()
    )
    assert matches.select("score", "variants", "matched", "absent", "file").row(0) == ("S", 4, 3, 1, "height.txt")
    assert variants["contig"].to_list() == ["1", "1", "2", "chr3"]  # the run's own names where it has the contig
    assert scores.columns[: len(FIXED)] == FIXED
    assert scores["sample"].to_list() == ["A", "B", "C", "D"]
    assert scores["sum"].to_list() == [100, 101, 22, None]
    assert scores["denominator"].to_list() == [6, 4, 4, None]
    assert scores["average"].to_list()[1] == 101 / 4
    assert scores["n_missing"].to_list() == [0, 1, 1, 3]
    assert scores["imputed"].to_list() == [0, 0, 0, None]
    assert scores["status"].to_list() == ["found"] * 3 + ["not_assessable"]
    assert scores["reason"].to_list()[2:] == [None, "no genotype is called at the score's variants"]
    assert scores.select("z", "percentile", "population", "absolute_risk").null_count().row(0) == (4, 4, 4, 4)


def test_a_score_below_the_threshold_has_no_sums(make_store, make_score, run):
    store = make_store({"chr1": ([(10, "A", "G")], codes([REF, ALT]))}, ["A", "B"])
    poor = make_score(PLAIN, "1 10 G A 1", "1 11 G A 1", name="poor.txt")
    good = make_score(PLAIN, "1 10 G A 1", name="good.txt")
    _, _, scores = run(store, [poor, good], min_match=0.75)
    assert scores.select("sample", "score", "sum", "status").rows() == [
        ("A", "poor", None, "not_assessable"),
        ("A", "good", 0.0, "found"),
        ("B", "poor", None, "not_assessable"),
        ("B", "good", 2.0, "found"),
    ]
    assert scores["reason"][0] == "1 of 2 variants match (0.5), below 0.75: 1 absent"
    _, _, scores = run(store, [poor], min_match=0.75)
    assert scores["status"].to_list() == ["not_assessable"] * 2


def test_an_imputed_genotype_takes_the_frequency_of_those_who_agreed(make_store, make_score, run):
    """60 people of whom 50 agree: 20 heterozygous, 29 homozygous REF, 1 missing; the other ten are homozygous ALT."""
    row = [NO] + [HET] * 20 + [REF] * 29 + [ALT] * 10
    people = [f"P{number}" for number in range(60)]
    store = make_store({"chr1": ([(10, "A", "G"), (20, "C", "T")], codes(row, [NO] * 50 + [ALT] * 10))}, people)
    columns = f"{PLAIN} is_dominant is_recessive"
    files = [
        make_score(columns, "1 10 G A 1 _ _", "1 20 T C 8 _ _", name="alt.txt"),
        make_score(columns, "1 10 A G 1 _ _", name="ref.txt"),
        make_score(columns, "1 10 G A 1 TRUE _", name="dominant.txt"),
        make_score(columns, "1 10 A G 1 _ TRUE", name="recessive.txt"),
    ]
    _, _, scores = run(store, files, people[:50])
    assert scores["sample"].unique(maintain_order=True).to_list() == people[:50]
    first = {row["score"]: row for row in scores.filter(pl.col("sample") == "P1").rows(named=True)}
    assert [first[name]["sum"] for name in ("alt", "ref", "dominant", "recessive")] == [1, 1, 1, 0]
    assert first["alt"]["denominator"] == 2  # at the second variant nobody who agreed is called
    _, _, scores = run(store, [*files, make_score(columns, "1 10 G A 0 _ _", "1 10 G A 3 TRUE _", name="both.txt")])
    everybody = scores.filter((pl.col("sample") == "P0") & (pl.col("score") == "alt")).row(0, named=True)
    assert everybody["sum"] is None and everybody["n_missing"] == 2
    _, _, scores = run(store, files, people[1:51] + ["P0"])
    missing = {row["score"]: row for row in scores.filter(pl.col("sample") == "P0").rows(named=True)}
    assert missing["alt"]["status"] == "not_assessable"


def test_imputation_is_shown_and_counted(make_store, make_score, run):
    row = [NO] + [HET] * 20 + [REF] * 29
    store = make_store({"chr1": ([(10, "A", "G"), (20, "C", "T")], codes(row, [ALT] * 50))}, map(str, range(50)))
    columns = f"{PLAIN} is_dominant is_recessive"
    rows = ["1 20 T C 10 _ _", "1 10 G A 1 _ _", "1 10 A G 100 TRUE _", "1 10 A G 1000 _ TRUE"]
    _, _, scores = run(store, [make_score(columns, *rows)])
    frequency = 20 / 98
    imputed = 20 + 2 * frequency + 100 * (1 - frequency) + 1000 * (1 - frequency)
    assert scores["sum"][0] == pytest.approx(imputed)
    assert scores.select("denominator", "n_missing", "imputed", "status").row(0) == (8, 3, 3, "found")
    assert scores["sum"][1] == 20 + 1 + 100 + 0 and scores["sum"][49] == 20 + 0 + 100 + 1000


def test_nobody_without_consent_is_summed(make_store, make_score, run):
    store = make_store({"chr1": ([(10, "A", "G")], codes([REF, HET, ALT, HET, ALT]))}, list("ABCDE"))
    score = make_score(PLAIN, "1 10 G A 1")
    _, _, scores = run(store, [score], ["E", "B"])
    assert scores.select("sample", "sum").rows() == [("E", 2.0), ("B", 1.0)]
    _, _, scores = run(store, [score], [])
    assert scores.is_empty() and scores.columns[: len(FIXED)] == FIXED
    with pytest.raises(Fault, match="sample Z"):
        run(store, [score], ["Z"])


def test_a_withheld_person_has_a_row_without_a_sum_that_says_why(make_store, make_score, run):
    store = make_store({"chr1": ([(10, "A", "G")], codes([REF, HET, ALT, HET, ALT]))}, list("ABCDE"))
    score = make_score(PLAIN, "1 10 G A 1")
    _, _, scores = run(store, [score], ["E", "B"], withheld={"E": "Withheld: the sample failed"})
    assert scores.select("sample", "sum", "status", "reason").rows() == [
        ("B", 1.0, "found", None),
        ("E", None, "not_assessable", "Withheld: the sample failed"),
    ]


def test_a_reference_allele_is_not_counted_where_a_third_allele_is(make_store, make_score, run):
    """Genotypes C/C, C/A, C/T, A/T, T/T and none, split into two records; the effect allele is the reference C."""
    of_a = [REF, HET, REF, HET, REF, NO]
    of_t = [REF, REF, HET, HET, ALT, NO]
    store = make_store({"chr1": ([(30, "C", "A"), (30, "C", "T")], codes(of_a, of_t))}, list("ABCDEF"))
    _, _, scores = run(store, [make_score(PLAIN, "1 30 C A 1")])
    assert scores["sum"].to_list() == [2, 1, 1, 0, 0, None]
    assert scores["denominator"].to_list() == [2, 2, 2, 2, 2, None]


def test_absent_sites_as_reference_add_what_everybody_has(make_store, make_score, run, tmp_path):
    fasta = tmp_path / "reference.fa"
    fasta.write_text(">1\nACGTACGTAC\n>2\nTTTTTTTTTT\n")
    store = make_store(
        {"chr1": ([(1, "A", "G"), (4, "T", ".")], codes([HET, NO], [REF, REF])), "chr2": ([], codes())},
        ["A", "B"],
        set_aside=[("chr1", 6, 7)],
    )
    columns = f"{PLAIN} is_recessive"
    rows = [
        "1 1 G A 1 _",
        "1 2 C T 10 _",
        "1 3 C A 100 _",
        "1 6 C T 1000 _",
        "2 3 T C 5 TRUE",
        "3 1 A G 7 _",
        "1 4 T C 2 _",
    ]
    score = make_score(columns, *rows)
    _, variants, scores = run(store, [score], absent_sites="reference", reference=fasta)
    expected = ["matched", "reference", "absent", "absent", "reference", "absent", "matched"]
    assert variants["class"].to_list() == expected
    assert scores["sum"].to_list() == [1 + 20 + 5 + 4, 20 + 5 + 4]
    assert scores["denominator"].to_list() == [8, 6]
    assert "set aside" in variants["reason"][3]
    _, variants, scores = run(store, [score], absent_sites="missing", reference=fasta)
    assert scores["sum"].to_list() == [1 + 4, 4]  # a site without an alternate is evidence, an absent one is not


def test_a_person_with_too_few_of_the_variants_has_no_sum(make_store, make_score, run):
    store = make_store({"chr1": ([(10, "A", "G"), (20, "A", "G")], codes([ALT, ALT, NO], [ALT, NO, NO]))}, list("ABC"))
    score = make_score(PLAIN, "1 10 G A 1", "1 20 G A 1")
    _, _, scores = run(store, [score], min_called=0.6)
    assert scores.select("sum", "called", "status").rows() == [
        (4.0, 1.0, "found"),
        (None, 0.5, "not_assessable"),
        (None, 0.0, "not_assessable"),
    ]
    few = "1 of the score's 2 variants in the cohort have a genotype in this person (0.5), below 0.6"
    assert scores["reason"].to_list() == [None, few, "no genotype is called at the score's variants"]
    assert scores["imputed"].to_list() == [0, None, None]
    _, _, scores = run(store, [score], min_called=0.5)
    assert scores["sum"].to_list() == [4.0, 2.0, None]


def test_the_sex_decides_on_chromosome_x_and_a_note_tells_where_it_is_not_known(make_store, make_score, run):
    store = make_store({"chrX": ([(5_000_000, "A", "G")], codes([ALT, ALT, ALT]))}, list("ABC"))
    files = [make_score(PLAIN, "X 5000000 G A 1"), make_score(PLAIN, "1 10 G A 1", name="other.txt")]
    _, _, scores = run(store, files, sexes={"A": "XY", "B": "XX"}, min_match=0.5)
    scores = scores.filter(pl.col("score") == "height")
    assert scores.select("sum", "denominator").rows() == [(1.0, 1), (2.0, 2), (2.0, 2)]
    told = scores["note"].to_list()
    assert told[:2] == [None, None]
    assert told[2] == (
        "the sex is not known: at the score's variants on chrX (1) a genotype counts the alleles that the input wrote"
    )
    _, _, scores = run(store, files[:1], sexes={"A": "XY", "B": "XX"}, x_dosage="twice")
    assert scores["sum"].to_list() == [2.0, 2.0, 2.0] and scores["note"].null_count() == 3


def test_a_score_in_two_files_is_refused(make_store, make_score, run):
    store = make_store({"chr1": ([(10, "A", "G")], codes([REF]))}, ["A"])
    files = [make_score(PLAIN, "1 10 G A 1", name=name, above="#pgs_id=S\n") for name in ("a.txt", "b.txt")]
    with pytest.raises(Fault, match=r"the score S is also in .*a\.txt"):
        run(store, files)


@pytest.mark.parametrize("people", [60, 21])
def test_sums_and_denominators_are_those_of_plink2(make_store, make_score, run, tmp_path, people):
    plink2 = shutil.which("plink2")
    if plink2 is None:
        pytest.skip("plink2 is not installed")
    rng = np.random.default_rng(people)
    rows = [(10 * n, "A", "G") for n in range(1, 31)]
    drawn = rng.choice(4, (30, people), p=[0.2, 0.1, 0.3, 0.4]).astype(np.uint8)
    store = make_store({"chr1": (rows, drawn), "chr2": ([], codes())}, [f"P{n}" for n in range(people)])
    bed = store["genotypes"][0]
    bed.with_suffix(".bim").write_text("".join(f"1\tv{pos}\t0\t{pos}\t{alt}\t{ref}\n" for pos, ref, alt in rows))
    kinds = ["additive", "dominant", "recessive"]
    lines, weights = {kind: [] for kind in kinds}, []
    for pos, ref, alt in rows:
        kind, effect, weight = rng.choice(kinds), rng.choice([ref, alt]), rng.normal()
        lines[kind].append(f"v{pos} {effect} {weight}")
        weights.append(f"1 {pos} {effect} {alt if effect == ref else ref} {weight} {kind}")
    _, _, scores = run(store, [make_score(f"{PLAIN} effect_type", *weights)])
    totals, alleles = np.zeros(people), np.zeros(people)
    for kind, own in lines.items():
        (tmp_path / "weights").write_text("\n".join(own) + "\n")
        options = [] if kind == "additive" else [kind]
        options += [] if people >= 50 else ["no-mean-imputation"]
        command = [plink2, "--bfile", bed.with_suffix(""), "--fam", bed.parent / "samples.fam", "--threads", "1"]
        command += ["--score", tmp_path / "weights", "1", "2", "3", *options, "cols=scoresums,denom"]
        subprocess.run([*map(str, command), "--out", str(tmp_path / kind)], check=True, capture_output=True)
        table = pl.read_csv(tmp_path / f"{kind}.sscore", separator="\t")
        totals += table["SCORE1_SUM"].to_numpy()
        alleles += table["DENOM"].to_numpy()
    np.testing.assert_allclose(scores["sum"].to_numpy(), totals, atol=1e-4)
    np.testing.assert_array_equal(scores["denominator"].to_numpy(), alleles)


def test_sums_of_tiny_1000_genomes_are_those_of_plink2(make_store, run, shared):
    """plink2 2.00a3.5 on 1,004 variants of 3,202 people, 918 of them of PGS001229; the first half of the people.

    Two variants more are scored here, T/C at sites with C>G and C>T. The tool that prepared plink2's input left them
    out, since C/G stands first there. C/T tells its strand all the same: on the other one it would read G/A, and the
    site has no A. Their share, from the genotypes as read, is the whole difference.
    """
    folder = shared / "real/prs/pygscatalog"
    chunks = list(read_chunks(folder / "tiny1000G.vcf.gz"))
    sites, drawn = pl.concat([part for part, _ in chunks]), np.concatenate([part for _, part in chunks])
    with gzip.open(folder / "tiny1000G.vcf.gz", "rt") as vcf:
        names = next(line for line in vcf if line.startswith("#CHROM")).split()[9:]
    contigs = {
        contig: (
            sites.filter(pl.col("contig") == contig).select("pos", "ref", "alt").rows(),
            drawn[sites["contig"] == contig],
        )
        for contig in sites["contig"].unique(maintain_order=True)
    }
    score = folder / "structured/PGS001229_hmPOS_GRCh38.txt.gz"
    matches, _, scores = run(make_store(contigs, names), [score])
    assert matches.select("score", "variants", "matched").row(0) == ("PGS001229", 51209, 920)
    expected = folder / "expected/tiny1000G_PGS001229.plink2.first_half.sscore.gz"
    plink2 = pl.read_csv(expected, separator="\t").rename({"#IID": "sample"})
    both = plink2.join(scores, on="sample", how="left")
    assert len(both) == 1601 and both["sum"].null_count() == 0
    more = np.zeros(len(both))
    for contig, pos, weight in (("11", 17610759, -0.0226306), ("13", 48485441, -0.003721358)):
        place = (sites["contig"].str.strip_prefix("chr") == contig) & (sites["pos"] == pos) & (sites["alt"] == "T")
        (row,) = drawn[place.to_numpy()][:, [names.index(name) for name in both["sample"]]]
        assert (row != NO).all()
        more += weight * np.select([row == ALT, row == HET], [2, 1], 0)
    np.testing.assert_allclose(both["sum"].to_numpy() - more, both["PGS001229_SUM"].to_numpy(), atol=1e-4)
    np.testing.assert_array_equal(both["denominator"].to_numpy() - 4, both["DENOM"].to_numpy())
