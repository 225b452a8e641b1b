"""What people write around a medicine's name: state, route, form, spelling, script, and what has to be asked."""

import pytest

from permed.drugs.medicines import allergies, in_doubt, taken, unread


@pytest.mark.parametrize(
    ("entry", "status", "ingredients"),
    [
        ("sertraline", "taken", {"sertraline"}),
        ("tramadol prn", "as needed", {"tramadol"}),
        ("Naproxen b.B.", "as needed", {"naproxen"}),
        ("to start siponimod next month", "planned", {"siponimod"}),
        ("phenytoin (stopped 2011)", "stopped", {"phenytoin"}),
        ("oméprazole arrêté 2015", "stopped", {"omeprazole"}),
        ("Citalopram bis 2020", "stopped", {"citalopram"}),
        ("previously on voriconazole", "past", {"voriconazole"}),
        ("metoprolol on hold", "paused", {"metoprolol"}),
        ("not taking warfarin", "denied", {"warfarin"}),
        ("no aspirin", "denied", {"aspirin"}),
        ("nimmt kein Clopidogrel", "denied", {"clopidogrel"}),
        ("codeine: allergic (hives)", "allergy", {"codeine"}),
        ("Abacavir-Unverträglichkeit", "allergy", {"abacavir"}),
        ("alérgico a carbamazepina", "allergy", {"carbamazepine"}),
    ],
)
def test_the_words_around_a_name_say_whether_it_is_taken(names, entry, status, ingredients):
    (medicine,) = names.read(entry)
    assert (medicine.status, set(medicine.ingredients), medicine.unread) == (status, ingredients, "")
    counted = status in ("taken", "as needed", "planned")
    assert set(taken([medicine])) == (ingredients if counted else set())


def test_a_stop_without_a_date_or_of_late_is_asked_and_one_long_ago_is_not(names):
    asked = names.read("fluoxetine (stopped)")[0]
    assert "fluoxetine" in in_doubt([asked]) and any("when" in question for question in asked.questions)
    assert "fluoxetine" in in_doubt(names.read("fluoxetine stopped 2025"))
    assert "fluoxetine" in in_doubt(names.read("fluoxetine stopped 3 weeks ago"))
    assert any("5 weeks" in question for question in asked.questions)
    assert "fluoxetine" in in_doubt(names.read("fluoxetine stopped 1 year ago"))
    for years in ("stopped 10 years ago", "vor 5 Jahren abgesetzt", "arrêté il y a 4 ans", "suspendido hace 3 años"):
        assert not in_doubt(names.read(f"fluoxetine {years}")) and not taken(names.read(f"fluoxetine {years}")), years
    for long_ago in ("fluoxetine stopped 2019", "fluoxetine (stopped 03/2020)", "fluoxetine until 12.4.2018"):
        assert not in_doubt(names.read(long_ago)) and not taken(names.read(long_ago)), long_ago


def test_a_year_is_a_strength_where_nothing_speaks_of_time(names):
    (medicine,) = names.read("metformin 2000")
    assert (medicine.status, medicine.unread) == ("taken", "")


def test_without_a_year_of_reading_no_stop_is_long_ago(drug_tables):
    from permed.drugs.medicines import MedicineNames

    assert "fluoxetine" in in_doubt(MedicineNames.load(drug_tables).read("fluoxetine stopped 1999"))


@pytest.mark.parametrize(
    "entry",
    ["never stopped warfarin", "no allergy to warfarin", "warfarin stopped, restart planned", "warfarin unknown"],
)
def test_states_that_contradict_each_other_are_asked(names, entry):
    medicines = names.read(entry)
    assert not taken(medicines) and "warfarin" in in_doubt(medicines)


def test_an_allergy_is_kept(names):
    medicines = names.resolve_all("allergy: phenytoin; lamotrigine 100")
    assert allergies(medicines) == {"phenytoin": "allergy: phenytoin"}
    assert set(taken(medicines)) == {"lamotrigine"}


@pytest.mark.parametrize(
    ("entry", "of"),
    [
        ("warfarin (stopped 2012), edoxaban 30", {"warfarin": "stopped", "edoxaban": "taken"}),
        ("clopidogrel instead of aspirin", {"clopidogrel": "taken", "aspirin": "denied"}),
        ("phenytoin allergy, now lamotrigine 100 mg", {"phenytoin": "allergy", "lamotrigine": "taken"}),
        ("clopidogrel not aspirin", {"clopidogrel": "taken", "aspirin": "denied"}),
        ("no clopidogrel or aspirin", {"clopidogrel": "denied", "aspirin": "unclear"}),
        ("allopurinol, azathioprine stopped 2010", {"allopurinol": "unclear", "azathioprine": "stopped"}),
        ("fluvoxamine\nstopped: paroxetine 2009", {"fluvoxamine": "taken", "paroxetine": "stopped"}),
    ],
)
def test_each_medicine_of_an_entry_has_its_own_state(names, entry, of):
    assert {m.ingredients[0]: m.status for m in names.read(entry)} == of


@pytest.mark.parametrize(
    ("entry", "route"),
    [
        ("voriconazole 200 mg tablets", "oral"),
        ("ketorolac eye drops", "ophthalmic"),
        ("Gel ibuprofène", "topical"),
        ("clotrimazole pessary", "vaginal"),
        ("Diclofenac Zäpfchen", "rectal"),
        ("fentanyl patch 25", "transdermal"),
        ("methotrexate s.c. weekly", "injected"),
        ("salbutamol inhaler", "inhaled"),
    ],
)
def test_the_route_is_as_the_words_say(names, entry, route):
    assert [m.route for m in names.read(entry)] == [route]


def test_what_is_given_at_one_place_is_not_taken(names):
    cream = names.read("terbinafine cream")
    assert not taken(cream) and "terbinafine" in in_doubt(cream), "no source says: asked"
    assert not in_doubt(names.read("tacrolimus ointment")) and not taken(names.read("tacrolimus ointment"))
    assert "timolol" in taken(names.read("timolol eye drops")), "reaches the body by its source"
    assert "fentanyl" in taken(names.read("fentanyl patch"))


def test_a_product_sold_for_one_place_is_marked_as_such(names):
    (carac,) = names.read("Carac")
    assert (carac.route, carac.sure) == ("topical", "marked")
    assert names.read("fluorouracil")[0].route == "injected"


@pytest.mark.parametrize(
    ("entry", "ingredients"),
    [
        ("Teysuno", {"tegafur", "gimeracil", "oxonic acid"}),
        ("Vytorin 10/40", {"ezetimibe", "simvastatin"}),
        ("co-codamol 30/500", {"acetaminophen", "codeine"}),
        ("Percocet", {"acetaminophen", "oxycodone"}),
        ("Atripla", {"efavirenz", "emtricitabine", "tenofovir"}),
        ("Fioricet with codeine", {"acetaminophen", "butalbital", "caffeine", "codeine"}),
        ("FOLFOX6", {"fluorouracil", "leucovorin", "oxaliplatin"}),
    ],
)
def test_a_brand_of_a_combination_has_all_its_ingredients(names, entry, ingredients):
    (medicine,) = names.read(entry)
    assert {i.removesuffix(" disoproxil") for i in medicine.ingredients} == ingredients


def test_every_combination_of_the_table_has_all_its_ingredients(drug_tables, names):
    from permed.tables import read_table

    table = read_table(drug_tables / "medicine_names.tsv")
    several = table.filter(table["ingredients"].str.contains("|", literal=True) & table["name"].is_unique())
    assert several.height > 800
    for row in several.sample(200, seed=1).iter_rows(named=True):
        assert set(names.find(row["name"])[0].ingredients) == set(row["ingredients"].split("|"))


@pytest.mark.parametrize(
    ("written", "meant"),
    [("amitryptiline", None), ("amitriptylin", "amitriptyline"), ("tramadoll", "tramadol"), ("metoprolo", "metoprolol"),
     ("siponimdo", "siponimod"), ("voriconaxole", "voriconazole")],
)  # fmt: skip
def test_a_spelling_within_one_edit_is_proposed_and_marked(names, written, meant):
    (medicine,) = names.read(written)
    if meant is None:
        assert not medicine.known and medicine.sure == "asked"
    else:
        assert medicine.ingredients == (meant,)
        assert medicine.sure == ("sure" if written == "amitriptylin" else "marked")


def test_a_spelling_as_near_to_other_ingredients_is_asked(names):
    """One letter from both codeine and Lodine, which is etodolac."""
    (medicine,) = names.read("codine")
    assert not medicine.known and "codeine" in medicine.questions[0]


def test_short_names_are_never_proposed(names):
    assert not names.read("ziax")[0].known and not names.read("prozc")[0].known


def test_an_exact_name_is_never_taken_for_its_neighbour(names):
    for name, ingredient in [("Lamictal", "lamotrigine"), ("Celexa", "citalopram"), ("hydroxyzine", "hydroxyzine")]:
        assert names.read(name)[0].ingredients == (ingredient,)


@pytest.mark.parametrize(
    ("entry", "ingredient", "sure"),
    [
        ("симвастатин", "simvastatin", "marked"),
        ("парацетамол", "acetaminophen", "marked"),
        ("オメプラゾール 10mg", "omeprazole", "sure"),
        ("阿司匹林片", "aspirin", "sure"),
        ("ομεπραζόλη", "omeprazole", "marked"),
    ],
)
def test_other_scripts(names, entry, ingredient, sure):
    (medicine,) = names.read(entry)
    assert medicine.ingredients == (ingredient,) and not medicine.unread
    assert medicine.sure in (sure, "sure")


@pytest.mark.parametrize("entry", ["none", "keine", "aucun", "no", "no known allergies", "ningún medicamento", "なし"])
def test_entries_that_say_nothing_is_taken(names, entry):
    (medicine,) = names.read(entry)
    assert medicine.status == "nothing" and not unread([medicine])


@pytest.mark.parametrize("entry", ["n/a", "see letter", "unbekannt", "?"])
def test_entries_that_answer_nothing_may_be_any_medicine(names, entry):
    assert unread(names.read(entry)) == [entry] and not names.read(entry)[0].known


@pytest.mark.parametrize("entry", ["blood thinner", "Wassertabletten", "painkillers"])
def test_a_group_is_no_name(names, entry):
    (medicine,) = names.read(entry)
    assert not medicine.known and medicine.sure == "asked" and "group" in medicine.questions[0]


def test_an_abbreviation_is_marked(names):
    assert names.read("MTX 15 mg")[0].sure == "marked" and names.read("methotrexate")[0].sure == "sure"
    assert names.read("MS 10 mg")[0].sure == "asked", "morphine or magnesium"


@pytest.mark.parametrize(
    "entry",
    [
        "Metoprololsuccinat 47,5",
        "metoprolol tartrate 2x50",
        "Metoprolol 47.5 1-0-1/2",
        "Metoprolol ½ b.d.",
        "metoprolol 50MG x2",
    ],
)
def test_salts_strengths_and_schedules_are_no_part_of_the_name(names, entry):
    (medicine,) = names.read(entry)
    assert (medicine.ingredients, medicine.unread, medicine.sure) == (("metoprolol",), "", "sure")


def test_words_that_nobody_knows_are_asked(names):
    (medicine,) = names.read("warfarin zorpt")
    assert medicine.sure == "marked" and "zorpt" in medicine.questions[0] and unread([medicine])
    stopped = names.read("warfarin stopped zorpt 2012")
    assert "warfarin" in in_doubt(stopped) and not taken(stopped)


def test_a_name_that_tells_of_a_second_ingredient_is_marked(names):
    assert names.read("Micardis Plus")[0].sure == "marked"


def test_smoking_herbs_and_grapefruit_are_names(names):
    assert "tobacco" in taken(names.read("smoker, 10/day"))
    assert not taken(names.read("non-smoker")) and not in_doubt(names.read("never smoked"))
    assert "st. john's wort" in taken(names.read("Johanniskraut"))
    assert "grapefruit juice" in taken(names.read("Grapefruit"))


def test_drops_may_be_for_the_eye(names):
    """Tramadol drops are swallowed; of ciprofloxacin there are drops for eye and ear, and tablets."""
    assert "tramadol" in taken(names.read("Tramadol Tropfen"))
    drops = names.read("ciprofloxacin drops")
    assert not taken(drops) and "ciprofloxacin" in in_doubt(drops)


def test_names_of_several_words_are_proposed_too(names):
    (medicine,) = names.read("st johns wart")
    assert medicine.ingredients == ("st. john's wort",) and medicine.sure == "marked"
