"""A site taken apart by another tool says of each person what the whole site says, however its rows were written."""

import tempfile
from pathlib import Path

import pysam
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permed.evidence.known import Wanted
from permed.normalise.contig import normalise_contig

HEADER = """##fileformat=VCFv4.2
##contig=<ID=chr1,length=248956422>
##FILTER=<ID=LowQual,Description="Low">
##INFO=<ID=OLD_MULTIALLELIC,Number=1,Type=String,Description="Original chr:pos:ref:alt encoding">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">
"""
ALTS = ["C", "G", "T"]
REF, UNKNOWN = 0, None


def write(folder: Path, name: str, rows: list[tuple], people: list[str]) -> Path:
    """A VCF of (pos, ref, alt, filter, info, format, cells…)."""
    text = HEADER + "\t".join([*"#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT".split(), *people]) + "\n"
    for pos, ref, alt, filters, info, layout, *cells in rows:
        text += "\t".join(["chr1", str(pos), ".", ref, alt, ".", filters, info, layout, *cells]) + "\n"
    path = folder / name
    path.write_text(text)
    packed = folder / f"{name}.gz"
    pysam.tabix_compress(str(path), str(packed), force=True)
    pysam.tabix_index(str(packed), preset="vcf", force=True)
    return packed


def normalised(rows: list[tuple], people: list[str]) -> dict[str, list[tuple[str, bool]]]:
    """By alternate each person's genotype and whether it is believed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = write(folder, "in.vcf", rows, people)
        work = folder / "work"
        work.mkdir()
        normalise_contig([path], "chr1", people, None, folder / "out.bcf", work, Wanted())
        with pysam.VariantFile(str(folder / "out.bcf")) as file:
            return {
                f"{record.pos}{record.ref}>{(record.alts or '.')[0]}": [
                    (
                        "/".join("." if allele is None else str(allele) for allele in call["GT"]),
                        not (call.get("OBS") or 0) & 15,
                    )
                    for call in record.samples.values()
                ]
                for record in file
            }


def known(cells: dict[str, list[tuple[str, bool]]], person: int) -> dict[str, str | None]:
    """What of a person is known by alternate: the genotype where it is believed and whole, else nothing."""
    told = {}
    for name, row in cells.items():
        text, believed = row[person]
        told[name] = "/".join(sorted(text.split("/"))) if believed and "." not in text else None
    return told


def truth(copies: tuple[int | None, ...], alternates: int) -> dict[str, str | None]:
    """The same of planted copies: an alternate is known of somebody whose copies are all known."""
    whole = UNKNOWN not in copies
    return {
        f"100A>{ALTS[n]}": "/".join(sorted("1" if copy == n + 1 else "0" for copy in copies)) if whole else None
        for n in range(alternates)
    }


def whole_rows(people, alternates, quality):
    cells = []
    for copies, low in zip(people, quality, strict=True):
        gt = "/".join("." if copy is None else str(copy) for copy in copies)
        cells.append(f"{gt}:{10 if low else 50}")
    return [(100, "A", ",".join(ALTS[:alternates]), ".", ".", "GT:GQ", *cells)]


def split_rows(people, alternates, quality, other: str, info="."):
    """Rows of one alternate each, in which a copy of another alternate is written as ``other``."""
    rows = []
    for n in range(1, alternates + 1):
        cells = []
        for copies, low in zip(people, quality, strict=True):
            words = ["." if copy is None else "1" if copy == n else "0" if copy == 0 else other for copy in copies]
            cells.append(f"{'/'.join(words)}:{10 if low else 50}")
        rows.append((100, "A", ALTS[n - 1], ".", info, "GT:GQ", *cells))
    return rows


@st.composite
def sites(draw):
    """Copies of some people at a site of some alternates, and whose genotype has a low quality."""
    alternates, size = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    copy = st.sampled_from([*range(alternates + 1), *range(alternates + 1), UNKNOWN])
    people = [draw(st.tuples(copy, copy)) for _ in range(size)]
    return alternates, people, [draw(st.integers(0, 5)) == 0 for _ in people]


@settings(max_examples=60)
@given(site=sites(), order=st.randoms(use_true_random=False))
def test_however_a_site_is_written_the_same_is_known(site, order):
    alternates, people, low = site
    names = [f"S{n}" for n in range(len(people))]
    mark = f"chr1:100:A/{'/'.join(ALTS[:alternates])}"
    forms = {
        "whole": whole_rows(people, alternates, low),
        "norm -m-": split_rows(people, alternates, low, "0"),
        "--multi-overlaps .": split_rows(people, alternates, low, "."),
        "vt decompose": split_rows(people, alternates, low, ".", f"OLD_MULTIALLELIC={mark}"),
    }
    for name, rows in forms.items():
        order.shuffle(rows)
        found = normalised(rows, names)
        for n, copies in enumerate(people):
            expected = truth((UNKNOWN, UNKNOWN) if low[n] else copies, alternates)
            if alternates == 1 and name != "whole" and name != "norm -m-":
                continue  # one row of one alternate is no part of anything
            # Where half a genotype is unknown a form may tell less than the others, and never more.
            told = known(found, n)
            assert set(told) == set(expected)
            assert told == expected, (name, copies, low[n], found)


@settings(max_examples=40)
@given(site=sites(), lost=st.integers(0, 2), marked=st.booleans(), how=st.sampled_from(["filter", "gone", "missing"]))
def test_a_lost_part_is_unknown_and_wins_over_another_parts_reference(site, lost, marked, how):
    alternates, people, low = site
    lost %= alternates
    names = [f"S{n}" for n in range(len(people))]
    mark = f"OLD_MULTIALLELIC=chr1:100:A/{'/'.join(ALTS[:alternates])}" if marked or how == "gone" else "."
    rows = split_rows(people, alternates, low, "0", mark)
    if alternates == 1:
        return
    if how == "filter":
        rows[lost] = (*rows[lost][:3], "LowQual", *rows[lost][4:])
    elif how == "missing":
        rows[lost] = (*rows[lost][:6], *("./.:0" for _ in people))
    else:
        del rows[lost]
    found = normalised(rows, names)
    for n, copies in enumerate(people):
        told = known(found, n)
        for alternate in range(alternates):
            name = f"100A>{ALTS[alternate]}"
            others = not low[n] and all(copy not in (REF, UNKNOWN, lost + 1) for copy in copies)
            if alternate == lost:
                # Who has other alternates on both copies has none of this one.
                assert told.get(name) == ("0/0" if others and how == "missing" else None)
            elif low[n] or UNKNOWN in copies:
                assert told[name] is None
            elif all(copy not in (REF, lost + 1) for copy in copies):
                # Every copy is an alternate that is there: nothing of the person hangs on the lost row.
                assert told[name] == truth(copies, alternates)[name]
            elif alternate + 1 in copies and not any(copy in (REF, lost + 1) for copy in copies):
                assert told[name] is not None
            elif any(copy == REF or copy == lost + 1 for copy in copies):
                assert told[name] is None, "a copy of REF in one part is only: not this alternate"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # vt decompose of 1/2, of 0/1 and of 2/2
        (
            [("C", "1/.", "0/1", "./."), ("G", "./1", "0/.", "1/1")],
            [{"C": "0/1", "G": "0/1"}, {"C": "0/1", "G": "0/0"}, {"C": "0/0", "G": "1/1"}],
        ),
        # phased, the alternates on one strand each
        ([("C", "1|."), ("G", ".|1")], [{"C": "0/1", "G": "0/1"}]),
        # Hail: both rows 0/1
        ([("C", "0/1"), ("G", "0/1")], [{"C": "0/1", "G": "0/1"}]),
        # one row unknown altogether
        ([("C", "0/1"), ("G", "./.")], [{"C": None, "G": None}]),
        # homozygous for one: the other row hides nothing
        ([("C", "1/1"), ("G", "./.")], [{"C": "1/1", "G": "0/0"}]),
        # half a genotype, the other half in no row
        ([("C", "1/."), ("G", "./.")], [{"C": None, "G": None}]),
        # one allele where everybody has two copies: the other is not known
        ([("C", "1"), ("G", ".")], [{"C": None, "G": None}]),
        ([("C", "0"), ("G", ".")], [{"C": None, "G": None}]),
    ],
)
def test_forms_of_known_tools(rows, expected):
    size = len(expected)
    written = [(100, "A", alt, ".", ".", "GT", *cells) for alt, *cells in rows]
    for turned in (written, written[::-1]):
        found = normalised(turned, [f"S{n}" for n in range(size)])
        for n, own in enumerate(expected):
            assert known(found, n) == {f"100A>{alt}": text for alt, text in own.items()}
