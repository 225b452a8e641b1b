"""Our criteria beside experts', InterVar's and GeneBe's on the expert table of auto-acmg.

    python tests/benchmarks/expert_criteria.py ../shared/real/anno/acmg/expert_criteria.csv

The table gives HGVS alone, no coordinates on GRCh38, and neither the genome nor gnomAD is at hand: so each variant is
judged twice, on what its HGVS says (``text``: nothing else is known), and with the data that the type of variant lacks
given (``given``: loss of function causes disease in the gene and the transcript decays, no effect on splicing, no
repeat there). The second tells whether we take the right types of variants, not whether the class is right. GeneBe's
column is not independent of the experts'.
"""

import re
import sys
from collections import Counter
from pathlib import Path

import polars as pl

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from permed.annotation.acmg.classify import Given, Settings, classify
from permed.annotation.acmg.sites import choose_sources
from permed.annotation.acmg.tables import criteria
from permed.evidence.intervals import Intervals
from permed.variants import variant_keys

ONE_LETTER = dict(
    zip(
        "Ala Arg Asn Asp Cys Gln Glu Gly His Ile Leu Lys Met Phe Pro Ser Thr Trp Tyr Val Ter".split(),
        "ARNDCQEGHILKMFPSTWYV*",
        strict=True,
    )
)
PROTEIN = re.compile(r"p\.\(?([A-Z][a-z]{2})(\d+)([A-Z][a-z]{2}|=|\*|X)?")
SPLICING = {"name": "splicing", "role": "splicing", "title": "no effect on splicing, assumed", "release": None}
ASKED = {"name": "asked", "role": "clinvar", "title": "the experts ask", "release": None}
GENES = {"NM_004004": "GJB2", "NM_000152": "GAA", "NM_000277": "PAH", "NM_000314": "PTEN", "NM_206933": "USH2A"}


def consequence(text: str, comment: str) -> dict:
    """What a variant's HGVS says: gene, ``consequence`` and the change of the residue, None where it does not say."""
    gene = re.search(r"\((\w+)\)", text.split(":")[0])
    found = {"gene": gene[1] if gene else GENES.get(text.split(".")[0]), "consequence": None, "amino_acid_change": None}
    change = text.split(":")[1].removeprefix("c.")
    if change.startswith("-"):
        return found | {"consequence": "5_prime_utr"}
    intron = re.match(r"\d+([+-])(\d+)", change)
    if intron:
        near = int(intron[2]) <= 2
        site = "donor" if intron[1] == "+" else "acceptor"
        term = f"splice_{site}" if near else "intron"
        return found | {"consequence": term, "splice_site": site, "splice_distance": int(intron[2])}
    if re.fullmatch(r"[123][ACGT]>[ACGT]", change):
        return found | {"consequence": "start_lost"}
    place = re.match(r"(\d+)(?:_(\d+))?(del|dup|ins)([ACGT]*)", change)
    if place:
        size = int(place[2] or place[1]) - int(place[1]) + 1 if place[3] != "ins" else len(place[4])
        kind = "inframe_deletion" if place[3] == "del" else "inframe_insertion"
        return found | {"consequence": "frameshift" if size % 3 else kind}
    residue = (int(re.match(r"\d+", change)[0]) + 2) // 3
    for before, number, after in PROTEIN.findall(comment):
        if int(number) == residue and before in ONE_LETTER:
            a, b = ONE_LETTER[before], ONE_LETTER.get(after, {"=": ONE_LETTER[before], "*": "*", "X": "*"}.get(after))
            if b:
                term = "synonymous" if a == b else "stop_gained" if b == "*" else "missense"
                shown = f"{residue}{a}" if a == b else f"{residue}{a}>{residue}{b}"
                return found | {"consequence": term, "amino_acid_change": shown}
    word = re.search(r"\b(synonymous|missense)\b", comment)
    return found | {"consequence": word[1] if word else None}


def judge(table: pl.DataFrame, given: bool) -> list[dict[str, str]]:
    """The state of every criterion of every variant; all are ``not_assessable`` where HGVS gives no consequence."""
    told = [consequence(*row) for row in table.select("Variant", "Comment").iter_rows()]
    kinds = dict.fromkeys(("gene", "consequence", "amino_acid_change", "splice_site"), pl.String)
    frame = pl.DataFrame(told, schema=kinds | {"splice_distance": pl.Int64})
    # Positions are numbers of rows: nothing is looked up by them.
    place = {"contig": pl.lit("chr1"), "pos": pl.int_range(1, len(told) + 1, dtype=pl.Int64)}
    frame = frame.with_columns(**place, ref=pl.lit("A"), alt=pl.lit("G"), transcript="gene", canonical=pl.lit(True))
    frame = frame.with_columns(key=pl.Series(variant_keys(frame)))
    more = Given()
    if given:
        frame = frame.with_columns(nmd=pl.lit("triggers"), splicing_state=pl.lit("found"), splicing_score=pl.lit(0.0))
        rules = frame.select(pl.col("gene").unique(maintain_order=True)).drop_nulls()
        more = Given(rules=rules.with_columns(rule_PVS1_use=pl.lit("yes")), repeats=Intervals.of())
    # A site in an intron or UTR is judged as if ClinVar spoke of it, since the experts do.
    frame = frame.with_columns(asked_state=pl.lit("found"), asked_significance=pl.lit("Conflicting"))
    sources = choose_sources([ASKED, *[SPLICING] * given], {})
    judged = classify(frame, sources, more, Settings(min_stars=None))
    states = {row["pos"]: {e["criterion"]: e["state"] for e in row["evidence"]} for row in judged.iter_rows(named=True)}
    made = []
    for n, variant in enumerate(told, 1):
        known = states[n] if variant["consequence"] else {}
        made.append({name: known.get(name, "not_assessable") for name in criteria()})
    return made


def compare(path: Path) -> pl.DataFrame:
    """A row a criterion: how often experts use it, and of each side how often it agrees (``both``), uses it alone
    (``alone``) or says that it is not met where experts use it (``missed``); ``open`` are those that we cannot decide.
    """
    table = pl.read_csv(path, infer_schema=False)
    columns = {"intervar": "Intervar Criteria", "genebe": "Genebe Criteria"}
    experts = [_split(text) for text in table["Expected Criteria"]]
    sides = {name: [_split(text) for text in table[column]] for name, column in columns.items()}
    ours = {"text": judge(table, False), "given": judge(table, True)}
    rows = []
    for name in criteria():
        row = {"criterion": name, "experts": sum(name in used for used in experts)}
        for side, used in sides.items():
            pairs = Counter((name in e, name in u) for e, u in zip(experts, used, strict=True))
            row |= {f"{side}_both": pairs[True, True], f"{side}_alone": pairs[False, True]}
            row |= {f"{side}_missed": pairs[True, False]}
        for side, states in ours.items():
            pairs = Counter((name in e, s[name]) for e, s in zip(experts, states, strict=True))
            row |= {f"{side}_both": pairs[True, "met"], f"{side}_alone": pairs[False, "met"]}
            row |= {f"{side}_missed": pairs[True, "not_met"], f"{side}_open": pairs[True, "not_assessable"]}
        rows.append(row)
    return pl.DataFrame(rows)


def _split(text: str | None) -> set[str]:
    return set((text or "").split(";")) - {""}


if __name__ == "__main__":
    with pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_width_chars=250):
        sys.stdout.write(f"{compare(Path(sys.argv[1]))}\n")
