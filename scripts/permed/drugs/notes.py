"""What versions of a body's guidance disagree about, as a note on the rows it concerns."""

import re

from permed.drugs.cells import Domain, cells_of

_SIDE = re.compile(r"^(?P<body>CPIC|DPWG|FDA)/(?P<version>.+)$")
VERSION = "version"
OLDER = ("PharmCAT-2024-05", "pypgx-0.26", "PharmCAT-2025-11")


class Notes:
    """The disagreements between versions, by body and drug."""

    def __init__(self, conflicts: list[dict], domain: Domain) -> None:
        self.domain = domain
        self.by_drug: dict[tuple[str, str], list[tuple[dict[str, list[str]], str, str, str]]] = {}
        for row in conflicts:
            if row["kind"] != VERSION:
                continue
            cells = self._cells(row["condition"])
            for side in "ab":
                match = _SIDE.match(row[f"side_{side}"])
                said = " ".join(filter(None, [row[f"action_{side}"], row[f"value_{side}"].replace(";", ", ")]))
                key = match["body"], row["topic_or_drug"]
                self.by_drug.setdefault(key, []).append((cells, match["version"], row[f"action_{side}"], said))

    def _cells(self, condition: str) -> dict[str, list[str]]:
        parts = [part.partition("=") for part in condition.split(";")]
        return {gene: cells_of(gene, term, self.domain) for gene, _, term in parts}

    def of(self, row: dict, first: str, second: str) -> str:
        """What other versions say of a combination: ``other versions: PyPGx 0.26 alternative``; empty for nothing."""
        own = {gene: cell for gene, cell in ((row["gene1"], first), (row["gene2"], second)) if gene}
        told = []
        for cells, version, action, said in self.by_drug.get((row["body"], row["drug"]), []):
            concerns = all(own.get(gene) in listed for gene, listed in cells.items())
            same = action == row["action"] and (said == action or said.endswith(row["dose"].replace(";", ", ")))
            if concerns and not same and version in OLDER:
                told.append(f"{version} {said}")
        return f"other versions: {'; '.join(dict.fromkeys(told))}" if told else ""
