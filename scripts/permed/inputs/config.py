"""The user's configuration: checked against the schema, completed with the schema's defaults."""

import copy
import re
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

from permed.errors import Fault
from permed.inputs.config_paths import take_paths


def read_schema(path: Path) -> dict:
    """Read the schema of the configuration (YAML)."""
    return yaml.safe_load(Path(path).read_text(encoding="utf-8"))


def complete_config(config: dict, schema: dict, file: str = "config") -> tuple[dict, list[Fault]]:
    """The configuration with every default filled in, and all that is wrong with what the user wrote.

    Where a value is wrong its default stands in, so that the rest can still be checked; a run with faults stops
    before computing. ``file`` names the configuration in messages.
    """
    empty = [name for name, rule in schema["properties"].items() if "default" in rule and config.get(name, "") is None]
    config = {name: value for name, value in config.items() if name not in empty}  # a heading with nothing under it
    faults = [_fault(error, file) for error in _leaves(Draft202012Validator(schema).iter_errors(config))]
    config, shell = take_paths(config, file)
    faults += shell
    completed = _complete(config, schema)
    faults += [
        Fault(f"{key} is not available in this version", file, remedy="Remove the key")
        for key, given, rule in _walk(completed, schema)
        if rule.get("x-available") is False and given != rule.get("default")
    ]
    if "fhir" in completed["reports"]["formats"]:
        faults.append(Fault("reports.formats: fhir is not available in this version", file, remedy="Use html, json"))
    return completed, faults


def defaults(schema: dict) -> dict:
    """What holds when nothing is written; required values are None."""
    return _complete({}, schema)


def describe(schema: dict) -> list[tuple[str, str, str]]:
    """Rows (key, default, meaning) of the reference table, in the schema's order."""
    rows = []
    for key, _, rule in _walk(defaults(schema), schema, parents=True):
        if "description" not in rule:  # explained by the key above it
            continue
        if "properties" in rule:
            rows.append((key, "", " ".join(rule["description"].split())))
        else:
            default = rule.get("default", "required")
            shown = "`null`" if default is None else f"`{_flow(default)}`" if default != "required" else "required"
            rows.append((key, shown, " ".join(rule["description"].split())))
    return rows


def _flow(value) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, width=10_000).strip()
    return text.removesuffix("\n...").removesuffix("...").strip()


def _complete(given, rule: dict):
    if "properties" not in rule:
        valid = Draft202012Validator(rule).is_valid(given)
        if valid and (entry := _entry(rule)):
            return {name: _complete_entry(value, entry) for name, value in given.items()}
        return copy.deepcopy(given if valid else rule.get("default"))
    given = given if isinstance(given, dict) else {}
    return {name: _complete(given.get(name, below.get("default")), below) for name, below in rule["properties"].items()}


def _complete_entry(given: dict, rule: dict) -> dict:
    """One entry of a key under which users choose names: only keys that say so have a default there."""
    below = rule["properties"]
    return {
        name: _complete(given.get(name, own.get("default")), own)
        for name, own in below.items()
        if name in given or "default" in own
    }


def _entry(rule: dict) -> dict | None:
    """The rule of the entries of a key under which users choose names; None of any other key."""
    entry = rule.get("additionalProperties")
    return entry if isinstance(entry, dict) and "properties" in entry else None


def _walk(completed: dict, rule: dict, above: str = "", parents: bool = False):
    for name, below in rule["properties"].items():
        key = f"{above}{name}"
        if "properties" in below:
            if parents:
                yield key, completed[name], below
            yield from _walk(completed[name], below, f"{key}.", parents)
        else:
            yield key, completed[name], below
            if parents and (entry := _entry(below)):
                yield from _walk(_complete({}, entry), entry, f"{key}.{{name}}.", parents)


def _leaves(errors):
    """Errors with the most telling branch of a ``oneOf`` left as one error."""
    return sorted(errors, key=lambda e: [str(part) for part in e.absolute_path])


def _fault(error, file: str) -> Fault:
    key = ".".join(str(part) for part in error.absolute_path)
    if error.validator == "additionalProperties":
        unknown = re.findall(r"'([^']+)'", error.message.split("(")[-1])
        known = ", ".join(error.schema["properties"])
        named = ", ".join(f"{key}.{name}" if key else name for name in unknown)
        plural = "keys are" if len(unknown) > 1 else "key is"
        return Fault(f"the {plural} not known: {named}", file, remedy=f"Known here: {known}")
    if error.validator == "required":
        missing = error.message.split("'")[1]
        return Fault(f"{f'{key}.' if key else ''}{missing} is missing", file, remedy="Write it; see config/README.md")
    if error.validator == "enum":
        return Fault(f"{key}: {error.instance!r} is not one of {', '.join(map(str, error.validator_value))}", file)
    if error.validator == "oneOf" and all("required" in branch for branch in error.validator_value):
        *names, last = (branch["required"][0] for branch in error.validator_value)
        return Fault(f"{key} needs {', '.join(names)} or {last}, one of them", file, remedy="See config/README.md")
    if error.validator == "oneOf":
        return Fault(
            f"{key}: {error.instance!r} does not fit", file, remedy=" ".join(error.schema["description"].split())
        )
    return Fault(f"{key}: {error.message}", file, remedy="See config/README.md")
