"""Versions of the software that a result depends on."""

import platform
from importlib.metadata import PackageNotFoundError, version

from permed import __version__

PACKAGES = ("snakemake", "pysam", "polars", "numba", "numpy", "cyvcf2")


def software_versions() -> dict[str, str | None]:
    """Versions by name, None for what is not installed; htslib is the one within pysam."""
    versions = {"permed": __version__, "python": platform.python_version()}
    return {**versions, **{name: _version(name) for name in PACKAGES}, "htslib": _htslib()}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _htslib() -> str | None:
    try:
        from pysam.version import __htslib_version__
    except ImportError:
        return None
    return __htslib_version__
