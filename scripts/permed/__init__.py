"""The library of the workflow: functions from paths, frames and arrays to the same. It knows nothing of Snakemake."""

import os

# One thread for linear algebra: results do not depend on the number of cores, and more cost every step a start.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
