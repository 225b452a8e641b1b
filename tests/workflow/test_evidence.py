"""What was looked at, as users say it: gVCFs, callable regions and alignments through the whole workflow."""

import json

import polars as pl
import pysam
import pytest

from permed.genome import lengths

NAMES = ["NA18526", "NA18565", "NA18861"]
CONTIGS = [f"chr{n}" for n in (1, 2, 4, 6, 7, 10, 12, 13, 16, 19, 22)]
AROUND = 1000  # bases to either side of the needed positions


def stretches(needed: list[int]) -> list[tuple[int, int]]:
    """The needed positions with what lies around them, as stretches that do not overlap."""
    found: list[list[int]] = []
    for pos in sorted(needed):
        if found and pos - AROUND <= found[-1][1] + 1:
            found[-1][1] = pos + AROUND
        else:
            found.append([pos - AROUND, pos + AROUND])
    return [(start, end) for start, end in found]


def blocks_between(record_ends, start: int, end: int):
    """The gVCF blocks of a stretch: from one record to the next."""
    at = start
    for pos, last in [*record_ends, (end + 1, end)]:
        if pos > at:
            yield at, pos - 1
        at = max(at, last + 1)


def write_people(folder, header, rows: dict[str, list[tuple]], places: dict[str, list[tuple]]) -> None:
    """Each person's ``rows`` (contig, pos, ref, alt, genotype) without hom-ref: as VCF, and as gVCF with blocks."""
    head = ["##fileformat=VCFv4.2", *(f"##contig=<ID={c},length={header.contigs[c].length}>" for c in CONTIGS)]
    head += ['##ALT=<ID=NON_REF,Description="Any other allele">']
    head += ['##INFO=<ID=END,Number=1,Type=Integer,Description="End">']
    kinds = {"GT": "String", "DP": "Integer", "GQ": "Integer"}
    head += [f'##FORMAT=<ID={name},Number=1,Type={kind},Description="{name}">' for name, kind in kinds.items()]
    for name, of_person in rows.items():
        own = [row for row in of_person if row[4] not in ("0/0", "0|0")]
        plain = [(*row[:4], ".", f"{row[4]}:30:99") for row in own]
        blocked = [(c, pos, ref, f"{alt},<NON_REF>", ".", f"{call}:30:99") for c, pos, ref, alt, call in own]
        for contig, regions in places.items():
            for start, end in regions:
                ends = [(r[1], r[1] + len(r[2]) - 1) for r in own if r[0] == contig and start <= r[1] <= end]
                between = blocks_between(ends, start, end)
                blocked += [(contig, a, "N", "<NON_REF>", f"END={b}", "0/0:30:60") for a, b in between]
        for suffix, lines in (("vcf.gz", plain), ("g.vcf.gz", blocked)):
            columns = "\t".join([*"#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT".split(), name])
            ordered = sorted(lines, key=lambda line: (CONTIGS.index(line[0]), *line[1:]))
            text = [
                "\t".join([contig, str(pos), ".", ref, alt, ".", ".", info, "GT:DP:GQ", cell])
                for contig, pos, ref, alt, info, cell in ordered
            ]
            with pysam.BGZFile(str(folder / f"{name}.{suffix}"), "w") as out:
                out.write("\n".join([*head, columns, *text, ""]).encode())


@pytest.fixture(scope="module")
def genomes(shared, root, tmp_path_factory):
    """The genomes' records near the positions of pharmacogenes: as one VCF, and as a VCF and a gVCF for each person."""
    folder = tmp_path_factory.mktemp("genomes")
    table = pl.read_csv(root / "resources" / "pharmacogenes" / "positions.tsv", separator="\t", infer_schema=False)
    rows, places = {name: [] for name in NAMES}, {}
    merged = None
    for contig in CONTIGS:
        places[contig] = stretches([int(pos) for pos in table.filter(pl.col("contig") == contig)["pos"]])
        source = shared / "real" / "pgx" / "getrm3_1kg30x_grch38" / f"getrm3.{contig}.vcf.gz"
        with pysam.VariantFile(str(source)) as file:
            merged = merged or pysam.VariantFile(str(folder / "merged.vcf.gz"), "w", header=file.header)
            for record in (
                record for region in places[contig] for record in file.fetch(contig, region[0] - 1, region[1])
            ):
                if any(allele.startswith("<") or allele == "*" for allele in record.alts or ()):
                    continue
                record.translate(merged.header)
                merged.write(record)
                alts = ",".join(record.alts or ["."])
                for name in NAMES:
                    called = "/".join("." if a is None else str(a) for a in record.samples[name]["GT"])
                    rows[name].append((contig, record.pos, record.ref, alts, called))
    header = merged.header.copy()
    merged.close()
    write_people(folder, header, rows, places)
    return folder


def configure(write_config, shared, folder, cohort, genes="all", contigs=CONTIGS, names=NAMES):
    """Write the configuration and the sample sheet of a run into a folder of its own."""
    folder.mkdir(exist_ok=True)
    (folder / "samples.tsv").write_text("sample\tconsent\n" + "".join(f"{n}\tpharmacogenes\n" for n in names))
    reference = str(shared / "real" / "pgx" / "grch38_pgx_sparse.fa.gz")
    return write_config(
        folder,
        cohort={"samples": "samples.tsv", **{name: str(value) for name, value in cohort.items()}},
        genome={"reference": reference, "contigs": list(contigs)},
        pharmacogenes={"genes": genes},
    )


def run(in_process, write_config, shared, folder, *settings):
    return in_process(folder, "--configfile", configure(write_config, shared, folder, *settings))


def calls(done) -> dict:
    columns = ["sample", "gene", "state", "diplotype", "phenotype", "missing_positions"]
    assert done.status == 0, done.terminal
    return {row[:2]: row[2:] for row in done.table("pharmacogenes/calls.parquet").select(columns).iter_rows()}


def test_genomes_in_every_form_give_the_calls_of_the_merged_file(in_process, write_config, shared, genomes, tmp_path):
    assumed = {"genotypes": genomes / "merged.vcf.gz", "absent_sites": "reference"}
    expected = calls(run(in_process, write_config, shared, tmp_path / "merged", assumed))
    assert sum(row[0] == "called" for row in expected.values()) >= 40
    own = {"genotypes": genomes / "{sample}.vcf.gz", "absent_sites": "reference"}
    found = calls(run(in_process, write_config, shared, tmp_path / "people", own))
    differ = {key for key in found if found[key] != expected[key]}
    # Files without hom-ref records: what is never taken for reference is missing there.
    never = {"CYP2C19": "rs3758581", "CYP3A5": "rs776746", "UGT1A1": "rs3064744"}
    assert differ and all(found[key][0] == "not_assessable" for key in differ)
    assert all(found[key][3] == never[key[1]] for key in differ)
    done = run(in_process, write_config, shared, tmp_path / "gvcf", {"genotypes": genomes / "{sample}.g.vcf.gz"})
    assert calls(done) == expected
    checked = json.loads(done.file("checks/inputs.json").read_text())
    assert (checked["gvcf"], checked["callable"], checked["alignments"]) == (3, None, None)
    for page in ("samples/NA18526/report.html", "cohort/index.html"):
        assert "inside a block with at least 10 reads" in done.file(page).read_text()
    (tmp_path / "callable.bed").write_text("".join(f"{c}\t0\t{lengths('GRCh38')[c]}\n" for c in CONTIGS))
    regions = {"genotypes": genomes / "merged.vcf.gz", "callable": tmp_path / "callable.bed"}
    done = run(in_process, write_config, shared, tmp_path / "callable", regions)
    assert calls(done) == expected
    assert "Inside the callable regions" in done.file("samples/NA18526/report.html").read_text()


def test_a_cyp2d6_diplotype_from_reads_alone(in_process, write_config, shared, make_vcf, tmp_path):
    name = "HG03166"
    alignments = shared / "real" / "pgx" / "bam" / f"{name}.pb.bam"
    vcf = make_vcf([("chr22", 42126611, "C", "G", "0/1")], (name,), (("chr22", 50818468),))
    link = tmp_path / f"{name}.bam"
    link.symlink_to(alignments)  # without the index of the source
    cohort = {"genotypes": vcf, "alignments": tmp_path / "{sample}.bam", "absent_sites": "reference"}
    done = run(in_process, write_config, shared, tmp_path / "run", cohort, ["CYP2D6"], ["chr22"], [name])
    ((_, diplotype, _, missing),) = calls(done).values()
    counts = json.loads(done.file("variants/chr22.json").read_text())
    assert counts["reads_disagree"] == 1, "the planted genotype is 0/1, the reads say 1/1: the file's stays"
    assert counts["filled_reads"] >= 150
    assert not missing
    vcf = make_vcf([("chr22", 10, "A", "G", "0/1")], (name,), (("chr22", 50818468),))
    done = run(
        in_process,
        write_config,
        shared,
        tmp_path / "run2",
        {**cohort, "genotypes": vcf},
        ["CYP2D6"],
        ["chr22"],
        [name],
    )
    ((_, diplotype, _, missing),) = calls(done).values()
    assert (diplotype, missing) == ("*2/*40", None)
    # What makes *40 lies on one chromosome: the reads show the insertion together with the substitution.
    phase = done.table("pharmacogenes/phase.parquet")
    first, second = zip(*(strand.split("|") for strand in phase["strand"]), strict=True)
    assert ("TGGGGCGAAAGGGGCGAAA", "A") in (first, second) and phase["reads_against"].sum() == 0
    assert done.table("pharmacogenes/calls.parquet")["phase_source"].to_list() == ["reads"]
    assert not list(tmp_path.glob("*.bai"))
    assert "taken from the reads" in done.file(f"samples/{name}/report.html").read_text()


def test_wrong_files_of_evidence_are_listed_together(check, write_config, shared, make_vcf, tmp_path):
    vcf = make_vcf([("chr22", 10, "A", "G", "0/1")], ("S1",), (("chr22", 50818468),))
    (tmp_path / "S1.bed").write_text("chr22\t5\n")
    cohort = {"genotypes": vcf, "callable": tmp_path / "{sample}.bed", "alignments": tmp_path / "{sample}.bam"}
    config = configure(write_config, shared, tmp_path / "run", cohort, ["CYP2D6"], ["chr22"], ["S1"])
    done = check(tmp_path / "run", config)
    assert done.status != 0
    faults = json.loads(done.file("checks/inputs.json").read_text())["faults"]
    assert [(fault["fault"], fault["line"]) for fault in faults] == [
        ("the line is not one of a BED", 1),
        ("the file is not there", None),
    ]
