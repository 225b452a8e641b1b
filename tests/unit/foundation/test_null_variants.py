"""Which consequences are null: one answer for tables and for text, over every term that decides."""

import itertools

import polars as pl
import pytest

from permed.null_variants import SPLICE, ends_early, is_cut, is_null, split_terms

TERMS = ("stop_gained", "frameshift", *SPLICE, "start_lost", "stop_retained", "start_retained", "stop_lost", "missense")


def of_table(text: str) -> tuple[bool, bool]:
    frame = pl.DataFrame({"consequence": [text]}).with_columns(terms=split_terms())
    return frame.select(is_cut(), other=is_null()).row(0)


@pytest.mark.parametrize(
    ("text", "null"),
    [
        ("stop_gained", True),
        ("*frameshift", True),
        ("splice_donor", True),
        ("splice_acceptor&intron", True),
        ("start_lost", True),
        ("start_lost&start_retained", False),
        ("frameshift&stop_retained", False),
        ("frameshift&stop_lost", False),
        ("missense", False),
        ("splice_region", False),
        ("inframe_deletion", False),
    ],
)
def test_the_four_kinds_are_null(text, null):
    assert of_table(text)[1] is null


def test_text_and_table_agree_on_what_ends_the_protein_early():
    for size in (1, 2, 3):
        for terms in itertools.combinations(TERMS, size):
            early = of_table("&".join(terms))[0] or bool({*SPLICE} & {*terms})
            assert ends_early("&".join(terms)) is early, terms
            assert ends_early("&".join(f"{term}_variant" for term in terms)) is early
    assert not ends_early(None)
