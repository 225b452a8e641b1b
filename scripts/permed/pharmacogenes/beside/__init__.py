"""Beside the alleles: variants that abolish a gene's product and that no definition knows, told with the call."""
