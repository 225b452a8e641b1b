"""A/T and C/G variants told by frequencies, sites of poor quality, terms that lack a part, and the peer's verdicts."""

import polars as pl
import pytest

from permed.scores.log import collect_log
from permed.scores.match import BY_FREQUENCY, match_contig
from permed.scores.sites import read_sites
from permed.scores.summary import summarise
from permed.scoring_files import SCORE_SCHEMA, read_scores

ROW = {"score": "S", "contig": "chr1", "weight": 1.0, "effect_type": "additive"}


def variants(*rows):
    """Rows of what differs from a plain variant; lines from 2 on unless they say theirs."""
    full = [dict.fromkeys(SCORE_SCHEMA) | ROW | {"line": line} | row for line, row in enumerate(rows, 2)]
    return pl.DataFrame(full, schema=SCORE_SCHEMA)


def at(pos, effect, other=None, **more):
    return {"pos": pos, "effect_allele": effect, "other_allele": other, **more}


def sites(*rows, **more):
    schema = {"pos": pl.Int64, "ref": pl.String, "alt": pl.String}
    kinds = {"af": pl.Float64, "left_out": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        pl.Series(name, values, kinds[name]) for name, values in more.items()
    )


@pytest.mark.parametrize(
    ("alleles", "given", "af", "expected"),
    [
        (("A", "T"), 0.9, 0.1, ("matched", "refalt", "ref")),
        (("T", "A"), 0.1, 0.1, ("matched", "altref", "alt")),
        (("A", "T"), 0.1, 0.1, ("matched_flipped", "altref_flip", "alt")),
        (("T", "A"), 0.9, 0.1, ("matched_flipped", "refalt_flip", "ref")),
        (("A", None), 0.9, 0.1, ("matched", "no_oa_ref", "ref")),
        (("A", None), 0.1, 0.1, ("matched_flipped", "no_oa_alt_flip", "alt")),
        (("T", None), 0.8, 0.2, ("matched_flipped", "no_oa_ref_flip", "ref")),
        (("A", "T"), 0.65, 0.35, ("matched", "refalt", "ref")),  # at the limit
        (("A", "T"), 0.64, 0.1, ("ambiguous", "refalt", None)),
        (("A", "T"), 0.9, 0.36, ("ambiguous", "refalt", None)),
        (("A", "T"), None, 0.1, ("ambiguous", "refalt", None)),
        (("A", "T"), 0.9, None, ("ambiguous", "refalt", None)),
    ],
)
def test_frequencies_far_from_one_half_tell_the_strand(alleles, given, af, expected):
    found = match_contig(variants(at(10, *alleles, frequency=given)), sites((10, "A", "T"), af=[af]))
    assert found.select("class", "match", "dosage_of").row(0) == expected
    reason = found["reason"][0]
    if expected[0] == "ambiguous":
        assert reason.startswith("left out on purpose: the alleles read the same on both strands")
        assert ("no frequency" in reason) == (given is None) and ("do not tell" in reason) == (None not in (given, af))
    else:
        assert reason == BY_FREQUENCY


def test_frequencies_decide_nothing_where_alleles_do_or_where_there_are_several():
    table = sites((10, "A", "G"), (20, "A", "C"), (20, "A", "T"), af=[0.1, 0.1, 0.1])
    rows = (at(10, "G", "A", frequency=0.9), at(20, "T", "A", frequency=0.1), at(20, "A", "T", frequency=0.1))
    found = match_contig(variants(*rows), table)
    assert found["class"].to_list() == ["matched", "ambiguous", "ambiguous"]
    assert found["match"].to_list()[0] == "altref" and found["reason"][0] is None


def test_the_other_strand_is_believed_only_of_a_score_of_which_something_else_is_on_it():
    """Where the populations differ an allele can be rare in one and common in the other, on the same strand."""
    table = sites((10, "A", "T"), (20, "A", "G"), (30, "C", "G"), af=[0.1, 0.1, 0.1])
    rare = at(10, "A", "T", frequency=0.1)
    rows = [rare, at(20, "A", "G"), at(30, "G", "C", frequency=0.1)]
    rows += [{**row, "score": "T"} for row in (rare, at(20, "T", "C"))]
    log = collect_log([match_contig(variants(*rows), table)], pl.Series(["S", "T"]))
    assert log["class"].to_list() == ["ambiguous", "matched", "matched", "matched_flipped", "matched_flipped"]
    assert log["dosage_of"].to_list() == [None, "ref", "alt", "alt", "ref"]
    assert "on which no other variant of the score is" in log["reason"][0]
    assert summarise(log, 0).select("score", "ambiguous", "by_frequency", "flipped").rows() == [
        ("S", 1, 1, 0),
        ("T", 0, 1, 2),
    ]


def test_frequencies_and_poor_sites_come_from_their_tables(tmp_path):
    path, panel, quality = tmp_path / "1.sites.parquet", tmp_path / "chr1.sites.parquet", tmp_path / "quality.parquet"
    rows = [(10, "A", "T"), (20, "C", "G"), (30, "A", "G")]
    sites(*rows).write_parquet(path)
    counts = {"n_ref": [30, 20, 0], "n_het": [10, 10, 0], "n_alt": [10, 19, 0], "n_missing": [0, 1, 50]}
    sites(*rows).with_columns(pl.Series(name, values) for name, values in counts.items()).write_parquet(panel)
    poor = sites(*rows, left_out=[None, None, "call rate 0 is below 0.95"]).with_columns(contig=pl.lit("1"))
    pl.concat([poor.with_columns(contig=pl.lit("2"), left_out=pl.lit("elsewhere")), poor]).write_parquet(quality)
    found = read_sites(path, "1", quality, [panel])
    assert found["af"].to_list() == [30 / 100, None, None]  # 49 and nobody called tell no frequency
    assert found["left_out"].to_list() == [None, None, "call rate 0 is below 0.95"]
    assert read_sites(path, "1").columns == ["pos", "ref", "alt"]


def test_a_site_of_poor_quality_is_told_apart_and_spoils_the_other_alternates():
    poor = "call rate 0.5 is below 0.95"
    table = sites((10, "A", "G"), (20, "C", "A"), (20, "C", "T"), left_out=[poor, None, poor])
    found = match_contig(variants(at(10, "G", "A"), at(20, "C", "A"), at(20, "A", "C"), at(10, "C", "A")), table)
    assert found["class"].to_list() == ["poor_quality", "poor_quality", "poor_quality", "allele_mismatch"]
    assert found["reason"].to_list()[:3] == [poor] * 3 and found["dosage_of"].null_count() == 4
    summary = summarise(found, 0.5)
    assert summary["poor_quality"][0] == 3
    assert summary["reason"][0] == "no variant matches: 1 allele mismatch, 3 of poor quality"


def test_a_term_needs_all_its_parts_wherever_they_lie():
    part = {"effect_type": "interaction"}
    first = [
        at(10, "G", "A", term=2, line=2, **part),
        at(10, "G", "A", term=3, line=3, **part),
        at(10, "A", "G", line=4),
        at(10, "G", "A", term=5, line=5, **part),
    ]
    second = [
        at(5, "T", "C", term=2, line=2, contig="chr2", **part),
        at(6, "T", "C", term=3, line=3, contig="chr2", **part),
        at(5, "T", "C", term=5, line=5, contig="chr2", **part),
    ]
    logs = [
        match_contig(variants(*first), sites((10, "A", "G"))),
        match_contig(variants(*second), sites((5, "C", "T"))),
    ]
    log = collect_log(logs, pl.Series(["S"]), first_term=7)
    assert log["line"].to_list() == [2, 2, 3, 3, 4, 5, 5]
    assert log["term"].to_list() == [7, 7, 8, 8, None, 9, 9]
    assert log["class"].to_list() == [*["matched"] * 2, *["absent"] * 2, "matched", *["duplicate"] * 2]
    assert log["reason"][2] == "chr2:6 of its sites: no record at this position" and log["dosage_of"][2] is None
    (row,) = summarise(log, 0).rows(named=True)
    assert (row["variants"], row["matched"], row["absent"], row["duplicate"]) == (4, 2, 1, 1)


def test_terms_that_share_a_site_are_no_duplicates():
    part = {"effect_type": "haplotype"}
    rows = [at(10, e, term=n, line=n, **part) for n, e in ((2, "G"), (3, "G"))]
    rows[1:1] = [at(20, "T", term=2, line=2, **part)]
    rows += [at(20, "C", term=3, line=3, **part)]
    log = collect_log([match_contig(variants(*rows), sites((10, "A", "G"), (20, "C", "T")))], pl.Series(["S"]))
    assert log["class"].to_list() == ["matched"] * 4


def test_the_verdicts_of_pgscatalog_calc(shared):
    """101 variants of PGS001229 whose sites have the effect allele as ALT: 94 matched, 7 left out as ambiguous."""
    folder = shared / "real/prs/pygscatalog/duckdb"
    score = pl.read_ndjson(folder / "score_variant_table.json")
    verdicts = (
        pl.read_ndjson(folder / "allele_match_table.json").select("row_nr", "match_result").unnest("match_result")
    )
    assert verdicts["effect_allele_idx"].unique().sort().to_list() == [None, 1]
    rows = [
        at(
            row["chr_position"],
            row["effect_allele"],
            row["other_allele"],
            contig=f"chr{row['chr_name']}",
            line=row["row_nr"],
        )
        for row in score.iter_rows(named=True)
    ]
    found = []
    for contig, own in variants(*rows).group_by("contig"):
        table = own.sort("pos").select("pos", ref="other_allele", alt="effect_allele")
        assert contig and table["pos"].is_unique().all()
        found.append(match_contig(own, table))
    both = pl.concat(found).join(verdicts, left_on="line", right_on="row_nr")
    assert len(both) == 101
    kinds = {"matched": "matched", "excluded": "ambiguous"}
    assert both["class"].to_list() == both["match_summary"].replace(kinds).to_list()
    assert set(both.filter(pl.col("class") == "matched")["match"]) == {"altref"}


def test_the_files_of_pgscatalog_match(shared):
    """76 sites that hold every variant of PGS000001 and PGS000002; a site that the file lists from both alleles."""
    folder = shared / "real/prs/pygscatalog/match"
    pvar = pl.read_csv(folder / "good_match.pvar", separator="\t", schema_overrides={"#CHROM": pl.String})
    rows = read_scores(folder / "good_match_scorefile.txt", "GRCh37")
    found = []
    for (contig,), own in rows.group_by("contig", maintain_order=True):
        table = pvar.filter(pl.format("chr{}", "#CHROM") == contig).select(pos="POS", ref="REF", alt="ALT").sort("pos")
        found.append(match_contig(own, table))
    log = collect_log(found, rows["score"].unique(maintain_order=True))
    ambiguous = log.filter(pl.col("class") == "ambiguous")
    pairs = ambiguous.select(pl.concat_list("effect_allele", "other_allele").list.sort().list.join("")).to_series()
    assert set(pairs) == {"AT", "CG"} and ambiguous["reason"].str.starts_with("left out on purpose").all()
    summary = summarise(log, 0.75)
    assert summary["status"].to_list() == ["found"] * len(summary)
    assert (summary["matched"] + summary["ambiguous"] + summary["duplicate"] == summary["variants"]).all()
    second = log.filter((pl.col("score") == "PGS000002") & (pl.col("pos") == 69331418))
    assert second["class"].to_list() == ["matched", "duplicate"]
    assert second["reason"][1] == "the site is also on line 2, with another weight"
