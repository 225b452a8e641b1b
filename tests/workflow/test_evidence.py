"""What was looked at, as users say it: gVCFs, callable regions and alignments through the whole workflow."""

import json

import polars as pl
import pysam
import pytest

NAMES = ["NA18526", "NA18565", "NA18861"]
CONTIG = "chr10"
GENES = ["CYP2C9", "CYP2C19"]


def blocks_between(record_ends, needed, depth: str):
    """Stretches from one record to the next, as gVCF blocks; ``needed`` positions lie in some of them."""
    end = min(needed) - 1000
    for pos, last in [*record_ends, (max(needed) + 1000, 0)]:
        if pos > end + 1:
            yield end + 1, pos - 1, depth
        end = max(end, last)


def write_gvcf(path, name: str, rows, needed) -> None:
    """One person's gVCF of ``rows`` (pos, ref, alt, genotype): blocks between records that are not hom-ref."""
    own = [row for row in rows if row[3] not in ("0/0", "0|0")]
    lines = [(pos, ref, f"{alt},<NON_REF>", ".", f"{genotype}:30:99") for pos, ref, alt, genotype in own]
    ends = [(pos, pos + len(ref) - 1) for pos, ref, _, _ in own]
    lines += [
        (a, "N", "<NON_REF>", f"END={b}", f"0/0:{depth}:60") for a, b, depth in blocks_between(ends, needed, "30")
    ]
    header = ["##fileformat=VCFv4.2", f"##contig=<ID={CONTIG},length=133797422>"]
    header += ['##ALT=<ID=NON_REF,Description="Any other allele">']
    header += ['##INFO=<ID=END,Number=1,Type=Integer,Description="End">']
    header += [
        f'##FORMAT=<ID={n},Number=1,Type={k},Description="{n}">' for n, k in (("GT", "String"), ("DP", "Integer"))
    ]
    header += ['##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="GQ">']
    header += ["\t".join([*"#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT".split(), name])]
    text = [
        "\t".join([CONTIG, str(pos), ".", ref, alt, ".", ".", info, "GT:DP:GQ", cell])
        for pos, ref, alt, info, cell in sorted(lines)
    ]
    plain = path.with_suffix("")
    plain.write_text("\n".join(header + text) + "\n")
    pysam.tabix_compress(str(plain), str(path), force=True)


@pytest.fixture(scope="module")
def genomes(shared, root, tmp_path_factory):
    """The genomes' records near the needed positions: as one VCF, and as a gVCF for each person."""
    folder = tmp_path_factory.mktemp("genomes")
    source = shared / "real" / "pgx" / "getrm3_1kg30x_grch38" / f"getrm3.{CONTIG}.vcf.gz"
    table = pl.read_csv(root / "resources" / "pharmacogenes" / "positions.tsv", separator="\t", infer_schema=False)
    needed = [int(pos) for pos in table.filter(pl.col("gene").is_in(GENES))["pos"]]
    rows = {name: [] for name in NAMES}
    with pysam.VariantFile(str(source)) as file:
        merged = pysam.VariantFile(str(folder / "merged.vcf.gz"), "w", header=file.header)
        for record in file.fetch(CONTIG, min(needed) - 1000, max(needed) + 1000):
            if any(allele.startswith("<") or allele == "*" for allele in record.alts or ()):
                continue
            merged.write(record)
            for name in NAMES:
                genotype = "/".join("." if allele is None else str(allele) for allele in record.samples[name]["GT"])
                alts = ",".join(record.alts or ["."])
                rows[name].append((record.pos, record.ref, alts, genotype))
        merged.close()
    for name in NAMES:
        write_gvcf(folder / f"{name}.g.vcf.gz", name, rows[name], needed)
    return folder


def run(snakemake, write_config, shared, folder, cohort, genes=GENES, contigs=(CONTIG,), names=NAMES, **settings):
    folder.mkdir(exist_ok=True)
    (folder / "samples.tsv").write_text("sample\tconsent\n" + "".join(f"{n}\tpharmacogenes\n" for n in names))
    reference = str(shared / "real" / "pgx" / "grch38_pgx_sparse.fa.gz")
    config = write_config(
        folder,
        cohort={"samples": "samples.tsv", **{name: str(value) for name, value in cohort.items()}},
        genome={"reference": reference, "contigs": list(contigs)},
        pharmacogenes={"genes": list(genes)},
        **settings,
    )
    return snakemake(folder, "--configfile", config)


def calls(done) -> dict:
    columns = ["sample", "gene", "state", "diplotype", "phenotype", "missing_positions"]
    assert done.status == 0, done.terminal
    return {row[:2]: row[2:] for row in done.table("pharmacogenes/calls.parquet").select(columns).iter_rows()}


@pytest.mark.slow
def test_genomes_as_gvcfs_give_the_calls_of_the_merged_file(snakemake, write_config, shared, genomes, tmp_path):
    assumed = {"genotypes": genomes / "merged.vcf.gz", "absent_sites": "reference"}
    expected = calls(run(snakemake, write_config, shared, tmp_path / "merged", assumed))
    own = {"genotypes": genomes / "{sample}.g.vcf.gz"}
    done = run(snakemake, write_config, shared, tmp_path / "gvcf", own)
    assert calls(done) == expected
    assert sum(row[0] == "called" for row in expected.values()) >= 6
    checked = json.loads(done.file("checks/inputs.json").read_text())
    assert (checked["gvcf"], checked["callable"], checked["alignments"]) == (3, None, None)
    for page in ("samples/NA18526/report.html", "cohort/index.html"):
        assert "inside a block with at least 10 reads" in done.file(page).read_text()
    (tmp_path / "callable.bed").write_text(f"{CONTIG}\t90000000\t100000000\n")
    regions = {"genotypes": genomes / "merged.vcf.gz", "callable": tmp_path / "callable.bed"}
    done = run(snakemake, write_config, shared, tmp_path / "callable", regions)
    assert calls(done) == expected
    assert "Inside the callable regions" in done.file("samples/NA18526/report.html").read_text()


@pytest.mark.slow
def test_a_cyp2d6_diplotype_from_reads_alone(snakemake, write_config, shared, make_vcf, tmp_path):
    name = "HG03166"
    alignments = shared / "real" / "pgx" / "bam" / f"{name}.pb.bam"
    vcf = make_vcf([("chr22", 42126611, "C", "G", "0/1")], (name,), (("chr22", 50818468),))
    link = tmp_path / f"{name}.bam"
    link.symlink_to(alignments)  # without the index of the source
    cohort = {"genotypes": vcf, "alignments": tmp_path / "{sample}.bam", "absent_sites": "reference"}
    done = run(snakemake, write_config, shared, tmp_path / "run", cohort, ["CYP2D6"], ["chr22"], [name])
    ((_, diplotype, _, missing),) = calls(done).values()
    counts = json.loads(done.file("variants/chr22.json").read_text())
    assert counts["reads_disagree"] == 1, "the planted genotype is 0/1, the reads say 1/1: the file's stays"
    assert counts["filled_reads"] >= 150
    assert not missing
    vcf = make_vcf([("chr22", 10, "A", "G", "0/1")], (name,), (("chr22", 50818468),))
    done = run(
        snakemake, write_config, shared, tmp_path / "run2", {**cohort, "genotypes": vcf}, ["CYP2D6"], ["chr22"], [name]
    )
    ((_, diplotype, _, missing),) = calls(done).values()
    assert (diplotype, missing) == ("*2/*40", None)
    assert not list(tmp_path.glob("*.bai"))
    assert "taken from the reads" in done.file(f"samples/{name}/report.html").read_text()


@pytest.mark.slow
def test_wrong_files_of_evidence_are_listed_together(snakemake, write_config, shared, make_vcf, tmp_path):
    vcf = make_vcf([("chr22", 10, "A", "G", "0/1")], ("S1",), (("chr22", 50818468),))
    (tmp_path / "S1.bed").write_text("chr22\t5\n")
    cohort = {"genotypes": vcf, "callable": tmp_path / "{sample}.bed", "alignments": tmp_path / "{sample}.bam"}
    done = run(snakemake, write_config, shared, tmp_path / "run", cohort, ["CYP2D6"], ["chr22"], ["S1"])
    assert done.status != 0
    faults = json.loads(done.file("checks/inputs.json").read_text())["faults"]
    assert [(fault["fault"], fault["line"]) for fault in faults] == [
        ("the line is not one of a BED", 1),
        ("the file is not there", None),
    ]
