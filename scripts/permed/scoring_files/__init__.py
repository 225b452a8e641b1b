"""Scoring files of polygenic scores: the PGS Catalog's format 2.0, its structured form, and plain custom tables.

Positions are 1-based and always those of the run's build: harmonised ones when the file was harmonised to it, else the
author's when the header names it or names none, else lifted where the run has a chain. Another build is refused.

Format: https://www.pgscatalog.org/downloads/#dl_ftp_scoring
"""

from permed.scoring_files.read import ScoringFile, check_scoring_file, read_header, read_scores, read_scoring_file
from permed.scoring_files.rows import EFFECT_TYPES, SCORE_SCHEMA, TERM_TYPES

__all__ = [
    "EFFECT_TYPES",
    "SCORE_SCHEMA",
    "TERM_TYPES",
    "ScoringFile",
    "check_scoring_file",
    "read_header",
    "read_scores",
    "read_scoring_file",
]
