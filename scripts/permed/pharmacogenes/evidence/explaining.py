"""The rows of evidence that all people of one pattern of genotypes share."""

import numpy as np
import polars as pl

from permed.pharmacogenes import names
from permed.pharmacogenes.calling.answers import Answer
from permed.pharmacogenes.definitions import NO_STRAND, REF, Gene

TEMPLATE = {
    "kind": pl.String,
    "at": pl.Int32,
    "supports": pl.String,
    "hides": pl.String,
    "positions": pl.Int32,
    "diplotype": pl.String,
    "score": pl.Int32,
    "behind": pl.Int32,
    "activity_score": pl.String,
    "phenotype": pl.String,
}
VARIANT, UNDOCUMENTED, HALF_CALLED, ASSUMED = "variant", "undocumented", "half_called", "assumed"
NOWHERE = -1  # index of a row that is about no single position
_NO_PAIR = (None,) * 5


class Explainer:
    """Lays out the rows of one gene; ``assumed`` (positions,) are those without a record taken for reference."""

    def __init__(self, gene: Gene, assumed: np.ndarray | None) -> None:
        self.gene = gene
        self.assumed = np.zeros(len(gene.positions), bool) if assumed is None else assumed
        self.supported: dict[tuple, str] = {}

    def rows(self, answer: Answer) -> list[tuple]:
        """Rows of :data:`TEMPLATE`; ``at`` is the index of the position, :data:`NOWHERE` for rows that count some."""
        pattern, hides = answer.pattern, answer.hides
        changed, undocumented, half = (pattern.codes > REF).any(axis=1), pattern.undocumented, pattern.half_called
        found = []
        for at in np.flatnonzero(changed | undocumented | half).tolist():
            read = UNDOCUMENTED if undocumented[at] else HALF_CALLED if half[at] else VARIANT
            kind = ASSUMED if self.taken(at, pattern.codes[at]) else read
            said = names.THEN.join(hides.get(at, [])) or None
            found.append((kind, at, self.supports(at, pattern.codes[at]), said, None, *_NO_PAIR))
        silent = int(pattern.blank.sum())
        for at in np.flatnonzero(pattern.blank).tolist():
            if at in hides:
                silent -= 1
                found.append(("missing", at, None, names.THEN.join(hides[at]), None, *_NO_PAIR))
        plain = pattern.present & ~changed & ~undocumented & ~half
        counts = {
            "missing": silent,
            "reference": int((plain & ~self.assumed).sum()),
            ASSUMED: int((plain & self.assumed).sum()),
        }
        found += [(kind, NOWHERE, None, None, count, *_NO_PAIR) for kind, count in counts.items() if count]
        for one in answer.weighed:
            pair = (one.diplotype, one.score, one.behind, one.activity_score, one.phenotype)
            found.append((one.kind, NOWHERE if one.at is None else one.at, None, None, None, *pair))
        return found

    def taken(self, at: int, codes: np.ndarray) -> bool:
        """Whether the base is that of GRCh37's reference, taken without a record; a deletion that covers it is read."""
        position, there = self.gene.positions[at], self.gene.grch37[at]
        if not self.assumed[at] or there is None:
            return False
        reference = (position.ref, *position.alts).index(there.ref)
        return set(codes.tolist()) <= {reference, NO_STRAND}

    def supports(self, at: int, codes: np.ndarray) -> str | None:
        """Alleles whose definition gives one of these bases at the position, the reference allele among them."""
        known = tuple(sorted({code for code in codes.tolist() if code >= REF}))
        if (at, known) not in self.supported:
            bits = sum(1 << code for code in known)
            fit = self.gene.specified[:, at] & ((self.gene.bases[:, at] & bits) != 0)
            shown = [self.gene.alleles[i].shown for i in np.flatnonzero(fit)]
            self.supported[at, known] = names.THEN.join(names.distinct(shown))
        return self.supported[at, known] or None
