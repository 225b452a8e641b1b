"""BGEN of every kind becomes the probabilities it was made from, on REF, with genotypes where a dosage is sure."""

import bgen
import numpy as np
import pysam
import pytest

from permed.errors import Fault
from permed.inputs.bgen import is_bgen
from permed.inputs.files import companions, place_name
from permed.inputs.formats import format_of
from permed.inputs.genotype_files import look
from permed.inputs.known_sites import KnownTables

SAMPLES = "ID_1 ID_2 missing sex\n0 0 0 D\n"


def certain(pairs: np.ndarray, phased: bool) -> np.ndarray:
    """Probabilities of known genotypes: (people, 3), or (people, 4) by copy and allele where they are phased."""
    rows = []
    for one, two in pairs:
        if one < 0:
            rows.append([np.nan] * (4 if phased else 3))
        elif phased:
            rows.append([1 - one, one, 1 - two, two])
        else:
            rows.append([one + two == n for n in range(3)])
    return np.array(rows, float)


@pytest.fixture
def write(cohort):
    """Write the cohort as BGEN; every other variant with its alleles exchanged where ``exchanged``."""

    def run(name="set.bgen", phased=False, exchanged=False, compression="zstd", layout=2, names=True, order=None):
        path, people = cohort.folder / name, cohort.people
        given = {"samples": people} if names else {}
        with bgen.BgenWriter(str(path), len(people), compression=compression, layout=layout, **given) as out:
            for n in order if order is not None else range(len(cohort.sites)):
                contig, pos, ref, alt = cohort.sites[n]
                pairs, alleles = cohort.genotypes[n], [ref, alt]
                if exchanged and n % 2:
                    pairs, alleles = np.where(pairs < 0, -1, 1 - pairs), [alt, ref]
                out.add_variant(f"v{n}", f"rs{n}", contig[3:].zfill(2), pos, alleles, certain(pairs, phased), 2, phased)
        return path

    return run


def alike(found, truth) -> bool:
    """Whether records are those of the truth; the copies of a derived genotype have no order."""
    return [(*row[:4], *(tuple(sorted(c, key=str)) for c in row[4:])) for row in found] == truth


@pytest.mark.parametrize("compression", ["zstd", "zlib", None])
@pytest.mark.parametrize("phased", [False, True])
@pytest.mark.parametrize("exchanged", [False, True])
def test_a_bgen_gives_the_genotypes_it_was_made_from(cohort, take, truth, write, compression, phased, exchanged):
    path = write(compression=compression, phased=phased, exchanged=exchanged)
    assert format_of(path) == "bgen"
    looked = look(str(path), reference=cohort.reference)
    assert (looked.faults, looked.samples, set(looked.contigs)) == ([], cohort.people, {"chr1", "chr2"})
    assert looked.imputed
    assert alike(take(path).records(), truth)
    assert take.samples == cohort.people
    assert take.done["counts"]["kept"] == len(truth)
    with pysam.VariantFile(str(take.place)) as file:
        record = next(iter(file))
        assert record.id == "rs0" and ("HDS" if phased else "GP") in record.format


def test_layout_1_and_variants_out_of_order(cohort, take, truth, write):
    assert alike(take(write(layout=1, compression="zlib")).records(), truth)
    order = np.random.default_rng(1).permutation(len(truth))
    assert alike(take(write(order=order)).records(), truth)


def test_people_who_were_not_admitted_are_not_written(cohort, take, truth, write):
    found = take(write(), ["1e5", "007"]).records()
    assert take.samples == ["007", "1e5"]
    assert alike(found, [(*row[:4], row[5], row[7]) for row in truth])
    assert take(write(), ["nobody"]).records() == []


@pytest.mark.parametrize(
    ("probabilities", "genotype", "dosage"),
    [
        ((1, 0, 0), (0, 0), 0),
        ((0.95, 0.05, 0), (0, 0), 0.05),
        ((0.8, 0.2, 0), (None, None), 0.2),
        ((0, 0.94, 0.06), (0, 1), 1.06),
        ((0.3, 0.4, 0.3), (0, 1), 1.0),
        ((0, 0, 1), (1, 1), 2),
        ((0.02, 0.03, 0.95), (1, 1), 1.93),
        ((np.nan,) * 3, (None, None), None),
    ],
)
def test_a_genotype_is_given_where_the_dosage_is_within_a_tenth(cohort, take, probabilities, genotype, dosage):
    path, (_, pos, ref, alt) = cohort.folder / "one.bgen", cohort.sites[0]
    for alleles, given in (([ref, alt], probabilities), ([alt, ref], probabilities[::-1])):
        with bgen.BgenWriter(str(path), 1, samples=["S1"]) as out:
            out.add_variant("v", "rs1", "1", pos, alleles, np.array([given]), bit_depth=16)
        ((_, _, found_ref, found_alt, found),) = take(path).records()
        assert (found_ref, found_alt, tuple(sorted(found, key=str))) == (ref, alt, genotype)
        with pysam.VariantFile(str(take.place)) as file:
            gp = next(iter(file)).samples[0]["GP"]
        assert (None if dosage is None else round(gp[1] + 2 * gp[2], 3)) == dosage


def test_people_with_one_copy_and_with_two(cohort, take):
    path = cohort.folder / "x.bgen"
    ploidy = np.array([1, 2, 1, 1, 2], np.uint8)
    plain = np.array([[1, 0, np.nan], [0, 1, 0], [0, 1, np.nan], [0.5, 0.5, np.nan], [np.nan] * 3])
    phased = np.array([[1, 0, np.nan, np.nan], [1, 0, 0, 1], [0, 1, np.nan, np.nan], [np.nan] * 4, [0, 1, 0, 1]])
    with bgen.BgenWriter(str(path), 5, samples=cohort.people) as out:
        out.add_variant("v", "rs1", "X", 3_000_000, ["A", "G"], plain, ploidy)
        out.add_variant("v", "rs2", "X", 3_000_010, ["A", "G"], phased, ploidy, True)
    take(path, reference=None, contigs=["chrX"])
    with pysam.VariantFile(str(take.place)) as file:
        found = [[tuple(sorted(c["GT"], key=str)) for c in record.samples.values()] for record in file]
    assert found[0] == [(0,), (0, 1), (1,), (None,), (None, None)]
    assert found[1][:3] == [(0,), (0, 1), (1,)] and found[1][4] == (1, 1)
    assert set(found[1][3]) == {None}


def test_several_alternates_are_missing_at_their_place_and_counted(cohort, take):
    path, (_, pos, ref, alt) = cohort.folder / "m.bgen", cohort.sites[0]
    third = next(base for base in "ACGT" if base not in (ref, *alt))
    with bgen.BgenWriter(str(path), 1, samples=["S1"]) as out:
        out.add_variant("v", "rs1", "1", pos, [ref, alt, third], np.array([[0, 1.0, 0, 0, 0, 0]]))
    ((_, found, base, alternates, genotype),) = take(path).records()
    assert (found, base, alternates, set(genotype)) == (pos, ref, ".", {None})
    assert take.done["counts"]["variants of more than two alleles"] == 1


def test_names_of_a_sample_file_beside_it(cohort, take, truth, write):
    path = write(names=False)
    (fault,) = look(str(path)).faults
    assert "names nobody" in fault.fault and fault.remedy == "Put its sample file beside it, as set.sample"
    beside = path.with_suffix(".sample")
    beside.write_text(SAMPLES + "".join(f"F{n} {name} 0 1\n" for n, name in enumerate(cohort.people)))
    assert companions(str(path)) == [str(beside)]
    assert look(str(path), reference=cohort.reference).samples == cohort.people
    assert alike(take(path).records(), truth)
    beside.write_text(SAMPLES + "F S1 0 1\n")
    (fault,) = look(str(path)).faults
    assert (fault.file, "1 people" in fault.fault) == (str(beside), True)
    beside.write_text("S1\n")
    assert "column names and types" in look(str(path)).faults[0].fault


def test_names_in_the_file_and_beside_it_must_agree(cohort, write):
    path = write()
    beside = path.with_suffix(".sample")
    beside.write_text(SAMPLES + "".join(f"{name} {name} 0 1\n" for name in cohort.people))
    assert look(str(path), reference=cohort.reference).faults == []
    beside.write_text(SAMPLES + "".join(f"{name} {name} 0 1\n" for name in reversed(cohort.people)))
    (fault,) = look(str(path), reference=cohort.reference).faults
    assert "not those in the genotypes" in fault.fault


def test_a_file_of_another_build_is_refused(cohort, write):
    cohort.sites = [(c, p + 7, r, a) for c, p, r, a in cohort.sites]
    assert "no allele is the reference's" in look(str(write()), reference=cohort.reference).faults[0].fault


def test_damaged_files(cohort, take, write):
    path = write()
    data = path.read_bytes()
    for cut in (data[:-20], data[: len(data) // 2]):
        path.write_bytes(cut)
        with pytest.raises((Fault, ExceptionGroup)):
            take(path)
        assert list((cohort.folder / "ours").iterdir()) == []
    path.write_bytes(data[: len(data) // 2])
    (fault,) = look(str(path), reference=cohort.reference).faults
    assert fault.file == str(path) and fault.remedy
    assert not is_bgen(b"bgen" * 10) and not is_bgen(b"")


def test_people_who_are_twice(cohort, write):
    cohort.people[1] = "S1"
    (fault,) = look(str(write()), reference=cohort.reference).faults
    assert fault.sample == "S1"


def test_without_a_reference_the_tables_tell_ref(cohort, take, write, tmp_path):
    contig, pos, ref, alt = next(site for site in cohort.sites if len(site[3]) == 1)
    table = "rsid\tcontig\tpos\tref\talts\tcontig37\tpos37\n"
    (tmp_path / "p.tsv").write_text(f"{table}rs1\t{contig}\t{pos}\t{ref}\t{alt}\t\t\n")
    path = write(exchanged=True)
    known = KnownTables("GRCh38", tmp_path / "p.tsv")
    found = {row[1]: row[2:4] for row in take(path, reference=None, known=known).records(contig)}
    assert found[pos] == (ref, alt) and set(found.values()) == {(ref, alt), ("N", ".")}
    looked = look(str(path), known=known)
    assert looked.faults == [] and any("reference allele of 1 of" in note for note in looked.notes)


def test_the_place_of_a_bgen():
    assert place_name(1, "x/ukb_imp_chr22_v3.bgen") == "00001.ukb_imp_chr22_v3.bcf"


def test_a_sample_file_in_another_coding_and_a_workbook_in_its_place(cohort, write):
    path = write("set.bgen", names=False)
    beside, names = path.with_suffix(".sample"), "".join(f"{name} {name} 0\r" for name in cohort.people)
    beside.write_bytes(f"ID_1 ID_2 missing\r0 0 0\r{names}".encode("utf-16"))
    assert look(str(path), reference=cohort.reference).samples == cohort.people
    beside.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99))
    (fault,) = look(str(path), reference=cohort.reference).faults
    assert "Excel" in fault.fault and fault.file == str(beside)
