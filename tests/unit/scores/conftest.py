"""A genotype store written from codes, as the packing step leaves it, and scoring files."""

import polars as pl
import pytest

from permed.genotypes.store import MAGIC, SITE_SCHEMA, code_counts, pack
from permed.variants import variant_keys

SITE = {"pos": pl.Int64, "ref": pl.String, "alt": pl.String}
SET_ASIDE = {"contig": pl.String, "pos": pl.Int64, "end": pl.Int64, "reason": pl.String}


@pytest.fixture
def make_store(tmp_path):
    """Write ``{contig: ([(pos, ref, alt)…], codes)}`` and give the paths that the steps take."""

    def make(contigs, samples, set_aside=(), folder=tmp_path / "genotypes"):
        folder.mkdir(exist_ok=True)
        paths = {"genotypes": [], "sites": [], "set_aside": [], "samples": folder / "samples.parquet"}
        names = pl.Series("sample", list(samples), pl.String)
        pl.DataFrame([names]).write_parquet(paths["samples"])
        (folder / "samples.fam").write_text("".join(f"0\t{name}\t0\t0\t0\t-9\n" for name in names))
        for contig, (rows, codes) in contigs.items():
            codes = codes.reshape(len(rows), len(names))
            sites = pl.DataFrame(rows, schema=SITE, orient="row")
            sites = sites.with_columns(contig=pl.lit(contig), id=pl.lit(None, pl.String))
            counts = {name: pl.Series(values) for name, values in code_counts(codes).items()}
            sites = sites.with_columns(key=pl.Series(variant_keys(sites)), **counts)
            table = folder / f"{contig}.sites.parquet"
            sites.select(pl.col(name).cast(kind) for name, kind in SITE_SCHEMA.items()).write_parquet(table)
            (folder / f"{contig}.bed").write_bytes(MAGIC + pack(codes).tobytes())
            apart = tmp_path / f"{contig}.set_aside.parquet"
            kept = [(contig, pos, end, "symbolic alternate") for where, pos, end in set_aside if where == contig]
            pl.DataFrame(kept, schema=SET_ASIDE, orient="row").write_parquet(apart)
            paths["genotypes"].append(folder / f"{contig}.bed")
            paths["sites"].append(table)
            paths["set_aside"].append(apart)
        return paths

    return make


@pytest.fixture
def make_score(tmp_path):
    """Write a scoring file from column names and rows, each a text of cells (``_`` is an empty one)."""

    def make(columns, *rows, name="height.txt", above=""):
        lines = ["\t".join("" if cell == "_" else cell for cell in row.split()) for row in (columns, *rows)]
        (tmp_path / name).write_text(above + "\n".join(lines) + "\n")
        return tmp_path / name

    return make
