"""Take a genotype file as BGZF VCF or BCF with an index of our own: linked where it is one, else written anew."""

import tempfile
from collections import Counter
from pathlib import Path

import numpy as np

from permed.bcftools import attempt
from permed.bgzf import compression
from permed.chain import Chain
from permed.errors import Fault
from permed.genome import canonical, lengths
from permed.inputs.arrays import ArrayCalls, place, read_array
from permed.inputs.bcf_writer import BcfWriter, genotype_codes
from permed.inputs.files import stem
from permed.inputs.formats import format_of
from permed.inputs.genotype_files import header_samples
from permed.inputs.lifted import array_on_build, fileset_needs_lifting, lift_fileset
from permed.inputs.plink import read_fileset
from permed.inputs.plink_genotypes import write_fileset
from permed.reference import Reference, link_file

DAMAGED = "Check it with bcftools view; copy it again from its source"
UNDEFINED = "its records use FILTER, INFO or FORMAT names or contigs that the header does not define"


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
    chain: Chain | None = None,
) -> tuple[dict, list[dict]]:
    """Make ``taken`` and its CSI ``index`` of a genotype file; give what was done: how, and counts by reason.

    With it the rows of :data:`permed.lifting.CHANGES_SCHEMA` of array text or PLINK files that were lifted with the
    ``chain`` as they were written; VCF and BCF files are lifted later.

    A sorted BGZF VCF or BCF becomes a link; it is read whole for the index, which checks every block. Everything else
    is written anew for ``people``, the admitted ones, alone. ``sample`` names the person of array text, else the
    file's name does. Nothing stays under a final name when the file turns out to be damaged.
    """
    kind = format_of(path)
    changes: list[dict] = []
    done = {"file": str(path), "format": kind, "how": "written anew", "counts": {}}
    if kind is None:
        raise Fault("the file is of no format that is known", path, remedy="Give VCF, BCF, PLINK or array text")
    variants = kind in ("vcf", "bcf")
    taken.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".take-", dir=taken.parent) as folder:
        made, made_index = Path(folder) / "made", Path(folder) / "made.csi"
        if variants and compression(path) == "bgzf" and _index(path, made_index, threads):
            link_file(path, taken)
            made_index.replace(index)
            return done | {"how": "linked"}, []
        if variants:
            done["how"] = _rewrite(path, made, "b" if taken.suffix == ".bcf" else "z", people, threads)
        elif kind == "array":
            counts, changes = _write_array(path, made, people, contigs, build, reference, sample, chain)
            done["counts"] = dict(counts)
        else:
            sizes, files = _lengths(contigs, build, reference), read_fileset(str(path))
            if fileset_needs_lifting(files, reference, chain):
                files, changes = lift_fileset(files, reference, chain)
            done["counts"] = dict(write_fileset(files, made, people, sizes, build, reference))
        if not _index(made, made_index, threads):
            raise Fault("a record or block cannot be read", path, remedy=DAMAGED)
        made.replace(taken)
        made_index.replace(index)
    return done, changes


def _index(path: Path, index: Path, threads: int) -> bool:
    """Write a CSI index; False where the records are not sorted or cannot be read."""
    return not attempt("index", "-c", "-f", "--threads", threads, "-o", index, path)


def _rewrite(path: Path, out: Path, kind: str, people: list[str], threads: int) -> str:
    """Write a VCF or BCF of some people, sorted where it is not; its checksums are verified on the way."""
    here = set(header_samples(path)) & set(people)
    wanted, ordered = out.with_name("samples.txt"), out.with_name("sorted")
    wanted.write_text("".join(f"{name}\n" for name in people if name in here), encoding="utf-8")
    some = ["-S", wanted, "-I"] if here else ["-G"]
    damaged = Fault("a record or block cannot be read", path, remedy=DAMAGED)
    wrong = attempt("view", "--no-version", *some, f"-O{kind}", "--threads", threads, "-o", out, path)
    if wrong and "Undefined tags" in wrong:
        raise Fault(UNDEFINED, path, remedy="Complete the header, with bcftools reheader")
    if wrong:
        raise damaged
    if _index(out, out.with_name("index.csi"), threads):
        return "compressed anew"
    if attempt("sort", "-m", "500M", "-T", out.with_name("sort"), f"-O{kind}", "-o", ordered, out):
        raise damaged
    ordered.replace(out)
    return "sorted"


def _write_array(path, out, people, contigs, build, reference, sample, chain) -> tuple[Counter, list[dict]]:
    calls = read_array(str(path))
    calls, changes, faults = array_on_build(str(path), calls, build, reference, chain)
    if faults:
        raise faults[0]
    name = sample or stem(str(path))
    names = [name] if name in people else []
    placed, counts = place(calls if names else ArrayCalls(), contigs, reference)
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
