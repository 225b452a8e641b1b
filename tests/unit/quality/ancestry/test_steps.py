"""From a panel's files to everybody's place: steps as the rules call them, and what they refuse."""

import numpy as np
import polars as pl
import pysam
import pytest

from permed.errors import Fault
from permed.genotypes.packing import ENDINGS, pack_file
from permed.genotypes.store import GenotypeStore

LENGTHS = {"chr1": 248956422, "chr2": 242193529}


def write_vcf(path, world, samples, populations, contigs=LENGTHS):
    """The people's genotypes, half of the sites on each contig, bgzipped."""
    dosages = world.draw(populations, 0.005)
    text = np.array(["0/0", "0/1", "1/1", "./."])[dosages]
    lines = ["##fileformat=VCFv4.2", *(f"##contig=<ID={n},length={length}>" for n, length in contigs.items())]
    lines += ['##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">']
    lines.append("\t".join([*"#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT".split(), *samples]))
    for row, cells in enumerate(text):
        contig = list(contigs)[row * len(contigs) // len(text)]
        lines.append("\t".join([contig, str(1000 + 10_000 * row), *". A G . PASS . GT".split(), *cells]))
    plain = path.with_suffix("")
    plain.write_text("\n".join(lines) + "\n")
    pysam.tabix_compress(str(plain), str(path), force=True)


@pytest.fixture(scope="module")
def small(sim):
    return sim.make_world(1000, 2, seed=3)


@pytest.fixture
def files(small, tmp_path):
    """A panel of two populations as VCF, with labels of one person more and of one less than it has."""
    populations = np.repeat([0, 1], 25)
    names = [f"R{n:02d}" for n in range(50)]
    write_vcf(tmp_path / "panel.vcf.gz", small, names, populations)
    rows = [f"{name}\tPOP{n}\tyes\n" for name, n in zip(names, populations.tolist(), strict=True)][:-1]
    (tmp_path / "labels.tsv").write_text("sample\tpopulation\tunrelated\n" + "".join(rows) + "ABSENT\tPOP0\tyes\n")
    return tmp_path


def admit(run_step, folder, **changes):
    outputs = {"samples": folder / "samples.parquet", "fam": folder / "samples.fam", "people": folder / "people.tsv"}
    given = {"genotypes": [folder / "panel.vcf.gz"], "labels": folder / "labels.tsv", "contigs": list(LENGTHS)}
    run_step("admit_panel")(**{**given, "genotype_contigs": [""], **changes}, **outputs)
    return outputs


def test_a_panel_is_built_from_files_and_a_person_placed_on_it(files, small, run_step, tmp_path):
    admitted = admit(run_step, files)
    assert len(pl.read_parquet(admitted["samples"])) == 49
    parts = {kind: [tmp_path / f"{contig}{end}" for contig in LENGTHS] for kind, end in ENDINGS.items()}
    run_step("pack_panel")([files / "panel.vcf.gz"], admitted["samples"], list(LENGTHS), **parts)
    store = GenotypeStore.open(parts["bed"], admitted["samples"])
    assert store.sites["contig"].value_counts().sort("contig").rows() == [("chr1", 500), ("chr2", 500)]
    panel = tmp_path / "ancestry.npz"
    run_step("build_panel")(parts["bed"], admitted["samples"], admitted["people"], panel=panel)

    write_vcf(tmp_path / "one.vcf.gz", small, ["001"], np.array([1]))
    own = tmp_path / "cohort"
    own.mkdir()
    pl.DataFrame({"sample": ["001"]}).write_parquet(own / "samples.parquet")
    paths = [own / f"chr1{end}" for end in ENDINGS.values()]
    pack_file(tmp_path / "one.vcf.gz", ["001"], *paths)
    run_step("project_ancestry")([paths[0]], own / "samples.parquet", panel, ancestry=own / "ancestry.parquet")
    row = pl.read_parquet(own / "ancestry.parquet").row(0, named=True)
    assert (row["sample"], row["population"], row["state"]) == ("001", "POP1", "found")
    with pytest.raises(Fault, match=r"genome\.build says GRCh37"):
        run_step("project_ancestry")(
            [paths[0]], own / "samples.parquet", panel, ancestry=own / "no.parquet", build="GRCh37"
        )


def test_a_panel_of_another_build_is_refused(files, run_step):
    with pytest.raises(ExceptionGroup) as caught:
        admit(run_step, files, build="GRCh37")
    assert "as in GRCh38; genome.build says GRCh37" in str(caught.value.exceptions[0])


def test_labels_of_nobody_in_the_files_are_refused(files, run_step):
    (files / "labels.tsv").write_text("sample\tpopulation\nX\tPOP0\n")
    with pytest.raises(Fault, match="none of its people has genotypes in the panel's files"):
        admit(run_step, files)


def test_sexes_of_the_labels_are_kept(files, run_step):
    table = pl.read_csv(files / "labels.tsv", separator="\t")
    table = table.with_columns(sex=pl.when(pl.col("sample") < "R10").then(pl.lit("male")).otherwise(pl.lit("NA")))
    table.write_csv(files / "labels.tsv", separator="\t")
    people = pl.read_csv(admit(run_step, files)["people"], separator="\t", null_values=None)
    assert dict(people["sex"].value_counts().iter_rows()) == {"XY": 10, "NA": 39}
