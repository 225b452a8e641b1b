"""Call the diplotypes, activity scores and phenotypes of pharmacogenes."""

from functools import partial
from pathlib import Path

import polars as pl

from permed.genome import canonical, reconcile
from permed.pharmacogenes.beside.looking import Consequences
from permed.pharmacogenes.beside.telling import Beside
from permed.pharmacogenes.calling.answers import Answers
from permed.pharmacogenes.calling.gene import COLUMNS, by_sample, call_gene
from permed.pharmacogenes.calling.mitochondrial import without_sequence
from permed.pharmacogenes.calling.reasons import all_read, taken_for_reference, without_place
from permed.pharmacogenes.calling.withheld import withheld_rows
from permed.pharmacogenes.definitions import Gene, load_genes
from permed.pharmacogenes.evidence.doubted import doubt_sentences
from permed.pharmacogenes.evidence.pieces import Pieces, pieces
from permed.pharmacogenes.evidence.rows import SCHEMA, evidence_rows
from permed.pharmacogenes.evidence.shares import share_sentences
from permed.pharmacogenes.frequencies import load_frequencies, with_probabilities
from permed.pharmacogenes.known import read_known
from permed.pharmacogenes.outside import hla
from permed.pharmacogenes.outside.files import calls_by_gene
from permed.pharmacogenes.outside.formats import AUTO
from permed.pharmacogenes.outside.lines import with_copies_of_x
from permed.pharmacogenes.outside.rows import unanswered, with_outside, with_typing
from permed.pharmacogenes.outside.words import no_result_words
from permed.pharmacogenes.phase.phasing import add_read_phase, with_phase
from permed.pharmacogenes.phase.trios import add_parental_phase, confirmed_parents
from permed.pharmacogenes.proxies import load_proxies, with_proxies
from permed.pharmacogenes.reading.assembling import GeneGenotypes
from permed.pharmacogenes.reading.files import read_genotypes
from permed.pharmacogenes.reading.ploidy import BY_SEX
from permed.sexes import copies_of, why_unknown
from permed.step import log, step
from permed.tables import read_table, write_parts
from permed.withholding import released

STATES = ("called", "multiple", "no_call", "not_assessable")


def explained(calls: pl.DataFrame, more: str, instead_of: str = "") -> pl.DataFrame:
    """Calls with a sentence added to each reason, in the place of another sentence where a reason has that."""
    if not more:
        return calls
    reason = pl.col("reason")
    has = reason.str.contains(instead_of, literal=True) if instead_of else pl.lit(False)
    added = pl.concat_str(reason, pl.lit(more), separator=" ")
    replaced = reason.str.replace(instead_of, more, literal=True)
    return calls.with_columns(reason=pl.when(has).then(replaced).otherwise(added))


def with_sentences(calls: pl.DataFrame, sentences: list[str]) -> pl.DataFrame:
    """Calls with a sentence of each person's own added to the reason, where there is one."""
    own = pl.Series(sentences, dtype=pl.String)
    reason = pl.when(own == "").then("reason").otherwise(pl.concat_str("reason", own, separator=" "))
    return calls.with_columns(reason=reason)


def counted(calls: pl.DataFrame) -> str:
    """How many people have which state: ``12 called, 1 not assessable``."""
    states = dict(calls.group_by("state").len().iter_rows())
    named = [f"{states[state]:,} {state.replace('_', ' ')}" for state in STATES if state in states]
    return ", ".join(named) or "nobody"


def put_by(
    collected: Pieces,
    beside: Beside,
    gene: Gene,
    samples: list[str],
    genotypes: GeneGenotypes,
    some: slice,
    answers: Answers,
) -> None:
    """Keep the evidence of one gene for some of the people."""
    collected.add(some.start, beside.with_evidence(evidence_rows(gene, samples, genotypes, some, answers)))


@step
def call_pharmacogenes(
    variants: list[Path],
    consent: Path,
    tables: list[Path],
    *,
    calls: Path,
    absent_sites: str,
    contigs: list[str],
    genes: list[str],
    build: str = "GRCh38",
    quality: Path | None = None,
    set_aside: list[Path] | None = None,
    evidence: Path | None = None,
    phase: list[Path] | None = None,
    kinship: Path | None = None,
    people: Path | None = None,
    frequencies: list[Path] | None = None,
    proxies: Path | None = None,
    reference_index: Path | None = None,
    consequences: list[Path] | None = None,
    models: Path | None = None,
    outside: list[Path] | None = None,
    outside_samples: list[str] | None = None,
    outside_format: str = AUTO,
) -> None:
    """Call each gene for everyone in the list ``consent`` from the normalised files of ``contigs``, in their order.

    ``set_aside`` are the tables of records that normalisation could not use, in the same order. Files of ``build``
    GRCh37 are read at the definitions' places there; a position without one is missing, and the reason says so.
    ``evidence`` is the table of what each call rests on. ``phase`` are tables of what reads say about the phase.
    ``people`` is the table of samples with their population and parents, ``kinship`` confirms the parents: their
    genotypes phase a child's if they agreed themselves and passed quality control. ``frequencies`` are the tables of
    allele frequencies and of populations, for what stays ambiguous. ``proxies`` is the table of variants that stand for
    others. ``reference_index`` (``.fai``) tells the lengths of
    contigs for files that do not, and that the records were left-aligned. ``quality`` tells the sex, and so how many
    copies of chrX there are; people whose results it withholds are not called, and their rows say why.

    ``consequences`` are the tables of variants on transcripts, in the order of ``contigs``, and ``models`` that of
    transcripts: with them null variants that are no part of the definitions are told beside the call, of genes in which
    a loss lowers the function that advice rests on. Of other people and other genes nothing is read.

    ``outside`` are files of calls made elsewhere in ``outside_format``, ``outside_samples`` the one person of each,
    empty for a file with a ``sample`` column: such calls stand over our own. Faults of their form are raised together;
    a line that cannot be read, or says that there is no result, makes that gene of that person not assessable.
    """
    agreed = consent.read_text(encoding="utf-8").splitlines()
    samples, held = released(consent, quality) if quality else (agreed, {})
    guided = hla.guided_alleles(tables)
    everything = genes == "all" or "all" in genes
    definitions = load_genes(tables, "all" if everything else [name for name in genes if name not in guided])
    known = read_known(tables)
    words = no_result_words(tables)
    elsewhere = calls_by_gene(outside or [], outside_samples or [], agreed, known, guided, words, outside_format)
    judged = read_table(quality) if quality else None
    copies = {} if judged is None else {contig: copies_of(judged, contig) for contig in BY_SEX}
    no_number = {} if judged is None else why_unknown(judged)
    priors = load_frequencies(*frequencies) if frequencies else None
    stand_ins = load_proxies(proxies, definitions) if proxies else {}
    labels = dict(read_table(people).select("sample", "population").iter_rows()) if people else {}
    reads = pl.concat(map(read_table, phase)) if phase else None
    parents = {}
    if kinship and people and judged is not None:
        usable = set(samples) - set(judged.filter(status="fail")["sample"])
        parents = confirmed_parents(read_table(people), read_table(kinship), usable)
    annotated = Consequences.open(consequences or [], models, contigs, definitions)
    frames = []
    with pieces(evidence, SCHEMA) as collected:
        for gene in definitions:
            where = reconcile([gene.contig], contigs).get(gene.contig)
            files = [path for path, contig in zip(variants, contigs, strict=True) if contig == where]
            unread = [path for path, contig in zip(set_aside or [], contigs, strict=bool(set_aside)) if contig == where]
            unfit = without_sequence(gene, files, build, reference_index)
            files = [] if unfit else files
            read = read_genotypes(
                files,
                gene,
                samples,
                absent_sites=absent_sites,
                set_aside=unread,
                build=build,
                aligned=bool(reference_index),
                copies=copies.get(canonical(gene.contig)),
            )
            expected = copies.get(canonical(gene.contig))
            beside = annotated.look(Beside(gene, samples, read, build), where, files, expected)
            phased = add_read_phase(gene, samples, read, reads, build)
            phased = add_parental_phase(gene, samples, phased, parents, assumed=absent_sites == "reference")
            explain = partial(put_by, collected, beside, gene, samples, phased.genotypes)
            called = call_gene(gene, samples, phased.genotypes, explain)
            called = explained(called, unfit or without_place(gene, build))
            called = explained(called, taken_for_reference(gene, phased.genotypes.assumed), all_read(gene))
            called = with_sentences(called, doubt_sentences(gene, phased.genotypes, len(samples)))
            called = with_sentences(called, share_sentences(gene, phased.genotypes, len(samples)))
            if phased.genotypes.open_copies is not None:
                why = zip(samples, phased.genotypes.open_copies, strict=True)
                called = with_sentences(called, [no_number[name] if unknown else "" for name, unknown in why])
            if priors is not None:
                populations = [labels.get(name) for name in samples]
                called = with_probabilities(called, gene, phased.genotypes, populations, priors)
                own = stand_ins.get(gene.name, [])
                called = with_proxies(called, gene, phased.genotypes, populations, priors.populations, own)
            called = with_phase(called, phased)
            of_x = copies.get(canonical(gene.contig), {})
            theirs = with_copies_of_x(elsewhere.get(gene.name, []), known[gene.name], of_x)
            frames.append(beside.with_calls(with_outside(called, theirs, known[gene.name])))
            frames.append(withheld_rows(held, gene))
            log.info("%s: %s", gene.name, counted(frames[-2]))
    for name, alleles in guided.items():
        if everything or name in genes:
            blank = unanswered(samples, name, hla.version(tables), COLUMNS)
            frames.append(with_typing(blank, elsewhere.get(name, []), alleles))
            frames.append(withheld_rows(held, name, hla.version(tables)))
    write_parts(by_sample(frames, agreed), COLUMNS, calls)
