"""How callers and laboratories write what people carry: chrX and chrY in every convention that is met."""

from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from permed.genotypes.store import HET, HOM_ALT, HOM_REF, MISSING, SITE_SCHEMA, GenotypeStore, code_counts, pack
from permed.observations.codes import UNLISTED
from planted.karyotypes import FIRST_X, FIRST_Y, Karyotype, Truth, draw

CODES = np.array([HOM_REF, HET, HOM_ALT], np.uint8)


@dataclass(frozen=True)
class Caller:
    """A convention. ``y_of_women``: ``missing``, ``reference`` or ``absent`` (chrY is not in the file for anybody);
    ``haploid``: chrX (and chrY) of one copy for nobody, for ``true`` men or by the sex that was ``declared``;
    ``depth``: mean reads of autosomes, or None for a file without depth; ``no_call_depth``: whether a missing genotype
    has a depth; ``misplaced``: the share of the sites on chrY where reads of other places are called in everybody
    without a Y, with ``misplaced_depth`` reads; ``carried``: sites at which a person carries nothing are missing;
    ``het_y``: misplaced reads are called heterozygous."""

    y_of_women: str = "missing"
    haploid: str = "no"
    depth: float | None = 30.0
    no_call_depth: bool = False
    misplaced: float = 0.0
    misplaced_depth: tuple[int, int] = (4, 12)
    carried: bool = False
    het_y: bool = False
    error: float = 0.002


JOINT = Caller(misplaced=0.12)
CONVENTIONS: dict[str, Caller] = {
    "joint": JOINT,
    "joint, haploid in men": replace(JOINT, haploid="true"),
    "joint, no-calls with DP": replace(JOINT, no_call_depth=True),
    "misplaced at a third of the sites": replace(JOINT, misplaced=0.33),
    "misplaced, heterozygous": replace(JOINT, misplaced=0.3, het_y=True),
    "chrY as reference in women": Caller(y_of_women="reference", no_call_depth=True),
    "without depth": Caller(depth=None),
    "without depth, haploid in men": Caller(depth=None, haploid="true"),
    "array without chrY": Caller(depth=None, y_of_women="absent"),
    "genome without chrY": Caller(y_of_women="absent"),
    "variants only": Caller(misplaced=0.1, carried=True),
    "variants only, haploid in men": Caller(misplaced=0.1, carried=True, haploid="true"),
    "haploid by the sex in the sheet": Caller(haploid="declared", misplaced=0.12),
    "the same without depth": Caller(haploid="declared", depth=None),
    "at 12 reads": replace(JOINT, depth=12.0),
}


@dataclass
class Written:
    """A cohort as files have it: the store, depths as measured, and who is who."""

    store: GenotypeStore
    depths: pl.DataFrame | None
    people: pl.DataFrame
    truths: list[Truth] = field(default_factory=list)


def write(
    rng: np.random.Generator,
    people: list[tuple[Karyotype, str]],
    caller: Caller,
    x_sites: int = 500,
    y_sites: int = 120,
    autosomal: int = 300,
    frequencies: tuple[np.ndarray, np.ndarray] | None = None,
) -> Written:
    """What a caller writes of people, given with the sex that was declared for each (XX, XY or NA)."""
    x_af, y_af = frequencies or (rng.uniform(0.05, 0.6, x_sites), rng.uniform(0.05, 0.6, y_sites))
    truths = [draw(rng, karyotype, x_af, y_af) for karyotype, _ in people]
    declared = [sex for _, sex in people]
    parts: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    auto = (rng.random((2, autosomal, len(people))) < rng.uniform(0.1, 0.6, (autosomal, 1))).sum(axis=0)
    parts["chr1"] = CODES[auto], np.arange(1, autosomal + 1) * 10_000
    single = np.array([caller.haploid != "no" and _single(t, s, caller) for t, s in zip(truths, declared, strict=True)])
    x = np.stack([_x(rng, truth, one, caller) for truth, one in zip(truths, single, strict=True)], axis=1)
    parts["chrX"] = x, FIRST_X + 1000 * np.arange(x_sites)
    y, reads = zip(*(_y(rng, truth, caller, y_sites) for truth in truths), strict=True)
    if caller.y_of_women != "absent":
        parts["chrY"] = np.stack(y, axis=1), FIRST_Y + 1000 * np.arange(y_sites)
    if caller.carried:
        for name, (codes, positions) in parts.items():
            codes = np.where(codes == HOM_REF, np.uint8(MISSING), codes)
            carried = (codes != MISSING).any(axis=1)
            parts[name] = codes[carried], positions[carried]
    names = [f"S{n}" for n in range(len(people))]
    store = _store(parts, names, single, caller.carried)
    table = pl.DataFrame({"sample": names, "sex": declared, "group": None}, schema_overrides={"group": pl.String})
    return Written(store, _depths(rng, truths, caller, store, reads, y), table, truths)


def together(*files: Written) -> Written:
    """Several files of different people, merged: what no file of a person lists is missing, and known to be."""
    names = [f"{name}{n}" for n, file in enumerate(files) for name in file.store.samples]
    tables = [file.store.sites.select("contig", "pos") for file in files]
    sites = pl.concat(tables).unique().sort(pl.col("contig"), "pos")
    codes = np.full((len(sites), len(names)), MISSING, np.uint8)
    observed, haploid = np.full(codes.shape, UNLISTED, np.uint8), np.zeros(codes.shape, bool)
    first = 0
    for file, table in zip(files, tables, strict=True):
        rows = table.join(sites.with_row_index("row"), on=["contig", "pos"], how="left", maintain_order="left")["row"]
        here = np.ix_(rows.to_numpy(), np.arange(first, first + len(file.store.samples)))
        every = np.arange(len(table))
        codes[here], observed[here], haploid[here] = (
            take(every) for take in (file.store.codes, file.store.observed, file.store.haploid)
        )
        first += len(file.store.samples)
    columns = {"ref": pl.lit("A"), "alt": pl.lit("G"), "key": pl.lit(0, pl.UInt64), "id": pl.lit(None, pl.String)}
    whole = sites.with_columns(**columns).with_columns(**code_counts(codes)).select(*SITE_SCHEMA)
    contig = whole["contig"].to_numpy()
    parts = [contig == name for name in dict.fromkeys(contig.tolist())]
    store = GenotypeStore(
        names,
        whole,
        [pack(codes[part]) for part in parts],
        [np.packbits(haploid[part], axis=1, bitorder="little") for part in parts],
        observed_parts=[observed[part] for part in parts],
    )
    people = pl.concat([file.people for file in files]).with_columns(sample=pl.Series(names))
    deep = [
        file.depths.with_columns(sample=pl.col("sample") + str(n))
        for n, file in enumerate(files)
        if file.depths is not None
    ]
    depths = pl.concat(deep) if deep else None
    return Written(store, depths, people, [truth for file in files for truth in file.truths])


def _single(truth: Truth, declared: str, caller: Caller) -> bool:
    return declared == "XY" if caller.haploid == "declared" else truth.karyotype.name == "XY"


def _x(rng: np.random.Generator, truth: Truth, single: bool, caller: Caller) -> np.ndarray:
    copies = truth.x.copy()
    if not truth.one_x:
        lost = np.zeros(len(copies), bool)
        if truth.karyotype.x < 2:  # of a mosaic the lost X shows in fewer reads, and some of its alleles are missed
            lost = (copies == 1) & (rng.random(len(copies)) < max(0.0, 1.4 - truth.karyotype.x))
        copies = np.where(lost, 2 * rng.integers(0, 2, len(copies)), copies)
    if single:
        copies = np.where(copies == 1, 2 * rng.integers(0, 2, len(copies)), copies)
    else:
        copies = np.where(rng.random(len(copies)) < caller.error, 1, copies)
    return CODES[copies]


def _y(rng: np.random.Generator, truth: Truth, caller: Caller, sites: int) -> tuple[np.ndarray, np.ndarray]:
    """Codes at the sites on chrY, and the reads at each, negative where the file has no depth."""
    deep = caller.depth or 30.0
    if truth.has_y:
        reads = rng.poisson(deep * truth.karyotype.y / 2, sites)
        codes = np.where(rng.random(sites) < 0.01, np.uint8(MISSING), CODES[2 * truth.y])
        return codes, np.where((codes == MISSING) & (not caller.no_call_depth), -1, reads)
    codes = np.full(sites, HOM_REF if caller.y_of_women == "reference" else MISSING, np.uint8)
    reads = np.where(rng.random(sites) < 0.1, 1, 0) if caller.no_call_depth else np.full(sites, -1)
    wrong = np.random.default_rng(7).random(sites) < caller.misplaced  # the same places in everybody
    codes[wrong] = HET if caller.het_y else HOM_ALT
    reads[wrong] = rng.integers(*caller.misplaced_depth, sites, endpoint=True)[wrong]
    return codes, reads


def _store(parts: dict, names: list[str], single: np.ndarray, carried: bool) -> GenotypeStore:
    tables, packed, masks, observed = [], [], [], []
    for contig, (codes, positions) in parts.items():
        columns = {"contig": contig, "pos": positions, "ref": "A", "alt": "G", "key": 0, "id": None}
        tables.append(
            pl.DataFrame({**columns, **code_counts(codes)}, schema_overrides=SITE_SCHEMA).select(*SITE_SCHEMA)
        )
        packed.append(pack(codes))
        one = np.where(codes == MISSING, False, single) if contig in ("chrX", "chrY") else None
        masks.append(None if one is None else np.packbits(one, axis=1, bitorder="little"))
        unlisted = np.where(codes == MISSING, np.uint8(UNLISTED), np.uint8(0))
        observed.append(unlisted if carried else None)
    return GenotypeStore(names, pl.concat(tables), packed, masks, observed_parts=observed)


def _depths(rng, truths: list[Truth], caller: Caller, store: GenotypeStore, reads, codes) -> pl.DataFrame | None:
    """The table of depths as the measure of genotypes gives it."""
    if caller.depth is None:
        return None
    rows = []
    for name, truth, own, written in zip(store.samples, truths, reads, codes, strict=True):
        uneven = rng.normal(1, 0.02)
        listed = own >= 0
        if caller.y_of_women == "absent":
            listed[:] = False
        if caller.carried:
            listed &= np.isin(written, (HET, HOM_ALT))
        known = listed.sum() >= 10
        no_call = int((listed & (written == MISSING)).sum())
        x = caller.depth * truth.karyotype.x / 2 * uneven
        rows.append((name, caller.depth, x, own[listed].mean() if known else None, int(listed.sum()), no_call))
    schema = ["sample", "autosome_depth", "x_depth", "y_depth", "n_y_depth", "n_y_no_call"]
    table = pl.DataFrame(rows, schema=schema, orient="row", infer_schema_length=None)
    return table.with_columns(
        pl.col("y_depth").cast(pl.Float64), depth_source=pl.lit("genotypes"), n_x_depth=pl.lit(500)
    )
