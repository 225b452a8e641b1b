"""Take a genotype file as BGZF VCF or BCF with an index of our own: linked where it is one, else written anew."""

import os
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pysam
import pysam.bcftools

from permed.bcftools import attempt
from permed.bgzf import compression
from permed.chain import Chain
from permed.errors import Fault
from permed.genome import canonical, lengths, reconcile
from permed.inputs.arrays import ArrayCalls, place, read_array
from permed.inputs.bcf_writer import BcfWriter, genotype_codes
from permed.inputs.bgen import read_bgen
from permed.inputs.bgen_genotypes import write_bgen
from permed.inputs.fields import changes_needed, spelled_twice
from permed.inputs.files import stem
from permed.inputs.formats import format_of
from permed.inputs.genotype_files import header_samples, lacks_genotypes
from permed.inputs.headers import header_lines, needs_coding, read_through, write_changed, write_strictly
from permed.inputs.known_sites import KnownTables
from permed.inputs.lifted import array_on_build, fileset_needs_lifting, lift_fileset
from permed.inputs.plink import read_fileset
from permed.inputs.plink_genotypes import write_fileset
from permed.reference import Reference, link_file
from permed.step import UNWRITABLE


def take_file(
    path: Path,
    taken: Path,
    index: Path,
    people: list[str],
    contigs: list[str],
    build: str,
    reference: Reference | None = None,
    sample: str | None = None,
    threads: int = 1,
    two_copies: Iterable[str] = (),
    chain: Chain | None = None,
    known: KnownTables | None = None,
) -> tuple[dict, list[dict]]:
    """Make ``taken`` and its CSI ``index`` of a genotype file; give what was done: how, and counts by reason.

    With it the rows of :data:`permed.lifting.CHANGES_SCHEMA` of array text or PLINK files that were lifted with the
    ``chain`` as they were written; VCF and BCF files are lifted later.

    A sorted BGZF VCF or BCF becomes a link; it is read whole, which checks every block and record. Everything else is
    written anew for ``people``, the admitted ones, alone: also a VCF with names that its header lacks, which the
    header is completed with, a file that defines fields that are read in another way than the specification, which are
    converted, and a file with dosages and no genotypes, which are derived from them. ``sample`` names
    the person of array text, else the file or its name does; ``two_copies`` are those known to have two copies of X.
    Without a ``reference`` array text and PLINK files are placed by the bases that the ``known`` tables know.
    Nothing stays under a final name when the file turns out to be damaged.
    """
    kind = format_of(path)
    changes: list[dict] = []
    done = {"file": str(path), "format": kind, "how": "written anew", "counts": {}, "header_completed": {}}
    if kind is None:
        raise Fault("the file is of no format that is known", path, remedy="Give VCF, BCF, PLINK, BGEN or array text")
    taken.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".take-", dir=taken.parent) as folder:
        made, made_index = Path(folder) / "made", Path(folder) / "made.csi"
        if kind in ("vcf", "bcf"):
            if _as_it_is(path, kind, made_index, threads):
                link_file(path, taken)
                made_index.replace(index)
                return done | {"how": "linked", "counts": _elsewhere(taken, contigs)}, changes
            done |= _take_variants(
                path, kind, made, "b" if taken.suffix == ".bcf" else "z", people, threads, two_copies
            )
        elif kind == "array":
            counts, changes = _write_array(path, made, people, contigs, build, reference, sample, chain, known)
            done["counts"] = dict(counts)
        else:
            sizes = _lengths(contigs, build, reference)
            files = read_bgen(str(path)) if kind == "bgen" else read_fileset(str(path))
            if fileset_needs_lifting(files, reference, chain):
                files, changes = lift_fileset(files, reference, chain)
            sites = known.on(contigs) if known is not None and reference is None else None
            if kind == "bgen":
                done["counts"] = dict(write_bgen(files, made, people, sizes, reference, sites))
                done["counts"] |= _derive_genotypes(made, two_copies)
            else:
                done["counts"] = dict(write_fileset(files, made, people, sizes, build, reference, sites))
        if not _index(made, made_index, threads):
            raise damaged(path)
        made.replace(taken)
        made_index.replace(index)
    done["counts"] |= _elsewhere(taken, contigs)
    return done, changes


def damaged(path: Path) -> Fault:
    """The refusal of a file of which a part cannot be read."""
    return Fault(
        "a record or block cannot be read", path, remedy="Check it with bcftools view; copy it again from its source"
    )


def _as_it_is(path: Path, kind: str, index: Path, threads: int) -> bool:
    """Whether later steps can read a file as it is: in BGZF blocks, sorted, with genotypes, and its names defined as
    they are in other files."""
    if compression(path) != "bgzf" or _defines_otherwise(path) or not _index(path, index, threads):
        return False
    return not (kind == "vcf" and _unreadable(path, threads)) and not lacks_genotypes(path)


def _defines_otherwise(path: Path) -> bool:
    """Whether a header defines fields in another way than they are read, or a contig under two names."""
    try:
        lines = header_lines(path)
    except (OSError, EOFError, zlib.error):
        raise damaged(path) from None
    return bool(changes_needed(lines)) or spelled_twice(lines)


def _unreadable(path: Path, threads: int) -> str | None:
    """What htslib says against the records of a file: names that the header lacks among it."""
    one = header_samples(path)[:1]
    some = ["-s", one[0]] if one else ["-G"]
    return attempt("view", *some, "-I", "-Ou", "--threads", threads, "-o", os.devnull, path)


def _take_variants(path: Path, kind: str, out: Path, to: str, people: list[str], threads: int, two_copies) -> dict:
    """Write a VCF or BCF anew, with its header completed and genotypes derived where it needs that."""
    done, source = {"counts": {}}, path
    try:
        if kind == "bcf" and _defines_otherwise(path):
            source = out.with_name("text.vcf.gz")
            if attempt("view", "--no-version", *_of(path, people, out), "-Oz1", "-o", source, path):
                raise damaged(path)
        if kind == "vcf" or source != path:
            done |= _rewrite_text(path, source, out, to, people, threads)
        elif not (how := _rewrite(source, out, to, people, threads)):
            raise damaged(path)
        else:
            done["how"] = how
    except (OSError, EOFError, zlib.error) as error:
        if getattr(error, "errno", None) in UNWRITABLE:
            raise
        raise damaged(path) from None
    if lacks_genotypes(out):
        done["counts"] |= _derive_genotypes(out, two_copies)
    return done


def _derive_genotypes(out: Path, two_copies: Iterable[str]) -> dict[str, int]:
    from permed.inputs.imputed import add_genotypes

    derived = out.with_name("derived")
    counts = add_genotypes(out, derived, two_copies)
    derived.replace(out)
    return dict(counts)


def _rewrite_text(path: Path, source: Path, out: Path, to: str, people: list[str], threads: int) -> dict:
    """Write the VCF ``source``, which is or was made of ``path``, anew with the changes that it needs.

    Where htslib still finds it unreadable, every value is looked at, which tells the line that is at fault.
    """
    lines, changed = header_lines(source), out.with_name("changed.vcf.gz")
    try:
        through = read_through(source)
        changes, counts = changes_needed(lines, through.contigs), {}
        plain = not (changes or through.undefined or through.by_line or needs_coding(source)) and through.whole_info
        if not plain:
            counts = dict(write_changed(source, through, changes, changed))
        how = _rewrite(source if plain else changed, out, to, people, threads)
        if not how:
            counts = write_strictly(source, lines, through, changed)
            how = _rewrite(changed, out, to, people, threads)
    except Fault as fault:
        line = fault.line if source == path else None
        raise Fault(fault.fault, path, fault.sample, line, fault.remedy) from None
    if not how:
        raise damaged(path)
    return {"how": how, "counts": counts, "header_completed": through.undefined}


def _elsewhere(taken: Path, contigs: list[str]) -> dict[str, int]:
    """Count the records of contigs that the run does not use, by the index."""
    rows = [line.split("\t") for line in pysam.bcftools.index("-s", str(taken)).splitlines()]
    used = set(reconcile(contigs, [name for name, *_ in rows]).values())
    number = sum(int(count) for name, _, count in rows if name not in used)
    return {"records of contigs that the run does not use": number} if number else {}


def _index(path: Path, index: Path, threads: int) -> bool:
    """Write a CSI index; False where the records are not sorted or cannot be read."""
    return not attempt("index", "-c", "-f", "--threads", threads, "-o", index, path)


def _of(source: Path, people: list[str], out: Path) -> list:
    """Words for bcftools view that keep some people alone."""
    here, wanted = set(header_samples(source)) & set(people), out.with_name("samples.txt")
    wanted.write_text("".join(f"{name}\n" for name in people if name in here), encoding="utf-8")
    return ["-S", wanted, "-I"] if here else ["-G"]


def _rewrite(source: Path, out: Path, kind: str, people: list[str], threads: int) -> str | None:
    """Write ``source`` for some people, sorted where it is not; checksums are verified. How it was done, None where it
    cannot be read."""
    ordered = out.with_name("sorted")
    some = _of(source, people, out)
    if attempt("view", "--no-version", *some, f"-O{kind}", "--threads", threads, "-o", out, source):
        return None
    if _index(out, out.with_name("index.csi"), threads):
        return "compressed anew"
    if attempt("sort", "-m", "500M", "-T", out.with_name("sort"), f"-O{kind}", "-o", ordered, out):
        return None
    ordered.replace(out)
    return "sorted"


def _write_array(
    path, out, people, contigs, build, reference, sample, chain, known: KnownTables | None
) -> tuple[Counter, list[dict]]:
    calls = read_array(str(path))
    sites = known.on(contigs) if known is not None and reference is None else None
    calls, changes, faults = array_on_build(str(path), calls, build, reference, chain, sites)
    if faults:
        raise faults[0]
    name = sample or (calls.samples or [stem(str(path))])[0]
    names = [name] if name in people else []
    placed, counts = place(calls if names else ArrayCalls(), contigs, sites or reference)
    order = {contig: n for n, contig in enumerate(contigs)}
    codes: dict[tuple[int, ...], np.ndarray] = {}
    with BcfWriter(out, names, _lengths(contigs, build, reference)) as writer:
        for one in placed:
            if one.genotype not in codes:
                pair = np.array([[one.genotype[0], one.genotype[-1]]])
                codes[one.genotype] = genotype_codes(pair, haploid=np.array([len(one.genotype) == 1]))
            genotype = codes[one.genotype]
            writer.write(order[one.contig], one.pos, one.name, list(one.alleles), genotype, None, one.palindrome)
    counts["lost in lifting"] = len(changes)
    return counts, changes


def _lengths(contigs: list[str], build: str, reference: Reference | None) -> dict[str, int | None]:
    own = reference.lengths if reference is not None else {}
    return {contig: own.get(contig) or lengths(build).get(canonical(contig)) for contig in contigs}
