"""Turn content into self-contained HTML: one file, no script, a policy that forbids every request."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from permed.reports import (
    charts,
    drug_wording,
    finding_wording,
    findings,
    quality_wording,
    risk,
    score_wording,
    scores,
    wording,
)
from permed.reports.explanation import summary
from permed.reports.pharmacogenes import group_of
from permed.reports.quality import MINUS, plain
from permed.reports.scatter import MOST, scatter, swatch

TEMPLATES = Path(__file__).parent / "templates"
SHOWN_POSITIONS = 8
SHOWN_POSSIBILITIES = 5
MOST_FAILED = 25
MOST_POSITIONS = 30  # of one gene, in its evidence


def render_person(content: dict) -> str:
    """The HTML of a person's report, from :func:`permed.reports.person.person_report`."""
    groups = {name: [e for e in content["pharmacogenes"] if group_of(e) == name] for name in wording.GROUPS}
    running_head = f"Sample {content['sample']['name']}"
    given = {"thresholds": content["methods"]["thresholds"]["quality"], "most_positions": MOST_POSITIONS}
    doubt = quality_wording.IN_DOUBT_SHORT if content["identity_in_doubt"] else None
    given["again"] = doubt if content["usable"] else wording.FAILED_SHORT
    return _render("person.html.j2", running_head, r=content, groups=groups, **given)


def render_cohort(content: dict) -> str:
    """The HTML of the cohort's page, from :func:`permed.reports.cohort.cohort_page`."""
    return _render("cohort.html.j2", "Cohort", c=content, most_failed=MOST_FAILED)


def _render(template: str, running_head: str, **content) -> str:
    style = Markup(_style() + _page_style(running_head))
    text = _environment().get_template(template).render(style=style, policy=policy(style), **content)
    return re.sub(r"\n\s*\n+", "\n", text).rstrip() + "\n"


def policy(style: str) -> str:
    """A content security policy under which only this style is applied and nothing is loaded or run."""
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@cache
def _style() -> str:
    return re.sub(r"\n\s*\n+", "\n", (TEMPLATES / "style.css").read_text(encoding="utf-8"))


def _page_style(running_head: str) -> str:
    """Whose report a printed page is, on every page; the name is escaped for a CSS string."""
    safe = re.sub(r"[^A-Za-z0-9 ]", lambda match: f"\\{ord(match.group()):x} ", running_head)
    return f'@page{{@top-left{{content:"{safe}";font:8.5pt Arial,"Liberation Sans",sans-serif;color:#475866}}}}\n'


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        newline_sequence="\n",
    )
    environment.globals.update(
        w=wording,
        dw=drug_wording,
        sw=score_wording,
        signed=risk.signed,
        charts=charts,
        scatter=scatter,
        swatch=swatch,
        qw=quality_wording,
        most_marks=MOST,
        not_scored=scores.not_scored,
        missing_genotypes=scores.missing_genotypes,
        fw=finding_wording,
        genes_of=findings.of_state,
        finding_bases=findings.bases,
        phenotype_sentences=findings.phenotype_sentences,
        finding_evidence=findings.evidence_of,
    )
    environment.filters.update(
        number=number,
        percent=scores.percent,
        risk=risk.percent,
        plain=plain,
        some=some,
        possibilities=possibilities,
        counts=summary,
        counted=lambda group: (group[0], len(group[1])),
        url=lambda text: quote(str(text), safe="/"),
        count=lambda n: f"{n:,}",
    )
    return environment


def some(items: list[str], most: int = SHOWN_POSITIONS) -> str:
    """The first items and how many more there are: ``rs1, rs2 and 10 more``."""
    more = len(items) - most
    return ", ".join(items[:most]) + (f" and {more:,} more" if more > 0 else "")


def possibilities(items: list[str], most: int = SHOWN_POSSIBILITIES) -> str:
    """The first diplotypes that are possible; names may hold commas, so semicolons part them."""
    return "; ".join([*items[:most], *(["and others"] if len(items) > most else [])])


def number(value: float) -> str:
    """A number with six significant digits and a true minus sign."""
    return f"{value:.6g}".replace("-", MINUS)
