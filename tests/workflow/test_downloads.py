"""Annotation databases by address through the whole workflow: fetched once, compared, locked, and cited."""

import gzip
import hashlib
import json
import random

import pysam
import pytest

INFO = {"CLNSIG": "String", "CLNREVSTAT": "String", "AF": "Float"}
CLASS = "CLNSIG=Pathogenic;CLNREVSTAT=reviewed_by_expert_panel"
OTHER = {"A": "C", "C": "A", "G": "T", "T": "G"}
CLINVAR = "results/annotation/downloads/clinvar/clinvar.vcf.gz"
BASES = {name: "".join(random.Random(name).choice("ACGT") for _ in range(3000)) for name in ("chr1", "chr2")}


def packed(folder, contig, rows, date="2026-11-01"):
    """A bgzipped VCF of rows of position and INFO."""
    lines = ["##fileformat=VCFv4.1", f"##fileDate={date}", f"##contig=<ID={contig},length=3000>"]
    lines += [f'##INFO=<ID={key},Number=.,Type={kind},Description="x">' for key, kind in INFO.items()]
    lines.append("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO")
    for pos, info in rows:
        ref = BASES[contig][pos - 1]
        lines.append(f"{contig}\t{pos}\t7\t{ref}\t{OTHER[ref]}\t.\t.\t{info}")
    with pysam.BGZFile(str(folder / "made.vcf.gz"), "w") as out:
        out.write("\n".join([*lines, ""]).encode())
    return (folder / "made.vcf.gz").read_bytes()


@pytest.fixture
def own(tmp_path, server, make_vcf, write_gene):
    """A cohort of two people with genes, and a server that has ClinVar and frequencies by contig."""
    rows = [
        (contig, pos, BASES[contig][pos - 1], OTHER[BASES[contig][pos - 1]], "0/1", "0/0")
        for contig in BASES
        for pos in range(500, 2500, 100)
    ]
    make_vcf(rows, samples=("A1", "A2"), contigs=[(contig, 3000) for contig in BASES])
    (tmp_path / "r.fa").write_text("".join(f">{contig}\n{bases}\n" for contig, bases in BASES.items()))
    write_gene(tmp_path)
    (tmp_path / "people.tsv").write_text("sample\tconsent\nA1\tfindings\nA2\tfindings\n")
    clinvar = packed(tmp_path, "chr1", [(700, CLASS)])
    server.answers |= {
        "/clinvar.vcf.gz": clinvar,
        "/clinvar.vcf.gz.md5": f"{hashlib.md5(clinvar).hexdigest()}  /made/clinvar_20261101.vcf.gz\n".encode(),
        **{f"/gnomad.{name}.vcf.bgz": packed(tmp_path, name, [(700, "AF=0.25")]) for name in BASES},
    }
    return tmp_path


@pytest.fixture
def configure(own, server, write_config):
    """Write a configuration with these options of the database ``clinvar``, and further databases."""

    def write(contigs=("chr1", "chr2"), others=None, **clinvar):
        clinvar = {"kind": "clinvar", "address": f"{server.address}/clinvar.vcf.gz", **clinvar}
        return write_config(
            own,
            cohort={"samples": "people.tsv", "genotypes": "cohort.vcf.gz"},
            genome={"contigs": [*contigs], "reference": "r.fa"},
            annotation={"genes": "genes.gff3", "sources": {"clinvar": clinvar, **(others or {})}},
            pharmacogenes={"genes": []},
        )

    return write


@pytest.fixture
def run(own, in_process, configure):
    """Run to these targets with these options."""
    return lambda *words, **options: in_process(own, *words, "--configfile", configure(**options))


def test_a_database_is_downloaded_once_compared_annotated_and_cited(own, server, run):
    clinvar = server.answers["/clinvar.vcf.gz"]
    options = {
        "md5": f"{server.address}/clinvar.vcf.gz.md5",
        "others": {"frequency": {"kind": "gnomad", "address": server.address + "/gnomad.{contig}.vcf.bgz"}},
        "contigs": ["chr1"],
    }
    done = run(**options)
    assert done.status == 0, done.terminal
    assert sorted(server.asked) == ["/clinvar.vcf.gz", "/clinvar.vcf.gz.md5", "/gnomad.chr1.vcf.bgz"]
    site = done.table("annotation/chr1.parquet").filter(pos=700).row(0, named=True)
    assert (site["clinvar_state"], site["clinvar_stars"], site["frequency_af"]) == ("found", 3, 0.25)
    about = json.loads(done.file("annotation/sources/clinvar.json").read_text())
    assert about["release"] == "2026-11-01"
    assert about["files"] == [
        {
            "name": "clinvar.vcf.gz",
            "sha256": hashlib.sha256(clinvar).hexdigest(),
            "address": f"{server.address}/clinvar.vcf.gz",
            "checked_by": f"{server.address}/clinvar.vcf.gz.md5",
        }
    ]
    trusted = json.loads(done.file("annotation/sources/frequency.json").read_text())["files"]
    assert [(file["name"], file["checked_by"]) for file in trusted] == [("gnomad.chr1.vcf.bgz", None)]
    report = done.file("samples/A1/report.html").read_text()
    assert f"{server.address}/clinvar.vcf.gz" in report and about["files"][0]["sha256"][:12] in report
    asked = len(server.asked)
    again = run(**options)
    assert again.status == 0 and "Nothing to be done" in again.terminal, again.terminal
    (own / "people.tsv").write_text("sample\tconsent\nA1\tfindings\nA2\tscores\n")
    fewer = run("results/annotation/sources/clinvar.json", **options)
    assert fewer.status == 0 and len(server.asked) == asked, "what is there is whole, and nothing is asked"
    (own / CLINVAR).write_bytes(server.answers["/gnomad.chr1.vcf.bgz"])
    changed = run(**options)
    assert changed.status != 0 and "its SHA-256 has changed. Remove it; it is downloaded again" in changed.terminal
    (own / CLINVAR).unlink()
    mended = run("results/annotation/sources/clinvar.json", **options)
    assert mended.status == 0 and (own / CLINVAR).read_bytes() == clinvar, mended.terminal


def test_a_file_that_changed_at_its_address_is_refused(own, server, run):
    first = run(CLINVAR)
    assert first.status == 0, first.terminal
    (own / CLINVAR).unlink()
    server.answers["/clinvar.vcf.gz"] = server.answers["/gnomad.chr2.vcf.bgz"]
    for _ in range(2):  # a lock outlives the failure of its rule
        changed = run(CLINVAR)
        assert changed.status != 0 and "the file there has changed since" in changed.terminal
        assert not (own / CLINVAR).exists() and (own / f"{CLINVAR}.json").exists()
    server.answers["/clinvar.vcf.gz"] = newer = packed(own, "chr1", [(700, CLASS), (800, CLASS)], "2026-11-08")
    pinned = run("results/annotation/sources/clinvar.json", sha256=hashlib.sha256(newer).hexdigest())
    assert pinned.status == 0, pinned.terminal
    server.answers = {"/other/clinvar.vcf.gz": packed(own, "chr1", [(900, CLASS)], "2026-11-15")}
    moved = run("results/annotation/sources/clinvar.json", address=f"{server.address}/other/clinvar.vcf.gz")
    assert moved.status == 0, moved.terminal
    about = json.loads(moved.file("annotation/sources/clinvar.json").read_text())
    assert (about["release"], about["rows"]) == ("2026-11-15", 1)


def test_an_interrupted_download_is_tried_again_and_a_wrong_one_leaves_nothing(own, server, run):
    clinvar = server.answers["/clinvar.vcf.gz"]
    server.answers["/clinvar.vcf.gz"] = [503, (len(clinvar), clinvar[:50]), clinvar, clinvar]
    wrong = run(CLINVAR, sha256="0" * 64)
    assert wrong.status != 0 and not (own / CLINVAR).exists() and not (own / f"{CLINVAR}.json").exists()
    assert f"has the SHA-256 {hashlib.sha256(clinvar).hexdigest()}, but the configuration gives 000" in wrong.terminal
    assert server.asked == ["/clinvar.vcf.gz"] * 3
    right = run(CLINVAR, sha256=hashlib.sha256(clinvar).hexdigest())
    assert right.status == 0, right.terminal
    assert (own / CLINVAR).exists(), right.terminal


def test_an_address_without_a_file_is_one_clear_message(own, server, run):
    pattern = {"kind": "gnomad", "address": server.address + "/gnomad.{contig}.vcf.bgz"}
    del server.answers["/gnomad.chr2.vcf.bgz"]
    wanted = "results/annotation/sources/frequency.json"
    absent = run(wanted, others={"frequency": pattern})
    message = f"{server.address}/gnomad.chr2.vcf.bgz: there is no such file. Check annotation.sources.frequency; "
    assert absent.status != 0 and message in absent.terminal
    assert "annotation.sources.frequency.contigs names the contigs of which there are files" in absent.terminal
    named = run(wanted, others={"frequency": {**pattern, "contigs": ["chr1"]}})
    assert named.status == 0, named.terminal
    about = json.loads(named.file("annotation/sources/frequency.json").read_text())
    assert (about["contigs"], [*about["read"]]) == (["chr1"], ["chr1"])


def test_without_consent_or_with_a_fault_nothing_is_asked(own, server, check, configure):
    (own / "people.tsv").write_text("sample\tconsent\nA1\tnone\nA2\tnone\n")
    nobody = check(own, configure())
    assert nobody.status != 0 and "nobody agreed to anything" in nobody.terminal
    (own / "people.tsv").write_text("sample\tconsent\nA1\tfindings\nA2\tfindings\n")
    faulty = check(own, configure(sha256={"chr1": "0" * 64}))
    assert faulty.status != 0 and "annotation.sources.clinvar.sha256 has none of clinvar.vcf.gz" in faulty.terminal
    both = check(own, configure(path="clinvar.vcf.gz"))
    assert both.status != 0 and "annotation.sources.clinvar needs path, address or built, one of them" in both.terminal
    assert server.asked == []


def test_a_folder_of_ones_own_has_an_address(own, run):
    text = f"chrom\tpos\tref\talt\tn\nchr1\t700\t{BASES['chr1'][699]}\t{OTHER[BASES['chr1'][699]]}\t3\n"
    (own / "ours.tsv.gz").write_bytes(gzip.compress(text.encode()))
    (own / "ours.yaml").write_text(
        "title: Our laboratory\nrole: other\nformat: tsv\nlicence: ours\ncovers: listed\n"
        "columns: {contig: chrom, pos: pos, ref: ref, alt: alt}\nfields: {seen: {from: n, type: integer}}\n"
    )
    ours = {"kind": "ours.yaml", "address": (own / "ours.tsv.gz").as_uri(), "release": "2026-11"}
    done = run("results/annotation/chr1.parquet", others={"ours": ours}, contigs=["chr1"])
    assert done.status == 0, done.terminal
    assert done.table("annotation/chr1.parquet").filter(pos=700)["ours_seen"].to_list() == [3]
