"""Records of the definitions' insertions and deletions in any spelling, and records that are not evidence of them."""

import pysam
import pytest

from permed.pharmacogenes.calling.gene import call_gene
from permed.pharmacogenes.definitions import MISSING, REF, UNDOCUMENTED
from permed.pharmacogenes.reading.files import read_genotypes
from permed.pharmacogenes.reading.records import DISPUTED, UNCHANGED, Effect, Interpreter

REPEAT = "rs3064744"  # UGT1A1: 233760233 CAT, the stretch of AT is 233760234 to 233760248, a base A follows
BUILDS = ("GRCh38", "GRCh37")


def indels(genes, build):
    """(gene for the build, index, position) of every position with an insertion or deletion."""
    for gene in genes.values():
        placed, _ = gene.placed(build)
        yield from ((placed, at, position) for at, position in enumerate(placed.positions) if position.is_indel)


def place(genes, gene, name, build="GRCh38"):
    placed, _ = genes[gene].placed(build)
    at = next(i for i, position in enumerate(placed.positions) if position.name == name)
    return placed, at, placed.positions[at]


def effects(gene, at, pos, ref, alt, **options):
    """What a record says of one position."""
    found = Interpreter(gene, **options).effects(pos, ref, alt, pos + len(ref) - 1)
    return [(effect.code, effect.here) for effect in found if effect.at == at]


@pytest.mark.parametrize("build", BUILDS)
def test_each_spelling_with_any_anchor_is_the_allele(genes, build):
    count = 0
    for gene, at, position in indels(genes, build):
        bases = position.known_bases()
        for pos, ref, alt, code in position.spellings:
            forms = [(pos, ref, alt)]
            for before in range(1, 4):
                if pos - before in bases:
                    left = "".join(bases[p] for p in range(pos - before, pos))
                    forms.append((pos - before, left + ref, left + alt))
            for after in range(1, 4):
                right = [bases.get(p) for p in range(pos + len(ref), pos + len(ref) + after)]
                if all(right):
                    text = "".join(right)
                    forms += [(pos, ref + text, alt + text), (pos + 1, ref[1:] + text, alt[1:] + text)]
            for form in forms:
                assert effects(gene, at, *form) == [(code, True)], (gene.name, position.name, form)
                count += 1
    assert count > 400


@pytest.mark.parametrize("build", BUILDS)
def test_a_spelling_changes_no_other_position(genes, build):
    for gene, at, position in indels(genes, build):
        for pos, ref, alt, _ in position.spellings:
            found = Interpreter(gene).effects(pos, ref, alt, pos + len(ref) - 1)
            assert [effect.at for effect in found] == [at], (gene.name, position.name, pos, ref, alt)


@pytest.mark.parametrize("build", BUILDS)
def test_the_anchor_base_tells_nothing_of_what_follows(genes, build):
    for gene, at, position in indels(genes, build):
        first = position.ref[0]
        other = "A" if first != "A" else "G"
        assert effects(gene, at, position.pos, first, None) == []
        assert effects(gene, at, position.pos, first, other) == []
        assert effects(gene, at, position.pos - 1, "N" + first, None) == []


@pytest.mark.parametrize("build", BUILDS)
def test_a_block_tells_it_only_if_it_has_the_whole_stretch(genes, build):
    for gene, at, position in indels(genes, build):
        reader, (first, last) = Interpreter(gene), position.around
        for start, end, told in (
            (first, last, True),
            (first - 500, last + 500, True),
            (first, last - 1, False),
            (first + 1, last, False),
            (first - 500, position.pos, False),
        ):
            bases = position.known_bases()
            found = reader.effects(start, bases.get(start, "N"), None, end)
            assert (Effect(at, REF, True) in found) is told, (gene.name, position.name, start, end)


def test_a_reference_genotype_of_another_length_at_the_place_counts(genes):
    gene, at, repeat = place(genes, "UGT1A1", REPEAT)
    assert effects(gene, at, repeat.pos, "CATAT", "C") == [(UNDOCUMENTED, True)]
    assert effects(gene, at, repeat.pos, "C", "CATATATAT") == [(UNDOCUMENTED, True)]
    assert effects(gene, at, repeat.pos, "C", "CGG") == [(UNDOCUMENTED, True)]


@pytest.mark.parametrize(
    ("pos", "ref", "alt", "code"),
    [
        (233760240, "A", "AG", MISSING),  # in the stretch, of another length or sequence
        (233760240, "ATAT", "A", MISSING),
        (233760240, "A", "ATG", MISSING),
        (233760248, "A", "AC", MISSING),  # between its last base and the base beside it
        (233760248, "AA", "A", MISSING),  # the base beside it
        (233760232, "CC", "C", MISSING),
        (233760232, "C", "CG", None),  # before the base beside it
        (233760249, "A", "AG", None),
        (233760249, "AG", "A", None),
        (233760229, "TTG", "T", None),
        (233760200, "A" * 60, "A", MISSING),  # a deletion of everything
        (233760240, "A", "G", None),  # a substitution within
        (233760240, "AT", "GC", None),
    ],
)
def test_another_allele_near_and_not_near(genes, pos, ref, alt, code):
    gene, at, _ = place(genes, "UGT1A1", REPEAT)
    if pos == 233760200:
        bases = "G" * 33 + "CATATATATATATATAAGTAGGAGAGG"
        ref, alt = bases, bases[0]
    found = effects(gene, at, pos, ref, alt)
    assert found == ([] if code is None else [(code, False)])


def test_another_length_at_the_place_itself(genes):
    """Known to be another allele if the records were left-aligned, unknown if not, or where it would be reference."""
    gene, at, repeat = place(genes, "UGT1A1", REPEAT)
    assert effects(gene, at, repeat.pos, "C", "CAA") == [(UNDOCUMENTED, True)]
    assert effects(gene, at, repeat.pos, "C", "CAA", aligned=False) == [(MISSING, True)]
    gene, at, deletion = place(genes, "DPYD", "rs72549309")
    assert gene.undocumented_as_reference
    assert effects(gene, at, deletion.pos, "GATG", "G") == [(MISSING, True)]


def test_a_record_over_the_whole_stretch(genes):
    gene, at, repeat = place(genes, "UGT1A1", REPEAT)
    whole = "CATATATATATATATAA"
    assert effects(gene, at, repeat.pos, whole, None) == [(REF, True)]
    assert effects(gene, at, repeat.pos, whole + "GT", whole + "GC") == [(UNCHANGED, True)]
    assert effects(gene, at, repeat.pos, whole + "GT", whole + "GTC") == [(UNCHANGED, True)]
    assert effects(gene, at, repeat.pos, whole, "CATATATATGTATATAA") == [(MISSING, True)]


def test_another_reference_is_disputed(genes):
    gene, at, repeat = place(genes, "UGT1A1", REPEAT)
    assert effects(gene, at, repeat.pos, "G", "GAT") == [(DISPUTED, True)]
    assert effects(gene, at, repeat.pos + 3, "C", "CAT") == [(DISPUTED, True)]
    assert effects(gene, at, repeat.pos, "GAT", None) == [(DISPUTED, True)]


@pytest.mark.parametrize(
    ("gene", "name", "pos", "ref", "alt", "code"),
    [
        # DPYD*7: ATGAATGA, of which GRCh37 shows the first half by the definition, the other by the record.
        ("DPYD", "rs72549309", 98205970, "AATGA", "A", 1),
        ("DPYD", "rs72549309", 98205967, "ATGAA", "A", 1),
        ("DPYD", "rs72549309", 98205970, "ATTGA", "A", MISSING),
        ("CYP3A5", "rs41303343", 99250394, "A", "AA", 1),
        ("CYP3A5", "rs41303343", 99250394, "G", "GA", MISSING),
        # CYP3A4*20: that the bases between are T as well was not seen.
        ("CYP3A4", "rs67666821", 99355807, "T", "TT", 1),
        ("CYP3A4", "rs67666821", 99355810, "T", "TT", MISSING),
        ("CYP3A4", "rs67666821", 99355806, "GTTTTT", "GTTTTTT", 1),
        ("NUDT15", "rs746071566", 48611918, "AGGAGTC", "AGGAGTCGGAGTC", 2),
        ("NUDT15", "rs746071566", 48611924, "C", "CGGAGTC", 2),
        ("NUDT15", "rs746071566", 48611936, "C", "CGGAGTC", MISSING),
    ],
)
def test_on_grch37_the_record_itself_shows_the_bases_or_it_is_unknown(genes, gene, name, pos, ref, alt, code):
    placed, at, position = place(genes, gene, name, "GRCh37")
    assert not position.stretch_known
    assert effects(placed, at, pos, ref, alt) == [(code, code > 0)]


@pytest.mark.parametrize(
    ("gene", "name", "genotype", "diplotype"),
    [
        ("UGT1A1", REPEAT, "0/1", "*1/*28"),
        ("CYP3A5", "rs41303343", "1/1", "*7/*7"),
        ("CYP2C9", "rs9332131", "0/1", "*1/*6"),
        ("DPYD", "rs72549309", "0/1", "Reference/c.295_298delTCAT (*7)"),
        ("NUDT15", "rs746071566", "0/1", "*1/*9"),
        ("TPMT", "rs759836180", "0/1", "*1/*42"),
    ],
)
def test_every_spelling_gives_the_same_call_with_and_without_a_reference(
    genes, make_vcf, normalise, gene, name, genotype, diplotype
):
    code = 2 if name == REPEAT else 1
    position = place(genes, gene, name)[2]
    written = [row[:3] for row in position.spellings if row[3] == code]
    assert len(written) > 1
    found = set()
    for pos, ref, alt in written:
        rows = [(genes[gene].contig, p.pos, p.ref, p.alts[0], "0/0") for p in genes[gene].positions if p.name != name]
        rows.append((genes[gene].contig, pos, ref, alt, genotype))
        contigs = [(genes[gene].contig, 250_000_000)]
        path = make_vcf(sorted(rows, key=lambda row: row[1]), contigs=contigs)
        for vcf, aligned in ((path, False), (normalise(path), True)):
            genotypes = read_genotypes([vcf], genes[gene], ["S1"], absent_sites="missing", aligned=aligned)
            row = call_gene(genes[gene], ["S1"], genotypes).row(0, named=True)
            found.add((row["state"], row["diplotype"]))
    assert found == {("called", diplotype)}


def codes_of(make_vcf, genes, gene, name, rows, people=("S1",), **options):
    contig = genes[gene].contig
    path = make_vcf([(contig, *row) for row in rows], people, [(contig, 250_000_000)])
    found = read_genotypes([path], genes[gene], list(people), **{"absent_sites": "missing"} | options)
    return found.codes[:, place(genes, gene, name)[1]].tolist()


def test_two_spellings_in_one_file_are_one_allele(make_vcf, genes):
    first, second = (233760233, "C", "CAT"), (233760240, "A", "ATA")

    def read(one, two):
        return codes_of(make_vcf, genes, "UGT1A1", REPEAT, [(*first, *one), (*second, *two)], ("S1", "S2"))

    assert read(("0/1", "./."), ("./.", "0/1")) == [[REF, 2], [REF, 2]]
    assert read(("0/1", "0/0"), ("0/1", "0/0")) == [[REF, 2], [REF, REF]]
    assert read(("0/1", "0/0"), ("0/0", "1/1")) == [[MISSING, MISSING], [MISSING, MISSING]]


def test_a_position_read_by_its_anchor_alone_is_unread(make_vcf, genes):
    anchor = [(233760233, "C", ".", "0/0")]
    assert codes_of(make_vcf, genes, "UGT1A1", REPEAT, anchor) == [[MISSING, MISSING]]
    substituted = [(233760233, "C", "T", "0/0")]
    assert codes_of(make_vcf, genes, "UGT1A1", REPEAT, substituted) == [[MISSING, MISSING]]
    anchor = [(99652770, "T", ".", "0/0")]
    assert codes_of(make_vcf, genes, "CYP3A5", "rs41303343", anchor) == [[MISSING, MISSING]]
    assert codes_of(make_vcf, genes, "CYP3A5", "rs41303343", anchor, absent_sites="reference") == [[REF, REF]]
    substituted = [(99652770, "T", "C", "0/1")]
    assert codes_of(make_vcf, genes, "CYP3A5", "rs41303343", substituted) == [[MISSING, MISSING]]


def test_an_allele_near_takes_only_its_carriers(make_vcf, genes):
    rows = [(233760233, "C", "CAT", "0/0", "0/0", "0/1"), (233760240, "A", "AG", "0/0", "0/1", "0/1")]
    found = codes_of(make_vcf, genes, "UGT1A1", REPEAT, rows, ("S1", "S2", "S3"))
    assert found[:2] == [[REF, REF], [MISSING, MISSING]]
    assert MISSING in found[2]


def test_people_are_not_called_by_anchors(shared, genes, make_vcf):
    """The shape of files that list every position of the definitions with the first base of its REF."""
    for gene in ("CYP2C9", "CYP3A5", "DPYD", "NUDT15", "TPMT", "UGT1A1"):
        contig = genes[gene].contig
        rows = [(contig, p.pos, p.ref[0], ".", "0/0") for p in genes[gene].positions]
        path = make_vcf(rows, contigs=[(contig, 250_000_000)])
        found = read_genotypes([path], genes[gene], ["S1"], absent_sites="missing")
        row = call_gene(genes[gene], ["S1"], found).row(0, named=True)
        assert row["state"] == "not_assessable", gene
        unread = {p.name for p in genes[gene].positions if p.is_indel}
        assert set(row["missing_positions"].split(",")) == unread


def test_a_record_is_the_allele_only_if_it_gives_the_same_sequence(shared, genes):
    """All deletions and insertions of a few sizes within 12 bases of each position, on the sequence of GRCh38."""
    readers = {name: Interpreter(gene) for name, gene in genes.items()}
    checked = 0
    with pysam.FastaFile(str(shared / "real" / "pgx" / "grch38_pgx_sparse.fa.gz")) as genome:
        for gene, at, position in indels(genes, "GRCh38"):
            start, end = position.around[0] - 12, position.around[1] + 12
            sequence = genome.fetch(position.contig, start - 1, end)
            wanted = {}
            for code, alt in enumerate(position.alts, start=1):
                offset = position.pos - start
                wanted[sequence[:offset] + alt + sequence[offset + len(position.ref) :]] = code
            sizes = sorted({abs(len(alt) - len(position.ref)) for alt in position.alts} | {1, 2})
            units = {made[offset + 1 :][:size] for made in wanted for size in sizes}
            for offset in range(1, len(sequence) - 1):
                own = {sequence[offset : offset + size] for size in sizes} | units
                changes = [(sequence[offset - 1], sequence[offset - 1] + unit) for unit in own]
                changes += [(sequence[offset - 1 : offset + size], sequence[offset - 1]) for size in sizes]
                for ref, alt in changes:
                    made = sequence[: offset - 1] + alt + sequence[offset - 1 + len(ref) :]
                    pos = start + offset - 1
                    found = readers[gene.name].effects(pos, ref, alt, pos + len(ref) - 1)
                    code = next((effect.code for effect in found if effect.at == at and effect.here), None)
                    code = code if code is not None and code > REF else None
                    assert code == wanted.get(made), (gene.name, position.name, pos, ref, alt)
                    checked += 1
    assert checked > 10_000
