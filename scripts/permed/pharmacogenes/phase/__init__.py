"""Phase from sequencing reads, beside the phase that the genotypes state."""
