"""ACMG/AMP classification of variants: one module a theme of criteria, points, and ClinVar beside it."""
