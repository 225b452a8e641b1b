"""The text of a configuration file: keys that are there twice, of which the YAML reader keeps the last in silence."""

from collections.abc import Iterable
from pathlib import Path

import yaml

from permed.errors import Fault

_MERGE = "tag:yaml.org,2002:merge"


def duplicate_keys(path: Path) -> list[Fault]:
    """A fault for each key that a mapping of a configuration file (YAML or JSON) has more than once.

    Empty for a file that cannot be read: who loads it says why.
    """
    try:
        root = yaml.compose(Path(path).read_text(encoding="utf-8-sig"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return []
    return [
        Fault(
            f"the key {key} is also on line {first}, and only one of the two would count",
            path,
            line=line,
            remedy="Put what belongs to it under one of them and take the other out",
        )
        for key, first, line in _twice(root, "", set())
    ]


def _twice(node: yaml.Node | None, above: str, seen: set[int]) -> Iterable[tuple[str, int, int]]:
    """The keys that a mapping has again: with those above them, the first line and the later one (1-based)."""
    if id(node) in seen:  # an alias of what was looked at
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for number, entry in enumerate(node.value):
            yield from _twice(entry, f"{above}{number}.", seen)
    if not isinstance(node, yaml.MappingNode):
        return
    lines: dict[tuple[str, str], int] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.tag == _MERGE:
            continue
        name, line = (key.tag, key.value), key.start_mark.line + 1
        if name in lines:
            yield f"{above}{key.value}", lines[name], line
        lines.setdefault(name, line)
        yield from _twice(value, f"{above}{key.value}.", seen)
