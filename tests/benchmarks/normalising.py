"""Normalising: splitting, trimming, left-aligning a VCF against a reference."""

from simulating import write_indels, write_reference
from timing import Contender, arguments, compare, folder, said, step


def main() -> None:
    """Simulate a reference and records on it, and compare."""
    size = arguments(__doc__, samples=500, sites=20_000)
    with folder() as work:
        fasta, vcf, people = work / "reference.fa", work / "cohort.vcf.gz", work / "people.txt"
        said(f"simulating {size.samples} people at {size.sites} sites", write_reference, fasta, 100 * size.sites + 1000)
        write_indels(vcf, fasta, size.samples, size.sites)
        people.write_text("".join(f"S{n}\n" for n in range(size.samples)))
        outputs = {
            "variants": "chr1.bcf",
            "index": "chr1.bcf.csi",
            "set_aside": "aside.parquet",
            "counts": "counts.json",
        }
        ours = step(
            "normalise_variants",
            samples=people,
            genotypes=[vcf],
            contig="chr1",
            reference=[fasta, f"{fasta}.fai"],
            **{name: work / path for name, path in outputs.items()},
        )
        norm = ["bcftools", "norm", "-m", "-any", "-f", fasta, "-Ob", "-o", work / "norm.bcf", vcf]
        split = ["vt", "decompose", "-s", vcf, "-o", work / "split.bcf"]
        align = ["vt", "normalize", work / "split.bcf", "-r", fasta, "-o", work / "vt.bcf"]
        contenders = [
            Contender("bcftools norm and index", [norm, ["bcftools", "index", "-f", work / "norm.bcf"]], "bcftools"),
            Contender("permed, normalise_variants", [ours]),
            Contender("vt decompose and normalize", [split, align], "vt"),
        ]
        compare(f"Normalising {size.samples} people x {size.sites} records", contenders, size.repeats)


if __name__ == "__main__":
    main()
