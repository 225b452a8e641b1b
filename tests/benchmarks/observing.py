"""Normalising what callers write: a cohort with reads, qualities and likelihoods, and a gVCF of one person."""

from simulating import write_gvcf, write_indels, write_reference
from timing import Contender, arguments, compare, folder, said, step


def main() -> None:
    """Simulate both, and compare with what only reads them."""
    size = arguments(__doc__, samples=500, sites=10_000, blocks=400_000)
    with folder() as work:
        for title, number, write in (
            (f"{size.samples} people x {size.sites} records with GT:AD:DP:GQ:PL", size.sites, write_indels),
            (f"a gVCF of {size.blocks} records", size.blocks, write_gvcf),
        ):
            people = size.samples if write is write_indels else 1
            fasta, vcf, names = work / "reference.fa", work / "cohort.vcf.gz", work / "people.txt"
            said(f"simulating {title}", write_reference, fasta, 100 * number + 1000)
            if write is write_indels:
                write_indels(vcf, fasta, people, number, reads=True)
            else:
                write_gvcf(vcf, fasta, number)
            names.write_text("".join(f"S{n}\n" for n in range(people)))
            outputs = {name: work / f"out.{name}" for name in ("set_aside", "counts")}
            ours = step(
                "normalise_variants",
                samples=names,
                genotypes=[vcf],
                contig="chr1",
                reference=[fasta, f"{fasta}.fai"],
                variants=work / "chr1.bcf",
                index=work / "chr1.bcf.csi",
                **outputs,
            )
            view = ["bcftools", "view", "-Ob", "-o", work / "view.bcf", vcf]
            contenders = [
                Contender("bcftools view", [view], "bcftools"),
                Contender("permed, normalise_variants", [ours]),
            ]
            compare(f"Normalising {title}", contenders, size.repeats)


if __name__ == "__main__":
    main()
