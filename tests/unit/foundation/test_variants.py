"""Trimming, strand and keys."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from permed.genome import CONTIGS
from permed.variants import complement, is_ambiguous, trim, variant_keys

ALLELE = st.text("ACGT", min_size=1, max_size=14)


def haplotype(before: str, pos: int, ref: str, alt: str) -> str:
    """The sequence ``before`` (1-based) with ``ref`` at ``pos`` replaced by ``alt``."""
    assert before[pos - 1 : pos - 1 + len(ref)] == ref
    return before[: pos - 1] + alt + before[pos - 1 + len(ref) :]


@given(st.text("ACGT", max_size=5), ALLELE, ALLELE, st.text("ACGT", max_size=5))
def test_trimming_keeps_the_haplotype_and_leaves_nothing_to_trim(left, ref, alt, right):
    sequence, pos = left + ref + right, len(left) + 1
    new_pos, new_ref, new_alt = trim(pos, ref, alt)
    assert haplotype(sequence, new_pos, new_ref, new_alt) == haplotype(sequence, pos, ref, alt)
    assert min(len(new_ref), len(new_alt)) == 1 or (new_ref[0] != new_alt[0] and new_ref[-1] != new_alt[-1])


@given(ALLELE)
def test_the_complement_of_the_complement_is_the_allele(allele):
    assert complement(complement(allele)) == allele
    assert is_ambiguous(allele, complement(allele))


def frame(variants) -> pl.DataFrame:
    return pl.DataFrame(
        variants, schema={"contig": pl.String, "pos": pl.Int64, "ref": pl.String, "alt": pl.String}, orient="row"
    )


@given(
    st.lists(st.tuples(st.sampled_from(CONTIGS), st.integers(1, 248956422), ALLELE, ALLELE), min_size=1, unique=True)
)
def test_short_variants_have_keys_of_their_own_that_sort_by_place(variants):
    keys = variant_keys(frame(variants))
    exact = [v for v, key in zip(variants, keys, strict=True) if not int(key) & 1]
    assert len({int(k) for k in keys if not int(k) & 1}) == len(exact)
    assert all(len(ref) + len(alt) <= 11 for _, _, ref, alt in exact)
    order = np.argsort(keys, kind="stable")
    places = [(CONTIGS.index(variants[i][0]), variants[i][1]) for i in order]
    assert places == sorted(places)


def test_a_key_does_not_depend_on_how_the_contig_is_spelt():
    keys = variant_keys(frame([("1", 5, "A", "C"), ("chr1", 5, "A", "C"), ("MT", 5, "A", "N"), ("chrM", 5, "A", "N")]))
    assert keys[0] == keys[1]
    assert keys[2] == keys[3]
    assert keys[2] & 1, "alleles outside ACGT are hashed"


def test_no_rows():
    keys = variant_keys(frame([]))
    assert (len(keys), keys.dtype) == (0, np.uint64)
