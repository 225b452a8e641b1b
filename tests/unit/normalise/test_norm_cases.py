"""bcftools' own cases of norm: the ones that our options cover give the same alleles and genotypes."""

import json

import pysam
import pytest

from permed.normalise.contig import normalise_contig
from permed.variants import trim

CASES = {
    "norm.6": "norm.6.1.out",
    "norm.breakend.1": "norm.breakend.1.1.out",
    "norm.sort": "norm.sort.1.out",
    "norm.split": "norm.split.out",
    "norm.split/aligned": "norm.split.and.norm.out",
    "norm.5": "norm.5.1.out",
    "norm.string-tags": "norm.string-tags.1.out",
}


def rows_of(text: str) -> dict[str, list[tuple]]:
    """Small variants by contig as (pos, ref, alt, genotypes), trimmed, each once."""
    found: dict[str, list[tuple]] = {}
    for line in text.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        contig, pos, _, ref, alt, _, _, _, *cells = line.split("\t")
        found.setdefault(contig, [])
        if alt == "*" or any(mark in alt for mark in "<[]") or (len(alt) > 1 and "." in alt):
            continue
        place = (int(pos), ref, alt) if alt == "." else trim(int(pos), ref.upper(), alt.upper())
        row = (*place, *(cell.split(":")[0] for cell in cells[1:]))
        if row[:3] not in [known[:3] for known in found[contig]]:
            found[contig].append(row)
    return found


def has_genotypes(text: str) -> bool:
    return any(line.split("\t")[8:9] and "GT" in line.split("\t")[8] for line in text.splitlines() if line[:1] != "#")


def with_a_person(text: str) -> str:
    """A case without genotypes gets a person's: records that nobody carries are not what we normalise."""
    if has_genotypes(text):
        return text
    lines = ["##fileformat=VCFv4.2", '##FORMAT=<ID=GT,Number=1,Type=String,Description="x">']
    for line in text.splitlines()[1:]:
        cells = line.split("\t")
        added = ["FORMAT", "S"] if cells[0] == "#CHROM" else ["GT", "0/0" if cells[4:5] == ["."] else "0/1"]
        lines.append(line if line.startswith("##") else "\t".join([*cells[:8], *added]))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("case", CASES)
def test_alleles_and_genotypes_are_bcftools(case, shared, tmp_path):
    folder = shared / "real" / "anno" / "bcftools-norm"
    name = case.split("/")[0]
    given = next(c for c in json.loads((folder / "cases.json").read_text()) if c["out"] == CASES[case])
    text = with_a_person((folder / f"{name}.vcf").read_text())
    vcf, reference = tmp_path / "case.vcf.gz", None
    with pysam.BGZFile(str(vcf), "w") as out:
        out.write(text.encode())
    pysam.bcftools.sort("-Oz", "-o", str(tmp_path / "sorted.vcf.gz"), str(vcf), catch_stdout=False)
    pysam.bcftools.index("-c", "-f", str(tmp_path / "sorted.vcf.gz"), catch_stdout=False)
    if given["fai"]:
        reference = tmp_path / "reference.fa"
        reference.write_text((folder / f"{given['fai']}.fa").read_text())
        pysam.faidx(str(reference))
    samples = next(line for line in text.splitlines() if line.startswith("#CHROM")).split("\t")[9:]
    wanted_text = (folder / given["out"]).read_text()
    expected = rows_of(with_a_person(wanted_text))
    for contig, wanted in expected.items():
        out = tmp_path / "normalised.bcf"
        normalise_contig([tmp_path / "sorted.vcf.gz"], contig, samples, reference, out, tmp_path)
        got = rows_of(pysam.bcftools.view("-H", str(out))).get(contig, [])
        width = None if has_genotypes(wanted_text) else 3  # the genotypes of an added person are nobody's truth
        assert sorted(row[:width] for row in got) == sorted(row[:width] for row in wanted)
