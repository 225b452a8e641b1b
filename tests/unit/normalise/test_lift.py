"""Lifting to the other build: planted chains with gaps, turned pieces and changed bases; truth is the haplotype."""

import gzip
import random

import polars as pl
import pysam
import pytest

from permed.chain import Chain, Place
from permed.errors import Fault
from permed.lifting import CHANGES_SCHEMA, Lifted, Lost, lift_alleles
from permed.normalise.contig import SET_ASIDE_SCHEMA
from permed.normalise.lift import lift_file, lift_whole
from permed.normalise.unread import lost_positions, lost_sites, other_references
from permed.reference import Reference
from permed.tables import read_table
from permed.variants import complement

# Source chr1: a 300, [deleted 20], b 300 turned round, c 300; target chr1: 15 new bases, a, b', [7 new], c.
SIZES = {"a": (0, 300), "gap": (300, 320), "b": (320, 620), "c": (620, 920)}
PLACED = {"a": (15, False), "b": (315, True), "c": (622, False)}
TARGET_LENGTH = 922


def write_chain(path, swapped=False):
    """The planted chain; ``swapped`` leads back."""
    blocks = [(SIZES[name], PLACED[name]) for name in ("a", "b", "c")]
    lines = []
    for number, ((start, end), (there, turned)) in enumerate(blocks, 1):
        size = end - start
        here, other = (start, end, 920), (there, there + size, TARGET_LENGTH)
        t, q = (other, here) if swapped else (here, other)
        strand = "-" if turned else "+"
        q_start, q_end = (q[2] - q[1], q[2] - q[0]) if turned else q[:2]
        lines += [f"chain 1000 chr1 {t[2]} + {t[0]} {t[1]} 1 {q[2]} {strand} {q_start} {q_end} {number}", f"{size}", ""]
    path.write_text("\n".join(lines))
    return path


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """Source and target sequences, places where they differ by a base, the chain and both references."""
    folder = tmp_path_factory.mktemp("planted")
    pick = random.Random(5)
    source = "".join(pick.choice("ACGT") for _ in range(920))
    source = source[:100] + "CACACACACA" + source[110:400] + "TTTTTTTT" + source[408:]
    differing = sorted({pick.randrange(920) for _ in range(60)} - set(range(95, 115)) - set(range(395, 412)))
    changed = list(source)
    for at in differing:
        changed[at] = pick.choice([base for base in "ACGT" if base != source[at]])
    changed = "".join(changed)
    new = ["".join(pick.choice("ACGT") for _ in range(n)) for n in (15, 7)]
    target = new[0] + changed[:300] + complement(changed[320:620]) + new[1] + changed[620:]
    assert len(target) == TARGET_LENGTH
    references = {}
    for name, sequence in (("source", source), ("target", target)):
        (folder / f"{name}.fa").write_text(f">chr1\n{sequence}\n")
        pysam.faidx(str(folder / f"{name}.fa"))
        references[name] = Reference(folder / f"{name}.fa", ["chr1"])
    there, back = write_chain(folder / "there.chain"), write_chain(folder / "back.chain", swapped=True)
    return {
        "source": source,
        "changed": changed,
        "target": target,
        "differing": differing,
        "there": Chain(there),
        "back": Chain(back),
        "references": references,
        "folder": folder,
    }


def piece_of(pos):
    return next((name for name, (start, end) in SIZES.items() if start < pos <= end), None)


def expected_haplotype(planted, pos, ref, allele):
    """The target's piece as a person has it who has ``allele`` for ``ref`` at a source position (1-based)."""
    name = piece_of(pos)
    (start, end), (_, turned) = SIZES[name], PLACED[name]
    changed = planted["changed"]
    own = changed[start : pos - 1] + allele + changed[pos - 1 + len(ref) : end]
    return complement(own) if turned else own


def found_haplotype(planted, name, lifted, code):
    start, _ = PLACED[name]
    size = SIZES[name][1] - SIZES[name][0]
    target, at = planted["target"], lifted.pos - 1
    return target[start:at] + lifted.alleles[code] + target[at + len(lifted.alleles[0]) : start + size]


def random_variants(planted, count, seed=1):
    pick = random.Random(seed)
    source = planted["source"]
    for _ in range(count):
        pos = pick.randrange(2, 910)
        kind = pick.choice(["snv", "snv", "mnv", "del", "ins"])
        ref = source[pos - 1 : pos - 1 + {"snv": 1, "mnv": 2, "del": pick.randint(2, 6), "ins": 1}[kind]]
        if kind == "del":
            alt = ref[0]
        elif kind == "ins":
            alt = ref + "".join(pick.choice("ACGT") for _ in range(pick.randint(1, 5)))
        else:
            alt = "".join(pick.choice("ACGT".replace(base, "")) for base in ref)
        if pick.random() < 0.3 and kind == "snv" and pos - 1 in planted["differing"]:
            alt = planted["changed"][pos - 1]
        yield pos, ref, alt


def test_every_lifted_allele_is_the_same_haplotype(planted):
    seen = {"kept": 0, "swapped": 0, "lost": 0}
    variants = list(random_variants(planted, 1500))
    variants += [(at + 1, planted["source"][at], planted["changed"][at]) for at in planted["differing"]]
    for pos, ref, alt in variants:
        lifted = lift_alleles(planted["there"], planted["references"]["target"], "1", pos, ref, [alt])
        if isinstance(lifted, Lost):
            seen["lost"] += 1
            continue
        seen["swapped" if lifted.codes else "kept"] += 1
        codes = lifted.codes or (0, 1)
        for old, allele in enumerate((ref, alt)):
            expected = expected_haplotype(planted, pos, ref, allele)
            assert found_haplotype(planted, piece_of(pos), lifted, codes[old]) == expected, (pos, ref, alt, lifted)
    assert seen["kept"] > 1000 and seen["swapped"] >= 50 and seen["lost"] > 20


def test_there_and_back_again(planted):
    seen = 0
    for pos, ref, alt in random_variants(planted, 600, seed=2):
        lifted = lift_alleles(planted["there"], planted["references"]["target"], "chr1", pos, ref, [alt])
        beside = any(pos - 3 <= at <= pos + len(ref) for at in planted["differing"])
        if isinstance(lifted, Lost) or beside:  # a base before an indel may be another on the way back
            continue
        seen += 1
        again = lift_alleles(
            planted["back"], planted["references"]["source"], "1", lifted.pos, lifted.alleles[0], [lifted.alleles[1]]
        )
        assert isinstance(again, Lifted), (pos, ref, alt, lifted, again)
        whole = [
            planted["source"][: at - 1] + b + planted["source"][at - 1 + len(a) :]
            for at, a, b in ((pos, ref, alt), (again.pos, *again.alleles))
        ]
        assert whole[0] == whole[1]
        assert (again.pos, *again.alleles) == (pos, ref, alt) or len(ref) != len(alt)
    assert seen > 300


def lift(planted, pos, ref, *alts):
    return lift_alleles(planted["there"], planted["references"]["target"], "chr1", pos, ref, list(alts))


def test_what_is_lost_says_why_and_where(planted):
    source, differing = planted["source"], planted["differing"]
    assert lift(planted, 310, source[309], "A" if source[309] != "A" else "C") == Lost(
        "it has no place on the other build"
    )
    across = lift(planted, 299, source[298:303], source[298])
    assert across == Lost("only a part of it has a place", "chr1", 314)
    assert lift(planted, 5, source[4], "<DEL>") == Lost("symbolic allele or breakend", "chr1", 20)
    assert lift(planted, 5, source[4], f"{source[4]}]chr1:60]").reason == "symbolic allele or breakend"
    at = next(n for n in differing if n < 300)
    neither = next(base for base in "ACGT" if base not in (source[at], planted["changed"][at]))
    assert "neither REF nor ALT" in lift(planted, at + 1, source[at], neither).reason


def test_an_indel_in_a_repeat_that_a_gap_touches_is_lost(tmp_path):
    """The target has one T more, and the chain says so at the end of the run: no allele means the same there."""
    source, target = "ACGTGACTTTTTCAGGACTA", "ACGTGACTTTTTTCAGGACTA"
    path = tmp_path / "x.chain"
    path.write_text("chain 1 chr1 20 + 0 20 chr1 21 + 0 21 1\n12 0 1\n8\n")
    (tmp_path / "t.fa").write_text(f">chr1\n{target}\n")
    pysam.faidx(str(tmp_path / "t.fa"))
    with Reference(tmp_path / "t.fa", ["chr1"]) as reference:
        chain = Chain(path)
        assert source[6:8] == "CT"
        for pos, ref, alt in ((7, "C", "CT"), (7, "CT", "C"), (11, "TT", "T")):
            lost = lift_alleles(chain, reference, "chr1", pos, ref, [alt])
            assert isinstance(lost, Lost) and "differ beside" in lost.reason
        assert lift_alleles(chain, reference, "chr1", 16, "G", ["GC"]) == Lifted("chr1", 17, ("G", "GC"))
        assert lift_alleles(chain, reference, "chr1", 8, "T", ["A"]) == Lifted("chr1", 8, ("T", "A"))


def test_several_alternates_and_no_alternate(planted):
    at = next(n for n in planted["differing"] if 420 < n < 600)
    old, new = planted["source"][at], planted["changed"][at]
    third = next(base for base in "ACGT" if base not in (old, new))
    lifted = lift(planted, at + 1, old, third, new)
    assert lifted.alleles == (complement(new), complement(third), complement(old))
    assert lifted.codes == (2, 1, 0)
    alone = lift(planted, at + 1, old)
    assert (alone.alleles, alone.codes) == ((complement(new), complement(old)), (1,))
    same = next(n for n in range(430, 600) if n not in planted["differing"])
    assert lift(planted, same + 1, planted["source"][same]).alleles == (complement(planted["source"][same]),)
    assert lift(planted, same + 1, planted["source"][same], "<NON_REF>").alleles[1] == "<NON_REF>"


def test_a_reference_of_n_is_not_checked(tmp_path):
    (tmp_path / "x.chain").write_text("chain 1 chr1 20 + 0 20 chr1 20 + 0 20 1\n20\n")
    (tmp_path / "t.fa").write_text(f">chr1\n{'N' * 20}\n")
    pysam.faidx(str(tmp_path / "t.fa"))
    with Reference(tmp_path / "t.fa", ["chr1"]) as reference:
        lifted = lift_alleles(Chain(tmp_path / "x.chain"), reference, "1", 5, "A", ["C"])
    assert lifted == Lifted("chr1", 5, ("A", "C"), None, checked=False)


HEADER = """##fileformat=VCFv4.2
##contig=<ID=1,length=920>
##INFO=<ID=END,Number=1,Type=Integer,Description="End">
##INFO=<ID=AC,Number=A,Type=Integer,Description="Count">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Depths">
##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Likelihoods">
##FORMAT=<ID=DS,Number=A,Type=Float,Description="Dosage">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=PS,Number=1,Type=Integer,Description="Phase set">
"""


def write_vcf(path, rows, samples):
    head = "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples])
    path.write_text(HEADER + head + "\n" + "".join("\t".join(map(str, row)) + "\n" for row in rows))
    return path


def read(path):
    with pysam.VariantFile(str(path)) as file:
        return [str(record).rstrip("\n").split("\t") for record in file]


def test_genotypes_and_their_fields_follow(planted, tmp_path):
    at = next(n for n in planted["differing"] if n < 300)
    old, new = planted["source"][at], planted["changed"][at]
    third = next(base for base in "ACGT" if base not in (old, new))
    kept = next(n for n in range(at + 1, 300) if n not in planted["differing"])
    fields = "GT:AD:PL:DS:DP:PS"
    rows = [
        (1, at + 1, "rs1", old, new, ".", "PASS", "AC=3", fields, "0|1:4,6:10,0,20:1:10:7", "1/1:0,9:90,9,0:2:9:."),
        (
            1,
            at + 1,
            "rs2",
            old,
            f"{third},{new}",
            ".",
            ".",
            ".",
            "GT:AD:PL:DS",
            "1|2:1,2,3:0,1,2,3,4,5:1,1",
            "./.:.:.:.",
        ),
        (1, at + 1, ".", old, ".", ".", ".", ".", "GT:AD:DP", "0/0:30:30", "0:8:8"),
        (1, kept + 1, ".", planted["source"][kept], ".", ".", ".", ".", "GT:DP", "0/0:30", "./.:."),
        (
            1,
            kept + 1,
            ".",
            planted["source"][kept],
            "<NON_REF>",
            ".",
            ".",
            f"END={kept + 9}",
            "GT:DP",
            "0/0:30",
            "0/0:9",
        ),
    ]
    vcf = write_vcf(tmp_path / "x.vcf", rows, ["A", "B"])
    out = tmp_path / "lifted.bcf"
    done = lift_file(vcf, out, planted["there"], planted["references"]["target"], {}, name="x.vcf")
    swapped, three, alone, same = read(out)
    assert swapped[:5] == ["chr1", str(at + 16), "rs1", new, old]
    assert swapped[8:] == [fields, "1|0:6,4:20,0,10:1:10:7", "0/0:9,0:0,9,90:0:9:."]
    assert three[3:5] == [new, f"{third},{old}"]
    # Old genotypes 00 01 11 02 12 22 are new 22 12 11 02 01 00.
    assert three[8:10] == ["GT:AD:PL", "1|0:3,2,1:5,4,2,3,1,0"] and three[10].startswith("./.")
    assert alone[3:5] == [new, old] and [cell.split(":")[0] for cell in alone[9:]] == ["1/1", "1"]
    assert "AD" not in alone[8]
    assert same[3:5] == [planted["source"][kept], "."]
    assert dict(done.counts) == {"read": 5, "kept": 4, "unchecked": 0, "swapped": 3, "reference_blocks": 1}
    assert done.frame()["outcome"].to_list() == ["swapped"] * 3
    assert done.frame().row(0)[:4] == ("1", at + 1, old, new)


def test_dosages_follow(planted, tmp_path):
    at = next(n for n in planted["differing"] if n < 300)
    fields = [("DS", "1"), ("HDS", "2"), ("GP", "3")]
    extra = "".join(f'##FORMAT=<ID={n},Number={k},Type=Float,Description="x">\n' for n, k in fields)
    vcf = tmp_path / "x.vcf"
    head = "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", "A", "B"])
    row = ["1", at + 1, ".", planted["source"][at], planted["changed"][at], ".", ".", ".", "GT:DS:HDS:GP"]
    row += ["0|1:1.25:0.25,1:0,0.75,0.25", ".|.:.:.,.:.,.,."]
    base = "\n".join(line for line in HEADER.splitlines() if "ID=DS" not in line)
    vcf.write_text(f"{base}\n{extra}{head}\n" + "\t".join(map(str, row)) + "\n")
    lift_file(vcf, tmp_path / "l.bcf", planted["there"], planted["references"]["target"], {})
    (found,) = read(tmp_path / "l.bcf")
    assert found[8:10] == ["GT:DS:HDS:GP", "1|0:0.75:0.75,0:0.25,0.75,0"]
    assert set(found[10]) <= set("./|:,")


def test_a_file_is_lifted_for_those_who_agreed(planted, tmp_path):
    source = planted["source"]
    free = [n for n in range(20, 900) if n not in planted["differing"] and piece_of(n + 1) != "gap"]
    places = [free[5], free[400], free[-5]]
    rows = [
        (1, n + 1, ".", source[n], complement(source[n]), ".", ".", "AC=1", "GT:PS", "0|1:3", "1|1:.", "0/0:.")
        for n in places
    ] + [(1, 305, ".", source[304], complement(source[304]), ".", ".", ".", "GT", "0/1", "0/1", "0/1")]
    vcf = write_vcf(tmp_path / "x.vcf", sorted(rows, key=lambda row: row[1]), ["A", "B", "C"])
    reference = planted["references"]["target"]
    done = lift_whole(vcf, planted["there"], reference, ["C", "A", "Z"], None, "x.vcf", tmp_path)
    found = read(tmp_path / "lifted.bcf")
    assert [int(row[1]) for row in found] == sorted(int(row[1]) for row in found)
    assert {row[7] for row in found} == {"."} and {row[8] for row in found} == {"GT:PS"}
    assert {tuple(row[9:]) for row in found} == {("0/0:.", "0|1:3")}
    assert (done.counts["read"], done.counts["kept"], done.counts["lost"]) == (4, 3, 1)
    assert done.frame().row(0, named=True)["reason"] == "it has no place on the other build"
    assert (tmp_path / "lifted.bcf.csi").is_file()
    other = lift_whole(vcf, planted["there"], reference, ["A"], "chr2", "x.vcf", tmp_path)
    assert other.counts["kept"] == 0
    assert "is read for chr2 alone" in other.frame()["reason"][0]


def test_lost_records_are_set_aside_where_they_would_lie():
    rows = [
        ("1", 5, "AC", "A", "lost", "x", "chr1", 50, None, None, "f"),
        ("1", 6, "A", "C", "lost", "y", None, None, None, None, "f"),
        ("1", 7, "A", "C", "swapped", "z", "chr1", 52, "C", "A", "f"),
    ]
    aside = lost_sites(pl.DataFrame(rows, schema=CHANGES_SCHEMA, orient="row"))
    assert aside.rows() == [("chr1", 50, 51, "AC", "A", "lifting: x", None)]
    assert aside.schema == SET_ASIDE_SCHEMA


def test_where_the_builds_differ_no_record_is_not_reference(root):
    """CYP3A5 rs776746: GRCh37 carries C (*3), GRCh38 T (*1); dbSNP."""
    positions = read_table(root / "resources" / "pharmacogenes" / "positions.tsv")
    found = other_references(positions, "GRCh38", ["7", "8"])
    assert [row[:5] for row in found.rows()] == [("7", 99672916, 99672916, "T", "C")]
    assert [row[:5] for row in other_references(positions, "GRCh37", ["7"]).rows()] == [
        ("7", 99270539, 99270539, "C", "T")
    ]
    assert other_references(positions, "GRCh38", []).is_empty() and found.schema == SET_ASIDE_SCHEMA


def test_every_pharmacogene_position_is_lifted_to_its_place(root, shared, tmp_path):
    """A chain of one piece a gene, from its first to its last place on GRCh37; the sequence of GRCh38 is real."""
    table = read_table(root / "resources" / "pharmacogenes" / "positions.tsv").filter(pl.col("pos37").is_not_null())
    # Of F2 and F5 the sequence at hand has no bases.
    table = table.filter(~pl.col("gene").is_in(["F2", "F5"])).with_columns(pl.col("pos", "pos37").cast(pl.Int64))
    contigs = table["contig"].unique().sort().to_list()
    lifted, swapped = 0, []
    with Reference(shared / "real" / "pgx" / "grch38_pgx_sparse.fa.gz", contigs) as reference:
        for (gene,), rows in table.group_by("gene", maintain_order=True):
            contig, offset = rows["contig"][0], rows["pos"][0] - rows["pos37"][0]
            start, end = rows["pos37"].min() - 400, rows["pos37"].max() + 400
            ends = f"{contig} 250000000 + {start} {end} {contig} 250000000 + {start + offset} {end + offset}"
            (tmp_path / f"{gene}.chain").write_text(f"chain 1 {ends} 1\n{end - start}\n")
            chain = Chain(tmp_path / f"{gene}.chain")
            for row in rows.iter_rows(named=True):
                alts = row["alts37"].split(",")
                found = lift_alleles(chain, reference, contig, row["pos37"], row["ref37"], alts)
                assert isinstance(found, Lifted), (row, found)
                assert (found.pos, found.alleles[0]) == (row["pos"], row["ref"]), row
                assert {row["ref"], *row["alts"].split(",")} == set(found.alleles)
                swapped += [row["rsid"]] if found.codes else []
                lifted += 1
    assert lifted == 1218 + 22, "of the nucleus and of mitochondria"
    assert sorted(swapped) == ["rs1135840", "rs16947", "rs1801265", "rs3758581", "rs776746"]


def test_places_that_are_given_twice_are_not_known(tmp_path):
    path = tmp_path / "x.chain"
    heads = ["chain 9 chr1 100 + 0 50 chr1 200 + 0 50 1\n50\n", "chain 5 chr1 100 + 40 60 chr1 200 + 100 120 2\n20\n"]
    heads += [
        "chain 4 chr2 100 + 0 10 chr1 200 + 5 15 3\n10\n",
        "chain 4 chr6_cox_hap2 100 + 0 10 chr1 200 + 0 10 4\n10\n",
    ]
    path.write_text("\n".join(heads))
    chain = Chain(path)
    assert chain.place("chr1", 45, 45) == "the chain gives it several places"
    assert chain.place("chr1", 10, 10) == "the chain puts two places of the build there"
    assert chain.place("chr1", 1, 5) == Place("chr1", 1, 5, False, 1, 50)
    assert chain.place("chr1", 55, 55).start == 115
    assert chain.place("chr3", 55, 55) == "it has no place on the other build"


def test_a_compressed_chain_is_read(planted, tmp_path):
    packed = tmp_path / "there.chain.gz"
    packed.write_bytes(gzip.compress((planted["folder"] / "there.chain").read_bytes()))
    assert Chain(packed).place("1", 400, 402) == planted["there"].place("1", 400, 402)


@pytest.mark.parametrize(
    "text, line",
    [
        ("chain 1 chr1 100 + 0 50 chr1 200 + 0 50 1\n40\n", 2),
        ("chain 1 chr1 100 + 0 50 chr1 200 + 0 50 1\n40 5 5\n", 2),
        ("chain 1 chr1 100 + 0 fifty chr1 200 + 0 50 1\n50\n", 1),
        ("chr1\t10\t20\n", 1),
        ("", None),
    ],
)
def test_what_is_no_chain_file_is_a_fault(tmp_path, text, line):
    path = tmp_path / "x.chain"
    path.write_text(text)
    with pytest.raises(Fault) as caught:
        Chain(path)
    assert caught.value.line == line


def test_a_damaged_compressed_chain_is_a_fault(tmp_path, planted):
    packed = gzip.compress((planted["folder"] / "there.chain").read_bytes())
    (tmp_path / "x.chain.gz").write_bytes(packed[:-12])
    with pytest.raises(Fault):
        Chain(tmp_path / "x.chain.gz")


def test_a_record_lost_at_a_position_of_a_definition_leaves_it_unread(root):
    """CYP3A5*3 lies at 7:99270539 on GRCh37 and at chr7:99672916 on GRCh38."""
    table = read_table(root / "resources" / "pharmacogenes" / "positions.tsv")
    lost = dict.fromkeys(CHANGES_SCHEMA) | {"contig": "7", "pos": 99270539, "outcome": "lost", "reason": "no place"}
    changes = pl.DataFrame([lost, lost | {"pos": 5}], schema=CHANGES_SCHEMA)
    (row,) = lost_positions(changes, table, "GRCh38", ["chr7"]).iter_rows(named=True)
    assert (row["contig"], row["pos"], row["samples"]) == ("chr7", 99672916, None)
    (row,) = lost_positions(changes.with_columns(pos=99672916), table, "GRCh37", ["7"]).iter_rows(named=True)
    assert (row["contig"], row["pos"]) == ("7", 99270539)
    assert lost_positions(changes, table, "GRCh38", ["chr1"]).is_empty()
