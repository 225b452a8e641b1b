"""The demo cohort: simulated people, genotypes, genes and scores with the truth that was planted in them."""
