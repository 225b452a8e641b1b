"""Genotypes of a gene from normalised files: records put together strand by strand, and the patterns they make."""
