"""The HTML: well-formed, accessible in structure and colour, nothing loaded or run, hostile text inert."""

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from permed.reports.render import TEMPLATES, policy
from write_reports import write_reports

VOID = {"meta", "path", "rect", "circle", "br"}
HOSTILE = '<script>alert("x")</script>&\'"><img src=x onerror=alert(1)>'


class Page(HTMLParser):
    """Elements with their attributes, text without tags, and every mistake of nesting."""

    def __init__(self, text: str):
        super().__init__()
        self.elements, self.open, self.mistakes, self.texts = [], [], [], []
        self.feed(text)
        self.close()
        self.mistakes += [f"{name} is not closed" for name in self.open]

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.mistakes.append(f"</{tag}> out of place")

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def all(self, tag: str) -> list[dict]:
        return [attributes for name, attributes in self.elements if name == tag]


def pages(run, step_inputs, **changes) -> dict[str, str]:
    write_reports(**step_inputs(run, formats=["html"], **changes))
    return {path.parent.name: path.read_text(encoding="utf-8") for path in sorted(run.glob("samples/*/report.html"))}


@pytest.fixture
def texts(run, step_inputs) -> dict[str, str]:
    return pages(run, step_inputs)


def test_well_formed_and_structured(texts):
    for name, text in texts.items():
        page = Page(text)
        assert page.mistakes == []
        assert page.all("html") == [{"lang": "en-GB"}]
        assert name in page.text and text.startswith("<!doctype html>")
        levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        assert len(page.all("caption")) == len(page.all("table")) > 0
        assert all("scope" in attributes for attributes in page.all("th"))
        ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
        assert len(ids) == len(set(ids))
        targets = [attributes["href"] for attributes in page.all("a")]
        assert all(target.startswith("#") and target[1:] in ids for target in targets)
        pictures = page.all("svg")
        assert all("aria-label" in a or a.get("aria-hidden") == "true" for a in pictures)


def test_nothing_is_loaded_or_run(texts):
    for text in texts.values():
        page = Page(text)
        assert not {"script", "link", "iframe", "object", "img", "form"} & {tag for tag, _ in page.elements}
        assert "http:" not in text and "https:" not in text and "url(" not in text
        assert not any(name.startswith("on") or name == "style" for _, a in page.elements for name in a)
        content = next(a["content"] for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
        style = re.search(r"<style>(.*?)</style>", text, re.DOTALL).group(1)
        assert content == policy(style)
        assert content.startswith("default-src 'none'") and "unsafe" not in content


def test_hostile_text_stays_text(make_run, step_inputs):
    call = {"gene": HOSTILE, "state": "called", "diplotype": HOSTILE, "phenotype": HOSTILE, "reason": HOSTILE}
    call["research_combinations"] = HOSTILE
    cells = dict.fromkeys(("position", "genotype", "allele_depths", "supports", "hides"), HOSTILE)
    evidence = [{"gene": HOSTILE, "kind": "variant", "depth": 1, **cells}]
    evidence.append({"gene": HOSTILE, "kind": "diplotype", "diplotype": HOSTILE, "phenotype": HOSTILE})
    run = make_run(calls=[call], evidence=evidence, quality={"BEN_02": {"status": "fail", "reasons": HOSTILE}})
    for text in pages(run, step_inputs).values():
        assert Page(text).mistakes == []
        assert "<script" not in text and "<img" not in text


def test_names_with_signs_and_letters_of_any_script(make_run, step_inputs):
    consents = {"Zoë+1@x=2": ("pharmacogenes",), "..a": ("scores",), "İ-ß": ("findings",)}
    texts = pages(make_run(consents=consents), step_inputs)
    assert set(texts) == set(consents)
    assert all(f"Sample {name}" in text for name, text in texts.items())
    assert r"Zo\eb \2b 1\40 x\3d 2" in texts["Zoë+1@x=2"]


def test_states_are_shown_as_words(texts):
    text = Page(texts["ANNA-01"]).text
    for words in ("Called", "Several possible", "Not assessable", "No call", "Research use", "Copy number not seen"):
        assert words in text
    assert "*1/*6 or *4/*9" in text and "All give the same phenotype." in text
    assert "They give different phenotypes." in text
    assert "Probability of each: *1/*6 0.96; *4/*9 0.04 (Korean, a source). They assume the allele frequencies" in text
    assert text.count("Probability of each") == 1
    assert "rs107 and 12 more" in text and "rs108" not in text
    assert "a percentile says where a score lies among others, not how likely a disease is" in text
    assert text.count("Confirm every finding by an accredited method before treatment changes.") == 2


def test_diplotype_of_unread_positions_is_only_shown_as_no_call(texts):
    row = re.search(r'<th scope="row">TPMT.*?(?=<th scope)', texts["ANNA-01"], re.DOTALL).group()
    main, detail = row.split('<tr class="detail">', 1)
    assert "*1/*1" not in main and "Normal Metabolizer" not in row and "2.0" not in main
    assert re.search(r'<p class="notcall"><b>Not a call\.</b>[^<]*\*1/\*1', detail)


def test_withheld_sections_say_so(texts):
    text = Page(texts["CLEO.03"]).text
    assert "This person did not agree to pharmacogenes. Nothing was computed." in text
    assert "Poor Metabolizer" not in text and "CYP2C19" not in text
    assert "This person did not agree to polygenic scores." in Page(texts["BEN_02"]).text


def test_failed_sample_has_a_banner_before_everything(make_run, step_inputs):
    run = make_run(
        quality={"BEN_02": {"status": "fail", "call_rate": 0.93, "reasons": "call_rate 0.9300 is below 0.95"}}
    )
    texts = pages(run, step_inputs)
    text = Page(texts["BEN_02"]).text
    warning = "This sample failed quality control: do not use the results below."
    assert text.index(warning) < text.index("What stands out")
    assert warning in text and "Call rate 0.9300 is below 0.95." in text
    assert text.count("The sample failed quality control: do not use") >= 2
    assert warning not in Page(texts["ANNA-01"]).text


def test_colours_reach_aa():
    """Contrast of text and ground, WCAG 2.2, 1.4.3: at least 4.5."""
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--([a-z-]+):(#[0-9a-f]{3,6})", style))
    grounds = {"found": "found-wash", "usual": "usual-wash", "open": "open-wash", "fail": "fail-wash"}
    pairs = [*grounds.items(), ("soft", "wash"), ("soft", "found-wash"), ("soft", "open-wash"), ("accent", "wash")]
    pairs += [(ink, "paper") for ink in ("ink", "soft", "accent", "found", "usual", "open", "fail")]
    for ink, ground in [*pairs, ("accent", "accent-wash"), ("ink", "accent-wash"), ("ink", "fail-wash")]:
        assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
