"""Turn published allele definitions, functions and phenotypes into the tables of ``resources/pharmacogenes``."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from permed.errors import Fault
from permed.pharmacogenes.releases import declared
from permed.pharmacogenes.releases.answers import functions_of, phenotype_rows, read_newer, read_newer_phenotypes
from permed.pharmacogenes.releases.mitochondrial import mitochondrial_rows
from permed.pharmacogenes.releases.placing import Evidence, place
from permed.pharmacogenes.releases.respelling import last_bases, read_bases, spelling_rows
from permed.pharmacogenes.releases.structure import EXEMPTIONS, PHENOTYPES, read_definitions, read_file, read_folder
from permed.pharmacogenes.releases.supplement import Supplement
from permed.pharmacogenes.releases.updates import OR, update_definitions

IUPAC = dict(zip("RYSWKMBDHV", "AG CT CG AT GT AC CGT AGT ACT ACG".split(), strict=True))
PROVENANCE = ("source", "version", "licence")
ENDS = ("end", "end37")
COLUMNS = {
    "genes": (
        "gene contig reference_allele method undocumented_as_reference activity research unphased_candidates "
        "loss_lowers_function loss_reason pseudogene pseudogene_source"
    ).split(),
    "positions": (
        "gene contig pos ref alts rsid required role amp_tier1 hgvs contig37 pos37 ref37 alts37 source37 "
        "never_default never_default_source end end37"
    ).split(),
    "alleles": "gene allele reported_as reference defined function activity_value".split(),
    "allele_variants": "gene allele pos base".split(),
    "phenotypes": "gene function1 function2 activity_score phenotype".split(),
    "unphased_priorities": "gene priority diplotype pick".split(),
    "position_rules": "gene rule pos base allele".split(),
    "function_ranks": "gene function rank".split(),
    "exemptions": "gene kind value".split(),
    "spellings": "gene pos build alt start end known spelled_pos spelled_ref spelled_alt".split(),
}


@dataclass(frozen=True)
class Newer:
    """Tables kept by hand that are newer than the published files: of functions, definitions and phenotypes."""

    functions: Path | None = None
    definitions: Path | None = None
    phenotypes: Path | None = None


def import_definitions(
    definitions: Path, phenotypes: Path, supplement: Path, newer: Newer = Newer(), bases: Path | None = None
) -> dict[str, pl.DataFrame]:
    """Read the three folders and return one frame a table, every column text, sorted; named as in :data:`COLUMNS`.

    ``definitions`` holds ``*_translation.json[.gz]`` and ``exemptions.json``, ``phenotypes`` one JSON a gene,
    ``supplement`` an allele table with functions and an equation table for genes absent from ``phenotypes``, and a gene
    table with exons; variants and exons that it gives on both builds place the positions on GRCh37. Genes of
    mitochondrial DNA come from ``phenotypes`` and ``supplement`` alone and stand last in each table. What ``newer`` has
    holds over all of these: functions and activity values, copy-number alleles among them, phenotypes, and changes of
    the definitions. ``bases`` has the reference's bases around each insertion and deletion, from which every spelling
    of it is worked out.
    """
    genes = read_definitions(definitions)
    known = read_folder(phenotypes, "*.json*", PHENOTYPES)
    exemptions = read_file(definitions / "exemptions.json", EXEMPTIONS)
    spare = Supplement(supplement)
    withdrawn = update_definitions(newer.definitions, genes, exemptions) if newer.definitions else {}
    later, later_phenotypes = read_newer(newer.functions), read_newer_phenotypes(newer.phenotypes)
    if strange := {*later, *later_phenotypes} - {*genes, *declared.MITOCHONDRIAL}:
        raise Fault(
            f"no definitions for {', '.join(sorted(strange))}", remedy="Correct the newer functions or phenotypes"
        )
    rows: dict[str, list[tuple]] = {name: [] for name in COLUMNS}
    for gene in sorted(genes):
        definition, exempt, own = genes[gene], exemptions.get(gene, {}), later.get(gene, {})
        functions = functions_of(definition, known.get(gene), spare, own, withdrawn.get(gene, set()))
        rows["genes"].append(_gene_row(definition, exempt))
        rows["positions"] += _position_rows(definition, exempt, spare)
        rows["alleles"] += _allele_rows(definition, functions, known.get(gene), own)
        rows["allele_variants"] += _cell_rows(definition)
        rows["phenotypes"] += phenotype_rows(gene, functions, known.get(gene), spare, later_phenotypes.get(gene, {}))
        rows["unphased_priorities"] += _priority_rows(definition, exempt)
        rows["position_rules"] += _rule_rows(definition)
        rows["function_ranks"] += _rank_rows(gene)
        rows["exemptions"] += _exemption_rows(definition, exempt)
    for gene in sorted(declared.MITOCHONDRIAL & known.keys()):
        for table, made in mitochondrial_rows(known[gene], spare).items():
            rows[table] += made
        rows["function_ranks"] += _rank_rows(gene)
    names = [name for name in (*COLUMNS["positions"], *PROVENANCE) if name not in ENDS]
    sites = [dict(zip(names, row, strict=True)) for row in rows["positions"]]
    rows["spellings"] = spelling_rows(sites, read_bases(bases))
    last = last_bases(sites, rows["spellings"])
    rows["positions"] = [(*row[:-3], *end, *row[-3:]) for row, end in zip(rows["positions"], last, strict=True)]
    return {
        name: pl.DataFrame(rows[name], schema=dict.fromkeys([*columns, *PROVENANCE], pl.String), orient="row")
        for name, columns in COLUMNS.items()
    }


def _gene_row(definition: dict, exempt: dict) -> tuple:
    gene = definition["gene"]
    reference = next(a["name"] for a in definition["namedAlleles"] if a["reference"])
    kind = "score" if gene in declared.SCORED else "function"
    return (
        gene,
        definition["chromosome"],
        reference,
        "lowest_function" if gene in declared.LOWEST_FUNCTION else "diplotype",
        _yes(gene in declared.UNDOCUMENTED_AS_REFERENCE),
        kind,
        _yes(gene in declared.RESEARCH),
        "all" if exempt.get("unphasedDiplotypePriorities") else "top",
        *declared.loss(gene),
        *_clinpgx(definition),
    )


def _position_rows(definition: dict, exempt: dict, spare: Supplement) -> list[tuple]:
    evidence = spare.builds.get(definition["gene"], Evidence())
    source = f"{declared.PYPGX} {declared.PYPGX_VERSION} ({declared.PYPGX_LICENCE})"
    required, tier1 = exempt.get("requiredPositions", []), exempt.get("amp1Positions", [])
    sites = [(v, "definition") for v in definition["variants"]]
    sites += [(v, "reporting") for v in exempt.get("extraPositions", [])]
    rows = []
    for v, role in sorted(sites, key=lambda site: site[0]["position"]):
        fixed = (definition["gene"], v["chromosome"], str(v["position"]), v["ref"], ",".join(v["alts"]), v["rsid"])
        flags = (_yes(v["position"] in required), role, _yes(v["position"] in tier1), v["chromosomeHgvsName"])
        elsewhere = place(evidence, v["chromosome"], v["position"], v["ref"], v["alts"], source)
        never = declared.NEVER_DEFAULT.get(v["rsid"], ("no", None))
        rows.append((*fixed, *flags, *elsewhere, *never, *_clinpgx(definition)))
    return rows


def _allele_rows(definition: dict, functions: dict, phenotype: dict | None, newer: dict) -> list[tuple]:
    gene = definition["gene"]
    defined = {a["name"]: a["reference"] for a in definition["namedAlleles"]}
    origin = (declared.PYPGX, declared.PYPGX_VERSION, declared.PYPGX_LICENCE)
    if gene not in declared.SUPPLEMENTED:
        version = phenotype["version"] if phenotype else definition["version"]
        origin = (declared.CLINPGX_PHENOTYPES, version, declared.CLINPGX_LICENCE)
    rows = []
    for name, (function, value) in functions.items():
        shown = definition["suballelesMap"].get(name, name)
        source = newer[name][2:] if name in newer else origin
        rows.append((gene, name, shown, _yes(defined.get(name)), _yes(name in defined), function, value, *source))
    return rows


def _cell_rows(definition: dict) -> list[tuple]:
    rows = []
    for allele in definition["namedAlleles"]:
        for site, cell in zip(definition["variants"], allele["alleles"], strict=True):
            if cell is None:
                continue
            known = [site["ref"], *site["alts"]]
            several = cell.split(OR)
            bases = several if set(several) <= {*known} else [base for base in known if base in IUPAC.get(cell, "")]
            if not bases:
                raise Fault(f"{definition['gene']} {allele['name']}: {cell!r} is no allele of {site['position']}")
            rows.append(
                (definition["gene"], allele["name"], str(site["position"]), ",".join(bases), *_clinpgx(definition))
            )
    return rows


def _priority_rows(definition: dict, exempt: dict) -> list[tuple]:
    return [
        (definition["gene"], str(rank), diplotype, _yes(diplotype == priority["pick"]), *_clinpgx(definition))
        for rank, priority in enumerate(exempt.get("unphasedDiplotypePriorities", []), start=1)
        for diplotype in priority["list"]
    ]


def _rule_rows(definition: dict) -> list[tuple]:
    places = {v["rsid"]: v["position"] for v in definition["variants"]}
    version = definition["version"]
    return [
        (gene, rule, str(places[rsid]), base, allele, source, version, declared.CLINPGX_LICENCE)
        for gene, rule, rsid, base, allele, source in declared.POSITION_RULES
        if gene == definition["gene"]
    ]


def _rank_rows(gene: str) -> list[tuple]:
    ranks, *origin = declared.FUNCTION_RANKS.get(gene, ([],))
    return [(gene, function, str(rank), *origin) for rank, function in enumerate(ranks, start=1)]


def _exemption_rows(definition: dict, exempt: dict) -> list[tuple]:
    gene = definition["gene"]
    values = [("ignored_position", f"{v['chromosome']}:{v['position']}") for v in exempt.get("ignoredPositions", [])]
    values += [("ignored_allele", name) for name in exempt.get("ignoredAlleles", [])]
    values += [("amp_tier1_allele", name) for name in exempt.get("amp1Alleles", [])]
    return [(gene, kind, value, *_clinpgx(definition)) for kind, value in values]


def _clinpgx(definition: dict) -> tuple[str, str, str]:
    return definition.get("provenance", (declared.CLINPGX, definition["version"], declared.CLINPGX_LICENCE))


def _yes(flag: object) -> str:
    return "yes" if flag else "no"
