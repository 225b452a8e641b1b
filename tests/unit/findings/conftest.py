"""A small run as earlier stages leave it: genotypes with phase, classes of their variants, gene models, consent."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pysam
import pysam.bcftools
import pytest

from permed.observations.bounds import Bounds
from permed.observations.observing import People, observe_file
from permed.variants import variant_keys

SET_ASIDE = {"contig": pl.String, "pos": pl.Int64, "end": pl.Int64, "ref": pl.String, "alt": pl.String}
SET_ASIDE |= {"reason": pl.String, "samples": pl.List(pl.String)}
MODEL = {"contig": pl.String, "gene": pl.String, "mane": pl.String, "canonical": pl.Boolean}
MODEL |= {"strand": pl.String, "phase": pl.Int64}
MODEL |= {"coding": pl.List(pl.Struct({"first": pl.Int64, "last": pl.Int64}))}
CLASSIFIED = {
    "contig": pl.String,
    "pos": pl.Int64,
    "ref": pl.String,
    "alt": pl.String,
    "gene": pl.String,
    "classification": pl.String,
    "consequence": pl.String,
    "hgvs_c": pl.String,
    "hgvs_p": pl.String,
    "points": pl.Int64,
    "criteria": pl.String,
    "transcript": pl.String,
    "classified_by": pl.String,
    "classification_reason": pl.String,
    "clinvar_significance": pl.String,
    "clinvar_conflicting": pl.String,
    "clinvar_variation_id": pl.String,
    "clinvar_stars": pl.Int64,
    "frequency_af": pl.Float64,
}
FORMATS = [("GT", 1, "String"), ("GQ", 1, "Integer"), ("DP", 1, "Integer"), ("AD", "R", "Integer")]
FORMATS += [("PS", 1, "Integer")]
LIST = """
gene condition inheritance reportable_when only_hgvs_p
DOM dominant_condition AD any
REC recessive_condition AR biallelic
CUT cut_condition AD truncating
NAMED named_condition AR homozygous p.Cys282Tyr
MIX dominant_form AD any
MIX recessive_form AR any
"""
MODELS = [("DOM", 101, 200), ("REC", 301, 400), ("CUT", 501, 600), ("NAMED", 701, 800), ("MIX", 901, 1000)]


def classified_frame(rows: list[dict]) -> pl.DataFrame:
    """Rows as ``classify_variants`` writes them; what a row does not say is null."""
    full = [{name: row.get(name) for name in CLASSIFIED} for row in rows]
    frame = pl.DataFrame(full, schema=CLASSIFIED, orient="row")
    return frame.with_columns(key=pl.Series(variant_keys(frame)))


class Run:
    """The folder of a run of one contig and the steps of this stage on it."""

    def __init__(self, folder: Path, run_step) -> None:
        self.folder, self.run_step = folder, run_step
        for name in ("variants", "genotypes", "quality", "findings", "consent", "annotation"):
            (folder / name).mkdir()
        self.lists: dict[str, Path] = {}
        self.options: dict = {}

    def write(self, rows, classified, models, *, contig="chr1", people=(), consent=None, aside=(), **more) -> "Run":
        """Write genotypes (``pos ref alt cells…``), classes and people (dicts), models (``gene first last``)."""
        self.contig, names = contig, [person["sample"] for person in people]
        self.names = names
        length = more.get("length", 248956422)
        vcf = self.file = self._genotypes([(contig, *row) for row in rows], names, contig, length)
        bcf = self.folder / f"variants/{contig}.bcf"
        plain, observed = self.folder / "plain.bcf", self.folder / "observed.bcf"
        pysam.bcftools.view("-Ob", "-o", str(plain), str(vcf), catch_stdout=False)
        own = People(names, np.array([person.get("sex") == "XY" for person in people], bool), "GRCh38")
        source, _ = observe_file(plain, observed, vcf, (contig, contig), own, Bounds())
        pysam.bcftools.view("-Ob", "-o", str(bcf), str(source), catch_stdout=False)
        pysam.bcftools.index("-f", str(bcf), catch_stdout=False)
        sheet = {"sex": "XX", "family": None, "birth_year": None, "phenotypes": ""}
        frame = pl.DataFrame([sheet | person for person in people], infer_schema_length=None)
        typed = frame.cast({"family": pl.String, "birth_year": pl.Int64})
        typed.write_parquet(self.folder / "genotypes/samples.parquet")
        own = {
            name: self.folder / f"genotypes/{contig}.{name}" for name in ("bed", "bim", "haploid", "dosage", "observed")
        }
        own["sites"] = self.folder / f"genotypes/{contig}.sites.parquet"
        self.run_step("pack_genotypes")(bcf, self.folder / "genotypes/samples.parquet", **own)
        held = more.get("withheld", {})
        quality = frame.select("sample", sex_inferred="sex", sex_reported="sex").with_columns(
            withheld=pl.col("sample").replace_strict(held, default=None, return_dtype=pl.String)
        )
        failed = pl.when(pl.col("sample").is_in(more.get("failed", []))).then(pl.lit("fail")).otherwise(pl.lit("pass"))
        quality = quality.with_columns(status=failed)
        quality.write_parquet(self.folder / "quality/samples.parquet")
        classified_frame([{"contig": contig} | row for row in classified]).write_parquet(
            self.folder / "annotation/classified.parquet"
        )
        strand = more.get("strand", "+")
        spans = [(contig, gene, "select", True, strand, 0, [{"first": a, "last": b}]) for gene, a, b in models]
        pl.DataFrame(spans, schema=MODEL, orient="row").write_parquet(self.folder / "annotation/transcripts.parquet")
        pl.DataFrame(list(aside), schema=SET_ASIDE, orient="row").write_parquet(
            self.folder / f"variants/{contig}.set_aside.parquet"
        )
        blocks = {"reference_blocks": more.get("blocks", 0)}
        (self.folder / f"variants/{contig}.json").write_text(json.dumps(blocks))
        consent = {"any": names} | (consent or {"findings": names, "carriers": names})
        for purpose in ("any", "findings", "carriers"):
            text = "".join(f"{name}\n" for name in consent.get(purpose, []))
            (self.folder / f"consent/{purpose}.txt").write_text(text)
        return self

    @staticmethod
    def cell(genotype: str, phase_set: int | None = None) -> str:
        """A genotype with good quality, depth and reads."""
        alleles = set(genotype) - set("|/")
        reads = "0,30" if alleles == {"1"} else "15,15" if "1" in alleles else "30,0"
        return f"{genotype}:99:30:{reads}:{'.' if phase_set is None else phase_set}"

    @staticmethod
    def variant(pos, gene, classification="pathogenic", consequence="missense", hgvs_p=None) -> dict:
        """A change of C to T with its class."""
        of_gene = {"gene": gene, "hgvs_c": f"T.1:c.{pos}C>T", "hgvs_p": hgvs_p, "consequence": consequence}
        of_class = {"classification": classification, "points": 10, "criteria": "PVS1,PM2", "classified_by": "own"}
        return {"pos": pos, "ref": "C", "alt": "T"} | of_gene | of_class

    def planted(self, genotypes, variants, **more) -> "Run":
        """A row of genotypes for each of ``variants``, a person a column, with the list of every rule."""
        people = more.pop("people", [{"sample": f"P{n + 1}"} for n in range(len(genotypes[0]))])
        rows = [
            (v["pos"], v["ref"], v["alt"], *(text if ":" in text else self.cell(text) for text in line))
            for v, line in zip(variants, genotypes, strict=True)
        ]
        return self.write(rows, variants, MODELS, people=people, **more).list("secondary", LIST)

    def list(self, name: str, text: str) -> "Run":
        """Give a list (secondary, carriers or phenotypes); spaces separate the columns of ``text``, ``_`` is one."""
        path = self.folder / f"{name}.tsv"
        header, *rows = (line.split() for line in text.strip().splitlines())
        spaced = [
            [cell if of == "reportable_when" else cell.replace("_", " ") for of, cell in zip(header, row, strict=False)]
            for row in rows
        ]
        path.write_text("".join("\t".join(cells) + "\n" for cells in [header, *spaced]))
        self.lists[name] = path
        return self

    def _genotypes(self, rows, names, contig, length) -> Path:
        lines = ["##fileformat=VCFv4.2", f"##contig=<ID={contig},length={length}>"]
        for name, number, kind in FORMATS:
            lines.append(f'##FORMAT=<ID={name},Number={number},Type={kind},Description="{name}">')
        lines.append("\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *names]))
        fields = ":".join(name for name, *_ in FORMATS)
        for name, pos, ref, alt, *cells in rows:
            lines.append("\t".join([name, str(pos), ".", ref, alt, ".", ".", ".", fields, *cells]))
        path = self.folder / "cohort.vcf"
        path.write_text("\n".join(lines) + "\n")
        return Path(pysam.tabix_index(str(path), preset="vcf", force=True))

    @property
    def _consents(self) -> dict:
        return {f"consent_{name}": self.folder / f"consent/{name}.txt" for name in ("findings", "carriers")}

    def find(self, absent_sites="reference", regions=None, files=None, **options) -> "Run":
        """Run both steps; the tables are ``findings``, ``genes``, ``couples`` and ``told`` (of phenotypes)."""
        contig, folder = self.contig, self.folder
        self.run_step("measure_coverage")(
            folder / f"genotypes/{contig}.bed",
            folder / "genotypes/samples.parquet",
            folder / "consent/any.txt",
            folder / "annotation/transcripts.parquet",
            folder / f"variants/{contig}.set_aside.parquet",
            folder / f"variants/{contig}.json",
            files or [self.file],
            contig=contig,
            coverage=folder / f"findings/{contig}.parquet",
            regions=regions,
            absent_sites=absent_sites,
            **self._consents,
            **self.lists,
        )
        self.run_step("find_reportable")(
            folder / "annotation/classified.parquet",
            [folder / f"genotypes/{contig}.bed"],
            [folder / f"variants/{contig}.bcf"],
            folder / "genotypes/samples.parquet",
            folder / "quality/samples.parquet",
            [folder / f"findings/{contig}.parquet"],
            contigs=[contig],
            findings=folder / "findings/findings.parquet",
            genes=folder / "findings/genes.parquet",
            couples_table=folder / "findings/couples.parquet",
            told=folder / "findings/phenotypes.parquet",
            **self._consents,
            **self.lists,
            **options,
        )
        self.findings = pl.read_parquet(folder / "findings/findings.parquet")
        self.genes = pl.read_parquet(folder / "findings/genes.parquet")
        self.told = pl.read_parquet(folder / "findings/phenotypes.parquet")
        self.couples = pl.read_parquet(folder / "findings/couples.parquet")
        return self

    def answers(self, name: str = "secondary") -> dict[tuple[str, str], str]:
        """What is reported of a list, by (sample, gene)."""
        rows = self.findings.filter(list=name).select("sample", "gene", "reportable").unique().iter_rows()
        return {(sample, gene): answer for sample, gene, answer in rows}

    def states(self, name: str = "secondary") -> dict[tuple[str, str], str]:
        """The state of each gene of a list, by (sample, gene)."""
        rows = self.genes.filter(list=name).select("sample", "gene", "state").iter_rows()
        return {(sample, gene): state for sample, gene, state in rows}


@pytest.fixture
def run(tmp_path, run_step) -> Run:
    """A run to be written."""
    (tmp_path / "run").mkdir()
    return Run(tmp_path / "run", run_step)
