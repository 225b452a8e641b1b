"""Index genotype files and reference beside our own results."""

from pathlib import Path

import pysam
import pysam.bcftools

from permed.errors import Fault
from permed.reference import link_file, link_reference
from permed.step import log, step
from permed.tables import atomic


def _fault(path: Path, message: str) -> Fault:
    if "unsorted" in message or "not continuous" in message or "coordinate" in message:
        return Fault("the records are not sorted", path, remedy=f"Run: bcftools sort -Oz -o sorted.vcf.gz {path.name}")
    return Fault(
        "a record or block cannot be read", path, remedy="Check it with bcftools view; copy it again from its source"
    )


@step
def index_inputs(
    genotypes: list[Path],
    *,
    linked_genotypes: list[Path],
    indexes: list[Path],
    reference: Path | None = None,
    linked_reference: list[Path] | None = None,
    threads: int = 1,
) -> None:
    """Link each genotype file and the reference, with indexes of our own beside the links.

    A genotype file is read whole for its CSI index, so that a damaged block is found. An index in the user's folder
    may be stale, and a stale index yields no records without an error.
    """
    for path, link, index in zip(genotypes, linked_genotypes, indexes, strict=True):
        link_file(path, link)
        with atomic(index) as beside:
            try:
                pysam.bcftools.index(
                    "-c", "-f", "--threads", str(threads), "-o", str(beside), str(path), catch_stdout=False
                )
            except pysam.SamtoolsError as error:
                raise _fault(path, str(error)) from None
        log.info("indexed %s", path)
    if reference:
        link_reference(reference, linked_reference[0])
        log.info("linked the reference %s", reference)
