"""A record of a definition's allele that was not read counts however it is written."""

import importlib.util
from pathlib import Path

import polars as pl
import pysam
import pytest

from permed.pharmacogenes.definitions import MISSING, REF

_found = importlib.util.spec_from_file_location("alone", Path(__file__).with_name("test_alone.py"))
alone = importlib.util.module_from_spec(_found)
_found.loader.exec_module(alone)
cohorts = alone.cohorts
GENE = alone.GENES["NUDT15"]
SPELLED = pl.read_csv(alone.TABLES / "spellings.tsv", separator="\t", infer_schema=False).filter(
    gene="NUDT15", build="GRCh38"
)
WRITTEN = list(SPELLED.select("pos", "spelled_pos", "spelled_ref", "spelled_alt").iter_rows())[::3]


def written(folder: Path, rows: list[tuple]) -> Path:
    text = cohorts.HEADER.format(contig=GENE.contig, length=250_000_000)
    text += "\t".join([*"#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT".split(), "P"]) + "\n"
    for pos, ref, alt, passed, cell in sorted(rows):
        text += "\t".join([GENE.contig, str(pos), ".", ref, alt, ".", passed, ".", "GT:GQ", cell]) + "\n"
    (folder / "P.vcf").write_text(text)
    return Path(pysam.tabix_index(str(folder / "P.vcf"), preset="vcf", force=True))


@pytest.mark.parametrize(("defined", "pos", "ref", "alt"), WRITTEN)
def test_a_failed_record_in_any_spelling_wins_over_a_reference_genotype(tmp_path, defined, pos, ref, alt):
    at = next(n for n, own in enumerate(GENE.positions) if own.pos == int(defined))
    place = next(own for own in alone.PLACES["NUDT15"] if own.pos == int(defined))
    codes = []
    for passed in ("PASS", "LowQual"):
        folder = tmp_path / passed
        folder.mkdir()
        rows = [(place.pos, place.ref, own, "PASS", "0/0:60") for own in place.alts]
        rows.append((int(pos), ref, alt, passed, "0/1:60"))
        file = written(folder, rows)
        done = cohorts.run(folder, {"P": file}, ["P"], GENE.contig, alone.positions_of("NUDT15"))
        codes.append(alone.results("NUDT15", done, "missing")["P"]["codes"][at])
    # Two rows that differ are no call, and neither is a failed one.
    assert codes[1] == [MISSING, MISSING] and codes[0] in ([MISSING, MISSING], [REF, max(codes[0])])
