"""Which consequences may abolish a gene's product: decided once, in the terms of bcftools csq, for every stage."""

import polars as pl

STOP, SHIFT, START = "stop_gained", "frameshift", "start_lost"
TRUNCATING = (STOP, SHIFT)
SPLICE = ("splice_donor", "splice_acceptor")
START_KEPT = "start_retained"
# With a shifted frame: the stop codon or the start is there again, or the protein gets longer, not shorter.
NOT_CUT = ("stop_retained", START_KEPT, "stop_lost")


def split_terms() -> pl.Expr:
    """The list of consequences in the column ``consequence``."""
    return pl.col("consequence").str.strip_chars_start("*").str.split("&")


def has(terms: tuple[str, ...] | str) -> pl.Expr:
    """Whether a site has any of these consequences, by its column ``terms`` (:func:`split_terms`)."""
    wanted = [terms] if isinstance(terms, str) else list(terms)
    return pl.col("terms").list.set_intersection(wanted).list.len() > 0


def is_cut() -> pl.Expr:
    """Whether the protein ends early: a stop gained, or a shifted frame that does more than touch the last codon."""
    return has(STOP) | (has(SHIFT) & ~has(NOT_CUT))


def is_null() -> pl.Expr:
    """Whether the gene's product may be abolished: cut off, a splice site lost, or the start of translation lost."""
    return is_cut() | has(SPLICE) | (has(START) & ~has(START_KEPT))


def ends_early(text: str | None) -> bool:
    """Whether a consequence as text, of csq or in the words of the Sequence Ontology, ends the protein early or loses a
    splice site."""
    terms = {term.removesuffix("_variant") for term in (text or "").lstrip("*").split("&")}
    return bool({STOP, *SPLICE} & terms) or (SHIFT in terms and not terms.intersection(NOT_CUT))
