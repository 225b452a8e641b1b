"""The needed positions: from definitions, and from scores by what the reference says."""

import json

import numpy as np
import polars as pl
import pytest

from list_positions import list_positions
from permed.evidence.positions import gene_positions, needed_positions, score_positions
from permed.scoring_files import SCORE_SCHEMA

SEQUENCE = "ACGTTTTTACGTNN"


def bases(contig, start, end):
    return SEQUENCE[start - 1 : end] if contig == "chr1" else ""


def scores(*rows):
    table = [
        dict.fromkeys(SCORE_SCHEMA) | {"contig": c, "pos": p, "effect_allele": effect, "other_allele": other}
        for c, p, effect, other in rows
    ]
    return pl.DataFrame(table, schema=SCORE_SCHEMA)


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        (("chr1", 2, "G", "C"), (2, "C", ["G"])),
        (("chr1", 2, "C", "G"), (2, "C", ["G"])),
        (("chr1", 2, "A", None), (2, "C", ["A"])),
        (("chr1", 2, "A", "T"), (2, "C", ["A", "T"])),  # another allele than the reference: to be told later
        (("chr1", 3, "G", "GA"), (3, "G", ["GA"])),  # an A does not follow
        (("chr1", 3, "GT", "G"), None),  # a T follows: GT and G both fit
        (("chr1", 13, "A", "C"), None),  # N
        (("chr2", 2, "A", "C"), None),
    ],
)
def test_the_reference_tells_ref_of_a_scores_variant(variant, expected):
    found = score_positions(scores(variant), bases)
    assert [row[1:] for row in found.rows()] == ([expected] if expected else [])


def test_positions_are_one_row_a_place_under_the_runs_names():
    table = pl.DataFrame(
        {
            "gene": ["A", "A", "B", "C"],
            "contig": ["chr2", "chr1", "chr1", "chr3"],
            "pos": ["5", "3", "3", "1"],
            "ref": ["A", "GTT", "G", "A"],
            "alts": ["G,T", "G", "C", "T"],
        }
    )
    of_genes = gene_positions(table, ["A", "B"], "GRCh38")
    of_scores = score_positions(scores(("chr1", 3, "G", "C"), ("chr1", 3, "GA", "G"), ("chr1", 1, "A", "T")), bases)
    found = needed_positions(of_genes, of_scores, ["1", "2"])
    assert found.select("contig", "pos", "ref", "end", "alt").rows() == [
        ("1", 1, "A", 1, None),
        ("1", 3, "G", 3, None),
        ("1", 3, "G", 3, "GA"),
        ("1", 3, "GTT", 5, "G"),
        ("2", 5, "A", 5, None),
    ]
    assert found["alts"].to_list() == [["T"], ["C"], ["GA"], ["G"], ["G", "T"]]
    both = ["definitions", "scores"]
    assert found["needed_by"].to_list() == [["scores"], both, ["scores"], ["definitions"], ["definitions"]]


def test_every_definition_of_the_genes_asked_for_is_listed(root, tmp_path):
    out = tmp_path / "positions.parquet"
    table = root / "resources" / "pharmacogenes" / "positions.tsv"
    list_positions(table, positions=out, contigs=["chr10", "chr16"], genes=["VKORC1", "CYP2C9"])
    found = pl.read_parquet(out)
    own = pl.read_csv(table, separator="\t", infer_schema=False).filter(pl.col("gene").is_in(["VKORC1", "CYP2C9"]))
    assert sorted(found["pos"]) == sorted({int(pos) for pos in own["pos"]})
    assert found["contig"].unique(maintain_order=True).to_list() == ["chr10", "chr16"]
    list_positions(table, positions=out, contigs=["chr10"], genes=[])
    assert pl.read_parquet(out).is_empty()


@pytest.mark.parametrize(("checks", "expected"), [({"gvcf": 1}, [7]), ({"callable": "x.bed"}, [7]), ({"gvcf": 0}, [])])
def test_a_panels_sites_are_needed_where_blocks_or_regions_tell_what_is_reference(tmp_path, root, checks, expected):
    sites = {"contig": ["chr1"], "pos": [7], "ref": ["A"], "alt": ["G"]}
    np.savez(tmp_path / "ancestry.npz", **{name: np.array(values) for name, values in sites.items()})
    (tmp_path / "inputs.json").write_text(json.dumps(checks))
    options = {"panel": tmp_path / "ancestry.npz", "checks": tmp_path / "inputs.json"}
    definitions = root / "resources/pharmacogenes/positions.tsv"
    list_positions(definitions, positions=tmp_path / "p.parquet", contigs=["chr1"], genes=[], **options)
    found = pl.read_parquet(tmp_path / "p.parquet")
    assert found["pos"].to_list() == expected
    assert found["alt"].null_count() == len(expected), "a record without an alternate"
    assert found["needed_by"].to_list() == [["ancestry"]] * len(expected)
