"""What was read, as each person's report tells it: genotypes that files write and that say nothing, or too little."""

import json

import polars as pl
import pysam
import pytest

GENES = ["VKORC1", "DPYD", "TPMT", "CYP2C19"]
LENGTHS = {"chr1": 248956422, "chr6": 170805979, "chr10": 133797422, "chr16": 90338345}
GOOD = "30,0:30:99:0,90,900:PASS"
VKORC1, DPYD, TPMT = ("chr16", 31096368), ("chr1", 97450058), ("chr6", 18130687)
# By person what stands at a place instead of a good 0/0: rows of (ALT, FILTER, GT:AD:DP:GQ:PL:FT), and which gene's
# call it makes unsure, with the words of the reason.
PEOPLE = {
    "noreads": (DPYD, [("T", ".", "0/0:0,0:0:0:0,0,0:.")], "DPYD", "no reads"),
    "flat": (VKORC1, [("T", ".", "0/0:.:.:.:0,0,0:.")], "VKORC1", "no reads"),
    "lowquality": (VKORC1, [("T", ".", "0/1:9,2:11:3:3,0,90:.")], "VKORC1", "GQ 3"),
    "likelihoods": (VKORC1, [("T", ".", "1/1:0,1:1:127:57,3,0:.")], "VKORC1", "not believed"),
    "lowdepth": (VKORC1, [("T", ".", "0/0:4,0:4:.:.:.")], "VKORC1", "DP 4"),
    "filtered": (DPYD, [("T", ".", "0/0:30,0:30:99:0,90,900:LowDP")], "DPYD", "filter of the genotype"),
    "contradicted": (TPMT, [("C", ".", "0/1:30,0:30:99:90,0,900:.")], "TPMT", "contradict"),
    "failedpart": (DPYD, [("T", "PASS", f"0/0:{GOOD}"), ("G", "q10", f"0/0:{GOOD}")], "DPYD", "another record"),
    "unlisted": (DPYD, [("T,<NON_REF>", ".", "0/2:15,0,15:30:99:90,90,90,0,90,900:.")], "DPYD", "not fully read"),
    "polyploid": (VKORC1, [("T", ".", f"0/0/1:{GOOD}")], "VKORC1", "cannot be read"),
    "fine": (VKORC1, [("T", ".", "0/1:15,15:30:99:90,0,900:PASS")], None, ""),
    "refcall": (VKORC1, [("T", "RefCall", "0/0:30,1:31:35:0,35,400:.")], None, ""),
    "twoparts": (DPYD, [("T", ".", "0/1:15,15:30:99:90,0,900:."), ("G", ".", "0/0:15,0:30:99:0,90,900:.")], None, ""),
}


def write_person(folder, name, places):
    """A bgzipped VCF of one person: good reference genotypes but at one place."""
    place, rows, *_ = PEOPLE[name]
    head = ["##fileformat=VCFv4.2", *(f"##contig=<ID={c},length={n}>" for c, n in LENGTHS.items())]
    head += [f'##FILTER=<ID={f},Description="{f}">' for f in ("q10", "RefCall")]
    head += ['##ALT=<ID=NON_REF,Description="any">']
    kinds = {"GT": "1,Type=String", "AD": "R,Type=Integer", "DP": "1,Type=Integer", "GQ": "1,Type=Integer"}
    kinds |= {"PL": "G,Type=Integer", "FT": "1,Type=String"}
    head += [f'##FORMAT=<ID={field},Number={kind},Description="x">' for field, kind in kinds.items()]
    lines = ["\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", name])]
    for contig, pos, ref, alt in places:
        own = rows if (contig, pos) == place else [(alt, ".", f"0/0:{GOOD}")]
        lines += [f"{contig}\t{pos}\t.\t{ref}\t{a}\t.\t{f}\t.\tGT:AD:DP:GQ:PL:FT\t{cell}" for a, f, cell in own]
    with pysam.BGZFile(str(folder / f"{name}.vcf.gz"), "w") as out:
        out.write("\n".join([*head, *lines, ""]).encode())


@pytest.fixture(scope="module")
def told(root, tmp_path_factory, in_process, write_config):
    """One run of all: by person and gene the entry of the report, and the run."""
    folder = tmp_path_factory.mktemp("reads")
    table = pl.read_csv(root / "resources/pharmacogenes/positions.tsv", separator="\t", infer_schema=False)
    table = table.filter(pl.col("gene").is_in(GENES) & (pl.col("role") == "definition"))
    rows = table.select("contig", pl.col("pos").cast(pl.Int64), "ref", pl.col("alts").str.split(",").list.first())
    places = sorted(rows.unique(["contig", "pos"]).rows(), key=lambda row: (list(LENGTHS).index(row[0]), row[1]))
    for name in PEOPLE:
        write_person(folder, name, places)
    (folder / "people.tsv").write_text("sample\tconsent\n" + "".join(f"{n}\tpharmacogenes\n" for n in PEOPLE))
    write_config(
        folder,
        cohort={"samples": "people.tsv", "genotypes": "{sample}.vcf.gz"},
        genome={"contigs": list(LENGTHS)},
        pharmacogenes={"genes": GENES},
        quality={"on_fail": "flag"},
    )
    run = in_process(folder, "--configfile", folder / "my.yaml")
    assert run.status == 0, run.terminal
    reports = {name: json.loads(run.file(f"samples/{name}/report.json").read_text()) for name in PEOPLE}
    return {name: {entry["gene"]: entry for entry in report["pharmacogenes"]} for name, report in reports.items()}, run


@pytest.mark.parametrize("name", [name for name, (*_, gene, _) in PEOPLE.items() if gene])
def test_what_says_nothing_is_no_result_and_the_report_says_why(told, name):
    entries, _ = told
    *_, gene, words = PEOPLE[name]
    assert entries[name][gene]["state"] == "not_assessable", entries[name][gene]
    assert words in entries[name][gene]["reason"]
    assert "was not read" not in entries[name][gene]["reason"]
    others = {other: entry["state"] for other, entry in entries[name].items() if other != gene}
    assert set(others.values()) == {"called"}, "the rest of the person was read"


@pytest.mark.parametrize(
    ("name", "gene", "diplotype"),
    [
        ("fine", "VKORC1", "rs9923231 reference (C)/rs9923231 variant (T)"),
        ("refcall", "VKORC1", "rs9923231 reference (C)/rs9923231 reference (C)"),
        ("twoparts", "DPYD", "Reference/c.1905+1G>A (*2A)"),
    ],
)
def test_what_was_read_is_a_result(told, name, gene, diplotype):
    entries, _ = told
    assert (entries[name][gene]["state"], entries[name][gene]["diplotype"]) == ("called", diplotype)


def test_nobody_without_a_believed_position_is_told_the_standard_dose(told):
    _, run = told
    advice = run.table("cohort/drugs.tsv").filter(pl.col("drug").is_in(["fluorouracil", "capecitabine"]))
    unsure = [name for name, (*_, gene, _) in PEOPLE.items() if gene == "DPYD"]
    actions = dict(advice.filter(leading="true").select("sample", "action").iter_rows())
    assert {actions[name] for name in unsure}.isdisjoint({"standard"})
    assert actions["twoparts"] == "reduce" and actions["fine"] == "standard"
