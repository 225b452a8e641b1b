"""Sums and denominators of random cohorts are plink2's: missing, haploid, dosages, all kinds of effect."""

import shutil
import subprocess

import numpy as np
import polars as pl
import pytest

from permed.genotypes.read import GenotypeReader
from permed.scores.score import sum_log

X_POS, PAR_POS = 50_000_000, 20_000
DOSAGES = '##FORMAT=<ID=DS,Number=1,Type=Float,Description="Dosage">'


def random_cohort(seed, people):
    """Records of chr1, chrX and its first pseudoautosomal region as lines of a VCF, and the people's sexes.

    Records have GT, GT and DS where either may be missing, or on chr1 DS alone, which plink2 does not take on chrX. One
    man in two is written with one allele on chrX, the others with two.
    """
    rng = np.random.default_rng(seed)
    sexes = rng.choice(["XX", "XY", "NA"], people, p=[0.45, 0.45, 0.1])
    short = (sexes == "XY") & (rng.random(people) < 0.5)
    places = [("chr1", 1000 + 10 * n) for n in range(12)]
    places += [("chrX", PAR_POS + 10 * n) for n in range(3)] + [("chrX", X_POS + 10 * n) for n in range(9)]
    lines = []
    for contig, pos in places:
        form = rng.choice(["GT", "GT:DS", "DS"][: 3 if contig == "chr1" else 2])
        share, ref = rng.uniform(0.05, 0.6), rng.choice(list("ACGT"))
        alt = {"A": "G", "G": "A", "C": "T", "T": "C"}[ref]
        cells = []
        for person in range(people):
            one = pos >= X_POS and sexes[person] == "XY"
            alleles = (rng.random(2) < share).astype(int)
            alleles[1] = alleles[0] if one else alleles[1]
            lost, lost_too = rng.random(2) < (0.12, 0.3)
            single = one and short[person]
            gt = ("." if lost else str(alleles[0])) if single else "./." if lost else f"{alleles[0]}/{alleles[1]}"
            dosage = round(np.clip(alleles.sum() + rng.normal(0, 0.2), 0, 2) * 64) / 64 / (2 if single else 1)
            ds = "." if lost_too or (single and lost) else f"{dosage:.7f}"
            cells.append({"GT": gt, "GT:DS": f"{gt}:{ds}", "DS": ds}[form])
        lines.append("\t".join([contig, str(pos), f"{contig}:{pos}", ref, alt, ".", "PASS", ".", form, *cells]))
    return lines, sexes


@pytest.fixture
def pack_file(tmp_path, run_step):
    """Pack a VCF of one contig into a store; give its .bed files, samples.parquet and the names."""
    pack_genotypes = run_step("pack_genotypes")

    def make(vcf, contig):
        people = GenotypeReader(vcf).samples
        samples = tmp_path / "samples.parquet"
        pl.DataFrame({"sample": people}).write_parquet(samples)
        out = {name: tmp_path / f"{contig}.{name}" for name in ("bed", "bim", "haploid", "dosage", "observed")}
        pack_genotypes(vcf, samples, sites=tmp_path / f"{contig}.sites.parquet", **out)
        return [out["bed"]], samples, people

    return make


@pytest.fixture
def pack(tmp_path, pack_file):
    """Write records as a VCF and pack them into a store a contig; give the VCF, .bed files and samples.parquet."""

    def make(lines, people):
        head = ["##fileformat=VCFv4.2", '##FILTER=<ID=PASS,Description="All filters passed">', DOSAGES]
        head += ["##contig=<ID=chr1,length=248956422>", "##contig=<ID=chrX,length=156040895>"]
        head += ['##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">']
        head += ["\t".join("#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT".split() + people)]
        vcf, beds = tmp_path / "cohort.vcf", []
        vcf.write_text("\n".join(head + lines) + "\n")
        for contig in ("chr1", "chrX"):
            own = tmp_path / f"{contig}.vcf"
            own.write_text("\n".join(head + [line for line in lines if line.startswith(f"{contig}\t")]) + "\n")
            bed, samples, _ = pack_file(own, contig)
            beds += bed
        return vcf, beds, samples

    return make


def random_weights(lines, seed):
    """A log of matching with two scores: of either allele, with several kinds of effect on chr1."""
    rng, rows = np.random.default_rng([seed, 1]), []
    for number, line in enumerate(lines):
        contig, pos, _, ref, alt = line.split("\t")[:5]
        row = number if contig == "chr1" else number - 12
        for score in ("S", "T"):
            possible = ["additive", "dominant", "recessive"][: 3 if contig == "chr1" else 1]
            for kind in rng.choice(possible, rng.integers(0, len(possible) + 1), replace=False):
                of = rng.choice(["ref", "alt"])
                effect = ref if of == "ref" else alt
                rows.append((score, contig, int(pos), effect, row, float(rng.normal()), str(kind), str(of), "matched"))
    names = "score contig pos effect_allele row weight effect_type dosage_of class".split()
    log = pl.DataFrame(rows, schema=names, orient="row")
    return log.with_columns(siblings=pl.lit([], pl.List(pl.Int64)))


def import_plink2(folder, vcf, names, sexes):
    """Make plink2's own files of a VCF with dosages."""
    number = {"XX": "2", "XY": "1", "NA": "0"}
    told = "".join(f"{name}\t{number[sex]}\n" for name, sex in zip(names, sexes, strict=True))
    (folder / "sexes").write_text(f"#IID\tSEX\n{told}")
    command = ["plink2", "--vcf", vcf, "dosage=DS", "--split-par", "hg38", "--update-sex", folder / "sexes"]
    command += ["--make-pgen", "--out", folder / "plink"]
    subprocess.run(list(map(str, command)), check=True, capture_output=True)


def run_plink2(folder, log, options, contig="1"):
    """Sums, denominators and the sums' rounding by score, added over the effects, which plink2 takes one at a time."""
    plink2 = shutil.which("plink2")
    found = {}
    for (score, kind), rows in log.group_by("score", "effect_type", maintain_order=True):
        weights = folder / f"{score}.{kind}.weights"
        named = rows.select(pl.format("{}:{}", "contig", "pos"), "effect_allele", pl.col("weight").cast(pl.String))
        weights.write_text("".join("\t".join(row) + "\n" for row in named.iter_rows()))
        own = [] if kind == "additive" else [kind]
        chosen = [] if kind == "additive" else ["--chr", contig]
        command = [plink2, "--pfile", folder / "plink", *chosen, *options["flags"], "--out", folder / "score"]
        command += ["--score", weights, "1", "2", "3", *own, *options["modifiers"], "cols=denom,scoresums"]
        subprocess.run(list(map(str, command)), check=True, capture_output=True)
        table = pl.read_csv(folder / "score.sscore", separator="\t", null_values="nan")
        printed = table["SCORE1_SUM"].to_numpy()
        unit = 10 ** (np.floor(np.log10(np.maximum(np.abs(printed), 1e-9))) - 5)  # it prints six digits
        total, alleles, rounding = found.get(score, (0, 0, 1e-9))
        found[score] = total + printed, alleles + table["DENOM"].to_numpy(), rounding + 0.501 * unit
    return found


@pytest.mark.parametrize("x_dosage", ["once", "twice"])
@pytest.mark.parametrize("given", [False, True], ids=["own frequencies", "given frequencies"])
@pytest.mark.parametrize(("seed", "people"), [(1, 83), (2, 64), (3, 23)])
def test_sums_of_random_cohorts_are_those_of_plink2(pack, tmp_path, seed, people, given, x_dosage):
    if shutil.which("plink2") is None:
        pytest.skip("plink2 is not installed")
    lines, sexes = random_cohort(seed, people)
    names = [f"P{n}" for n in range(people)]
    vcf, beds, samples = pack(lines, names)
    log = random_weights(lines, seed)
    log.write_parquet(tmp_path / "log.parquet")
    import_plink2(tmp_path, vcf, names, sexes)
    options = {"flags": ["--xchr-model", "1" if x_dosage == "once" else "2"], "modifiers": []}
    frequencies = None
    if given:
        cells = [line.split("\t")[:5] for line in lines]
        shares = np.random.default_rng(seed).uniform(0.1, 0.9, len(lines)).round(4)
        table = {"contig": [c[0] for c in cells], "pos": [int(c[1]) for c in cells]}
        frequencies = pl.DataFrame({**table, "ref": [c[3] for c in cells], "alt": [c[4] for c in cells], "af": shares})
        head = "#CHROM\tID\tREF\tALT\tALT_FREQS\tOBS_CT\n"
        rows = ("\t".join([c[0][3:], c[2], c[3], c[4], str(p), "2000"]) for c, p in zip(cells, shares, strict=True))
        (tmp_path / "given.afreq").write_text(head + "\n".join(rows) + "\n")
        options["flags"] += ["--read-freq", tmp_path / "given.afreq"]
    elif people < 50:
        options["modifiers"] = ["no-mean-imputation"]
    expected = run_plink2(tmp_path, log, options)
    sums = sum_log(
        *(beds, samples, tmp_path / "log.parquet", ["S", "T"], names),
        build="GRCh38",
        sexes=dict(zip(names, sexes, strict=True)),
        x_dosage=x_dosage,
        frequencies=frequencies,
    )
    for place, score in enumerate(["S", "T"]):
        total, alleles, rounding = expected[score]
        assert (np.abs(sums.total[place] - total) <= rounding).all()
        np.testing.assert_array_equal(sums.alleles[place], alleles)


def test_frequencies_are_of_the_people_scored_alone(pack, tmp_path):
    if shutil.which("plink2") is None:
        pytest.skip("plink2 is not installed")
    lines, sexes = random_cohort(5, 90)
    names = [f"P{n}" for n in range(90)]
    vcf, beds, samples = pack(lines, names)
    log = random_weights(lines, 5)
    log.write_parquet(tmp_path / "log.parquet")
    import_plink2(tmp_path, vcf, names, sexes)
    some = names[7:66]
    (tmp_path / "some").write_text("\n".join(some) + "\n")
    expected = run_plink2(tmp_path, log, {"flags": ["--keep", tmp_path / "some"], "modifiers": []})
    told = dict(zip(names, sexes, strict=True))
    asked = (beds, samples, tmp_path / "log.parquet", ["S", "T"])
    sums = sum_log(*asked, some[::-1], build="GRCh38", sexes=told, x_dosage="twice")
    for place, score in enumerate(["S", "T"]):
        total, alleles, rounding = expected[score]
        assert (np.abs(sums.total[place][::-1] - total) <= rounding).all()
        np.testing.assert_array_equal(sums.alleles[place][::-1], alleles)


@pytest.mark.parametrize("name", ["scorefile.txt", "scorefile_dominant_and_recessive.txt"])
def test_sums_of_the_cineca_synthetic_cohort_are_those_of_plink2(pack_file, run_step, shared, tmp_path, name):
    """GRCh37, chr22: plink2 reads the same VCF and weights by its own identifiers of variants."""
    if shutil.which("plink2") is None:
        pytest.skip("plink2 is not installed")
    folder = shared / "real/prs/pgsc_calc"
    vcf, score = folder / "cineca_synthetic_subset.vcf.gz", folder / "scorefiles" / name
    beds, samples, people = pack_file(vcf, "22")
    pl.DataFrame(schema={"pos": pl.Int64, "end": pl.Int64}).write_parquet(tmp_path / "aside.parquet")
    out = {"matches": tmp_path / "matches.parquet", "variants": tmp_path / "log.parquet"}
    run_step("match_scores")(
        [beds[0].with_suffix(".sites.parquet")],
        [score],
        [tmp_path / "aside.parquet"],
        **out,
        build="GRCh37",
        min_match=0,
        absent_sites="missing",
    )
    (title,) = pl.read_parquet(out["matches"])["score"]
    sums = sum_log(beds, samples, out["variants"], [title], people, build="GRCh37")
    read = ["plink2", "--vcf", vcf, "--set-all-var-ids", "chr@:#", "--make-pgen", "--out", tmp_path / "plink"]
    subprocess.run(list(map(str, read)), check=True, capture_output=True)
    matched = pl.read_parquet(out["variants"]).filter(pl.col("class") == "matched")
    assert len(matched) > 700
    text = pl.read_csv(score, separator="\t", comment_prefix="#", schema_overrides={"chr_name": pl.String})
    kinds = [pl.col(f"is_{kind}") if f"is_{kind}" in text.columns else False for kind in ("dominant", "recessive")]
    kind = pl.when(kinds[0]).then(pl.lit("dominant")).when(kinds[1]).then(pl.lit("recessive"))
    own = text.select(
        contig=pl.format("chr{}", "chr_name"),
        pos="chr_position",
        effect_allele="effect_allele",
        weight="effect_weight",
        effect_type=kind.otherwise(pl.lit("additive")),
        score=pl.lit("S"),
    ).filter(pl.col("pos").is_in(matched["pos"].implode()))
    total, alleles, rounding = run_plink2(tmp_path, own, {"flags": [], "modifiers": []}, "22")["S"]
    assert (np.abs(sums.total[0] - total) <= rounding).all()
    np.testing.assert_array_equal(sums.alleles[0], alleles)


def test_a_missing_genotypes_dosage_on_a_mans_x_is_used_only_where_he_is_written_with_two_alleles(pack, tmp_path):
    """Where his one copy is written with one allele, or in no genotype, nobody knows what the dosage counts."""
    lines = [
        f"chr1\t1000\t.\tA\tG\t.\tPASS\t.\tGT{chr(9)}" + "\t".join(["0/0"] * 4),
        f"chrX\t{X_POS}\t.\tA\tG\t.\tPASS\t.\tGT:DS\t1:1\t1/1:2\t./.:.\t1/1:2",
        f"chrX\t{X_POS + 10}\t.\tA\tG\t.\tPASS\t.\tGT:DS\t.:0.95\t./.:1.9\t./.:0.95\t./.:1.9",
    ]
    people = ["one", "two", "none", "woman"]
    _, beds, samples = pack(lines, people)
    row = {"score": "S", "contig": "chrX", "pos": X_POS + 10, "effect_allele": "G", "row": 1, "weight": 1.0}
    row |= {"effect_type": "additive", "dosage_of": "alt", "class": "matched", "siblings": []}
    pl.DataFrame([row], schema_overrides={"siblings": pl.List(pl.Int64)}).write_parquet(tmp_path / "log.parquet")
    sexes = dict(zip(people, ["XY", "XY", "XY", "XX"], strict=True))
    sums = sum_log(beds, samples, tmp_path / "log.parquet", ["S"], people, build="GRCh38", sexes=sexes)
    assert sums.missing[0].tolist() == [1, 0, 1, 0] and sums.total[0][[0, 2]].tolist() == [0, 0]
    assert sums.total[0][[1, 3]] == pytest.approx([0.95, 1.9], abs=1e-4)
