"""What is said of a sample that the genotypes put into another place of the sheet."""

from permed.quality.kinship.exchanges import Exchange
from permed.quality.kinship.places import EMPTY, Costs
from permed.quality.kinship.relations import is_close, is_related

NAMED = 12  # samples of an exchange that a reason names
STEP = "Have the laboratory trace these tubes from sample to file, and one of them typed again"


class Told:
    """Who is exchanged with whom, by name."""

    def __init__(self, costs: Costs, exchanges: list[Exchange]) -> None:
        self._costs, self._places, self._relations = costs, costs.places, costs.relations
        self._number = {name: n for n, name in enumerate(self._places.names)}
        self._of = {sample: exchange for exchange in exchanges for sample in (*exchange.fits, *exchange.swept)}
        sure = {sample: exchange for sample, exchange in self._of.items() if exchange.sure}
        self._groups = {self._places.group[sample]: exchange for sample, exchange in sure.items()}

    def __contains__(self, name: str) -> bool:
        return self._number[name] in self._of

    def is_sure(self, name: str) -> bool:
        """Whether somebody is exchanged beyond doubt."""
        return name in self and self._of[self._number[name]].sure

    def fits(self, name: str) -> list[str]:
        """The names of the places where the sample of somebody who is exchanged beyond doubt belongs."""
        sample = self._number[name]
        return [self._places.names[n] for n in self._of[sample].fits.get(sample, ())]

    def is_explained(self, name: str) -> bool:
        """Whether somebody who stays is at home once the exchanges in the family are undone."""
        place = self._number[name]
        exchange = self._groups.get(self._places.group[place])
        if exchange is None or place in self._of:
            return False
        members = self._places.members[self._places.group[place]]
        tenants = tuple(exchange.tenants[member] for member in members)
        return not self._costs.of_place(members, members.index(place), tenants)

    def reason(self, name: str) -> str:
        """Where somebody's genotypes fit, with whom they are exchanged, and what to do."""
        sample = self._number[name]
        exchange = self._of[sample]
        names, all_ = self._places.names, list(exchange.fits)
        if sample in exchange.swept:
            words = f"{len(all_)} samples of {name}'s family and others are exchanged, most of them"
            return f"may be exchanged: {words}, so that none of the batch can be relied on. {STEP}"
        fits = exchange.fits[sample]
        partner = fits[0] if len(fits) == 1 else None
        looks = "looks exchanged" if exchange.sure else "may be exchanged"
        if partner is not None and exchange.fits.get(partner) == [sample]:
            return f"{looks} with {names[partner]}: {self._pair(sample, partner, exchange)}. {STEP}"
        where = " or ".join(self._place(sample, place, exchange) for place in fits)
        fate = f"its genotypes fit {where}" if where else "its genotypes fit nobody of the sheet"
        own = exchange.tenants[sample]
        theirs = f"{names[sample]}'s own are likeliest under the name {names[own]}"
        if own == EMPTY:
            theirs = f"{names[sample]}'s own are in no file of the run"
        theirs = f", and {theirs}" if own != sample else ""
        listed = ", ".join(names[n] for n in all_[:NAMED]) + (f" and {len(all_) - NAMED} more" * (len(all_) > NAMED))
        return f"{looks} among {len(all_)} samples ({listed}): {fate}{theirs}. {STEP}"

    def _pair(self, one: int, other: int, exchange: Exchange) -> str:
        names = self._places.names
        if self._places.group[one] == self._places.group[other]:
            place, theirs = (self._place(n, into, exchange) for n, into in ((one, other), (other, one)))
            return f"{names[one]} fits {place}, {names[other]} {theirs}"
        words = [f"{names[n]} fits {self._family(n, into, exchange)}" for n, into in ((one, other), (other, one))]
        if self._is_stranger(one) and self._is_stranger(other):
            words.append("and neither is related to anybody in the family that the sheet gives")
        return ", ".join(words)

    def _family(self, sample: int, place: int, exchange: Exchange) -> str:
        group = self._places.group[place]
        family = self._places.family[place]
        kin = self._kin(sample, group, exchange)
        return f"family {family} ({kin})" if family and kin else f"the place of {self._places.names[place]}"

    def _place(self, sample: int, place: int, exchange: Exchange) -> str:
        kin = self._kin(sample, self._places.group[place], exchange)
        return f"the place of {self._places.names[place]}" + (f" ({kin})" if kin else "")

    def _kin(self, sample: int, group: int, exchange: Exchange) -> str:
        """How somebody is related to the first close relative who belongs to a family."""
        tenants = [exchange.tenants[m] for m in self._places.members[group]]
        for tenant in sorted(t for t in tenants if t not in (EMPTY, sample)):
            if is_close(self._relations(sample, tenant)):
                return f"{self._relations(sample, tenant)} with {self._places.names[tenant]}"
        return ""

    def _is_stranger(self, sample: int) -> bool:
        others = [m for m in self._places.members[self._places.group[sample]] if m != sample]
        return not any(is_related(self._relations(sample, other)) for other in others)
