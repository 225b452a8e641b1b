"""Weights of a polygenic score from the summary statistics of a genome-wide association study."""
