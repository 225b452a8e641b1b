"""Findings for each person who agreed: genes to report, carriers, genes of their phenotypes, and what changed."""
