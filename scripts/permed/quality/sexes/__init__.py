"""Sex chromosomes of people by genotypes and depth of chrX and chrY: what is inferred, and what is held against it."""
