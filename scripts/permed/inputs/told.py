"""What told of which build a genotype file is, for the reports; and what follows where nothing did."""

from dataclasses import dataclass, field

from permed.errors import Fault
from permed.inputs.definition_places import Fit

LENGTHS, REFERENCE, POSITIONS, HEADER, OTHERS = "lengths", "reference", "positions", "header", "other files"


@dataclass
class Told:
    """What says that a file is of the run's build; where nothing is set it was not checked.

    ``lengths`` counts contigs whose length is that of the build or its reference; ``reference`` has how many REF
    alleles agree with the FASTA and how many do not (empty where genotypes were compared, which are not counted so;
    None where nothing was); ``positions`` is the fit to the pharmacogene definitions; ``words`` are those of the file
    itself; ``others`` is a file of the same people that was told. ``refused`` says that the file is of another build.
    """

    lengths: int = 0
    reference: tuple[int, ...] | None = None
    positions: Fit | None = None
    words: list[str] = field(default_factory=list)
    others: str | None = None
    refused: bool = False

    @property
    def by(self) -> list[str]:
        """The means that told, by name."""
        means = {
            LENGTHS: self.lengths,
            REFERENCE: self.reference is not None,
            POSITIONS: self.positions is not None,
            HEADER: self.words,
            OTHERS: self.others,
        }
        return [name for name, given in means.items() if given]

    def as_row(self) -> dict:
        """The means with what each saw, for checks/inputs.json."""
        seen = {
            LENGTHS: {"contigs": self.lengths},
            REFERENCE: dict(zip(("agree", "disagree"), self.reference or (), strict=False)),
            POSITIONS: self.positions.as_row() if self.positions else {},
            HEADER: {"words": self.words},
            OTHERS: {"file": self.others},
        }
        return {"checked": bool(self.by), "by": self.by, **{name: seen[name] for name in self.by}}


def share_among_people(looks: list) -> None:
    """Files of the very same people, one a contig, are of one build: what told it of one of them tells it of all."""
    told: dict[tuple[str, ...], str] = {}
    for looked in looks:
        if not looked.lift and not looked.told.refused and looked.told.by:
            told.setdefault(tuple(looked.samples), looked.path)
    for looked in looks:
        if not looked.told.by:
            looked.told.others = told.get(tuple(looked.samples))


def unchecked(looks: list) -> list:
    """The files of which nothing told the build."""
    return [looked for looked in looks if not (looked.faults or looked.told.refused or looked.told.by)]


def unchecked_notes(looks: list, build: str) -> list[str]:
    """A note on each file of which nothing told the build."""
    return [
        f"{looked.path}: nothing in the file tells of which build it is; that it is of {build} was not checked"
        for looked in unchecked(looks)
    ]


PARTLY_LOOKED_AT = (
    "cohort.absent_sites: reference is not used: an exome, a panel or an array looks at a part of the genome, and "
    "outside of it an absent site is not reference. Give that part as cohort.callable (a BED)"
)


def absent_sites_faults(looks: list, build: str, absent_sites: str, reference: str | None) -> list[Fault]:
    """The refusal to take absent sites for the reference of a build that nothing told.

    A file of another build would then be reference wherever a variant is looked for.
    """
    if absent_sites != "reference" or reference:
        return []
    fault = f"nothing in the file tells that it is of {build}, and absent_sites is reference"
    remedy = "Set genome.reference to the FASTA with which the file was made, or cohort.absent_sites to missing"
    return [Fault(fault, looked.path, remedy=remedy) for looked in unchecked(looks)]
