"""Null variants beside the alleles, planted by kind, spelling, genotype and phase, and what the calls make of them."""

import itertools

import polars as pl
import pysam
import pytest

from call_pharmacogenes import call_pharmacogenes
from permed.observations.codes import GENOTYPE_FILTER, LOW_QUALITY, SITE_FILTER
from permed.pharmacogenes.beside.variants import Known
from permed.pharmacogenes.evidence.rows import SCHEMA

NULL = ("frameshift", "stop_gained", "splice_acceptor", "splice_donor", "start_lost")
FORMATS = "GT:OBS:GQ:DP:AD:PS"
AT = 48_037_700  # before the first position of NUDT15
PLAIN = (AT, "A", "T", "stop_gained")
MODELS = {"contig": "chr13", "gene": "NUDT15", "name": "T1", "chosen_by": "mane_select"}


WITHOUT = {"consequences": [], "models_path": None}


def cell(genotype: str, doubt: int = 0, quality: str = "50", phase_set: str = ".") -> str:
    return f"{genotype}:{doubt}:{quality}:30:16,14:{phase_set}"


@pytest.fixture
def run(tmp_path, genes, paths):
    """Run the step on planted genotypes of some genes; gives the rows of calls and of evidence by sample and gene.

    ``planted`` has (pos, REF, ALT, consequence, a cell a sample) of the first gene's contig, ``at`` genotypes of a
    position by name; all other positions are reference.
    """

    def call(planted=(), only=("NUDT15",), samples=("S1",), at=None, agreed=None, models=None, rows=None, **more):
        own = [genes[name] for name in only]
        contig, at, many = own[0].contig, at or {}, len(samples)
        usual = [cell("0/0")] * many
        records = [
            (p.pos, p.ref, p.alts[0], at.get(p.name, usual))
            for gene in own
            for p in gene.placed(more.get("build", "GRCh38"))[0].positions
        ]
        records += [(pos, ref, alt, cells) for pos, ref, alt, _, *cells in planted if cells]
        path = write(tmp_path, contig, sorted(records, key=lambda row: row[:3]), samples)
        consent, tables = tmp_path / "consent.txt", {}
        consent.write_text("".join(f"{name}\n" for name in (samples if agreed is None else agreed)))
        default = [
            {"contig": contig, "pos": pos, "ref": ref, "alt": alt, "gene": only[0], "transcript": "T1"}
            | {"consequence": said, "hgvs_c": "T1.1:c.9A>T", "hgvs_p": "p.(Arg3Ter)"}
            for pos, ref, alt, said, *_ in planted
        ]
        text = dict.fromkeys(
            ("contig", "ref", "alt", "gene", "transcript", "consequence", "hgvs_c", "hgvs_p"), pl.String
        )
        tables["rows"] = pl.DataFrame(default if rows is None else rows, schema=text | {"pos": pl.Int64})
        own_models = [{**MODELS, "contig": contig, "gene": only[0]}] if models is None else models
        tables["models"] = pl.DataFrame(own_models, schema=dict.fromkeys(MODELS, pl.String))
        for name, table in tables.items():
            table.write_parquet(tmp_path / f"{name}.parquet")
        calls, evidence = tmp_path / "calls.parquet", tmp_path / "evidence.parquet"
        given = {"consequences": [tmp_path / "rows.parquet"], "models": tmp_path / "models.parquet"} | more
        given |= {"models": given.pop("models_path")} if "models_path" in given else {}
        outputs = {"calls": calls, "evidence": evidence}
        fixed = {"absent_sites": "missing", "contigs": [contig], "genes": list(only)}
        call_pharmacogenes([path], consent, paths, **outputs, **fixed, **given)
        found = {(row["sample"], row["gene"]): row for row in pl.read_parquet(calls).to_dicts()}
        told: dict[tuple, list[dict]] = {}
        for row in pl.read_parquet(evidence).filter(pl.col("kind").str.starts_with("also")).to_dicts():
            told.setdefault((row["sample"], row["gene"]), []).append(row)
        return found, told

    return call


def write(folder, contig, records, samples):
    """An indexed BCF as normalisation writes it."""
    kinds = {"GT": "String", "OBS": "Integer", "GQ": "Integer", "DP": "Integer", "AD": "Integer", "PS": "Integer"}
    lines = ["##fileformat=VCFv4.2", f"##contig=<ID={contig},length=250000000>"]
    lines += [
        f'##FORMAT=<ID={name},Number={"R" if name == "AD" else 1},Type={kind},Description="x">'
        for name, kind in kinds.items()
    ]
    lines.append("\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples]))
    lines += ["\t".join([contig, str(p), ".", r, a, ".", "PASS", ".", FORMATS, *cells]) for p, r, a, cells in records]
    text = folder / "cohort.vcf"
    text.write_text("\n".join(lines) + "\n")
    path = folder / "cohort.bcf"
    pysam.bcftools.view("-Ob", "-o", str(path), str(text), catch_stdout=False)
    pysam.bcftools.index("-f", str(path), catch_stdout=False)
    return path


def one(found, sample="S1", gene="NUDT15"):
    return found[0][sample, gene], found[1].get((sample, gene), [])


@pytest.mark.parametrize("kind", [*NULL, "*stop_gained", "frameshift&stop_gained", "splice_donor&intron"])
def test_each_kind_takes_the_certainty_and_stands_in_call_and_evidence(run, kind):
    call, rows = one(run([(AT, "A", "T", kind, cell("0/1"))]))
    words = " and ".join(term.replace("_", " ") for term in kind.lstrip("*").split("&") if term in NULL)
    also = f"T1.1:c.9A>T p.(Arg3Ter) ({words}, heterozygous)"
    assert (call["state"], call["diplotype"], call["phenotype"]) == ("called", "*1/*1", "Normal Metabolizer")
    assert call["also_carried"] == also and call["phenotype_certain"] is False
    said = f"Carries also {also}, not in the definitions: function may be lost; it lies on one of two copies of *1."
    assert call["reason"].endswith(said) and call["reason"].startswith("All 20 positions were read.")
    (row,) = rows
    assert {
        name: row[name] for name in ("kind", "position", "contig", "pos", "genotype", "depth", "allele_depths")
    } == {
        "kind": "also_carried",
        "position": "T1.1:c.9A>T p.(Arg3Ter)",
        "contig": "chr13",
        "pos": AT,
        "genotype": "A/T",
        "depth": 30,
        "allele_depths": "A 16, T 14",
    }
    assert row["consequence"] == kind and list(row) == list(SCHEMA)


@pytest.mark.parametrize(
    "kind",
    ["missense", "synonymous", "inframe_deletion", "stop_lost", "splice_region", "start_lost&start_retained", "intron"]
    + ["frameshift&stop_retained", "frameshift&stop_lost", "5_prime_utr", "coding_sequence"],
)
def test_other_consequences_are_not_told(run, kind):
    call, rows = one(run([(AT, "A", "T", kind, cell("1/1"))]))
    assert call["also_carried"] is None and call["phenotype_certain"] and not rows and "also" not in call["reason"]


def test_who_carries_nothing_is_called_as_without_gene_models(run):
    planted = [(*PLAIN, cell("0/1"), cell("0/0"), cell("./."))]
    found, rows = run(planted, samples=("S1", "S2", "S3"))
    without, none = run(planted, samples=("S1", "S2", "S3"), **WITHOUT)
    assert not none and set(rows) == {("S1", "NUDT15")}
    assert all(found[name, "NUDT15"] == without[name, "NUDT15"] for name in ("S2", "S3"))
    assert without["S1", "NUDT15"]["also_carried"] is None and without["S1", "NUDT15"]["phenotype_certain"]


def test_what_could_not_be_looked_for_is_logged_once(run, caplog):
    with caplog.at_level("INFO", logger="permed"):
        run([(*PLAIN, cell("0/1"))], **WITHOUT)
    assert [line for line in caplog.messages if "beside" in line] == [
        "Null variants beside the alleles were not looked for: that needs gene models (annotation.genes) and their "
        "FASTA (genome.reference)"
    ]
    caplog.clear()
    with caplog.at_level("INFO", logger="permed"):
        found, _ = run([(*PLAIN, cell("0/1"))], models=[MODELS | {"gene": "ELSE"}])
    assert found["S1", "NUDT15"]["also_carried"] is None and found["S1", "NUDT15"]["phenotype_certain"]
    assert [line for line in caplog.messages if "beside" in line] == [
        "Null variants beside the alleles of NUDT15 were not looked for: the gene models do not have them"
    ]


def test_a_gene_in_which_a_loss_says_nothing_of_the_advice_is_not_looked_at(run, caplog):
    planted = [(38_433_000, "A", "T", "stop_gained", cell("1/1"))]
    with caplog.at_level("INFO", logger="permed"):
        call, rows = one(run(planted, only=("RYR1",)), gene="RYR1")
        run(planted, only=("RYR1",), **WITHOUT)
    assert call["also_carried"] is None and call["phenotype_certain"] and not rows
    assert not [line for line in caplog.messages if "beside" in line]


def test_nobody_is_read_who_did_not_agree_or_is_withheld(run, tmp_path):
    planted = [(*PLAIN, *[cell("0/1")] * 3)]
    quality = pl.DataFrame({"sample": ["S1", "S2", "S3"], "status": ["pass", "fail", "pass"]}).with_columns(
        withheld=pl.when(sample="S2").then(pl.lit("Withheld: x.")), sex_reported=pl.lit("XX"), sex_inferred=pl.lit("XX")
    )
    quality.write_parquet(tmp_path / "quality.parquet")
    found, rows = run(planted, samples=("S1", "S2", "S3"), agreed=("S1", "S2"), quality=tmp_path / "quality.parquet")
    assert {name for name, _ in found} == {"S1", "S2"} and set(rows) == {("S1", "NUDT15")}
    assert found["S2", "NUDT15"]["also_carried"] is None and found["S2", "NUDT15"]["reason"] == "Withheld: x."


def test_the_transcript_of_choice_decides(run):
    names = {"T1": "canonical", "T2": "mane_plus_clinical", "T3": "mane_select", "T4": None}
    models = [MODELS | {"name": name, "chosen_by": by} for name, by in names.items()]

    def rows(**kinds):
        site = {"contig": "chr13", "pos": AT, "ref": "A", "alt": "T", "gene": "NUDT15"}
        return [site | {"transcript": name, "consequence": kind} for name, kind in kinds.items()]

    planted = [(*PLAIN, cell("0/1"))]
    others = rows(T1="stop_gained", T2="frameshift", T3="missense", T4="start_lost")
    assert one(run(planted, models=models, rows=others))[0]["also_carried"] is None
    own = rows(T1="missense", T3="splice_donor")
    assert one(run(planted, models=models, rows=own))[0]["also_carried"] == (
        f"chr13:{AT} A>T (GRCh38) (splice donor, heterozygous)"
    )
    assert one(run(planted, models=models[:1], rows=own[:1]))[0]["also_carried"] is None
    assert one(run(planted, models=models[:1], rows=rows(T1="stop_gained")))[0]["also_carried"]
    elsewhere = [row | {"gene": "OTHER"} for row in rows(T3="stop_gained")]
    assert one(run(planted, models=models, rows=elsewhere))[0]["also_carried"] is None


def test_what_the_definitions_know_is_theirs_in_every_spelling(genes):
    """Each alternate of each gene in which a loss counts, with more bases before and behind, and at other places."""
    for gene in genes.values():
        for build in ("GRCh38", "GRCh37"):
            known = Known(gene.placed(build)[0])
            for position in gene.placed(build)[0].positions:
                for alt in position.alts:
                    assert known.has(position.pos, position.ref, alt)
                    assert known.has(position.pos - 2, "GT" + position.ref, "GT" + alt)
                    assert known.has(position.pos, position.ref + "AC", alt + "AC")
                for pos, ref, alt, _ in position.spellings:
                    assert known.has(pos, ref, alt)


def test_another_base_at_a_known_position_is_not_known(genes):
    for gene in genes.values():
        known = Known(gene)
        for position in gene.positions:
            if len(position.ref) > 1:
                continue
            for base in set("ACGT") - {position.ref, *position.alts}:
                assert not known.has(position.pos, position.ref, base)
            longer = position.ref + "ACGTACGTACGT"
            assert not known.has(position.pos, position.ref, longer), (gene.name, position.name)


def test_an_allele_of_the_definitions_keeps_its_certainty(run, genes):
    """Whatever a defined allele does to the protein, it is the definition's."""
    gene = genes["NUDT15"]
    at = next(p for p in gene.positions if not p.is_indel)
    planted = [(at.pos, at.ref, at.alts[0], "stop_gained")]
    call, rows = one(run(planted, at={at.name: [cell("0/1")]}))
    assert call["also_carried"] is None and call["state"] == "called" and call["diplotype"] != "*1/*1" and not rows


def test_another_allele_of_a_known_position_is_told(run, genes):
    at = next(p for p in genes["NUDT15"].positions if not p.is_indel)
    other = next(base for base in "ACGT" if base not in (at.ref, *at.alts))
    call, rows = one(run([(at.pos, at.ref, other, "stop_gained", cell("0/1"))]))
    assert call["also_carried"] and not call["phenotype_certain"] and len(rows) == 1
    assert (call["state"], call["diplotype"]) == ("called", "*1/*1"), (
        "bases that NUDT15's table lacks count as reference"
    )


def test_a_substitution_of_several_bases_is_known_if_each_base_is(genes):
    gene = genes["CYP2C9"]
    near = next(
        (one, other)
        for one, other in itertools.pairwise(sorted(gene.positions, key=lambda p: p.pos))
        if other.pos - one.pos == 1 and not one.is_indel and not other.is_indel
    )
    known, (one_, other) = Known(gene), near
    both = one_.ref + other.ref
    assert known.has(one_.pos, both, one_.alts[0] + other.alts[0])
    strange = next(base for base in "ACGT" if base not in (other.ref, *other.alts))
    assert not known.has(one_.pos, both, one_.alts[0] + strange)
    assert not known.has(one_.pos, both, one_.alts[0] + other.alts[0] + "A")


def test_alleles_of_one_site_are_each_their_own(run):
    """Two alternates of a site, of which one person has one each and another the harmless one."""
    planted = [
        (*PLAIN, cell("0/1"), cell("0/0"), cell("1/0", phase_set=".")),
        (AT, "A", "C", "missense", cell("0/0"), cell("0/1"), cell("0/1")),
        (AT, "A", "AG", "frameshift", cell("0/0"), cell("0/0"), cell("0/1")),
    ]
    found, rows = run(planted, samples=("S1", "S2", "S3"))
    assert found["S2", "NUDT15"]["also_carried"] is None
    assert found["S1", "NUDT15"]["also_carried"].count("heterozygous") == 1
    assert found["S3", "NUDT15"]["also_carried"].split("; ")[1].startswith("T1.1:c.9A>T p.(Arg3Ter) (stop gained")
    assert [row["genotype"] for row in rows["S3", "NUDT15"]] == ["A/AG", "A/T"]


@pytest.mark.parametrize(
    ("doubt", "said"),
    [
        (LOW_QUALITY, "GQ 7"),
        (GENOTYPE_FILTER, "a failed filter of the genotype"),
        (SITE_FILTER, "a failed filter of the site"),
    ],
)
def test_a_genotype_that_is_not_believed_is_told_and_changes_nothing(run, doubt, said):
    planted = [(*PLAIN, cell("0/1", doubt, "7"), cell("0/0", doubt, "7"))]
    found, rows = run(planted, samples=("S1", "S2"))
    call = found["S1", "NUDT15"]
    assert call["also_carried"] is None and call["phenotype_certain"] and call["state"] == "called"
    assert call["reason"].endswith(
        f"Read, but not believed: {said} at T1.1:c.9A>T p.(Arg3Ter) (stop gained, not in the definitions)."
    )
    assert [(row["kind"], row["genotype"]) for row in rows["S1", "NUDT15"]] == [("also_doubted", "A/T")]
    assert "believed" not in found["S2", "NUDT15"]["reason"], "the site is there for another person"
    assert ("S2", "NUDT15") not in rows


@pytest.mark.parametrize(
    ("genotype", "words", "where"),
    [
        ("1/1", "homozygous", "lost."),
        ("1|1", "homozygous", "lost."),
        ("./1", "on one copy, the other was not read", "lost."),
        ("0/1", "heterozygous", "lost; it lies on one of two copies of *1."),
    ],
)
def test_on_how_many_copies_is_said(run, genotype, words, where):
    call, _ = one(run([(*PLAIN, cell(genotype))]))
    assert call["also_carried"] == f"T1.1:c.9A>T p.(Arg3Ter) (stop gained, {words})" and call["reason"].endswith(where)


@pytest.mark.parametrize(
    ("genotype", "set_", "said"),
    [
        ("0|1", "5", "it lies on the copy of {other}"),
        ("1|0", "5", "it lies on the copy of *1"),
        ("1|0", "6", "which copy is not known"),
        ("0/1", ".", "which copy is not known"),
    ],
)
def test_on_which_copy_is_said_where_the_file_phases_it(run, genes, genotype, set_, said):
    at = next(p for p in genes["NUDT15"].positions if not p.is_indel)
    call, _ = one(run([(*PLAIN, cell(genotype, phase_set=set_))], at={at.name: [cell("0|1", phase_set="5")]}))
    assert call["state"] == "called"
    other = next(name for name in call["diplotype"].split("/") if name != "*1")
    assert call["reason"].endswith(f"function may be lost; {said.format(other=other)}.")


X_AT = 154_531_000


@pytest.fixture
def of_x(run, tmp_path):
    def call(genotype, sex, rest):
        quality = {
            "sample": ["S1"],
            "status": ["pass"],
            "withheld": [None],
            "sex_reported": [sex],
            "sex_inferred": [sex],
        }
        pl.DataFrame(quality, schema_overrides={"withheld": pl.String}).write_parquet(tmp_path / "quality.parquet")
        planted = [(X_AT, "A", "T", "stop_gained", cell(genotype))]
        usual = {name: [cell(rest)] for name in call.names}
        return one(run(planted, only=("G6PD",), at=usual, quality=tmp_path / "quality.parquet"), gene="G6PD")

    return call


@pytest.mark.parametrize(
    ("genotype", "sex", "rest", "words"),
    [
        ("1", "XY", "0", "hemizygous"),
        ("1/1", "XY", "0/0", "hemizygous"),
        ("1/1", "XX", "0/0", "homozygous"),
        ("0/1", "XX", "0/0", "heterozygous"),
        ("1", "NA", "0", "on every copy, and how many there are is not known"),
    ],
)
def test_one_x_is_hemizygous_however_it_is_written(of_x, genes, genotype, sex, rest, words):
    of_x.names = [p.name for p in genes["G6PD"].positions]
    call, rows = of_x(genotype, sex, rest)
    assert call["also_carried"] == f"T1.1:c.9A>T p.(Arg3Ter) (stop gained, {words})"
    assert not call["phenotype_certain"] and len(rows) == 1


@pytest.mark.parametrize(
    ("genotype", "sex", "rest", "why"),
    [
        ("0/1", "XY", "0", "two alleles where one copy is expected"),
        ("1", "XX", "0/0", "one allele where two copies are expected"),
        ("./1", "XY", "0", "a genotype that cannot be read"),
    ],
)
def test_a_genotype_that_does_not_fit_the_sex_is_not_believed(of_x, genes, genotype, sex, rest, why):
    of_x.names = [p.name for p in genes["G6PD"].positions]
    call, rows = of_x(genotype, sex, rest)
    assert call["also_carried"] is None and call["phenotype_certain"]
    assert f"Read, but not believed: {why} at T1.1:c.9A>T" in call["reason"] and rows[0]["kind"] == "also_doubted"


def test_a_cohort_and_each_person_alone_give_the_same(run):
    cells = [cell("0/1"), cell("1/1"), cell("0/0", LOW_QUALITY, "3"), cell("0/1", LOW_QUALITY, "3"), cell("./.")]
    samples = [f"S{n}" for n in range(1, 6)]
    second = (AT + 5, "AG", "A", "frameshift")
    found, rows = run([(*PLAIN, *cells), (*second, *cells[::-1])], samples=samples)
    for n, name in enumerate(samples):
        own = [(*PLAIN, cells[n]), (*second, cells[::-1][n])]
        carried = [row for row in own if "1" in row[4].split(":")[0]]
        alone, told = run(carried, samples=[name])
        assert alone[name, "NUDT15"] == found[name, "NUDT15"]
        assert told.get((name, "NUDT15")) == rows.get((name, "NUDT15"))


def test_a_pseudogene_is_named(run):
    call, _ = one(run([(42_126_000, "A", "T", "stop_gained", cell("0/1"))], only=("CYP2D6",)), gene="CYP2D6")
    assert call["reason"].endswith(
        "Reads of the pseudogene CYP2D7 may have been taken for those of CYP2D6: have it confirmed."
    )
    assert call["state"] == "not_assessable" and call["also_carried"]


@pytest.mark.parametrize("line", ["NUDT15\t*1/*3\n", "NUDT15\tNO_READS\n"])
def test_a_call_made_elsewhere_has_it_too(run, tmp_path, line):
    outside = tmp_path / "outside.tsv"
    outside.write_text(line)
    planted = [(*PLAIN, cell("0/1"))]
    call, rows = one(run(planted, outside=[outside], outside_samples=["S1"]))
    assert call["origin"] == "outside" and call["also_carried"] and call["phenotype_certain"] is False
    assert call["reason"].endswith("function may be lost; which copy is not known.") and len(rows) == 1


def test_a_gene_with_positions_without_a_place_says_what_it_was_compared_with(run):
    planted = [(99_354_000, "A", "T", "stop_gained", cell("0/1"))]
    call, rows = one(run(planted, only=("CYP3A4",), build="GRCh37"), gene="CYP3A4")
    assert "not in the definitions that have a place on GRCh37: function may be lost" in call["reason"]
    assert (rows[0]["contig"], rows[0]["pos"]) == (None, None), "evidence has places of GRCh38"


def test_several_are_all_told(run):
    planted = [(AT + n, "A", "T", "stop_gained", cell("0/1")) for n in range(0, 9, 3)]
    call, rows = one(run(planted))
    assert call["also_carried"].count("; ") == 2 and call["reason"].count("Carries also") == 3 and len(rows) == 3
