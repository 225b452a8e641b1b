"""A database is built once: another cohort's run takes it as it is, and says the same; what does not fit is refused."""

import json
import random

import polars as pl
import pysam
import pytest

BASES = {name: "".join(random.Random(name).choice("ACGT") for _ in range(3000)) for name in ("chr1", "chr2")}
OTHER = {"A": "C", "C": "A", "G": "T", "T": "G"}
INFO = {"CLNSIG": "String", "CLNREVSTAT": "String", "AF": "Float"}
CLASS = "CLNSIG=Pathogenic;CLNREVSTAT=reviewed_by_expert_panel"
SHEET = "sample\tconsent\nA1\tfindings,carriers\nA2\tfindings\n"


def write_database(path, info, contigs=BASES):
    """A VCF that lists every fiftieth base of these contigs."""
    lines = ["##fileformat=VCFv4.1", "##fileDate=2026-11-01"]
    lines += [f"##contig=<ID={contig},length=3000>" for contig in BASES]
    lines += [f'##INFO=<ID={key},Number=.,Type={kind},Description="x">' for key, kind in INFO.items()]
    lines.append("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO")
    for contig in contigs:
        bases = BASES[contig]
        lines += [f"{contig}\t{p}\t7\t{bases[p - 1]}\t{OTHER[bases[p - 1]]}\t.\t.\t{info}" for p in range(50, 3000, 50)]
    with pysam.BGZFile(str(path), "w") as out:
        out.write("\n".join([*lines, ""]).encode())


@pytest.fixture
def own(tmp_path, make_vcf, write_gene):
    """A cohort of two people with genes and two databases."""
    rows = [(c, p, b[p - 1], OTHER[b[p - 1]], "0/1", "0/0") for c, b in BASES.items() for p in range(625, 2500, 25)]
    make_vcf(rows, samples=("A1", "A2"), contigs=[(contig, 3000) for contig in BASES])
    (tmp_path / "r.fa").write_text("".join(f">{contig}\n{bases}\n" for contig, bases in BASES.items()))
    write_gene(tmp_path)
    (tmp_path / "people.tsv").write_text(SHEET)
    write_database(tmp_path / "clinvar.vcf.gz", CLASS)
    write_database(tmp_path / "gnomad.vcf.gz", "AF=0.25")
    return tmp_path


@pytest.fixture
def configure(own, write_config):
    """Write a configuration with these databases and this folder of results."""

    def write(outdir="results", contigs=("chr1", "chr2"), build="GRCh38", **sources):
        return write_config(
            own,
            outdir=outdir,
            cohort={"samples": "people.tsv", "genotypes": "cohort.vcf.gz"},
            genome={"contigs": [*contigs], "reference": "r.fa", "build": build},
            annotation={"genes": "genes.gff3", "sources": sources},
            pharmacogenes={"genes": []},
        )

    return write


@pytest.fixture
def run(own, in_process, configure):
    """Run to these targets with these databases."""
    return lambda *words, **options: in_process(own, *words, "--configfile", configure(**options))


BUILT = {name: {"path": f"{name}.vcf.gz", "kind": name} for name in ("clinvar", "gnomad")}
TAKEN = {name: {"built": f"results/annotation/sources/{name}.parquet"} for name in ("clinvar", "gnomad")}


def faults_of(own, outdir):
    return json.loads((own / outdir / "checks/inputs.json").read_text())["faults"]


def test_a_later_run_takes_what_was_built_and_says_the_same(own, run):
    first = run(**BUILT)
    assert first.status == 0, first.terminal
    (own / "clinvar.vcf.gz").unlink(), (own / "gnomad.vcf.gz").unlink()
    plan = run("-n", outdir="second", **TAKEN)
    assert "take_source" in plan.terminal and "build_source" not in plan.terminal, plan.terminal
    second = run(outdir="second", **TAKEN)
    assert second.status == 0, second.terminal
    assert "build_source" not in second.terminal
    same = [f"annotation/{part}.parquet" for part in ("chr1", "chr2", "classified", "known/chr1", "sources/gnomad")]
    for name in [*same, "annotation/sources/gnomad.json", "findings/findings.parquet"]:
        assert (own / "second" / name).read_bytes() == (own / "results" / name).read_bytes(), name
    table = pl.read_parquet(own / "second/annotation/chr1.parquet")
    found = dict(table.select("pos", "gnomad_state").rows())
    assert (found[650], found[675]) == ("found", "not_covered"), "gnomAD's files do not tell where it looked"
    manifests = [json.loads((own / outdir / "manifest.json").read_text()) for outdir in ("results", "second")]
    first_files, second_files = ({row["path"]: row["sha256"] for row in each["files"]} for each in manifests)
    assert second_files["annotation/sources/gnomad.parquet"] == first_files["annotation/sources/gnomad.parquet"]
    again = run(outdir="second", **TAKEN)
    assert "Nothing to be done" in again.terminal, again.terminal
    renamed = run(
        "second/annotation/chr1.parquet", outdir="second", frequency=TAKEN["gnomad"], clinvar=TAKEN["clinvar"]
    )
    assert renamed.status == 0, renamed.terminal
    states = renamed.folder / "second/annotation/chr1.parquet"
    assert pl.read_parquet(states)["frequency_state"].to_list() == table["gnomad_state"].to_list()


def test_a_built_database_that_changed_reruns_what_depends_on_it(own, run):
    databases = ["results/annotation/sources/gnomad.parquet", "second/annotation/chr1.parquet"]
    assert run(databases[0], gnomad=BUILT["gnomad"]).status == 0
    done = run(databases[1], outdir="second", gnomad=TAKEN["gnomad"])
    assert done.status == 0, done.terminal
    write_database(own / "gnomad.vcf.gz", "AF=0.5")
    assert run(databases[0], gnomad=BUILT["gnomad"]).status == 0
    assert run(databases[1], outdir="second", gnomad=TAKEN["gnomad"]).status == 0
    table = pl.read_parquet(own / databases[1]).filter(pos=650)
    assert table["gnomad_af"].to_list() == [0.5]


def test_what_does_not_fit_is_refused_before_anything_is_computed(own, run, check, configure):
    assert run("results/annotation/sources/gnomad.parquet", gnomad=BUILT["gnomad"]).status == 0
    other = configure(outdir="other", gnomad={**TAKEN["gnomad"], "kind": "clinvar"}, build="GRCh37")
    assert check(own, other).status == 1
    (fault,) = faults_of(own, "other")
    assert fault["fault"] == "the database was built on GRCh38; genome.build says GRCh37"
    assert check(own, configure(outdir="gone", gnomad={"built": "nowhere/gnomad.parquet"})).status == 1
    (fault,) = faults_of(own, "gone")
    assert fault["file"] == "nowhere/gnomad.parquet"
    itself = run(gnomad=TAKEN["gnomad"])
    (fault,) = faults_of(own, "results")
    assert (
        itself.status == 1
        and "Traceback" not in itself.terminal
        and "this run writes its own annotation databases there" in fault["fault"]
    )
    assert (own / "results/annotation/sources/gnomad.parquet").is_file(), "what was refused is still there"


def test_a_contig_without_a_file_is_not_covered_even_where_regions_have_it(own, run):
    write_database(own / "gnomad.chr1.vcf.gz", "AF=0.25", ["chr1"])
    (own / "all.bed").write_text("chr1\t0\t3000\nchr2\t0\t3000\n")
    tables = [f"annotation/{contig}.parquet" for contig in ("chr1", "chr2")]
    database = {"path": "gnomad.{contig}.vcf.gz", "kind": "gnomad", "regions": "all.bed"}
    done = run(*[f"results/{name}" for name in tables], gnomad=database)
    assert done.status == 0, done.terminal
    later = {**TAKEN["gnomad"], "regions": "all.bed"}
    taken = run(*[f"second/{name}" for name in tables], outdir="second", gnomad=later)
    assert taken.status == 0, taken.terminal
    for outdir in ("results", "second"):
        first, second = (pl.read_parquet(own / outdir / name)["gnomad_state"].to_list() for name in tables)
        assert {*first} == {"found", "absent"} and {*second} == {"not_covered"}
    told = run("third/annotation/chr1.parquet", outdir="third", gnomad={**TAKEN["gnomad"], "regions": "everywhere"})
    assert told.status == 0, told.terminal
    states = pl.read_parquet(own / "third/annotation/chr1.parquet")["gnomad_state"].to_list()
    assert {*states} == {"found", "absent"}
    notes = json.loads((own / "second/checks/inputs.json").read_text())["notes"]
    assert any("did not read chr2: not_covered there" in note for note in notes)
