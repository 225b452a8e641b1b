"""Keep the split records that are small variants; set the others aside with the reason."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pysam

from permed.bcftools import opened
from permed.filters import failed
from permed.variants import trim

if TYPE_CHECKING:
    from permed.normalise.contig import Normalised

REFERENCE_BLOCKS = ("<*>", "<NON_REF>")
_STRUCTURAL = ("DEL", "DUP", "INS", "INV", "CNV", "BND", "TRA")  # alleles of other records may lie under them
_BASES = re.compile("[ACGTNacgtn]+")


def keep_small(
    split: Path,
    small: Path,
    contig: str,
    nameless: set[tuple[int, str]],
    filters: tuple[str, ...],
    whose: list[str] | None,
    done: "Normalised",
) -> tuple[bool, list[tuple[int, str, list[str]]]]:
    """Trim records; leave out ``*``, reference blocks and symbolic alleles.

    Gives whether the order may have changed, and for each ``*`` its position, REF and carriers.

    ``nameless`` are (position, REF) of records without ALT of which genotypes have an alternate all the same,
    ``filters`` the FILTER values of believed records. A record that is set aside leaves unknown what the people of the
    file (``whose``, None for everybody) have there, but one whose alternate is symbolic or has other letters than bases
    only what its carriers have: a called genotype of others says that they do not carry it.
    """
    moved, under_deletions = False, []
    with opened(split) as file, pysam.VariantFile(str(small), "wb0", header=file.header) as out:
        for record in file:
            alt = record.alts[0] if record.alts else None
            unread = _unread(record, alt, nameless, filters)
            if unread:
                count, reason = unread
                done.counts[count] += 1
                of_carriers = count == "symbolic" or (count == "not_bases" and _BASES.fullmatch(record.ref))
                named = _carriers(record) + _unknown(record, alt) if of_carriers else whose
                done.set_record_aside(record, contig, reason, named)
            elif alt and alt == "*" * len(alt):  # several: an alternate that the record has twice
                done.counts["overlapping_deletion"] += 1
                under_deletions.append((record.pos, record.ref, _carriers(record)))
            elif alt in REFERENCE_BLOCKS:
                done.counts["reference_blocks"] += 1
            else:
                ref = record.ref
                if alt is not None and len(ref) > 1 and len(alt) > 1:
                    pos, ref, alt = trim(record.pos, ref.upper(), alt.upper())
                    if (ref, alt) != (record.ref, record.alts[0]):
                        done.counts["trimmed"] += 1
                        moved |= pos != record.pos
                        record.pos, record.alleles = pos, (ref, alt)
                out.write(record)
    return moved, under_deletions


def _unread(record, alt: str | None, nameless: set[tuple[int, str]], filters) -> tuple[str, str] | None:
    """The count and the reason under which a record is set aside; None for one that is not."""
    if failed(record.filter, filters):
        return "filtered", f"FILTER is {';'.join(record.filter) or 'missing'}"
    if "GT" not in record.format:
        return "without_genotypes", "the record has no genotypes"
    if alt is None:
        without = (record.pos, record.ref) in nameless
        return ("nameless_alleles", "genotypes have an alternate that the record does not name") if without else None
    if alt == "*" * len(alt) or alt in REFERENCE_BLOCKS:
        return None
    if "<" in alt or "[" in alt or "]" in alt or "." in alt:
        return "symbolic", "symbolic allele or breakend"
    if not _BASES.fullmatch(record.ref + alt):
        return "not_bases", "an allele has letters other than A, C, G, T and N"
    return None


def _unknown(record, alt: str) -> list[str]:
    """Who has no genotype in a record of a symbolic allele that is no structural variant: it says that nothing was
    read there."""
    if not alt.startswith("<") or alt.strip("<>").split(":")[0] in _STRUCTURAL:
        return []
    return [name for name, call in record.samples.items() if None in call["GT"]]


def _carriers(record) -> list[str]:
    return [name for name, call in record.samples.items() if any(a not in (0, None) for a in call["GT"])]
