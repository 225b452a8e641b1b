"""From an entry of the sheet to its readings."""

from dataclasses import replace

from permed.drugs.medicines import entry as e
from permed.drugs.medicines import judging
from permed.drugs.medicines.clauses import HARD, Clause, clauses_of
from permed.drugs.medicines.entry import Medicine
from permed.drugs.medicines.folding import fold
from permed.drugs.medicines.names import ABBREVIATED, SAID_BY_NAME, Meaning, MedicineNames
from permed.drugs.medicines.scanning import Item, scan
from permed.drugs.medicines.sounds import in_latin
from permed.drugs.medicines.spelling import propose
from permed.drugs.medicines.tokens import plain, spaced
from permed.drugs.medicines.words import FILLER, GROUP, INSTEAD, NO_ANSWER, NOTHING, SALT, STATUS

NOT_UNDERSTOOD = 'what does "{words}" mean here?'
NOT_A_NAME = 'which medicine is "{words}"?'
SPELLED = 'is "{given}" {name}?'
SPELLED_LIKE = 'is "{given}" one of {names}?'
ABBREVIATION = '"{given}" is read as {names}: is it?'
SEVERAL = '"{given}" can be {meanings}: which is it?'
WHOSE = "are these words also about {names}?"
GROUP_ONLY = "which medicine is it? The entry names a group"
COMBINED = '"{given}" is read as {names}: does it have a second ingredient?'
ACTS_FOR = "{name} acts for {time} after the last dose"
MEANINGS_TOLD = 4
ONE_EACH = ("brand", "brand_or_synonym")  # kinds of names of lists that may leave out further ingredients


def read_entry(given: str, names: MedicineNames) -> tuple[Medicine, ...]:
    """Every reading of an entry: one for each clause that names a medicine, or that nobody understands.

    Names are matched letter by letter after folding, the longest first; only where a clause has no name are spellings
    within one edit proposed, and Cyrillic and Greek read by their sound, and marked. An entry that says that nothing is
    taken, or that answers nothing, is one reading without ingredients.
    """
    clauses = [_with_proposal(clause, names) for clause in clauses_of(scan(plain(given), names))]
    if not any(clause.names for clause, _ in clauses):
        asked = tuple(question for _, questions in clauses for question in questions)
        return (_without_names(given, [item for clause, _ in clauses for item in clause.items], asked),)
    made = [_read(given, clause, asked, names) for clause, asked in clauses]
    return tuple(_with_shared_words(made, [clause for clause, _ in clauses]))


def together(readings: tuple[Medicine, ...]) -> Medicine:
    """Readings of one entry as one, where they agree on status and route; else what is not agreed on is unclear."""
    first, *others = readings or (Medicine(""),)
    if not others:
        return first
    joined: dict[str, tuple] = {
        name: tuple(dict.fromkeys(value for one in readings for value in getattr(one, name)))
        for name in ("products", "ingredients", "possible", "local", "perhaps_local", "questions")
    }
    known = [one for one in readings if one.known] or list(readings)
    status, route = ({getattr(one, name) for one in known} for name in ("status", "route"))
    sure = max((one.sure for one in readings), key=(e.SURE, e.MARKED, e.ASKED).index)
    return replace(
        first,
        **joined,
        unread=" ".join(filter(None, (one.unread for one in readings))),
        ambiguous=any(one.ambiguous for one in readings),
        status=status.pop() if len(status) == 1 else e.UNCLEAR,
        route=route.pop() if len(route) == 1 else None,
        sure=sure,
    )


def _without_names(given: str, items: list[Item], asked: tuple[str, ...]) -> Medicine:
    words = [item.word for item in items if item.word is not None]
    unknown = [item for item in items if item.unread]
    if any(word.kind == NO_ANSWER for word in words) or not items:
        return Medicine(given, status=e.NO_ANSWER, sure=e.ASKED, questions=(NOT_A_NAME.format(words=given),))
    if words and not unknown and all(_denies(word) for word in words):
        return Medicine(given, status=e.NOTHING)
    group = any(word.kind == GROUP for word in words) and not unknown
    question = asked or (GROUP_ONLY if group else NOT_A_NAME.format(words=given),)
    return Medicine(given, unread=given, status=e.UNCLEAR, sure=e.ASKED, questions=question)


def _denies(word) -> bool:
    return word.kind in (NOTHING, FILLER) or (word.kind == STATUS and word.meaning in (e.DENIED, e.ALLERGY))


def _with_proposal(clause: Clause, names: MedicineNames) -> tuple[Clause, tuple[str, ...]]:
    """A clause without a name with the one name within one edit of a word of it, and the question that goes with it."""
    if clause.names or not clause.unread:
        return clause, ()
    proposals = {}
    for n, item in enumerate(clause.items):
        if item.unread and (near := _near(fold(item.text), names)):
            proposals[n] = near
    if not proposals and len(clause.unread) == len(clause.items) > 1:  # a name of several words
        whole = " ".join(item.text for item in clause.items)
        if near := _near(fold(whole), names):
            clause, proposals = Clause(clause.separator, [Item(whole)]), {0: near}
    if len(proposals) != 1:
        return clause, ()
    ((n, near),) = proposals.items()
    item = clause.items[n]
    told = {meaning.ingredients: meaning for meanings in near.values() for meaning in meanings}
    if len(told) > 1:
        return clause, (SPELLED_LIKE.format(given=item.text, names=", ".join(near)),)
    (meaning,) = told.values()
    items = [*clause.items]
    items[n] = Item(
        item.text, (Meaning(meaning.products, meaning.ingredients, "brand", meaning.routes),), inside=item.inside
    )
    name = " or ".join(near)
    return Clause(clause.separator, items), (SPELLED.format(given=item.text, name=name),)


def _near(word: str, names: MedicineNames) -> dict[str, tuple[Meaning, ...]]:
    """Names that a word may be: as it sounds in Latin letters, else within one edit of it."""
    latin = in_latin(word)
    if latin is not None:
        if found := names.find(latin):
            return {latin: found}
        word = latin
    return propose(word, names.letters.get(word[:1], ""), lambda key: names.find(key) or None)


def _read(given: str, clause: Clause, asked: tuple[str, ...], names: MedicineNames) -> Medicine:
    """The reading of one clause."""
    said = _without_salts(clause.names)
    own = _unread(clause, bool(said))
    unread = spaced(item.text for item in own)
    if not said:
        question = asked or (NOT_A_NAME.format(words=unread or given),)
        return Medicine(given, unread=unread or given, status=e.UNCLEAR, sure=e.ASKED, questions=question)
    said = [_with_shorter(item, names) for item in said]
    certain, possible, products = _contents(said)
    products = tuple(dict.fromkeys((*products, *(i for i in certain if possible and i in names.ingredients))))
    status = judging.status_of(clause, names.year)
    route = judging.route_of(clause, [m for item in said for m in item.meanings], names, certain)
    local, perhaps = judging.reach(route.value, (*certain, *possible), names)
    questions = [*asked, *(_several(item) for item in said if len(item.meanings) > 1), *_abbreviations(said)]
    questions += _perhaps_combined(said, names)
    if route.value is None and route.questions:
        perhaps = (*certain, *possible)
    sure = e.MARKED if questions or route.sure == e.MARKED else e.SURE
    if unread:
        questions.append(NOT_UNDERSTOOD.format(words=unread))
        sure = e.MARKED if status.value in e.COUNTED else e.ASKED
    if not certain or status.sure == e.ASKED:
        sure = e.ASKED
    questions += [*status.questions, *route.questions]
    if status.may_still_act:
        questions += [ACTS_FOR.format(name=i, time=names.acts_on[i]) for i in certain if i in names.acts_on]
    if perhaps and route.value and status.value in e.COUNTED:
        questions.append(judging.REACHES.format(names=" and ".join(perhaps), route=route.value))
    return Medicine(
        given,
        products,
        certain,
        unread,
        ambiguous=bool(possible) or not certain,
        possible=possible,
        status=status.value if sure != e.ASKED or not unread else e.UNCLEAR,
        route=route.value,
        local=local,
        perhaps_local=perhaps,
        sure=sure,
        questions=tuple(questions),
        may_still_act=status.may_still_act,
    )


def _unread(clause: Clause, named: bool) -> list[Item]:
    """Items that nothing explains; beside a name also a group outside brackets, which may be a second medicine."""
    return [
        item
        for item in clause.items
        if item.unread or (named and item.word is not None and item.word.kind == GROUP and not item.inside)
    ]


def _without_salts(said: list[Item]) -> list[Item]:
    """Names without those that are the salt of another: ``sodium`` beside ``valproate``."""
    others = [item for item in said if not (item.word is not None and item.word.kind == SALT)]
    return others or said


def _with_shorter(item: Item, names: MedicineNames) -> Item:
    """A product with the meanings of its shorter name too, where these share nothing: ``X AF`` beside ``X``."""
    if len(item.meanings) != 1 or item.meanings[0].kind not in ONE_EACH or " " not in item.text:
        return item
    shorter = [m for m in names.look_up(item.text.rpartition(" ")[0]) if m.kind != "abbreviation"]
    own = set(item.meanings[0].ingredients)
    apart = tuple(meaning for meaning in shorter if not own & set(meaning.ingredients))
    return replace(item, meanings=(*item.meanings, *apart))


def _contents(said: list[Item]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Ingredients that every meaning of the names has, those that some have, and products."""
    certain: dict[str, None] = {}
    possible: dict[str, None] = {}
    products: dict[str, None] = {}
    for item in said:
        sets = [set(meaning.ingredients) for meaning in item.meanings]
        for meaning in item.meanings:
            shared = dict.fromkeys(i for i in meaning.ingredients if all(i in own for own in sets))
            certain |= shared
            possible |= dict.fromkeys(i for i in meaning.ingredients if i not in shared)
            if len(sets) == 1 or len({frozenset(own) for own in sets}) == 1:
                products |= dict.fromkeys(meaning.products)
    return tuple(certain), tuple(i for i in possible if i not in certain), tuple(products)


def _several(item: Item) -> str:
    meanings = list(dict.fromkeys(" with ".join(meaning.ingredients) for meaning in item.meanings))
    told = meanings[:MEANINGS_TOLD] + (["others"] if len(meanings) > MEANINGS_TOLD else [])
    return SEVERAL.format(given=item.text, meanings=" or ".join(told))


def _perhaps_combined(said: list[Item], names: MedicineNames) -> list[str]:
    """A question for a product of a list of single ingredients whose name tells of a combination, as ``X Plus``."""
    asked = []
    for item in said:
        alone = all(len(m.ingredients) == 1 and m.kind in ONE_EACH for m in item.meanings)
        if alone and len(item.text.split()) > 1 and names.words.combined & set(fold(item.text).split()):
            asked.append(COMBINED.format(given=item.text, names=item.meanings[0].ingredients[0]))
    return asked


def _abbreviations(said: list[Item]) -> list[str]:
    """A question for each name that is an abbreviation, or as short as one and no generic or brand name."""
    asked = []
    for item in said:
        kinds = {meaning.kind for meaning in item.meanings}
        short = len(fold(item.text)) <= ABBREVIATED and item.text.isascii() and not kinds & set(SAID_BY_NAME)
        if len(item.meanings) == 1 and (short or kinds == {"abbreviation"}):
            asked.append(ABBREVIATION.format(given=item.text, names=" with ".join(item.meanings[0].ingredients)))
    return asked


def _with_shared_words(made: list[Medicine], clauses: list[Clause]) -> list[Medicine]:
    """Readings where a state that is not in brackets may also be about a neighbour that says nothing of itself.

    ``no clopidogrel or aspirin`` may deny one or both, and in ``a, b stopped`` one or both may be stopped: the one that
    says nothing is asked.
    """
    made = list(made)
    for step in (1, -1):  # what is said before a name reaches onwards, what is said after it backwards
        order = range(len(made)) if step == 1 else range(len(made) - 1, -1, -1)
        reaching = False
        for n in order:
            reading, clause = made[n], clauses[n]
            if judging.own_words(clause) or not reading.known:
                reaching = clause.says((STATUS, INSTEAD), step == 1) and reading.status not in e.COUNTED
            elif reaching and reading.status == e.TAKEN:
                question = WHOSE.format(names=" and ".join(reading.ingredients) or reading.given)
                made[n] = replace(reading, status=e.UNCLEAR, sure=e.ASKED, questions=(*reading.questions, question))
            parted = clause.separator if step == -1 else clauses[n + 1].separator if n + 1 < len(clauses) else None
            reaching = reaching and parted not in (*HARD, INSTEAD)
    return made
