"""Genotypes from reads (BAM or CRAM) at needed positions, with bcftools mpileup and call. Positions are 1-based.

Each command runs in a process of its own: in one process they keep state between calls.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pysam

from permed.bcftools import bcftools, index_bcf, opened
from permed.errors import Fault
from permed.evidence.known import vcf_header
from permed.genome import builds_with_length, canonical, lengths, pseudoautosomal, reconcile

LEAST_MAPPING_QUALITY = 20  # a read that fits elsewhere as well tells nothing of this place
_RUN = "import sys, pysam.bcftools as b; getattr(b, sys.argv[1])(*sys.argv[2:], catch_stdout=False)"
_FORMATS = {
    "DP": '<ID=DP,Number=1,Type=Integer,Description="Reads">',
    "GQ": '<ID=GQ,Number=1,Type=Integer,Description="Genotype quality">',
    "AD": '<ID=AD,Number=R,Type=Integer,Description="Reads of each allele">',
}
Alleles = tuple[str, str]


@dataclass(frozen=True)
class ReadGenotype:
    """A genotype from reads: ``text`` (GT), reads ``depth``, ``quality`` and the reads of both alleles."""

    text: str
    depth: int
    quality: int
    reads: tuple[int, int]


@dataclass(frozen=True)
class Aligned:
    """Alignments of one person, linked beside an index of our choice; ``names`` are the file's contig names by ours."""

    path: Path
    sample: str
    names: dict[str, str]
    is_cram: bool


def link_alignments(path: Path, sample: str, contigs: list[str], folder: Path, threads: int = 1) -> Aligned:
    """Link a BAM or CRAM into ``folder`` with an index: the user's if it is not older, else one of our own.

    Mitochondrial DNA is left out where it is another sequence than rCRS, as in UCSC's hg19: its positions are others.
    Raises a Fault if the file cannot be read or indexed.
    """
    path = Path(path)
    try:
        with pysam.AlignmentFile(str(path), check_sq=False) as file:
            sizes, is_cram = dict(zip(file.references, file.lengths, strict=True)), file.is_cram
    except (OSError, ValueError) as error:
        raise Fault(f"the file cannot be read: {error}", path, sample, remedy="Give a BAM or CRAM") from None
    link = folder / f"{len(list(folder.iterdir()))}.{'cram' if is_cram else 'bam'}"
    link.symlink_to(path.resolve())
    suffix = "crai" if is_cram else "bai"
    beside = [Path(f"{path}.{suffix}"), path.with_suffix(f".{suffix}"), Path(f"{path}.csi")]
    usable = [index for index in beside if index.is_file() and index.stat().st_mtime >= path.stat().st_mtime]
    if usable:
        ending = "csi" if usable[0].suffix == ".csi" else suffix
        Path(f"{link}.{ending}").symlink_to(usable[0].resolve())
    else:
        try:
            pysam.samtools.index("-@", str(threads), "-o", f"{link}.{suffix}", str(link), catch_stdout=False)
        except pysam.SamtoolsError:
            remedy = "Sort it by coordinate, with samtools sort; copy it again if it is damaged"
            raise Fault("the alignments cannot be indexed", path, sample, remedy=remedy) from None
    names = {contig: own for contig, own in reconcile(contigs, sizes).items() if _is_read_here(contig, sizes[own])}
    return Aligned(link, sample, names, is_cram)


def _is_read_here(contig: str, length: int) -> bool:
    return canonical(contig) != "chrM" or bool(builds_with_length(contig, length))


def genotype_positions(
    aligned: Aligned,
    positions: pl.DataFrame,
    reference: Path,
    *,
    build: str,
    sex: str,
    min_depth: int,
    min_quality: int,
    folder: Path,
) -> dict[tuple[str, int], dict[Alleles, ReadGenotype | None]]:
    """Genotypes of one person at ``positions`` (``contig pos`` in the run's names) that reads cover.

    By contig and position: records by alleles, ``.`` for no alternate; None where reads are fewer than ``min_depth``
    or the quality is below ``min_quality``. ``reference`` is the linked FASTA of the run.
    """
    places = positions.filter(pl.col("contig").is_in([*aligned.names])).unique(["contig", "pos"], maintain_order=True)
    if places.is_empty():
        return {}
    fasta = reference_for(aligned, reference, folder)
    regions, ploidy = folder / "regions.txt", folder / "ploidy.txt"
    rows = places.select("contig", "pos").iter_rows()
    regions.write_text("".join(f"{aligned.names[contig]}\t{pos}\t{pos}\n" for contig, pos in rows))
    ploidy.write_text(_ploidy(aligned.names, build, sex))
    piled, called, split, whole = (folder / f"{name}.bcf" for name in ("piled", "called", "split", "whole"))
    tags = ["-a", "FORMAT/AD,FORMAT/DP", "-q", LEAST_MAPPING_QUALITY, "--ignore-RG"]
    apart("mpileup", "-f", fasta, "-R", regions, *tags, "-Ou", "-o", piled, aligned.path, file=aligned)
    apart("call", "-m", "-a", "GQ", "--ploidy-file", ploidy, "-Ou", "-o", called, piled, file=aligned)
    _with_quality(piled, called, whole)
    bcftools("norm", "-m", "-any", "-f", fasta, "-c", "w", "-Ou", "-o", split, whole)
    ours = {own: contig for contig, own in aligned.names.items()}
    needed = set(places.select("contig", "pos").iter_rows())
    found: dict[tuple[str, int], dict[Alleles, ReadGenotype | None]] = {}
    with opened(split) as file:
        for record in file:
            place = (ours[record.chrom], record.pos)
            if place in needed:
                alleles = (record.ref, record.alts[0] if record.alts else ".")
                found.setdefault(place, {})[alleles] = _genotype(record, min_depth, min_quality)
    return found


def write_genotypes(
    people: dict[str, dict], contigs: list[str], build: str, variants: Path
) -> dict[str, dict[str, int]]:
    """Write the genotypes of several people (of :func:`genotype_positions`, by sample) as one sorted BCF.

    At a position with alternates everyone whose reads are called has a genotype in each record of it; where any of a
    person's records is not good enough the person is missing in all. Gives by sample how many positions are reference,
    variant and missing.
    """
    samples = list(people)
    order = {contig: number for number, contig in enumerate(contigs)}
    places = sorted({place for found in people.values() for place in found}, key=lambda p: (order[p[0]], p[1]))
    counts = {sample: dict.fromkeys(("reference", "variant", "missing"), 0) for sample in samples}
    sizes = lengths(build)
    head = vcf_header(contigs[0], samples).splitlines(keepends=True)
    lines = [head[0], *(_contig_line(contig, sizes) for contig in contigs)]
    lines += [line for line in head[1:-1] if not line.startswith("##contig")]
    lines += [f"##FORMAT={text}\n" for text in _FORMATS.values()] + head[-1:]
    text = variants.with_name(f"{variants.name}.vcf")
    with open(text, "w", encoding="utf-8") as out:
        out.writelines(lines)
        for place in places:
            here = {sample: people[sample].get(place, {}) for sample in samples}
            alternates = {pair for found in here.values() for pair, call in found.items() if _carries(call)}
            plain = {pair for found in here.values() for pair in found if pair[1] == "."} or {
                (pair[0][:1], ".") for found in here.values() for pair in found
            }
            records = sorted(alternates) or sorted(plain)[:1]
            for sample, found in here.items():
                kind = "missing" if not found or None in found.values() else "reference"
                counts[sample]["variant" if any(map(_carries, found.values())) and kind != "missing" else kind] += 1
            for pair in records:
                cells = [_cell(here[sample], pair) for sample in samples]
                out.write("\t".join([place[0], str(place[1]), ".", *pair, ".", ".", ".", "GT:DP:GQ:AD", *cells]) + "\n")
    bcftools("view", "-Ob", "-o", variants, text)
    index_bcf(variants)
    text.unlink()
    return counts


def _carries(call: ReadGenotype | None) -> bool:
    return call is not None and "1" in call.text


def _cell(found: dict[Alleles, ReadGenotype | None], pair: Alleles) -> str:
    """One person's GT:DP:GQ:AD in the record of ``pair``."""
    if not found or None in found.values():
        return "./.:.:.:."
    number = 1 if pair[1] == "." else 2
    if pair in found:
        call = found[pair]
        return f"{call.text}:{call.depth}:{call.quality}:{','.join(map(str, call.reads[:number]))}"
    other = next(iter(found.values()))
    text = "0" if "/" not in other.text else "0/0"
    return f"{text}:{other.depth}:{other.quality}:{'.' if number == 2 else other.reads[0]}"


def _genotype(record, min_depth: int, min_quality: int) -> ReadGenotype | None:
    call = record.samples[0]
    depth, quality, genotype = call.get("DP"), call.get("GQ"), call["GT"]
    if None in genotype or not genotype or depth is None or quality is None:
        return None
    if not set(record.ref.upper()) <= set("ACGT"):
        return None  # where the reference has N every base would be an alternate
    if depth < min_depth or quality < min_quality:
        return None
    reads = [0 if n is None else n for n in call.get("AD") or ()]
    return ReadGenotype("/".join(map(str, genotype)), depth, quality, (*reads, 0, 0)[:2])


def _with_quality(piled: Path, called: Path, to: Path) -> None:
    """Add GQ to records without an alternate: bcftools call gives none. It is the likelihood of the next best
    genotype, on the phred scale, as the pile-up has it."""
    with opened(piled) as before, opened(called) as after:
        header = after.header
        if "GQ" not in header.formats:
            header.add_line(f"##FORMAT={_FORMATS['GQ']}")
        likelihoods: dict[tuple, list[tuple]] = {}
        for record in before:
            likelihoods.setdefault((record.chrom, record.pos, "INDEL" in record.info), []).append(
                record.samples[0].get("PL")
            )
        with pysam.VariantFile(str(to), "wb0", header=header) as out:
            for record in after:
                given = likelihoods.get((record.chrom, record.pos, "INDEL" in record.info))
                if not record.alts and given and given[0] and len(given[0]) > 1 and given[0][0] is not None:
                    scaled = sorted(given[0])
                    record.samples[0]["GQ"] = min(99, scaled[1] - scaled[0]) if given[0][0] == scaled[0] else 0
                out.write(record)


def reference_for(aligned: Aligned, reference: Path, folder: Path) -> Path:
    """The reference under the contig names of the alignments: the same file, with an index that names them so."""
    fasta = folder / f"reference.fa{'.gz' if str(reference).endswith('.gz') else ''}"
    fasta.unlink(missing_ok=True)
    fasta.symlink_to(Path(reference).resolve())
    if str(reference).endswith(".gz"):
        shutil.copyfile(f"{reference}.gzi", f"{fasta}.gzi")
    rows = [line.split("\t") for line in Path(f"{reference}.fai").read_text().splitlines()]
    own = {there: aligned.names[ours] for ours, there in reconcile(aligned.names, [row[0] for row in rows]).items()}
    Path(f"{fasta}.fai").write_text("".join("\t".join([own.get(row[0], row[0]), *row[1:]]) + "\n" for row in rows))
    return fasta


def _ploidy(names: dict[str, str], build: str, sex: str) -> str:
    """A ploidy file of bcftools call for one person, who is F there: copies of each contig, shared regions apart.

    Mitochondrial DNA is called as if of two copies, so that a change on a part of it shows as heterozygous.
    """
    lines = []
    for contig, own in names.items():
        name = canonical(contig)
        copies = {"chrX": 1 if sex == "XY" else 2, "chrY": 0 if sex == "XX" else 1}.get(name, 2)
        start = 1
        for first, last in pseudoautosomal(build, name) if name in ("chrX", "chrY") else []:
            if first > start:
                lines.append(f"{own} {start} {first - 1} F {copies}")
            lines.append(f"{own} {first} {last} F 2")
            start = last + 1
        lines.append(f"{own} {start} {2**29} F {copies}")
    return "\n".join([*lines, "* * * M 2", "* * * F 2"]) + "\n"


def _contig_line(contig: str, sizes: dict[str, int]) -> str:
    size = sizes.get(canonical(contig))
    return f"##contig=<ID={contig},length={size}>\n" if size else f"##contig=<ID={contig}>\n"


def apart(command: str, *words, file: Aligned) -> None:
    """Run a bcftools command in a process of its own."""
    # REF_PATH: a CRAM's bases come from the run's reference and are never fetched from elsewhere.
    environment = {**os.environ, "REF_PATH": os.devnull, "REF_CACHE": os.devnull}
    given = [sys.executable, "-c", _RUN, command, "--no-version", *map(str, words)]
    done = subprocess.run(given, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        remedy = "Check the file with samtools quickcheck, and that genome.reference is the one it was made with"
        text = said[-1].strip() if said else "no message"
        raise Fault(f"bcftools {command} stopped: {text}", file.path.resolve(), file.sample, remedy=remedy)
