"""What people write about their medicines, and the ingredients that these have."""

import pytest

from permed.drugs.medicines import taken, unread
from permed.tables import read_table


@pytest.mark.parametrize(
    ("entry", "ingredients"),
    [
        ("warfarin", {"warfarin"}),
        ("  Coumadin 5 mg ", {"warfarin"}),
        ("Metoprolol succinate 47.5 mg", {"metoprolol"}),
        ("METOPROLOL TARTRATE", {"metoprolol"}),
        ("paracetamol", {"acetaminophen"}),
        ("Rifampicin", {"rifampin"}),
        ("Ciclosporin", {"cyclosporine"}),
        ("Valproinsäure", {"valproic acid"}),
        ("Valproinsaeure", {"valproic acid"}),
        ("acide valproïque", {"valproic acid"}),
        ("divalproex sodium", {"valproic acid"}),
        ("St. John's Wort", {"st. john's wort"}),
        ("St Johns-Wort", {"st. john's wort"}),
        ("5-FU", {"fluorouracil"}),
        ("Nuedexta", {"dextromethorphan", "quinidine"}),
        ("dextromethorphan/quinidine", {"dextromethorphan", "quinidine"}),
        ("Paxlovid", {"nirmatrelvir", "ritonavir"}),
        ("co-trimoxazole", {"sulfamethoxazole", "trimethoprim"}),
        ("fluticasone/salmeterol 250/50", {"fluticasone propionate", "salmeterol"}),
        ("aspirin 75 mg / dipyridamole 200 mg", {"aspirin", "dipyridamole"}),
        ("simvastatin 20mg + amlodipine 5 mg", {"simvastatin", "amlodipine"}),
    ],
)
def test_ingredients_of_what_is_written(names, entry, ingredients):
    medicine = names.resolve(entry)
    assert set(medicine.ingredients) == ingredients
    assert medicine.known and not medicine.unread


@pytest.mark.parametrize(
    ("entry", "ingredients", "rest"),
    [
        ("notadrug", set(), "notadrug"),
        ("metoprolol zorp", {"metoprolol"}, "zorp"),
        ("amitriptyline + notadrug", {"amitriptyline"}, "notadrug"),
        ("notadrug warfarin", {"warfarin"}, "notadrug"),
    ],
)
def test_what_is_not_known_is_kept(names, entry, ingredients, rest):
    medicine = names.resolve(entry)
    assert set(medicine.ingredients) == ingredients
    assert medicine.unread == rest
    assert medicine.known == bool(ingredients)


def test_a_name_with_two_meanings_is_asked(names):
    """T3 is Tylenol with codeine to some and liothyronine to others: neither counts, both may be."""
    medicine = names.resolve("T3 daily")
    assert medicine.ambiguous and medicine.sure == "asked" and not medicine.counted
    assert set(medicine.in_doubt) == {"acetaminophen", "codeine", "liothyronine"}


def test_the_cell_of_the_sheet(names):
    medicines = names.resolve_all("warfarin; ;Nuedexta;notadrug ; warfarin")
    assert [m.given for m in medicines] == ["warfarin", "Nuedexta", "notadrug"]
    assert taken(medicines)["quinidine"] == "Nuedexta"
    assert unread(medicines) == ["notadrug"]
    assert names.resolve_all(None) == () == names.resolve_all("")


def test_every_name_of_the_table_leads_to_its_row(drug_tables, names):
    table, wrong = read_table(drug_tables / "medicines.tsv"), []
    for row in table.iter_rows(named=True):
        for name in (row["generic"], *(row["brands"] or "").split("|"), *(row["names"] or "").split("|")):
            if name:
                medicine = names.resolve(name)
                wrong += [name] * (not set(names.ingredients[row["generic"]]) <= set(medicine.names))
    # names that the table gives to a combination although they are those of one ingredient
    assert {n for n in wrong if not n.startswith("noret")} == {"aprepitant / fosaprepitant", "estradiol cypionate"}


def test_products_have_rows_for_their_ingredients(drug_tables, names):
    table = read_table(drug_tables / "medicines.tsv")
    assert table["generic"].is_unique().all()
    own = {i for generic in table["generic"] for i in names.ingredients[generic]}
    assert own <= set(table["generic"])


def test_every_medicine_of_the_other_tables_is_known(drug_tables, names):
    for table, column in [("interactions", "drug"), ("dosing_models", "drug")]:
        named = {part for drug in read_table(drug_tables / f"{table}.tsv")[column] for part in drug.split("+")}
        assert named <= set(names.ingredients), table


def test_names_agree_with_the_facts(shared, names):
    """Every brand of the gathered facts leads to its generic name or that of its ingredient."""
    facts = read_table(shared / "facts" / "drugs" / "names.tsv")
    wrong = []
    for row in facts.iter_rows(named=True):
        if row["generic"].startswith("Ascorbic"):
            continue
        for name in (row["generic"], *(row["brands"] or "").split("|")):
            if name and not {row["generic"], *names.look_up(row["generic"])[0].ingredients} & set(
                names.resolve(name).names
            ):
                wrong.append(name)
    assert wrong == []


def test_a_small_bare_number_that_tells_products_apart_is_no_strength(names):
    """Tylenol 3 has codeine, which the name without its number does not tell; Tylenol 7 nobody sells."""
    assert set(names.resolve("Tylenol 3").ingredients) == {"acetaminophen", "codeine"}
    assert names.resolve("Tylenol 7").unread == "7"
    assert not names.resolve("Prozac 20").unread and not names.resolve("metoprolol 5 mg").unread
