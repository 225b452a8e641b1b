"""PLINK files without a FASTA: REF is what a table knows; where none does, nothing takes an allele for it."""

import pytest

from permed.inputs.genotype_files import look
from permed.inputs.known_sites import UNTOLD, KnownTables
from permed.variants import complement

HEAD = "rsid\tcontig\tpos\tref\talts\tcontig37\tpos37\n"


@pytest.fixture
def tables(cohort, tmp_path):
    """Tables that know REF of every third site."""

    def make(every: int = 3, **given) -> KnownTables:
        rows = [f"rs{n}\t{c}\t{p}\t{r}\t{a}\t\t\n" for n, (c, p, r, a) in enumerate(cohort.sites) if n % every == 0]
        (tmp_path / "p.tsv").write_text(HEAD + "".join(rows))
        return KnownTables("GRCh38", tmp_path / "p.tsv", **given)

    return make


def substitution(site) -> bool:
    return len(site[3]) == 1


@pytest.mark.parametrize("exchanged", [False, True])
def test_known_sites_are_put_on_ref_and_others_left_out_missing(cohort, take, truth, tables, exchanged):
    found = take(cohort.write_bed(exchanged=exchanged), reference=None, known=tables()).records()
    assert [row[:2] for row in found] == [row[:2] for row in truth], "missing at their place, never absent"
    known = [n for n, site in enumerate(cohort.sites) if n % 3 == 0 and substitution(site)]
    assert [found[n] for n in known] == [truth[n] for n in known]
    others = [row for n, row in enumerate(found) if n not in known]
    assert {call for row in others for call in row[4:]} == {(None, None)}
    assert take.done["counts"][UNTOLD] == len(truth) - len(known)
    assert take.done["counts"]["kept"] == len(known)


def test_other_alleles_stand_as_in_the_file_where_nothing_takes_them_for_ref(cohort, take, truth, tables):
    found = take(cohort.write_bed(exchanged=True), reference=None, known=tables(open_pairs=True)).records()
    for n, (row, site) in enumerate(zip(found, truth, strict=True)):
        letters = [[sorted(str(a) if a is None else ([one[2], *one[3].split(",")][a]) for a in call)
                    for call in one[4:]] for one in (row, site)]  # fmt: skip
        assert letters[0] == letters[1]
        if n % 3 == 0 and substitution(site):
            assert row == site


def test_a_pgen_that_tells_ref_asks_no_table(cohort, take, truth, tables):
    path = cohort.write_pgen()
    assert take(path, reference=None, known=tables()).records() == truth
    assert not any("without a reference" in note for note in look(str(path), known=tables()).notes)


def test_a_provisional_pgen_is_treated_as_a_bed(cohort, take, truth, tables):
    found = take(cohort.write_pgen(provisional=True), reference=None, known=tables()).records()
    assert found[0] == truth[0] and take.done["counts"][UNTOLD] > 0


def test_another_strand_or_place_is_refused_by_what_the_tables_know(cohort, tables):
    known = tables(every=1)
    assert look(str(cohort.write_bed()), known=known).faults == []
    sites = cohort.sites
    cohort.sites = [(c, p, complement(r), complement(a)) for c, p, r, a in sites]
    assert "no allele is the reference's" in look(str(cohort.write_bed()), known=known).faults[0].fault


def test_the_notes_say_how_many_are_told(cohort, tables):
    (note,) = [note for note in look(str(cohort.write_bed()), known=tables()).notes if "tables tell" in note]
    assert f"of 66 of {len(cohort.sites)} variants; elsewhere variants are left out" in note
    looked = look(str(cohort.write_bed()), known=tables(open_pairs=True))
    assert any("A2 of the .bim is taken as the reference allele, which only scores" in note for note in looked.notes)
