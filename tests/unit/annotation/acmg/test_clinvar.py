"""ClinVar's words: classes by term, conflicts and low penetrance without one, stars that stand in."""

import pytest

from permed.annotation.acmg.clinvar import clinvar_class, is_somatic_only


@pytest.mark.parametrize(
    ("text", "expected", "speaks"),
    [
        ("Pathogenic", "pathogenic", True),
        ("Likely_pathogenic", "likely_pathogenic", True),
        ("Pathogenic/Likely_pathogenic", "likely_pathogenic", True),
        ("Benign/Likely benign", "likely_benign", False),
        ("Uncertain significance", "uncertain", False),
        ("Pathogenic|drug response", "pathogenic", True),
        ("Pathogenic/Likely pathogenic|risk factor", "likely_pathogenic", True),
        ("Benign, other", "benign", False),
        ("Conflicting_classifications_of_pathogenicity", None, True),
        ("Conflicting interpretations of pathogenicity|other", None, True),
        ("Pathogenic, low penetrance", None, True),
        ("Pathogenic/Likely pathogenic/Pathogenic, low penetrance", None, True),
        ("Likely pathogenic/Likely risk allele", None, True),
        ("Uncertain risk allele", None, False),
        ("Benign|Pathogenic", None, True),
        ("drug response", None, False),
        ("not provided", None, False),
        ("no classification for the single variant", None, False),
        (None, None, False),
    ],
)
def test_terms_are_read_whole(text, expected, speaks):
    found, spoken, note = clinvar_class(text)
    assert (found, spoken) == (expected, speaks)
    assert (note is None) == (expected is not None or text is None)


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("1", False),
        ("2", True),
        ("3", False),
        ("2|1", False),
        ("0", False),
    ],
)
def test_somatic_is_told_by_the_code(origin, expected):
    assert is_somatic_only(origin) is expected


def test_stars_let_clinvar_stand_in_and_it_is_said(judged, compared):
    row = {"clinvar_state": "found", "clinvar_significance": "Pathogenic", "clinvar_stars": 2, "revel_score": 0.95}
    made = judged(row, known=compared)[0]
    assert (made["classification"], made["classified_by"]) == ("pathogenic", "clinvar")
    assert made["own_classification"] == "uncertain" and made["points"] == 5
    assert made["classification_reason"] == "ClinVar, 2 stars: Pathogenic; our criteria alone: uncertain (points: 5)"
    for other, options in (({"clinvar_stars": 1}, {}), ({}, {"min_stars": 3}), ({}, {"min_stars": None})):
        made = judged(row | other, known=compared, **options)[0]
        assert (made["classification"], made["classified_by"]) == ("uncertain", "own")
        assert made["clinvar_significance"] == "Pathogenic"


@pytest.mark.parametrize(
    "row",
    [
        {"clinvar_significance": "Conflicting classifications of pathogenicity", "clinvar_stars": 4},
        {"clinvar_significance": "Pathogenic, low penetrance", "clinvar_stars": 3},
        {"clinvar_significance": "Pathogenic", "clinvar_stars": 3, "clinvar_origin": "2"},
        {"clinvar_significance": "Pathogenic", "clinvar_stars": None},
    ],
)
def test_what_is_no_firm_germline_class_never_stands_in(judged, row):
    made = judged(row)[0]
    assert (made["classification"], made["classified_by"]) == ("uncertain", "own")


def test_sites_outside_coding_regions_are_shown_where_someone_speaks_of_them(judged):
    row = {"consequence": "intron"}
    assert judged(row, {"consequence": "5_prime_utr"}, {"consequence": "intergenic", "gene": None}) == []
    for more in (
        {"clinvar_significance": "Pathogenic", "clinvar_stars": 0},
        {"clinvar_significance": "Conflicting classifications of pathogenicity"},
        {"spliceai_score": 0.2},
        {"consequence": "splice_region&intron"},
    ):
        assert len(judged(row | more)) == 1
    assert judged(row | {"clinvar_significance": "Benign", "spliceai_score": 0.1}) == []


def test_real_clinvar_texts_have_a_class_or_a_reason(shared):
    import pysam

    path = shared / "real/anno/clinvar/exomiser_clinvar_grch37_2000.vcf.gz"
    texts = ["/".join(r.info["CLNSIG"]) for r in pysam.VariantFile(str(path)) if "CLNSIG" in r.info]
    assert len(texts) > 1900
    for text in texts:
        found, _, note = clinvar_class(text)
        assert found or note
        assert not ("onflicting" in text and found)
