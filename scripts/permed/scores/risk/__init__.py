"""Absolute risk of a disease from a score: rates of the population, hazard ratios, competing deaths."""
