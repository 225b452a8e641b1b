"""ferro-hgvs as a second opinion on ``c.``, ``n.`` and ``p.`` descriptions; the only module that knows it.

Each transcript is given to it as a contig of its own in the transcript's direction: its reader of sequences does not
place the exons of the reverse strand, and what is to its right is then 3' for both of us.
"""

import json
import tempfile
import warnings
from pathlib import Path

from permed.annotation.hgvs.edits import Edit, shifted, written
from permed.annotation.hgvs.naming import Locus
from permed.errors import Fault


def second_opinion(asked: list[tuple[Locus, Edit]], build: str) -> list[tuple[str | None, str | None]]:
    """What ferro-hgvs calls each change, as (``c.…`` or ``n.…``, the part after ``p.``); None where it says nothing.

    All loci are held at once."""
    if not asked:
        return []
    loci = {f"L{id(locus)}": locus for locus, _ in asked}
    texts = []
    for locus, edit in asked:
        change = written(shifted(edit, locus.bases), locus.bases, lambda offset: str(offset + 1))
        texts.append(f"L{id(locus)}:g.{change}")
    found = _projector(loci, build).project_many(texts, return_exceptions=True)
    return [
        (_after_colon(one[0].c_name), _after_prefix(one[0].p_name)) if isinstance(one, list) and len(one) == 1
        else (None, None)
        for one in found
    ]  # fmt: skip


def _projector(loci: dict[str, Locus], build: str):
    try:
        import ferro_hgvs
    except ImportError:
        remedy = "Install the packages of envs/requirements.txt, or set annotation.genes to null"
        raise Fault("ferro-hgvs is not installed, without which HGVS is not written", remedy=remedy) from None
    content = {
        "version": "1.0",
        "genome_build": build,
        "genomic_sequences": {name: locus.bases for name, locus in loci.items()},
        "transcripts": [_described(name, locus, build) for name, locus in loci.items()],
    }
    with tempfile.TemporaryDirectory(prefix="permed-hgvs-") as folder:
        path = Path(folder) / "transcripts.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ferro_hgvs.VariantProjector(str(path))


def _described(name: str, locus: Locus, build: str) -> dict:
    t = locus.transcript
    exons = [
        {
            "number": n + 1,
            "start": t.offsets[n] + 1,
            "end": t.offsets[n + 1],
            "genomic_start": first + locus.flank + 1,
            "genomic_end": end + locus.flank,
        }
        for n, (first, end) in enumerate(t.blocks)
    ]
    made = {
        "id": f"{name}T",
        "chromosome": name,
        "strand": "+",
        "genome_build": build,
        "gene_symbol": name,
        "genomic_start": locus.flank + 1,
        "genomic_end": locus.flank + t.span,
        "exons": exons,
        "sequence": locus.messenger,
    }
    if t.translated:
        made |= {"cds_start": t.translated[0] + 1, "cds_end": t.translated[1]}
    return made


def _after_colon(text: str | None) -> str | None:
    return text.rsplit(":", 1)[-1] if text else None


def _after_prefix(text: str | None) -> str | None:
    said = _after_colon(text)
    return said.removeprefix("p.") if said else None
