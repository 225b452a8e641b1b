"""The share of another person's reads in a sample, from the reads by allele that a genotype file gives."""
