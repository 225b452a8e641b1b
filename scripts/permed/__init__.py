"""The library of the workflow: functions from paths, frames and arrays to the same. It knows nothing of Snakemake."""

__version__ = "0.1.0"
