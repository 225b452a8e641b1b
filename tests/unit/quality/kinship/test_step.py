"""The step on files: a store, a sheet, metrics and a list of sites left out."""

import polars as pl
import pytest

from permed.errors import Fault
from permed.genotypes.store import StoreWriter
from permed.tables import read_table

PEDIGREE = {"F": None, "M": None, "C": ("F", "M"), "X": None}


@pytest.fixture(scope="module")
def inputs(family_store, tmp_path_factory):
    """The step's inputs and outputs by name; the call rate of M was too low."""
    folder = tmp_path_factory.mktemp("store")
    store = family_store(PEDIGREE, sites=12_000)
    contigs = store.sites["contig"].unique(maintain_order=True).to_list()
    for contig, part in zip(contigs, store.parts, strict=True):
        with StoreWriter(
            *(folder / f"{contig}.{kind}" for kind in ("bed", "haploid", "dosage", "observed")), 4
        ) as writer:
            writer.add(part)
        store.sites.filter(contig=contig).write_parquet(folder / f"{contig}.sites.parquet")
    people = {"sample": store.samples, "sex": "NA", "birth_year": None, "family": ["1", "1", "1", None]}
    pl.DataFrame(people).write_parquet(folder / "samples.parquet")
    rates = {"sample": store.samples, "call_rate": [0.99, 0.9, 0.99, 0.99]}
    pl.DataFrame(rates).write_parquet(folder / "metrics.parquet")
    left_out = pl.Series("left_out", [None, "call rate"] * 6000, dtype=pl.String)
    store.sites.select("contig", "pos", "ref", "alt").with_columns(left_out).write_parquet(folder / "sites.parquet")
    given = {name: folder / f"{name}.parquet" for name in ("samples", "metrics", "kinship", "pedigree")}
    beds = [folder / f"{contig}.bed" for contig in contigs]
    return given | {"genotypes": beds, "build": "GRCh38", "least_call_rate": 0.95}


def test_the_step_writes_pairs_and_verdicts(inputs, run_step):
    run_step("estimate_kinship")(**inputs, threads=2)
    pairs = {row["sample1"] + row["sample2"]: row for row in read_table(inputs["kinship"]).iter_rows(named=True)}
    assert list(pairs) == ["FM", "FC", "MC"]
    assert pairs["FC"]["relation"] == "parent-child"
    assert pairs["MC"]["relation"] == "not_assessable"
    assert pairs["MC"]["reason"] == "M: call_rate 0.9000 is below 0.95"
    verdicts = dict(read_table(inputs["pedigree"]).select("sample", "verdict").iter_rows())
    assert verdicts == {"F": "pass", "M": "not_assessable", "C": "pass", "X": "pass"}


def test_sites_left_out_are_not_used(inputs, run_step, tmp_path):
    changed = inputs | {"kinship": tmp_path / "kinship.parquet", "pedigree": tmp_path / "pedigree.parquet"}
    listed = inputs["samples"].with_name("sites.parquet")
    run_step("estimate_kinship")(**inputs)
    run_step("estimate_kinship")(**changed, sites=listed)
    whole, half = (read_table(path)["n_sites"].to_numpy() for path in (inputs["kinship"], changed["kinship"]))
    assert half / whole == pytest.approx(0.5, abs=0.01)
    read_table(listed).head(100).write_parquet(tmp_path / "short.parquet")
    with pytest.raises(Fault, match="does not list the sites of the store"):
        run_step("estimate_kinship")(**changed, sites=tmp_path / "short.parquet")


def test_every_pair_is_listed_on_demand_and_threads_change_nothing(inputs, run_step, tmp_path):
    tables = []
    for threads in (1, 2):
        outputs = {name: tmp_path / f"{name}{threads}.parquet" for name in ("kinship", "pedigree")}
        run_step("estimate_kinship")(**inputs | outputs, listed="all", threads=threads)
        tables.append([path.read_bytes() for path in outputs.values()])
    assert tables[0] == tables[1]
    assert len(read_table(outputs["kinship"])) == 5, "six pairs, of which one with a held out person of no family"


def test_contaminated_people_and_those_with_a_donors_cells_are_nobodys_relatives(inputs, run_step, tmp_path):
    changed = inputs | {name: tmp_path / f"{name}.parquet" for name in ("samples", "kinship", "pedigree")}
    people = read_table(inputs["samples"])
    transplants = pl.Series("transplant", [None, "stem_cells", None, None], dtype=pl.String)
    people.with_columns(transplants).write_parquet(changed["samples"])
    shares = {"sample": people["sample"], "contamination": [0.1, None, 0.001, 0.0]}
    depths = {"x_depth": 30.0, "y_depth": 0.0, "autosome_depth": 30.0}
    pl.DataFrame(shares).with_columns(**{k: pl.lit(v) for k, v in depths.items()}).write_parquet(tmp_path / "d.parquet")
    run_step("estimate_kinship")(**changed, depths=tmp_path / "d.parquet")
    judged = {row["sample"]: row for row in read_table(changed["pedigree"]).iter_rows(named=True)}
    assert judged["F"]["verdict"] == "not_assessable" and "contamination 0.100 is above 0.05" in judged["F"]["reason"]
    assert judged["M"]["verdict"] == "warn" and judged["M"]["kinds"] == ["transplant"]
    assert judged["X"]["verdict"] == "pass"


def test_a_fingerprint_of_one_run_is_known_to_the_next(inputs, run_step, tmp_path):
    first = {name: tmp_path / f"{name}.parquet" for name in ("kinship", "pedigree", "fingerprint")}
    run_step("estimate_kinship")(**inputs | first)
    again = {name: tmp_path / f"{name}2.parquet" for name in ("samples", "kinship", "pedigree")}
    run_step("estimate_kinship")(
        **inputs | {n: again[n] for n in ("kinship", "pedigree")}, known=[first["fingerprint"]]
    )
    judged = dict(read_table(again["pedigree"]).select("sample", "verdict").iter_rows())
    assert judged == {"F": "pass", "M": "not_assessable", "C": "pass", "X": "pass"}
    renamed = read_table(inputs["samples"]).with_columns(sample=pl.Series(["F", "M", "C", "NEW"]))
    renamed.write_parquet(again["samples"])
    renamed.select("sample").with_columns(call_rate=pl.lit(0.99)).write_parquet(tmp_path / "metrics.parquet")
    changed = inputs | again | {"metrics": tmp_path / "metrics.parquet"}
    run_step("estimate_kinship")(**changed, known=[first["fingerprint"]])
    judged = {row["sample"]: row for row in read_table(again["pedigree"]).iter_rows(named=True)}
    assert judged["NEW"]["verdict"] == "fail" and judged["NEW"]["kinds"] == ["known_same"]
    assert judged["F"]["verdict"] == "pass"
