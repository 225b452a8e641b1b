"""One cohort, given in every format and division into files, gives the same genotype store."""

import gzip
import json
import random

import numpy as np
import polars as pl
import pysam
import pysam.bcftools
import pytest

from permed.genotypes.store import HET, HOM_ALT, HOM_REF, MAGIC, MISSING, pack

LENGTH = 5000
PEOPLE = ["A1", "007", "Zoë"]
CONTIGS = ["chr1", "chr2"]
CODES = {(0, 0): HOM_REF, (0, 1): HET, (1, 1): HOM_ALT, (-1, -1): MISSING}
STORES = [f"results/genotypes/{contig}.{ending}" for contig in CONTIGS for ending in ("bed", "sites.parquet", "bim")]
KINDS = "vcf.gz vcf gzip bcf unsorted bare imputed bed prefix pgen bgen contigs samples".split()


@pytest.fixture(scope="module")
def truth():
    """Bases by contig, and variants as (contig, pos, ref, alt, allele pair a person)."""
    source = random.Random(3)
    bases = {contig: "".join(source.choices("ACGT", k=LENGTH)) for contig in CONTIGS}
    sites = []
    for contig in CONTIGS:
        for pos in range(10, LENGTH - 10, 25):
            ref, after = bases[contig][pos - 1 : pos + 1]
            alt = next(base for base in "GATC" if base not in (ref, after))
            alt = ref + alt + "A" if pos % 4 == 0 else alt
            sites.append((contig, pos, ref, alt, *(source.choice(list(CODES)) for _ in PEOPLE)))
    return bases, sites


def vcf(sites, people=PEOPLE, contig=None) -> bytes:
    lines = ["##fileformat=VCFv4.2", *(f"##contig=<ID={name},length={LENGTH}>" for name in CONTIGS)]
    lines += ['##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">']
    lines += ["\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *people])]
    for chrom, pos, ref, alt, *pairs in sites:
        calls = ["/".join("." if a < 0 else str(a) for a in pairs[PEOPLE.index(name)]) for name in people]
        if contig in (None, chrom):
            lines.append("\t".join([chrom, str(pos), ".", ref, alt, ".", ".", ".", "GT", *calls]))
    return "\n".join([*lines, ""]).encode()


def bare(content: bytes) -> bytes:
    """A VCF without a definition."""
    return b"".join(line for line in content.splitlines(True) if not line.startswith((b"##contig", b"##FORMAT")))


def imputed(content: bytes) -> bytes:
    """A VCF with dosages for genotypes: within 0.1 of them, and 0.4 where they are missing."""
    source, copies = random.Random(5), {b"0/0": 0, b"0/1": 1, b"1/1": 2}

    def dosage(call: bytes) -> bytes:
        known = call in copies
        return b"%.3f" % min(2, max(0, copies[call] + source.uniform(-0.09, 0.09))) if known else b"0.4"

    lines = content.replace(b"ID=GT,Number=1,Type=String", b"ID=DS,Number=A,Type=Float").splitlines()
    for n, line in enumerate(lines):
        if not line.startswith(b"#"):
            site, calls = line.split(b"\tGT\t")
            lines[n] = b"\t".join([site, b"DS", *map(dosage, calls.split(b"\t"))])
    return b"\n".join([*lines, b""])


def bgzip(path, content: bytes) -> None:
    with pysam.BGZFile(str(path), "w") as out:
        out.write(content)


def write_bed(folder, sites, people=PEOPLE, name="set.bed") -> str:
    """A fileset in which A1 is REF at every other site."""
    columns = [PEOPLE.index(person) for person in people]
    swaps = [n % 2 == 1 for n in range(len(sites))]
    turned = {HOM_REF: HOM_ALT, HET: HET, HOM_ALT: HOM_REF, MISSING: MISSING}
    codes = [[CODES[site[4 + n]] for n in columns] for site in sites]
    codes = [[turned[c] for c in row] if swap else row for row, swap in zip(codes, swaps, strict=True)]
    (folder / name).write_bytes(MAGIC + pack(np.array(codes, np.uint8)).tobytes())
    rows = []
    for (contig, pos, ref, alt, *_), swap in zip(sites, swaps, strict=True):
        rows.append([contig[3:], ".", "0", str(pos), *((ref, alt) if swap else (alt, ref))])
    (folder / name).with_suffix(".bim").write_text("".join("\t".join(row) + "\n" for row in rows))
    (folder / name).with_suffix(".fam").write_text("".join(f"0\t{person}\t0\t0\t0\t-9\n" for person in people))
    return name


def write_pgen(folder, sites) -> str:
    import pgenlib

    writer = pgenlib.PgenWriter(
        str(folder / "set.pgen").encode(), len(PEOPLE), variant_ct=len(sites), nonref_flags=False
    )
    for _, _, _, _, *pairs in sites:
        writer.append_alleles(np.array([-9 if a < 0 else a for pair in pairs for a in pair], np.int32))
    writer.close()
    rows = ["#CHROM\tPOS\tID\tREF\tALT", *(f"{c}\t{p}\t.\t{r}\t{a}" for c, p, r, a, *_ in sites)]
    (folder / "set.pvar").write_text("\n".join(rows) + "\n")
    (folder / "set.psam").write_text("\n".join(["#IID", *PEOPLE]) + "\n")
    return "set.pgen"


def write_bgen(folder, sites) -> str:
    """A file in which the first allele is the alternate at every other site, with names beside it."""
    from bgen import BgenWriter

    with BgenWriter(str(folder / "set.bgen"), len(PEOPLE), compression="zlib") as out:
        for n, (contig, pos, ref, alt, *pairs) in enumerate(sites):
            rows = [[np.nan] * 3 if min(p) < 0 else [float(sum(p) == copies) for copies in range(3)] for p in pairs]
            rows, alleles = ([row[::-1] for row in rows], [alt, ref]) if n % 2 else (rows, [ref, alt])
            out.add_variant(".", ".", contig[3:], pos, alleles, np.array(rows))
    people = "".join(f"F {person} 0 0\n" for person in PEOPLE)
    (folder / "set.sample").write_text(f"ID_1 ID_2 missing sex\n0 0 0 D\n{people}", encoding="utf-8")
    return "set.bgen"


def write(folder, sites, kind):
    """Write the cohort in one way; give ``cohort.genotypes``."""
    if kind == "vcf":
        (folder / "c.vcf").write_bytes(vcf(sites))
        return "c.vcf"
    if kind == "gzip":
        (folder / "c.vcf.gz").write_bytes(gzip.compress(vcf(sites)))
    elif kind == "bcf":
        (folder / "plain.vcf").write_bytes(vcf(sites))
        pysam.bcftools.view("-Ob", "-o", str(folder / "c.bcf"), str(folder / "plain.vcf"), catch_stdout=False)
        return "c.bcf"
    elif kind in ("bare", "imputed"):
        bgzip(folder / "c.vcf.gz", bare(vcf(sites)) if kind == "bare" else imputed(vcf(sites)))
    elif kind == "bed":
        return write_bed(folder, sites)
    elif kind == "prefix":
        return write_bed(folder, sites).removesuffix(".bed")
    elif kind == "pgen":
        return write_pgen(folder, sites)
    elif kind == "bgen":
        return write_bgen(folder, sites)
    elif kind == "contigs":
        for contig in CONTIGS:
            bgzip(folder / f"c.{contig}.vcf.gz", vcf(sites, contig=contig))
        return "c.{contig}.vcf.gz"
    elif kind == "samples":
        for person in PEOPLE:
            bgzip(folder / f"{person}.vcf.gz", vcf(sites, [person]))
        return "{sample}.vcf.gz"
    else:
        bgzip(folder / "c.vcf.gz", vcf(random.Random(1).sample(sites, len(sites)) if kind == "unsorted" else sites))
    return "c.vcf.gz"


@pytest.fixture(scope="module")
def run_on(truth, write_config, in_process, tmp_path_factory):
    """Run to the genotype store on what ``prepare`` writes into a folder and names."""

    def run(prepare, targets=STORES):
        folder = tmp_path_factory.mktemp("cohort")
        bases, sites = truth
        (folder / "r.fa").write_text("".join(f">{contig}\n{sequence}\n" for contig, sequence in bases.items()))
        rows = "".join(f"{name}\tscores\n" for name in PEOPLE)
        (folder / "people.tsv").write_text(f"sample\tconsent\n{rows}", encoding="utf-8")
        cohort = {"samples": "people.tsv", "genotypes": prepare(folder, sites)}
        before = sorted(path.name for path in folder.iterdir())
        config = write_config(folder, cohort=cohort, genome={"reference": "r.fa", "contigs": CONTIGS})
        done = in_process(folder, *targets, "--configfile", config)
        assert done.status == 0, done.terminal
        assert sorted(p.name for p in folder.iterdir() if p.name not in (".snakemake", "results", "my.yaml")) == before
        return done

    return run


@pytest.fixture(scope="module")
def expected(run_on):
    """The store of the cohort as a bgzipped VCF."""
    done = run_on(lambda folder, sites: write(folder, sites, "vcf.gz"))
    return done, {path: (done.folder / path).read_bytes() for path in STORES}


def test_the_store_holds_the_planted_genotypes(expected, truth):
    done, _ = expected
    for contig in CONTIGS:
        rows = done.table(f"genotypes/{contig}.sites.parquet").select("n_ref", "n_het", "n_alt", "n_missing").rows()
        planted = [site[4:] for site in truth[1] if site[0] == contig]
        assert rows == [tuple(map(pairs.count, ((0, 0), (0, 1), (1, 1), (-1, -1)))) for pairs in planted]


@pytest.mark.parametrize("kind", KINDS[1:])
def test_every_format_and_division_gives_the_same_store(run_on, expected, kind):
    done = run_on(lambda folder, sites: write(folder, sites, kind))
    for path, content in expected[1].items():
        assert (done.folder / path).read_bytes() == content, path


def test_a_mix_of_formats_is_merged_over_people(run_on, expected):
    def mixed(folder, sites):
        (folder / "A1.vcf").write_bytes(vcf(sites, ["A1"]))
        return ["A1.vcf", write_bed(folder, sites, ["007", "Zoë"])]

    done = run_on(mixed)
    for path, content in expected[1].items():
        assert (done.folder / path).read_bytes() == content, path


def test_array_text_of_several_people_runs_to_the_reports(run_on, truth):
    def arrays(folder, sites):
        for n, person in enumerate(PEOPLE):
            rows = ["# build 38", "# rsid\tchromosome\tposition\tgenotype"]
            for contig, pos, ref, alt, *pairs in sites:
                if len(alt) == 1:
                    letters = "--" if pairs[n][0] < 0 else "".join((ref, alt)[a] for a in pairs[n])
                    rows.append(f"rs{contig[3:]}{pos}\t{contig[3:]}\t{pos}\t{letters}")
            (folder / f"{person}.txt").write_text("\n".join(rows) + "\n")
        return "{sample}.txt"

    done = run_on(arrays, targets=[])
    taken = json.loads(done.file("checks/taken.json").read_text())["files"]
    assert [row["format"] for row in taken] == ["array"] * 3
    assert all(row["counts"]["kept"] for row in taken)
    assert done.file("samples/007/report.json").is_file()
    planted = [
        site[4:] for site in truth[1] if site[0] == "chr1" and len(site[3]) == 1 and {(0, 1), (1, 1)} & {*site[4:]}
    ]
    rows = done.table("genotypes/chr1.sites.parquet").filter(pl.col("alt") != ".")
    rows = rows.select("n_ref", "n_het", "n_alt", "n_missing").rows()
    assert rows == [tuple(map(pairs.count, ((0, 0), (0, 1), (1, 1), (-1, -1)))) for pairs in planted]


def test_an_absent_companion_stops_the_run(truth, write_config, check, tmp_path):
    genotypes = write_bed(tmp_path, truth[1])
    (tmp_path / "set.fam").unlink()
    (tmp_path / "people.tsv").write_text("sample\tconsent\nA1\tscores\n")
    cohort = {"samples": "people.tsv", "genotypes": genotypes}
    done = check(tmp_path, write_config(tmp_path, cohort=cohort, genome={"contigs": CONTIGS}))
    assert done.status == 1
    (fault,) = json.loads(done.file("checks/inputs.json").read_text())["faults"]
    assert fault["file"] == "set.fam"
    assert "set.fam" in done.terminal
    assert not done.file("variants").exists()


def test_consumers_files_without_a_fasta_give_the_planted_sums(write_config, in_process, tmp_path, root):
    """REF is known at the common sites; of the score's other variants nobody knows it, and no sum asks for it."""
    common = pl.read_csv(root / "resources/quality/common_sites.GRCh37.tsv.gz", separator="\t", infer_schema=False)
    known = common.filter(pl.col("contig") == "chr1").select(pl.col("pos").cast(int), "ref", "alt").rows()
    source = random.Random(11)
    pairs = [("A", "C"), ("A", "G"), ("C", "T"), ("G", "T")]
    sites = [(pos, *source.sample(alleles, 2)) for pos, *alleles in known[:300]]
    sites += [(1_000 + 10 * n, *source.sample(source.choice(pairs), 2)) for n in range(40)]
    sites = [site for site in sites if set(site[1:]) not in ({"A", "T"}, {"C", "G"})]
    weights = {pos: n + 1 for n, (pos, *_) in enumerate(sites)}
    rows = [f"1\t{pos}\t{effect}\t{other}\t{weights[pos]}" for pos, effect, other in sites]
    names = "chr_name\tchr_position\teffect_allele\tother_allele\teffect_weight"
    (tmp_path / "score.txt").write_text("\n".join(["#pgs_id=PGSX", "#genome_build=GRCh37", names, *rows, ""]))
    planted = {}
    for person, mark, ending in (("Anna", "\t", "\n"), ("Ben", ",", "\r\n")):
        calls = [(pos, source.choices([effect, other], k=2), effect) for pos, effect, other in sites]
        planted[person] = sum(weights[pos] * letters.count(effect) for pos, letters, effect in calls)
        lines = [mark.join(["rs1", "1", str(pos), "".join(letters)]) for pos, letters, _ in calls]
        lines += [mark.join(["rs1", "1", str(pos), "AA"]) for pos in range(2_000, 2_500)]
        head = ["# build 37", mark.join(["RSID", "CHROMOSOME", "POSITION", "RESULT"])]
        (tmp_path / f"{person}.csv").write_bytes(ending.join([*head, *lines, ""]).encode())
    (tmp_path / "people.tsv").write_text("sample\tconsent\nAnna\tscores\nBen\tscores\n")
    config = write_config(
        tmp_path,
        cohort={"samples": "people.tsv", "genotypes": "{sample}.csv"},
        genome={"build": "GRCh37", "contigs": ["chr1"], "reference": None},
        scores={"files": ["score.txt"]},
    )
    done = in_process(tmp_path, "results/scores/scores.parquet", "--configfile", config)
    assert done.status == 0, done.terminal
    found = dict(done.table("scores/scores.parquet").select("sample", "sum").iter_rows())
    assert found == planted
    taken = json.loads(done.file("checks/taken.json").read_text())["files"]
    assert all(sum(n for reason, n in file["counts"].items() if "no table knows" in reason) == 500 for file in taken)
