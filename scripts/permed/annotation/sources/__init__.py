"""Annotation databases: a file of theirs becomes Parquet by variant key, which the cohort's sites are joined to."""
