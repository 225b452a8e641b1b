"""Polygenic scores: which variants of a score the cohort has, and its sum for every person who agreed."""
