"""What the terminal shows of a step: a line of our own, whose wildcards the rule has."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
RULE = re.compile(r"^rule (\w+):\n((?:    .*\n|\n)+)", re.MULTILINE)
RULES = {name: body for path in sorted((ROOT / "rules").glob("*.smk")) for name, body in RULE.findall(path.read_text())}


def test_every_rule_is_looked_at():
    assert len(RULES) >= 40


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_rule_says_what_it_does_with_wildcards_that_it_has(name):
    message = re.search(r"^    message:\n        (.+)$", RULES[name], re.MULTILINE)
    assert message, "no message"
    outputs = re.search(r"^    output:\n((?:        .*\n)+)", RULES[name], re.MULTILINE)[1]
    for wildcard in re.findall(r"\{wildcards\.(\w+)\}", message[1]):
        assert f"{{{wildcard}}}" in outputs


@pytest.mark.parametrize("name", sorted(RULES))
def test_no_pattern_with_a_sample_is_taken_for_a_wildcard(name):
    """CALLABLE and ALIGNMENTS may hold ``{sample}``: a parameter with them has to be a function."""
    params = re.search(r"^    params:\n((?:        .*\n)+)", RULES[name], re.MULTILINE)
    for line in params[1].splitlines() if params else []:
        if re.search(r"\b(CALLABLE|ALIGNMENTS)\b(?! else)", line):
            assert "lambda wildcards:" in line
