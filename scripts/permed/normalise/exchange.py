"""Exchange REF with an alternate in the genotypes of a record, as when the reference has another base."""

import itertools

DOSES = ("DS", "HDS")  # dosages of the alternate, a person's or a chromosome's


def exchange(record, codes: tuple[int, ...], numbers: dict[str, str]) -> None:
    """Rewrite a pysam record's FORMAT fields after its alleles are set; ``codes`` is each old allele's new index.

    ``numbers`` is each field's Number in the header. Genotypes keep their phase; per-allele values (R), likelihoods of
    genotypes (G) and dosages follow; a field that cannot be turned is left out.
    """
    fields = [name for name in record.format if name != "GT"]
    # A record without an alternate that becomes one has no values for the new REF.
    two = len(codes) == len(record.alleles) == 2
    turned = {name: _turned(record, name, numbers.get(name, "."), codes, two) for name in fields}
    for call in record.samples.values():
        phased, old = call.phased, call.allele_indices
        new = [None if code is None else codes[code] for code in old or ()]
        if not phased and None not in new:
            new.sort()
        call.allele_indices = tuple(new)
        call.phased = phased
    for name, values in turned.items():
        if values is None:
            del record.format[name]
        elif values:
            for call, value in zip(record.samples.values(), values, strict=True):
                call[name] = value


def _turned(record, name: str, number: str, codes: tuple[int, ...], two: bool) -> list | None:
    """New values of a field by sample; empty where it stays as it is, None where it cannot be turned."""
    calls = list(record.samples.values())
    if name in DOSES:
        copies = [1 if name == "HDS" else len(call.allele_indices or (0, 0)) for call in calls]
        return [_dose(call[name], most) for call, most in zip(calls, copies, strict=True)] if two else None
    if name == "GP" and two:
        return [call[name][::-1] if isinstance(call[name], tuple) else call[name] for call in calls]
    if number not in ("A", "R", "G"):
        return []
    if number == "A" or len(codes) != len(record.alleles):
        return None
    order = list(codes)
    if number == "G":
        pairs = [(a, b) for b, a in itertools.product(range(len(codes)), repeat=2) if a <= b]
        order = [pairs.index(tuple(sorted((codes[a], codes[b])))) for a, b in pairs]
    # Exchanging is its own inverse, so that the codes lead from new to old as well.
    given = [call[name] for call in calls]
    given = [None if value is None or set(value) == {None} else value for value in given]
    if any(value is not None and len(value) != len(order) for value in given):
        return None  # likelihoods of one chromosome
    nothing = (None,) * len(order)
    return [nothing if value is None else tuple(value[old] for old in order) for value in given]


def _dose(value, most: int):
    if isinstance(value, tuple):
        return tuple(None if one is None else most - one for one in value)
    return None if value is None else most - value
