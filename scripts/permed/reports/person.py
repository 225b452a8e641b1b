"""The content of one person's report, the same for HTML and JSON. Every missing value is None."""

from collections import Counter
from collections.abc import Iterable

from permed.quality.thresholds import thresholds_of
from permed.reports import finding_wording, quality_wording, wording
from permed.reports.drugs import drug_section, summary_items
from permed.reports.evidence import Context
from permed.reports.findings import couple_rows, finding_section, phenotype_section
from permed.reports.findings import summary_items as finding_items
from permed.reports.identity import without_names
from permed.reports.pharmacogenes import Terms, group_of, pharmacogene_results
from permed.reports.quality import plain, quality_result
from permed.reports.scores import score_results

STAGE_OF = {"carriers": "findings"}
SECTIONS = ("pharmacogenes", "scores", "findings", "carriers")


def person_report(
    person: dict,
    context: Context,
    terms: Terms,
    *,
    quality: dict | None,
    depths: dict | None = None,
    ancestry: dict | None = None,
    pedigree: dict | None = None,
    calls: list[dict],
    evidence: Iterable[dict] = (),
    advice: Iterable[dict] = (),
    doses: Iterable[dict] = (),
    entries: Iterable[dict] = (),
    matches: list[dict],
    scores: list[dict],
    findings: Iterable[dict] = (),
    gene_states: Iterable[dict] = (),
    couples: Iterable[dict] = (),
    phenotypes: Iterable[dict] = (),
) -> dict:
    """A person's report as nested dictionaries that JSON can hold.

    ``person``, ``quality``, ``depths``, ``ancestry`` and ``pedigree`` are rows of their tables, ``calls``,
    ``evidence``, ``advice``, ``doses``, ``entries``, ``scores``, ``findings`` and ``gene_states`` the person's rows of
    theirs, ``phenotypes`` what was made of each of theirs, ``couples`` those of the cohort. A section to which the
    person did not agree is empty, whatever rows are given.
    """
    sample = person["sample"]
    held = None if quality is None else without_names(quality.get("withheld"), pedigree)
    sections = {name: _section(sample, name, context, held) for name in SECTIONS}
    shown_calls = calls if sections["pharmacogenes"]["shown"] else []
    shown_matches = matches if sections["scores"]["shown"] else []
    limits = thresholds_of(context.thresholds, (quality or {}).get("group"))
    own_quality = quality_result(quality, limits, depths=depths, ancestry=ancestry, pedigree=pedigree)
    genes = pharmacogene_results(shown_calls, terms, evidence)
    shown = sections["pharmacogenes"]["shown"]
    advised = (list(advice), person.get("medications"), list(doses), list(entries)) if shown else ([], None)
    drugs = drug_section(*advised)
    told_by_sheet = person.get("family_history"), person.get("phenotypes")
    sums = score_results(shown_matches, scores, context.min_match, *told_by_sheet)
    variants = {name: _findings(sections[name], findings, gene_states, name) for name in ("findings", "carriers")}
    variants["findings"]["phenotypes"] = phenotype_section(phenotypes if sections["findings"]["shown"] else ())
    variants["carriers"]["couples"] = couple_rows(sample, couples) if sections["carriers"]["shown"] else []
    told = [("pharmacogenes", genes, wording.NO_ROW), ("scores", sums, wording.NO_ROW)]
    told += [("findings", variants["findings"]["genes"], finding_wording.NO_GENES)]
    told += [("carriers", variants["carriers"]["genes"], finding_wording.NO_CARRIER_LIST)]
    for name, entries, reason in told:
        if sections[name]["shown"] and not entries:
            sections[name] = _withheld(reason)
    return {
        "schema_version": wording.SCHEMA_VERSION,
        "statement": wording.STATEMENT,
        "sample": {
            "name": sample,
            "sex": None if person.get("sex") == "NA" else person.get("sex"),
            "birth_year": person.get("birth_year"),
        },
        "consent": {purpose: context.agreed(sample, purpose) for purpose in wording.PURPOSES},
        "context": _context(context),
        "usable": own_quality["status"] != "fail",
        "withheld": bool(held),
        "identity_in_doubt": own_quality["identity"]["in_doubt"],
        "summary": _summary(own_quality, genes, drugs, sums, variants, sections, context),
        "sections": sections,
        "quality": own_quality,
        "drugs": drugs,
        "pharmacogenes": genes,
        "scores": sums,
        **variants,
        "annotation": _annotation(context),
        "methods": _methods(context, limits),
    }


def _section(sample: str, name: str, context: Context, held: str | None) -> dict:
    if not context.agreed(sample, name):
        return _withheld(wording.NO_CONSENT.format(purpose=wording.PURPOSES[name].lower()), consent=False)
    if not context.stages.get(STAGE_OF.get(name, name), False):
        return _withheld(wording.NOT_RUN[name])
    if held:
        return _withheld(plain(held))
    return {"shown": True, "agreed": True, "reason": None}


def _withheld(reason: str, consent: bool = True) -> dict:
    return {"shown": False, "agreed": consent, "reason": reason}


def _context(context: Context) -> dict:
    return {
        "build": context.build,
        "build_short": context.build_short,
        "build_checked": None if context.build_unchecked is None else not context.build_unchecked,
        "absent_sites": context.absent_sites,
        "absent_sites_short": context.absent_sites_short,
        "absent_sites_meaning": context.absent_sites_statement,
        "reference": context.reference,
        "reference_checked": context.reference_checked,
        "reference_short": context.reference_short,
        "reference_statement": context.reference_statement,
        "records": context.records,
        "records_with_unchecked_ref": context.unchecked,
    }


def _findings(section: dict, rows: Iterable[dict], genes: Iterable[dict], purpose: str) -> dict:
    return finding_section(rows, genes, purpose) if section["shown"] else finding_section([], [], purpose)


def _annotation(context: Context) -> dict:
    return {"ran": context.stages.get("annotation", False), "sites_annotated_in_cohort": context.annotated}


def _methods(context: Context, limits: dict) -> dict:
    return {
        "software": dict(context.software),
        "thresholds": {"quality": limits, "scores": {"min_match": context.min_match}},
        "sources": [dict(source) for source in context.sources],
        "attribution": wording.ATTRIBUTION if context.sources else wording.NO_ATTRIBUTION,
        "three_results": wording.THREE_RESULTS,
    }


def _summary(
    quality: dict,
    genes: list[dict],
    drugs: dict,
    sums: list[dict],
    variants: dict[str, dict],
    sections: dict,
    context: Context,
) -> list[dict]:
    """What stands out, gravest first: ``kind`` (warning, found, not_assessable, withheld, nothing), title and text."""
    medicines = [_item(*item) for item in summary_items(drugs)]
    found = [_item(*item) for item in finding_items(variants["findings"], variants["carriers"])]
    items = [*_quality_items(quality), *found, *medicines, *_gene_items(genes), *_open_items(genes, sums)]
    items += _open_listed(variants)
    if not any(item["kind"] in ("warning", "found") for item in items):
        items.insert(0, _item("nothing", _nothing(genes, variants)))
    if context.absent_sites == "reference":
        items.append(_item("assumption", "Assumption", context.absent_sites_statement))
    for name in SECTIONS:
        label = wording.PURPOSES[name]
        if not sections[name]["shown"]:
            kind = "not_assessable" if sections[name]["agreed"] else "withheld"
            items.append(_item(kind, label, sections[name]["reason"]))
    return items


def _nothing(genes: list[dict], variants: dict[str, dict]) -> str:
    """Nothing stands out, said with how much was looked at: most genes unread must not sound like good news."""
    results = [entry["result"] for entry in genes]
    for section in variants.values():
        results += Counter(section["counts"]).elements()
    known = sum(result != "not_assessable" for result in results)
    if known == len(results):
        return wording.NOTHING_STANDS_OUT
    return wording.FEW_ASSESSED.format(known=known, all=len(results)) if known else wording.NONE_ASSESSED


def _quality_items(quality: dict) -> list[dict]:
    items, sex, identity = [], quality["sex"], quality["identity"]
    if identity["result"] == "found":
        items.append(_item("warning", quality_wording.IDENTITY_TITLE, identity["reason"]))
    if sex["result"] == "found":
        items.append(_item("warning", "Sex does not agree", sex["reason"]))
    if quality["status"] in ("fail", "warn"):
        title = "Quality failed" if quality["status"] == "fail" else "Quality warning"
        items.append(_item("warning", title, "; ".join(quality["reasons"]) or None))
    if quality["result"] == "not_assessable":
        items.append(
            _item("not_assessable", "Quality not assessable", wording.TOO_LITTLE if quality["status"] else None)
        )
    return items


def _gene_items(genes: list[dict]) -> list[dict]:
    return [
        _item(
            "found", entry["gene"], entry["phenotype"].replace(" OR ", " or "), " or ".join(entry["diplotypes"]) or None
        )
        for entry in genes
        if entry["result"] == "found"
    ]


def _open_items(genes: list[dict], sums: list[dict]) -> list[dict]:
    """What could not be assessed: genes without a result, genes without a phenotype, scores."""
    items = []
    for group, title in wording.OPEN_GENES.items():
        names = [entry["gene"] for entry in genes if group_of(entry) == group]
        if names:
            items.append(_item("not_assessable", title.format(n=len(names), all=len(genes)), ", ".join(names)))
    names = [entry["name"] or entry["score"] for entry in sums if entry["result"] == "not_assessable"]
    if names:
        title = wording.OPEN_SCORES.format(n=len(names), all=len(sums))
        items.append(_item("not_assessable", title, ", ".join(names)))
    return items


def _open_listed(variants: dict[str, dict]) -> list[dict]:
    """Genes of findings and carrier status that could not be assessed; their sections name them."""
    counts = {purpose: variants[purpose]["counts"] for purpose in wording.OPEN_LISTED}
    return [
        _item("not_assessable", wording.OPEN_LISTED[purpose].format(n=own["not_assessable"], all=sum(own.values())))
        for purpose, own in counts.items()
        if own["not_assessable"]
    ]


def _item(kind: str, title: str, text: str | None = None, detail: str | None = None) -> dict:
    return {"kind": kind, "title": title, "text": text, "detail": detail}
