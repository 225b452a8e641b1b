"""Kinship against a plain NumPy account of the formula and against plink2's."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from permed.genotypes.read import GenotypeReader, read_chunks
from permed.genotypes.store import HET, HOM_ALT, HOM_REF, MAGIC, MISSING, GenotypeStore, pack
from permed.quality.kinship import pairs as module
from permed.quality.kinship.estimates import kinship, site_variance
from permed.quality.kinship.pairs import count_pairs, find_related
from permed.quality.kinship.sites import kinship_sites

needs_plink2 = pytest.mark.skipif(shutil.which("plink2") is None, reason="plink2 is not installed")
REAL = {
    "1000 Genomes": ("real/prs/pygscatalog/tiny1000G.vcf.gz", "GRCh38", 3202),
    "CINECA": ("real/prs/pgsc_calc/cineca_synthetic_subset.vcf.gz", "GRCh37", 2504),
}


def twin(one: np.ndarray, other: np.ndarray) -> list[int]:
    """Counts of a pair from codes: opposite homozygotes, het in both, in the first alone, in the second; called."""
    both = (one != MISSING) & (other != MISSING)
    opposite = ((one == HOM_REF) & (other == HOM_ALT)) | ((one == HOM_ALT) & (other == HOM_REF))
    first, second = both & (one == HET), both & (other == HET)
    return [int(x.sum()) for x in (opposite, first & second, first & ~second, second & ~first, both)]


@pytest.fixture
def cohort(make_store, spread):
    """41 people at 1,500 sites, a tenth of the genotypes missing, person 7 like person 30 but for some sites."""
    rng = np.random.default_rng(5)
    dosages = (rng.random((2, 1500, 41)) < rng.uniform(0.1, 0.9, (1500, 1))).sum(axis=0)
    codes = np.array([HOM_REF, HET, HOM_ALT], np.uint8)[dosages]
    codes[rng.random(codes.shape) < 0.1] = MISSING
    codes[200:, 7] = codes[200:, 30]
    return make_store(codes, *spread(1500)), codes


def everything(store) -> np.ndarray:
    return np.argwhere(np.triu(np.ones((len(store.samples),) * 2, bool), 1))


def all_sites(store):
    return kinship_sites(store.sites.with_columns(n_missing=pl.lit(0)), "GRCh38", 10**9, 1)


def test_counts_are_those_of_numpy(cohort, monkeypatch):
    store, codes = cohort
    sites = all_sites(store)
    assert len(sites.rows) == 1500
    pairs = everything(store)
    expected = [twin(codes[:, i], codes[:, j]) for i, j in pairs]
    assert count_pairs(store, sites, pairs).sum(axis=1).tolist() == expected
    monkeypatch.setattr(module, "WORDS", 2)
    monkeypatch.setattr(module, "LISTED", 100)
    assert count_pairs(store, sites, pairs).sum(axis=1).tolist() == expected


@pytest.mark.parametrize(("group", "words"), [(2048, 128), (8, 3), (16, 1)])
def test_the_scan_finds_the_pairs_beyond_its_bound_in_any_cut(cohort, monkeypatch, group, words):
    store, codes = cohort
    monkeypatch.setattr(module, "GROUP", group)
    monkeypatch.setattr(module, "WORDS", words)
    pairs = everything(store)
    counts = np.array([twin(codes[:, i], codes[:, j]) for i, j in pairs])
    values, errors = kinship(counts), np.sqrt(site_variance(counts))
    usable = np.arange(41) != 4
    scanned = module._scan(store, all_sites(store), np.arange(1500), usable, 0.01, 1.5)
    wanted = pairs[(values >= 0.01) & (values >= 1.5 * errors) & (pairs != 4).all(axis=1)]
    assert 1 < len(wanted) < len(pairs) / 2
    assert scanned.tolist() == wanted.tolist()
    assert find_related(store, all_sites(store), usable).tolist() == [[7, 30]]


def test_leaving_distant_pairs_early_loses_none(family_store, monkeypatch):
    pedigree = {}
    for n in range(20):
        founders = dict.fromkeys((f"{n}f", f"{n}m", f"{n}s", f"{n}t"))
        children = {f"{n}a": (f"{n}f", f"{n}m"), f"{n}b": (f"{n}f", f"{n}m")}
        pedigree |= founders | children | {f"{n}c": (f"{n}a", f"{n}s"), f"{n}d": (f"{n}b", f"{n}t")}
    store = family_store(pedigree, sites=12_000)
    sites, everybody = kinship_sites(store.sites, "GRCh38", 10**6, 1000), np.ones(len(store.samples), bool)
    monkeypatch.setattr(module, "WORDS", 16)
    early = find_related(store, sites, everybody)
    monkeypatch.setattr(module, "EXCLUDED", np.inf)
    assert early.tolist() == find_related(store, sites, everybody).tolist()
    assert len(early) > 20 * 12


def test_the_variance_is_what_repeated_draws_show(make_store, spread, drop):
    values, said = [], []
    contigs, positions = spread(600)
    for seed in range(300):
        dosages = drop({"F": None, "M": None, "A": ("F", "M"), "B": None}, contigs, positions, seed)
        counts = np.array([twin(*np.array([HOM_REF, HET, HOM_ALT])[dosages[:, pair].T]) for pair in ((0, 2), (2, 3))])
        values.append(kinship(counts))
        said.append(site_variance(counts))
    assert np.std(values, axis=0) == pytest.approx(np.sqrt(np.mean(said, axis=0)), rel=0.12)


def plink2(folder: Path, store: GenotypeStore, rows: np.ndarray) -> pl.DataFrame:
    """The table of plink2 over rows of a store: IID1, IID2 in the store's order, NSNP, IBS0 and KINSHIP."""
    (folder / "s.bed").write_bytes(MAGIC + pack(store.codes(rows)).tobytes())
    sites = store.sites[rows].select("contig", "pos", "alt", "ref")
    (folder / "s.bim").write_text("".join(f"{c}\t{c}:{p}\t0\t{p}\t{a}\t{r}\n" for c, p, a, r in sites.iter_rows()))
    (folder / "s.fam").write_text("".join(f"0\t{name}\t0\t0\t0\t-9\n" for name in store.samples))
    words = ["plink2", "--bfile", folder / "s", "--make-king-table", "--threads", "2", "--out", folder / "p"]
    subprocess.run([str(word) for word in words], check=True, capture_output=True)
    table = pl.read_csv(folder / "p.kin0", separator="\t", schema_overrides={"IID1": pl.String, "IID2": pl.String})
    place = {name: n for n, name in enumerate(store.samples)}
    one, other = (table[name].replace_strict(place, return_dtype=pl.Int64) for name in ("IID1", "IID2"))
    ordered = table.with_columns(first=pl.min_horizontal(one, other), second=pl.max_horizontal(one, other))
    return ordered.sort("first", "second")


def assert_same(table: pl.DataFrame, store: GenotypeStore, sites) -> None:
    pairs = table.select("first", "second").to_numpy()
    assert len(pairs) == len(store.samples) * (len(store.samples) - 1) // 2
    for start in range(0, len(pairs), 1 << 18):
        some = slice(start, start + (1 << 18))
        counts = count_pairs(store, sites, pairs[some]).sum(axis=1, dtype=np.int64)
        assert (counts[:, 4] == table["NSNP"][some].to_numpy()).all()
        assert np.abs(counts[:, 0] / counts[:, 4] - table["IBS0"][some].to_numpy()).max() < 1e-6
        theirs = table["KINSHIP"][some].to_numpy()
        digits = np.where(np.abs(theirs) < 1, 1e-6, 5.1e-6)  # their table has six
        assert (np.abs(kinship(counts) - theirs) < digits).all()


@needs_plink2
def test_kinship_is_plink2s(cohort, tmp_path):
    store, _ = cohort
    assert_same(plink2(tmp_path, store, np.arange(1500)), store, all_sites(store))


@needs_plink2
@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_kinship_of_public_cohorts_is_plink2s(name, shared, tmp_path):
    path, build, people = REAL[name]
    store = read_store(shared / path)
    assert len(store.samples) == people
    sites = kinship_sites(store.sites, build, 200_000, 1000)
    assert len(sites.rows) > 800
    assert_same(plink2(tmp_path, store, sites.rows), store, sites)


def read_store(path: Path) -> GenotypeStore:
    chunks = list(read_chunks(path))
    codes = np.concatenate([codes for _, codes in chunks])
    return GenotypeStore(GenotypeReader(path).samples, pl.concat([sites for sites, _ in chunks]), [pack(codes)])


def test_real_trios_are_parents_and_child_where_few_sites_may_speak(shared, estimate):
    store = read_store(shared / REAL["1000 Genomes"][0])
    trios = (
        pl.read_csv(shared / "facts/panels/trios_seen.tsv", separator="\t").select("child", "father", "mother").rows()
    )
    families = {name: trio[0] for trio in trios for name in trio}
    found, sites = estimate(store, families, fewest=500)
    own = {frozenset(row[:2]): row[2] for row in found.pairs.select("sample1", "sample2", "relation").iter_rows()}
    for child, father, mother in trios:
        assert own[frozenset({child, father})] == own[frozenset({child, mother})] == "parent-child"
        assert own[frozenset({father, mother})].endswith("unrelated")
    # the 3,202 are 2,504 unrelated people and 698 relatives of theirs, who complete 602 trios (Byrska-Bishop 2022)
    told = found.pairs["relation"].value_counts()
    assert told.filter(relation="parent-child")["count"].item() == pytest.approx(2 * 602, rel=0.02)
    found, sites = estimate(store, families)
    assert sites.problem.startswith("too few sites: 930 common autosomal SNVs, 1000 are needed")
    assert set(found.pairs["relation"]) == {"not_assessable"}
    assert len(found.pairs) == 9
