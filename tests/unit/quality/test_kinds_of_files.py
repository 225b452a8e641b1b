"""The whole stage on the kinds of files that tools write: whatever a file lacks, every person gets a verdict."""

import polars as pl
import pysam
import pysam.bcftools
import pytest

from estimate_kinship import estimate_kinship
from judge_samples import judge_samples
from measure_depths import measure_depths
from measure_genotypes import measure_genotypes
from pack_genotypes import pack_genotypes

CONTIGS = {"chr1": 248956422, "chr2": 242193529, "chrX": 156040895, "chrY": 57227415, "chrM": 16569}
PLAIN = {"AD": "R,Type=Integer", "DP": "1,Type=Integer", "GQ": "1,Type=Integer"}
FLOAT = {"AD": "R,Type=Float", "DP": "1,Type=Float", "GQ": "1,Type=Float"}
TEXT = {"AD": ".,Type=String", "DP": "1,Type=String", "GQ": "1,Type=String"}
OTHER = {"AD": ".,Type=Integer", "DP": ".,Type=Integer", "GQ": ".,Type=Integer"}
SAMPLE_COLUMNS = {"sample": pl.String, "sex": pl.String, "birth_year": pl.Int64, "population": pl.String}
SAMPLE_COLUMNS |= {"family": pl.String, "group": pl.String}

FULL, NONE = "0/1:15,15:30:99", "0/1:.:.:."
KINDS = {  # name: (contigs, people, their cells from the site's number, FORMAT, header of its fields)
    "first person without depth": (["chr1"], "AB", lambda n: [NONE, FULL], "GT:AD:DP:GQ", PLAIN),
    "last person without depth": (["chr1"], "AB", lambda n: [FULL, NONE], "GT:AD:DP:GQ", PLAIN),
    "first with too few": (["chr1"], "AB", lambda n: [FULL if n < 99 else NONE, FULL], "GT:AD:DP:GQ", PLAIN),
    "nobody has depth": (["chr1"], "AB", lambda n: [NONE, NONE], "GT:AD:DP:GQ", PLAIN),
    "depth and no reads by allele": (["chr1"], "AB", lambda n: ["0/1:30", "1/1:30"], "GT:DP", PLAIN),
    "first with AD, second with DP": (["chr1"], "AB", lambda n: ["0/1:15,15:.", "0/1:.:30"], "GT:AD:DP", PLAIN),
    "no fields in the header": (["chr1"], "AB", lambda n: ["0/1", "1/1"], "GT", {}),
    "fields unused": (["chr1"], "AB", lambda n: ["0/1", "1/1"], "GT", PLAIN),
    "one person": (["chr1"], "A", lambda n: [FULL], "GT:AD:DP:GQ", PLAIN),
    "one person without depth": (["chr1"], "A", lambda n: [NONE], "GT:AD:DP:GQ", PLAIN),
    "fields of floats": (["chr1"], "AB", lambda n: ["0/1:15,15:30.5:99.5", NONE], "GT:AD:DP:GQ", FLOAT),
    "fields of text": (["chr1"], "AB", lambda n: [FULL, NONE], "GT:AD:DP:GQ", TEXT),
    "fields of any number": (["chr1"], "AB", lambda n: ["0/1:15,15,0:30,1:99", NONE], "GT:AD:DP:GQ", OTHER),
    "a person all missing": (["chr1"], "AB", lambda n: ["./.:.:.:.", FULL], "GT:AD:DP:GQ", PLAIN),
    "everybody all missing": (["chr1"], "AB", lambda n: ["./.:0,0:0:0"] * 2, "GT:AD:DP:GQ", PLAIN),
    "haploid": (["chr1"], "AB", lambda n: ["1:0,30:30:99", "0:30,0:30:99"], "GT:AD:DP:GQ", PLAIN),
    "a contig without records": (["chr1", "chr2"], "AB", lambda n: [NONE, FULL], "GT:AD:DP:GQ", PLAIN),
    "no records at all": (["chr2"], "AB", lambda n: [FULL, FULL], "GT:AD:DP:GQ", PLAIN),
    "chrM only": (["chrM"], "AB", lambda n: ["1:0,900:900:99", "0/1:450,450:900:99"], "GT:AD:DP:GQ", PLAIN),
    "chrX only": (["chrX"], "AB", lambda n: ["1:0,30:30:99", FULL], "GT:AD:DP:GQ", PLAIN),
    "chrY only": (["chrY"], "AB", lambda n: ["1:0,30:30:99", "./.:.:.:."], "GT:AD:DP:GQ", PLAIN),
    "chrX and chrM": (["chrX", "chrM"], "A", lambda n: ["0/1:.:.:."], "GT:AD:DP:GQ", PLAIN),
    "half calls": (["chr1"], "AB", lambda n: ["./1:15,15:30:99", "0/.:.:.:."], "GT:AD:DP:GQ", PLAIN),
}


def write(path, contig, people, cells, formats, kinds, records):
    """A BCF of some records, a substitution each, of which every third is a transversion."""
    lines = ["##fileformat=VCFv4.3", *(f"##contig=<ID={name},length={size}>" for name, size in CONTIGS.items())]
    lines += ['##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">']
    lines += [f'##FORMAT=<ID={name},Number={kind},Description="x">' for name, kind in kinds.items()]
    lines += ["\t".join(["#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT".replace(" ", "\t"), *people])]
    first = 1 if contig == "chrM" else 5_000_000
    for n in range(records):
        fixed = [contig, str(first + 50 * n), ".", "A", "GGC"[n % 3], ".", "PASS", ".", formats]
        lines.append("\t".join([*fixed, *cells(n)]))
    path.with_suffix(".vcf").write_text("\n".join(lines) + "\n")
    pysam.bcftools.view("--no-version", "-Ob", "-o", str(path), str(path.with_suffix(".vcf")), catch_stdout=False)
    return path


def run_stage(root, folder, quality, paths, people):
    """The tables of samples, depths and pedigree, by the steps in the order of the workflow."""
    samples = folder / "samples.parquet"
    rows = [(name, "NA", None, None, None, None) for name in people]
    pl.DataFrame(rows, schema=SAMPLE_COLUMNS, orient="row").write_parquet(samples)
    beds = []
    for path in paths:
        ends = {name: name for name in ("bed", "bim", "haploid", "dosage", "observed")} | {"sites": "sites.parquet"}
        store = {name: path.with_suffix(f".{end}") for name, end in ends.items()}
        pack_genotypes(path, samples, **store)
        beds.append(store["bed"])
    made = {
        name: folder / f"{name}.parquet" for name in ("sites", "metrics", "kinship", "pedigree", "depths", "quality")
    }
    measure_genotypes(beds, samples, sites=made["sites"], metrics=made["metrics"], build="GRCh38", thresholds=quality)
    estimate_kinship(
        beds, samples, made["metrics"], sites=made["sites"], build="GRCh38", least_call_rate=0.95,
        kinship=made["kinship"], pedigree=made["pedigree"],
    )  # fmt: skip
    common = root / "resources/quality/common_sites.GRCh38.tsv.gz"
    measure_depths(
        paths, beds, samples, common, depths=made["depths"], site_balance=folder / "balance.parquet",
    )  # fmt: skip
    judge_samples(
        made["metrics"], samples, quality=made["quality"], thresholds=quality,
        pedigree=made["pedigree"], depths=made["depths"],
    )  # fmt: skip
    return {name: pl.read_parquet(path) for name, path in made.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_everybody_gets_a_verdict(kind, root, quality_of, tmp_path):
    contigs, people, cells, formats, kinds = KINDS[kind]
    empty = {"a contig without records": "chr2", "no records at all": "chr2"}.get(kind)
    paths = [
        write(tmp_path / f"{contig}.bcf", contig, people, cells, formats, kinds, 0 if contig == empty else 120)
        for contig in contigs
    ]
    made = run_stage(root, tmp_path, quality_of(), paths, people)
    assert made["quality"]["sample"].to_list() == list(people)
    assert made["quality"]["status"].is_in(["pass", "warn", "fail"]).all()
    assert made["depths"].schema["contamination_method"] == made["depths"].schema["depth_source"] == pl.String


@pytest.mark.parametrize(
    ("kind", "depths", "sources"),
    [
        ("first person without depth", [None, 30.0], [None, "genotypes"]),
        ("last person without depth", [30.0, None], ["genotypes", None]),
        ("first with too few", [None, 30.0], [None, "genotypes"]),
        ("nobody has depth", [None, None], [None, None]),
        ("first with AD, second with DP", [30.0, 30.0], ["genotypes", "genotypes"]),
        ("depth and no reads by allele", [30.0, 30.0], ["genotypes", "genotypes"]),
    ],
)
def test_the_depth_of_each_is_told_whoever_stands_first(kind, depths, sources, root, quality_of, tmp_path):
    contigs, people, cells, formats, kinds = KINDS[kind]
    path = write(tmp_path / "chr1.bcf", contigs[0], people, cells, formats, kinds, 120)
    made = run_stage(root, tmp_path, quality_of(), [path], people)["depths"]
    assert made["mean_depth"].to_list() == depths
    assert made["depth_source"].to_list() == sources
