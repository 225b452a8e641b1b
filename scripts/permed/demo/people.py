"""Who is in the demo cohort: families, two people exchanged, a duplicate, a swapped sex, and what the sheet says."""

from dataclasses import dataclass, field

import polars as pl

from permed.samples import COLUMNS


@dataclass(frozen=True)
class Simulated:
    """A simulated person.

    ``sex`` is the true one (the sheet may say otherwise), ``father`` and ``mother`` are samples or None (a founder),
    ``duplicate_of`` names the sample that is the same person. ``presence`` is ``sheet`` (in the sample sheet and the
    genotypes), ``genotypes`` (genotypes without a line in the sheet, so without consent) or ``nowhere`` (a parent
    who gave no sample). ``family`` is the true one; the sheet says ``reported_family``, as if the samples of two people
    of different families had been exchanged where they differ. ``missing_rate`` and ``contamination`` are fractions of
    genotypes and of reads. ``diplotypes`` are the alleles a founder is given, by pharmacogene; other genes are drawn.
    """

    sample: str
    population: str
    sex: str
    father: str | None
    mother: str | None
    duplicate_of: str | None
    presence: str
    phased: bool
    missing_rate: float
    contamination: float
    family: str | None = None
    reported_family: str | None = None
    diplotypes: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_founder(self) -> bool:
        """Whether the person's genotypes are drawn from a population rather than passed on or copied."""
        return self.father is None and self.duplicate_of is None


def simulated_people(table: pl.DataFrame) -> list[Simulated]:
    """The people of ``resources/demo/people.tsv`` in its order; parents and originals of duplicates stand anywhere.

    A cell of the column diplotypes reads ``GENE allele/allele|GENE allele/allele``.
    """
    rows = table.select(list(Simulated.__dataclass_fields__)).to_dicts()
    for row in rows:
        row["phased"] = row["phased"] == "yes"
        row["missing_rate"] = float(row["missing_rate"])
        row["contamination"] = float(row["contamination"])
        given = [words.partition(" ") for words in (row["diplotypes"] or "").split("|") if words]
        row["diplotypes"] = {gene: tuple(pair.split("/")) for gene, _, pair in given}
    return [Simulated(**row) for row in rows]


def sample_sheet(table: pl.DataFrame) -> pl.DataFrame:
    """The demo's sample sheet: what its people report about themselves, which is not always true."""
    reported = {name: f"reported_{name}" for name in ("sex", "population", "family")}
    listed = table.filter(pl.col("presence") == "sheet")
    own = {name: reported.get(name, name) for name in COLUMNS}
    return listed.select(pl.col(of).alias(name) for name, of in own.items() if of in listed.columns)


def true_relations(people: list[Simulated]) -> list[tuple[str, str, str, float]]:
    """Related pairs with genotypes as (sample1, sample2, relation, kinship), samples and pairs sorted by name."""
    present = [p for p in people if p.presence != "nowhere"]
    pairs = []
    for n, one in enumerate(present):
        for other in present[n + 1 :]:
            first, second = sorted([one, other], key=lambda p: p.sample)
            if one.sample == other.duplicate_of or other.sample == one.duplicate_of:
                pairs.append((first.sample, second.sample, "duplicate", 0.5))
            elif one.sample in (other.father, other.mother) or other.sample in (one.father, one.mother):
                pairs.append((first.sample, second.sample, "parent-offspring", 0.25))
            elif one.father and (one.father, one.mother) == (other.father, other.mother):
                pairs.append((first.sample, second.sample, "full-siblings", 0.25))
    return sorted(pairs)
