"""Allele frequencies of the populations from which the demo cohort was drawn, as another study would publish them."""

from permed.demo.cohort import Demo

HEADER = "contig\tpos\tref\talt\taf\n"


def to_frequency_table(demo: Demo) -> str:
    """The frequency of ALT, the mean of the populations', of each autosomal substitution of one base."""
    lines = [HEADER]
    for site in demo.sites:
        one_base = len(site.alts) == 1 and len(site.ref) == 1 == len(site.alts[0]) and site.alts[0] in "ACGT"
        if one_base and site.contig[3:].isdigit() and site.kind == "snv" and site.frequencies is not None:
            af = float(site.frequencies.mean())
            lines.append(f"{site.contig}\t{site.pos}\t{site.ref}\t{site.alts[0]}\t{af:.4f}\n")
    return "".join(lines)
