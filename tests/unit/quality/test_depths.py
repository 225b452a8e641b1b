"""Depth, quality, allele balance and CHARR against what pysam reads of the same file and what was planted."""

from collections import Counter

import numpy as np
import polars as pl
import pysam
import pysam.bcftools
import pytest

import measure_depths as step
from pack_genotypes import pack_genotypes
from permed.errors import Fault
from permed.frequencies import common_reference, populations, read_frequencies
from permed.genotypes.read import GenotypeReader
from permed.quality.depths.contig import is_balanced, measure_contig, regions_of
from permed.quality.depths.samples import measure_depths
from permed.quality.reads.samples import READS_SCHEMA

HEADER = """##fileformat=VCFv4.3
##contig=<ID=chr1,length=248956422>
##contig=<ID=chr2,length=242193529>
##contig=<ID=chrX,length=156040895>
##contig=<ID=chrY,length=57227415>
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Likelihoods">
"""
KINDS = {"AD": "R,Type=Integer", "DP": "1,Type=Integer", "GQ": "1,Type=Integer"}


def write(path, rows, samples, kinds=KINDS):
    """Write rows of ``contig pos ref alt formats cell…`` as BCF."""
    lines = [HEADER + "\n".join(f'##FORMAT=<ID={n},Number={k},Description="x">' for n, k in kinds.items())]
    lines += ["\t".join(["#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT".replace(" ", "\t"), *samples])]
    for contig, pos, ref, alt, formats, *cells in rows:
        lines.append("\t".join([contig, str(pos), ".", ref, alt, ".", "PASS", ".", formats, *cells]))
    text = path.with_suffix(".vcf")
    text.write_text("\n".join(lines) + "\n")
    pysam.bcftools.view("--no-version", "-Ob", "-o", str(path), str(text), catch_stdout=False)
    return path


def sites_of(path):
    reader = GenotypeReader(path)
    for _ in reader:
        pass
    return reader.sites()


def measure(path, af=None, min_sites=1):
    """The table of samples and the depths of one file of any contigs; ``af`` is that of ALT by (contig, pos)."""
    sites = sites_of(path)
    alt_af = np.array([[(af or {}).get(place, np.nan) for place in sites.select("contig", "pos").iter_rows()]])
    with pysam.VariantFile(str(path)) as file:
        samples = list(file.header.samples)
    alone = np.zeros(len(samples), np.int64)
    depths = measure_contig(path, sites, common_reference(alt_af), alone, "GRCh38")
    return measure_depths(depths, samples, ["planted"] * len(samples), min_sites), depths


def by_pysam(path, af):
    """The same numbers, computed record by record from their definitions."""
    with pysam.VariantFile(str(path)) as file:
        records = [(r.contig, r.pos, r.ref, r.alts[0], [dict(c) for c in r.samples.values()]) for r in file]
        samples = list(file.header.samples)
    places = Counter((contig, pos) for contig, pos, *_ in records)
    rows = []
    for number, sample in enumerate(samples):
        depths = {"chr1": [], "chrX": [], "chrY": []}
        qualities, balances, shares, charr = [], [], [], []
        for contig, pos, ref, alt, cells in records:
            cell = cells[number]
            ad = cell.get("AD") or (None, None)
            ad = ad if len(ad) == 2 and None not in ad else None
            depth = cell.get("DP") if cell.get("DP") is not None else sum(ad) if ad else None
            if contig == "chrX" and (pos <= 2781479 or pos >= 155701383):
                continue
            if depth is not None:
                depths[contig].append(depth)
            if contig != "chr1":
                continue
            if cell.get("GQ") is not None:
                qualities.append(cell["GQ"])
            alone = places[contig, pos] == 1 and len(ref) == 1 == len(alt)
            if not alone or not ad or sum(ad) < 10 or len(cell["GT"]) != 2 or None in cell["GT"]:
                continue
            if sum(cell["GT"]) == 1:
                balances.append(ad[1] / sum(ad))
            if sum(cell["GT"]) == 2:
                shares.append(ad[0] / sum(ad))
                sure = "GQ" not in cell or (cell["GQ"] is not None and cell["GQ"] >= 20)
                if (contig, pos) in af and 0.05 < 1 - af[contig, pos] < 0.95 and 10 <= depth <= 100 and sure:
                    charr.append(ad[0] / sum(ad) / (1 - af[contig, pos]))
        outside = [b < 0.2 or b > 0.8 for b in balances]
        rows.append(
            {
                "sample": sample,
                "mean_depth": mean(depths["chr1"]),
                "low_depth_share": mean([d < 10 for d in depths["chr1"]]),
                "x_depth": mean(depths["chrX"], 10),
                "y_depth": mean(depths["chrY"], 10),
                "mean_gq": mean(qualities),
                "low_gq_share": mean([q < 20 for q in qualities]),
                "n_het_balance": len(balances),
                "het_balance": mean(balances),
                "het_outside_share": mean(outside),
                "n_hom_alt": len(shares),
                "hom_alt_ref_share": mean(shares),
                "charr_sites": len(charr),
                "charr": mean(charr),
            }
        )
    return rows


def mean(values, least=1):
    return float(np.mean(values)) if len(values) >= least else None


def same(table, rows):
    for ours, theirs in zip(table.select(*rows[0]).to_dicts(), rows, strict=True):
        assert ours.pop("sample") == theirs.pop("sample")
        assert ours == {name: value if value is None else pytest.approx(value) for name, value in theirs.items()}


def same_shown(path, af, depths):
    """Reads and quality of each genotype at a site of common alleles, whatever its genotype."""
    sites = sites_of(path)
    balanced = is_balanced(sites)
    with pysam.VariantFile(str(path)) as file:
        records = [r for r, good in zip((r.copy() for r in file), balanced, strict=True) if good]
    records = [r for r in records if (r.contig, r.pos) in af and 0.05 < 1 - af[r.contig, r.pos] < 0.95]
    assert depths.shown.shape[1] == len(records) > 50
    for place, record in enumerate(records):
        for number, cell in enumerate(record.samples.values()):
            ad = cell.get("AD") or (None, None)
            ad = [min(n, 254) for n in ad] if len(ad) == 2 and None not in ad else [255, 255]
            gq = cell.get("GQ")
            assert depths.shown[:, place, number].tolist() == [*ad, 255 if gq is None else int(gq)]


def random_file(path, rng, largest, floating=False):
    """A file in which every field may be missing in part or whole; ``largest`` is that of its depths."""
    samples = [f"S{n}" for n in range(7)]
    rows, af = [], {}
    for number in range(300):
        contig = "chr1" if number < 200 else "chrX" if number < 260 else "chrY"
        pos = 2_781_400 + 3 * (number - number % 9 // 8)  # some positions have two records; some lie in PAR 1
        names = [name for name in ("DP", "PL", "GQ", "AD") if rng.random() < 0.9]
        cells = [random_cell(rng, names, largest, floating) for _ in samples]
        alt = "G" if rng.random() < 0.9 else "GT"
        rows.append((contig, pos, "A", alt if number % 9 < 8 else "C", ":".join(["GT", *names]), *cells))
        if rng.random() < 0.8:
            af[contig, pos] = float(rng.uniform(0, 1))
    kinds = KINDS | ({"GQ": "1,Type=Float"} if floating else {})
    return write(path, rows, samples, kinds), af


def random_cell(rng, names, largest, floating):
    genotype = rng.choice(["0/0", "0/1", "1|0", "1/1", "1|1", "./.", ".", "1", "./1"])
    depth = int(rng.integers(0, largest))
    ref = int(rng.integers(0, depth + 1))
    quality = f"{rng.uniform(0, 99):.2f}" if floating else str(rng.integers(0, 100))
    ad = str(rng.choice([f"{ref},{depth - ref}", ".", f"{ref}", f".,{ref}", f"{ref},."], p=[0.8, *[0.05] * 4]))
    values = {"DP": str(depth), "PL": "0,3,30", "GQ": quality, "AD": ad}
    given = [values[name] if rng.random() < 0.9 or name == "AD" else "." for name in names]
    return ":".join([str(genotype), *given])


@pytest.mark.parametrize("largest", [40, 120, 300, 70_000])
@pytest.mark.parametrize("floating", [False, True])
def test_every_number_is_that_of_pysam(tmp_path, largest, floating):
    """Depths that need 8, 16 and 32 bits; missing values, short vectors, haploid and half-called genotypes."""
    path, af = random_file(tmp_path / "a.bcf", np.random.default_rng(largest), largest, floating)
    table, depths = measure(path, af)
    same(table, by_pysam(path, af))
    assert depths.has == {"AD", "DP", "GQ"}
    same_shown(path, af, depths)
    with pysam.VariantFile(str(path)) as file:
        places = Counter(r.pos for r in file if r.contig == "chr1")
    with pysam.VariantFile(str(path)) as file:
        for number, record in enumerate(file):
            good = record.contig == "chr1" and places[record.pos] == 1 and len(record.alts[0]) == 1
            pairs = [c["AD"] for c in record.samples.values() if set(c["GT"]) == {0, 1} and good and "AD" in c]
            pairs = [ad for ad in pairs if len(ad) == 2 and None not in ad and sum(ad) >= 10]
            assert depths.n_het_balance[number] == len(pairs)
            if pairs:
                assert depths.het_balance[number] == pytest.approx(np.mean([ad[1] / sum(ad) for ad in pairs]))
            else:
                assert np.isnan(depths.het_balance[number])


def test_a_file_without_depths_is_not_assessable_and_not_read(tmp_path, monkeypatch):
    rows = [("chr1", 10 + n, "A", "G", "GT", "0/1", "1/1") for n in range(200)]
    path = write(tmp_path / "a.bcf", rows, ["S1", "S2"], {})
    monkeypatch.setattr("permed.quality.depths.contig.record_buffers", None)
    table, _ = measure(path, {("chr1", 10 + n): 0.5 for n in range(200)})
    row = table.row(0, named=True)
    assert [row[name] for name in ("mean_depth", "mean_gq", "het_balance", "contamination")] == [None] * 4
    assert (row["contamination_method"], row["contamination_reason"]) == (None, "the file has no AD")
    assert "genotype quality: the file has no GQ" in row["not_assessable"]
    assert "depth: the file has no DP" in row["not_assessable"]


def cohort(path, rng, contamination, frequencies, source=None, formats="GT:AD:DP:GQ", sites=3000):
    """Write people in Hardy-Weinberg proportions at ``frequencies`` of ALT, of whose reads a share comes from another
    genome: of the population, or of ``source``, an index of a person (as a parent's or a twin's would be).

    Genotypes are those of the person; reads show a wrong allele at 1 in 1000.
    """
    people = len(contamination)
    copies = rng.binomial(2, frequencies[:, None], (sites, people))
    other = rng.binomial(2, frequencies[:, None], (sites, people))
    if source is not None:  # a child: one allele of the parent's, one of the population's
        passed = rng.random(sites) < copies[:, source] / 2
        copies[:, 1] = passed.astype(int) + (rng.random(sites) < frequencies)
        other[:, 1] = copies[:, source]
    share = (1 - np.array(contamination)) * copies / 2 + np.array(contamination) * other / 2
    share = share * 0.999 + (1 - share) * 0.001
    total = rng.poisson(30, (sites, people))
    alt = rng.binomial(total, share)
    rows = []
    for n in range(sites):
        cells = []
        for p in range(people):
            values = {"GT": ("0/0", "0/1", "1/1")[copies[n, p]], "AD": f"{total[n, p] - alt[n, p]},{alt[n, p]}"}
            values |= {"DP": str(total[n, p]), "GQ": "99"}
            cells.append(":".join(values[name] for name in formats.split(":")))
        rows.append(("chr1", 100 + 10 * n, "A", "G", formats, *cells))
    kinds = {name: KINDS[name] for name in formats.split(":")[1:]}
    return write(path, rows, [f"S{p}" for p in range(people)], kinds), copies, alt, total


PLANTED = [0.0, 0.01, 0.02, 0.05, 0.1, 0.2]


@pytest.mark.parametrize("formats", ["GT:AD:DP:GQ", "GT:AD"])
def test_planted_contamination_is_recovered_and_charr_is_its_definition(tmp_path, formats):
    rng = np.random.default_rng(5)
    frequencies = rng.uniform(0.1, 0.9, 3000)
    path, copies, alt, total = cohort(tmp_path / "a.bcf", rng, PLANTED, frequencies, formats=formats)
    af = {("chr1", 100 + 10 * n): f for n, f in enumerate(frequencies)}
    table, _ = measure(path, af, min_sites=100)
    for number, (row, planted) in enumerate(zip(table.iter_rows(named=True), PLANTED, strict=True)):
        used = (copies[:, number] == 2) & (total[:, number] >= 10)
        ref_af = 1 - frequencies[used]
        error = (row["contamination_high"] - row["contamination_low"]) / 3.92
        assert row["contamination_method"] == "allele_depths" and error < 0.003 + 0.03 * planted
        assert abs(row["contamination"] - planted) < 3 * error + 0.001
        assert row["base_error"] == pytest.approx(0.001, abs=0.001)
        share = 1 - alt[used, number] / total[used, number]
        assert row["charr"] == pytest.approx(np.mean(share / ref_af))


def test_contamination_by_a_parent_is_underestimated_by_half(tmp_path):
    """A parent carries one of the child's alleles everywhere, so only the other one shows; as documented."""
    rng = np.random.default_rng(6)
    frequencies = rng.uniform(0.1, 0.9, 4000)
    path, *_ = cohort(tmp_path / "a.bcf", rng, [0, 0.1, 0], frequencies, source=0, sites=4000)
    table, _ = measure(path, {("chr1", 100 + 10 * n): f for n, f in enumerate(frequencies)}, min_sites=100)
    assert table["contamination"].to_list() == [pytest.approx(x, abs=0.006) for x in (0, 0.053, 0)]
    assert table["contamination_most"][1] == pytest.approx(0.13, abs=0.02)  # were it a relative's


def test_genotypes_called_from_foreign_reads_hide_a_part_of_much_contamination(tmp_path):
    """A caller takes a homozygote with many foreign reads for a heterozygote; CHARR misses it, the mixture does not."""
    rng = np.random.default_rng(11)
    frequencies = rng.uniform(0.1, 0.9, 3000)
    path, _, alt, total = cohort(tmp_path / "a.bcf", rng, PLANTED, frequencies)
    likelihood = [alt * np.log(p) + (total - alt) * np.log(1 - p) for p in (0.01, 0.5, 0.99)]
    words = np.array(["0/0", "0/1", "1/1"])[np.argmax(likelihood, axis=0)]
    text = path.with_suffix(".vcf").read_text().splitlines(keepends=True)
    for n in range(3000):
        *fixed, cells = text[n - 3000].rstrip("\n").split("\t", 9)
        cells = [words[n, p] + cell[3:] for p, cell in enumerate(cells.split("\t"))]
        text[n - 3000] = "\t".join([*fixed, *cells]) + "\n"
    path.with_suffix(".vcf").write_text("".join(text))
    pysam.bcftools.view("--no-version", "-Ob", "-o", str(path), str(path.with_suffix(".vcf")), catch_stdout=False)
    table, _ = measure(path, {("chr1", 100 + 10 * n): f for n, f in enumerate(frequencies)}, min_sites=100)
    assert table["charr"][5] == pytest.approx(0.12, abs=0.03)
    assert table["contamination"].to_list() == [
        pytest.approx(planted, abs=0.004 + 0.06 * planted) for planted in PLANTED
    ]
    assert table["het_outside_share"][5] > 5 * table["het_outside_share"][0]


def test_without_frequencies_allele_balance_is_given_and_no_fraction(tmp_path):
    rng = np.random.default_rng(7)
    path, *_ = cohort(tmp_path / "a.bcf", rng, PLANTED, rng.uniform(0.1, 0.9, 3000))
    table, _ = measure(path, {}, min_sites=100)
    assert table["contamination"].null_count() == len(PLANTED)
    assert set(table["contamination_method"]) == {"allele_balance"}
    assert all("no fraction" in reason for reason in table["contamination_reason"])
    shares = table["hom_alt_ref_share"].to_list()
    assert shares == sorted(shares) and shares[0] == pytest.approx(0.001, abs=0.0005)
    assert shares[4] == pytest.approx(0.1 * (1 - 2 / 3), rel=0.25)  # alpha times the mean of 1 - AF at ALT homozygotes


def test_what_reads_say_is_asked_of_genotypes_no_more(tmp_path):
    rows = [("chr1", 10 + n, "A", "G", "GT", "0/1", "1/1", "0/0") for n in range(200)]
    path = write(tmp_path / "a.bcf", rows, ["S1", "S2", "S3"], {})
    _, depths = measure(path)
    reads = [("S1", 0.3, 0.2, 0.4, 900, "r1", 30.0, 15.0, None, None), ("S2", *[None] * 4, "r2", *[None] * 3, "exome")]
    reads = pl.DataFrame(reads, schema=READS_SCHEMA, orient="row")
    one, two, three = measure_depths(depths, ["S1", "S2", "S3"], ["planted"] * 3, 100, reads).to_dicts()
    assert (one["contamination"], one["contamination_method"], one["x_depth"]) == (0.3, "alignments", 15.0)
    assert one["not_assessable"].endswith("chrY depth: the reference and the alignments have none in common")
    assert "chrX" not in one["not_assessable"]
    assert two["contamination_reason"] == "r2; the file has no AD" and two["contamination_method"] is None
    assert two["not_assessable"].endswith("chrY depth: the file has no DP; alignments: exome")
    assert three["not_assessable"].endswith("chrX depth: the file has no DP; chrY depth: the file has no DP")


def test_a_site_with_a_second_record_or_an_indel_tells_nothing_of_balance():
    sites = pl.DataFrame(
        [("chr1", 1, "A", "G"), ("chr1", 2, "A", "G"), ("chr1", 2, "A", "C"), ("chr1", 3, "A", "AT")]
        + [("chr1", 4, "A", "."), ("1", 5, "A", "T"), ("chrX", 6, "A", "T")],
        schema=["contig", "pos", "ref", "alt"],
        orient="row",
    )
    assert is_balanced(sites).tolist() == [True, False, False, False, False, True, False]
    assert regions_of(sites, "GRCh38").tolist() == [1, 1, 1, 1, 1, 1, 2]


def test_a_bcf_that_is_not_the_store_s_is_refused(tmp_path):
    path, _ = random_file(tmp_path / "a.bcf", np.random.default_rng(1), 40)
    sites = sites_of(path)
    for other in (sites.head(299), sites.with_columns(pos=pl.col("pos") + 1)):
        with pytest.raises(Fault, match="not those of the store"):
            measure_contig(path, other, np.full((1, len(other)), np.nan), np.zeros(7, np.int64), "GRCh38")


@pytest.fixture
def run(tmp_path):
    """The step on BCF files, with the store's tables made from them."""

    def call(paths, **given):
        with pysam.VariantFile(str(paths[0])) as file:
            pl.DataFrame({"sample": list(file.header.samples)}).write_parquet(tmp_path / "samples.parquet")
        beds = []
        for path in paths:
            store = {
                end: path.with_suffix(f".{end}")
                for end in ("bed", "sites.parquet", "bim", "haploid", "dosage", "observed")
            }
            store["sites"] = store.pop("sites.parquet")
            pack_genotypes(path, tmp_path / "samples.parquet", **store)
            beds.append(store["bed"])
        depths, balance = tmp_path / "depths.parquet", tmp_path / "site_balance.parquet"
        step.measure_depths(paths, beds, tmp_path / "samples.parquet", depths=depths, site_balance=balance, **given)
        return pl.read_parquet(depths), pl.read_parquet(balance), (depths.read_bytes(), balance.read_bytes())

    return call


def test_one_person_is_assessed_by_the_common_sites(root, run, tmp_path):
    """Nothing of a cohort is needed: the frequencies are those of 1000 Genomes."""
    common = root / "resources/quality/common_sites.GRCh38.tsv.gz"
    sites, rng = read_frequencies(common).filter(pl.col("contig").is_in(["chr1", "chr2"])), np.random.default_rng(9)
    people, other = (rng.binomial(2, sites["af"].to_numpy()) for _ in range(2))
    share = 0.97 * people / 2 + 0.03 * other / 2
    total = rng.poisson(30, len(sites))
    alt = rng.binomial(total, 0.999 * share + 0.001 * (1 - share))
    rows = {"chr1": [], "chr2": []}
    for n, site in enumerate(sites.iter_rows(named=True)):
        cell = f"{('0/0', '0/1', '1/1')[people[n]]}:{total[n] - alt[n]},{alt[n]}:{total[n]}:99"
        rows[site["contig"]].append((site["contig"], site["pos"], site["ref"], site["alt"], "GT:AD:DP:GQ", cell))
    paths = [write(tmp_path / f"{name}.bcf", part, ["S1"]) for name, part in rows.items()]
    table, balance, content = run(paths, common_sites=common)
    (row,) = table.to_dicts()
    assert row["contamination_method"] == "allele_depths" and "common_sites.GRCh38" in row["contamination_reason"]
    assert row["contamination_low"] - 0.003 < 0.03 < row["contamination_high"] + 0.003
    assert balance.select("contig", "pos", "ref", "alt").equals(sites.select("contig", "pos", "ref", "alt"))
    assert balance["n_het_balance"].sum() == row["n_het_balance"] == ((people == 1) & (total >= 10)).sum()
    assert run(paths, common_sites=common, threads=2)[2] == content


def test_each_person_is_measured_by_the_frequencies_of_the_likeliest_population(run, tmp_path):
    """Frequencies of several populations (FST 0.2): with those of their mean contamination is found too low."""
    rng, wide = np.random.default_rng(14), 4000
    mean = rng.uniform(0.1, 0.9, wide)
    own = {name: np.clip(rng.beta(4 * mean, 4 * (1 - mean)), 0.01, 0.99) for name in ("af_one", "af_two", "af_three")}
    frequencies = pl.DataFrame({"af": np.mean(list(own.values()), axis=0), **own})
    path, *_ = cohort(tmp_path / "a.bcf", rng, [0.1] * 6, own["af_two"], sites=wide)
    sites = sites_of(path).select("contig", "pos", "ref", "alt")
    pl.concat([sites, frequencies], how="horizontal").write_csv(tmp_path / "all.tsv", separator="\t")
    sites.with_columns(frequencies["af"]).write_csv(tmp_path / "mean.tsv", separator="\t")
    table, *_ = run([path], common_sites=tmp_path / "all.tsv")
    assert all(reason.endswith("frequencies: af_two of all.tsv") for reason in table["contamination_reason"])
    assert table["contamination"].mean() == pytest.approx(0.1, abs=0.006)
    table, *_ = run([path], common_sites=tmp_path / "mean.tsv")
    assert table["contamination"].mean() < 0.09
    assert populations(read_frequencies(tmp_path / "all.tsv")) == ["af", *own]


def test_whose_frequencies_are_taken(run, tmp_path, monkeypatch):
    rng = np.random.default_rng(12)
    frequencies = rng.uniform(0.2, 0.8, 2000)
    path, *_ = cohort(tmp_path / "a.bcf", rng, [0.05] * 40, frequencies, sites=2000)
    for name, values in (("wrong", 0.5 + 0 * frequencies), ("right", frequencies)):
        lines = [f"chr1\t{100 + 10 * n}\tA\tG\t{value}\n" for n, value in enumerate(values)]
        (tmp_path / f"{name}.tsv").write_text("contig\tpos\tref\talt\taf\n" + "".join(lines))
    wrong, right = tmp_path / "wrong.tsv", tmp_path / "right.tsv"
    table, *_ = run([path], common_sites=wrong)
    assert "frequencies: af of wrong.tsv" in table["contamination_reason"][0]
    table, *_ = run([path], common_sites=wrong, frequencies=right)
    assert "frequencies: af of right.tsv" in table["contamination_reason"][0]
    assert table["contamination"].mean() == pytest.approx(0.05, abs=0.004)
    monkeypatch.setattr(step, "MIN_COHORT", 40)
    table, *_ = run([path], common_sites=wrong)
    assert "frequencies: the cohort's own" in table["contamination_reason"][0]
    assert table["contamination"].mean() == pytest.approx(0.05, abs=0.004)
