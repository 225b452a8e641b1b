"""What genotypes say, against a twin in plain Python, over fields of any presence and type."""

import importlib.util
import tempfile
from pathlib import Path

import numpy as np
import pytest
from cyvcf2 import VCF
from hypothesis import event, given, settings
from hypothesis import strategies as st

from permed.bcftools import bcftools
from permed.observations.bounds import Bounds
from permed.observations.codes import (
    BELIEVED,
    CONTRADICTED,
    LOW_DEPTH,
    LOW_PROBABILITY,
    LOW_QUALITY,
    NO_READS,
    ONE_ALLELE,
)
from permed.observations.observing import People, observe_file
from permed.observations.places import observed_of

_found = importlib.util.spec_from_file_location("observations_twin", Path(__file__).with_name("twin.py"))
twin = importlib.util.module_from_spec(_found)
_found.loader.exec_module(twin)
TYPES, Header, Site, judged = twin.TYPES, twin.Header, twin.Site, twin.judged

LENGTHS = {"chr1": 248956422, "chrX": 156040895}


def observe(sites: list[Site], header: Header, bounds: Bounds, contig="chr1", one_x=()) -> list[list[tuple[str, int]]]:
    """The genotypes and bytes that the stage gives of records, (records, people)."""
    people = [f"S{n}" for n in range(len(sites[0].cells))]
    lines = ["##fileformat=VCFv4.2", f"##contig=<ID={contig},length={LENGTHS[contig]}>"]
    lines += [f'##FILTER=<ID={name},Description="x">' for name in ("RefCall", "LowQual")]
    lines += [f'##ALT=<ID={name},Description="x">' for name in ("NON_REF", "DEL")]
    lines += [f'##FORMAT=<ID={name},Number={kind},Description="x">' for name, kind in header.fields.items()]
    lines += ["\t".join(["#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT".replace(" ", "\t"), *people])]
    with tempfile.TemporaryDirectory() as folder:
        text, made, to = (Path(folder) / name for name in ("a.vcf", "a.bcf", "b.bcf"))
        text.write_text("\n".join([*lines, *(site.line(contig) for site in sites), ""]))
        bcftools("view", "-Ob0", "-o", made, text)
        who = People(people, np.array([n in one_x for n in range(len(people))]), "GRCh38")
        path, _ = observe_file(made, to, text, (contig, contig), who, bounds)
        file, found = VCF(str(path)), []
        for record in file:
            calls = [genotype[:-1] for genotype in record.genotypes]
            texts = ["/".join("." if allele < 0 else str(allele) for allele in call) for call in calls]
            found.append(list(zip(texts, observed_of(record, len(calls)).tolist(), strict=True)))
        file.close()
    return found


def number(*values: str):
    return st.sampled_from([*values, "."])


QUALITY = number("0", "3", "19", "20", "21", "99", "127", "128", "300", "40000")
DEPTH = number("0", "1", "4", "5", "9", "10", "30", "200", "70000")
READS = st.sampled_from(["0", "1", "2", "5", "9", "10", "15", "30", "200", "."])
SCALED = st.sampled_from(["0", "0", "3", "19", "20", "21", "99", "130", "1000", "."])
SHARE = st.sampled_from(["0", "0.1", "0.15", "0.5", "0.89", "0.9", "0.91", "0.95", "1", "."])
BASES = ["A", "C", "AC", "ACG", "a", "c", "aC", "N"]
OTHERS = ["*", "<NON_REF>", "<*>", "<DEL>", "R"]


@st.composite
def genotype(draw, alleles: int):
    ploidy = draw(st.sampled_from([1, 2, 2, 2, 2, 2, 3]))
    words = [draw(st.sampled_from([*map(str, range(alleles)), "."])) for _ in range(ploidy)]
    return draw(st.sampled_from("/|")).join(words)


@st.composite
def value(draw, name: str, alleles: int, header: Header):
    if name == "GT":
        return draw(genotype(alleles))
    if name == "AD":
        size = draw(st.sampled_from([alleles, alleles, alleles, alleles, 1, alleles + 1]))
        return ",".join(draw(READS) for _ in range(size))
    if name == "PL":
        size = draw(st.sampled_from([alleles * (alleles + 1) // 2] * 3 + [alleles, 1]))
        return ",".join(draw(SCALED) for _ in range(size))
    if name == "GP":
        return ",".join(draw(SHARE) for _ in range(draw(st.sampled_from([3, 3, 2, 1]))))
    if name == "IGC":
        return draw(SHARE)
    if name == "FT":
        if "String" in header.fields["FT"]:
            return draw(st.sampled_from([".", "PASS", "PASS", "LowGQ", "RefCall", "PASS;LowGQ", "LowGQ;q10", "."]))
        return draw(number("0", "1"))
    text = draw(DEPTH if "D" in name else QUALITY)
    floats = "Float" in header.fields[name]
    return draw(st.sampled_from([text, f"{text}.5"])) if floats and text != "." else text


@st.composite
def files(draw):
    """A header and records of it."""
    kinds = (list(TYPES)[1:], ["PL", "AD", "DP"], ["GP", "IGC", "GQ", "FT"], ["GQ", "PL", "RGQ", "GQX", "DP"])
    names = draw(st.lists(st.sampled_from(draw(st.sampled_from(kinds))), unique=True, max_size=7))
    header = Header({"GT": TYPES["GT"], **{name: TYPES[name] for name in names}})
    for name in ("GQ", "GQX", "RGQ"):
        if name in header.fields and draw(st.booleans()):
            header.fields[name] = "1,Type=Float"
    if "AD" in header.fields:
        header.fields["AD"] = draw(st.sampled_from(["R", "R", ".", "A"])) + ",Type=Integer"
    if "FT" in header.fields and draw(st.integers(0, 4)) == 0:
        header.fields["FT"] = "1,Type=Integer"
    people, sites = draw(st.integers(1, 3)), []
    for at in range(draw(st.integers(3, 8))):
        ref = draw(st.sampled_from(BASES))
        plain = st.sampled_from([["C"], ["G"], ["C", "G"], ["AT"]])
        alts = draw(plain | st.lists(st.sampled_from([*BASES, *BASES, *OTHERS]), min_size=1, max_size=3))
        here = ["GT", *(name for name in names if draw(st.integers(0, 4)))]
        count = len(alts) + 1
        cells = [{name: draw(value(name, count, header)) for name in here} for _ in range(people)]
        filters = draw(st.sampled_from([".", "PASS", "RefCall", "LowQual", "LowQual;RefCall"]))
        sites.append(Site(ref, alts, filters, cells, 100 + at))
    return header, sites


@settings(max_examples=250)
@given(
    made=files(),
    contig=st.sampled_from(["chr1", "chr1", "chrX"]),
    bounds=st.sampled_from(
        [
            Bounds(),
            Bounds(min_depth=9, min_quality=0, min_gencall=0.15),
            Bounds(filters=("any",)),
            Bounds(min_quality=21, filters=("PASS", "LowGQ")),
        ]
    ),
)
def test_genotypes_say_what_the_twin_says(made, contig, bounds):
    header, sites = made
    found = observe(sites, header, bounds, contig, one_x=[0])
    expected = [
        [judged(site, n, header, bounds, contig == "chrX" and n == 0, contig == "chr1") for n in range(len(site.cells))]
        for site in sites
    ]
    for code in {byte & 15 for row in expected for _, byte in row}:
        event(f"doubt {code}")
    assert found == expected


def one(fields: str, cell: str, alts="C", bounds=None, **kinds) -> int:
    """The byte of one genotype."""
    names = fields.split(":")
    header = Header({name: kinds.get(name, TYPES.get(name, "1,Type=Float")) for name in names})
    site = Site("A", alts.split(","), "PASS", [dict(zip(names, cell.split(":"), strict=True))])
    ((found,),) = observe([site], header, bounds or Bounds())
    return found[1]


@pytest.mark.parametrize(
    ("probability", "code"), [("0.9", BELIEVED), ("0.899", LOW_PROBABILITY), ("1", BELIEVED), (".", BELIEVED)]
)
def test_a_probability_of_just_the_bound_is_believed(probability, code):
    assert one("GT:GP", f"0/1:0,{probability},0") == code
    assert one("GT:IGC", f"0/1:{probability}", bounds=Bounds(min_gencall=0.9)) == code


@pytest.mark.parametrize(
    ("fields", "cell", "code"),
    [
        ("GT:PL", "0/0:25,0,200", LOW_QUALITY),  # the likelihoods say that it is heterozygous
        ("GT:GQ:PL", "0/0:60:60,0,200", LOW_QUALITY),
        ("GT:PL", "0/1:25,0,200", BELIEVED),
        ("GT:PL", "1:60,0", ONE_ALLELE),  # of an autosome everybody has two
        ("GT:PL", "0:60,0", LOW_QUALITY),
        ("GT:PL", "1:60,30,0", ONE_ALLELE),  # likelihoods of two copies beside a genotype of one
        ("GT:DP:PL", "0/0:30:0,.,.", BELIEVED),
        ("GT:DP:PL", "0/0:0:0,0,0", NO_READS),
        ("GT:DP:GQ:PL", "0/0:0:99:0,0,0", NO_READS),
        ("GT:DP:AD:GQ", "0/0:0:0,0:99", BELIEVED),  # imputed
        ("GT:DP:AD:GQ", "0/0:0:0,0:.", NO_READS),
        ("GT:DP", "0:5", ONE_ALLELE),
        ("GT:DP", "0/0:5", LOW_DEPTH),
        ("GT:DP", "0:4", LOW_DEPTH),
        ("GT:AD", "0/1:30,0", CONTRADICTED),
        ("GT:AD", "0/0:15,15", BELIEVED),  # invented reads of an export, the same at every genotype
        ("GT:AD", "1/1:15,15", BELIEVED),
        ("GT:AD", "1/1:0,9", LOW_DEPTH),
    ],
)
def test_known_rows_of_callers(fields, cell, code):
    assert one(fields, cell) == code
