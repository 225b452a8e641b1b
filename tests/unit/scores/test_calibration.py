"""Percentile and Z against published adjusted values, and against planted distributions."""

import numpy as np
import polars as pl
import pytest

from permed.scores.calibration.distribution import percentiles, standard_scores
from permed.scores.calibration.normalise import design, fit_normalisation, negative_log_likelihood


@pytest.fixture(scope="module")
def panel(shared):
    """Sums, components and expected values of HGDP people against the unrelated people of 1000 Genomes."""
    folder = shared / "real/prs/pygscatalog"

    def table(path, separator="\t"):
        return pl.read_csv(folder / path, separator=separator, infer_schema_length=None)

    sums = table("ancestry/aggregated_scores.txt").select("IID", "sampleset", "SUM")
    components = pl.concat([table("ancestry/ref.pcs"), table("ancestry/target.pcs")]).drop("FID")
    labels = table("ancestry/ref.psam").select(IID="#IID", population="SuperPop")
    related = table("ancestry/ref.king.cutoff.id")["#IID"]
    people = sums.join(components, on="IID").join(labels, on="IID", how="left")
    expected = table("expected/hgdp_pgs.first_half.txt.gz").drop("SUM", "sampleset")
    train = people.filter((pl.col("sampleset") == "reference") & ~pl.col("IID").is_in(related.implode()))
    return people.join(expected, on="IID", how="inner"), train


def components_of(frame):
    return frame.select(f"PC{n}" for n in range(1, 5)).to_numpy()


def test_percentile_and_z_are_those_published_for_one_population_of_the_panel(panel):
    """The peer's assignment is not written: of the panel's populations exactly one has to give both of its numbers."""
    people, train = panel
    values = people["SUM"].to_numpy()
    fits = []
    for population in train["population"].unique().sort():
        reference = train.filter(population=population)["SUM"].to_numpy()
        z, place = standard_scores(values, reference), percentiles(values, reference)
        same = np.abs(z - people["Z_MostSimilarPop"].to_numpy()) < 1e-6
        assert np.abs(place - people["percentile_MostSimilarPop"].to_numpy())[same].max() < 1e-9
        fits.append(same)
    assert len(people) > 1500
    assert (np.sum(fits, axis=0) == 1).all()


def test_z_norm1_is_the_published_one(panel):
    people, train = panel
    model = fit_normalisation(train["SUM"].to_numpy(), components_of(train))
    got = model.z_norm1(people["SUM"].to_numpy(), components_of(people))
    assert np.abs(got - people["Z_norm1"].to_numpy()).max() < 1e-6


def test_z_norm2_is_the_published_one(panel):
    people, train = panel
    model = fit_normalisation(train["SUM"].to_numpy(), components_of(train))
    got = model.z_norm2(people["SUM"].to_numpy(), components_of(people))
    assert np.abs(got - people["Z_norm2"].to_numpy()).max() < 1e-6


def test_planted_mean_and_variance_are_found():
    rng = np.random.default_rng(1)
    components = rng.normal(size=(20_000, 4)) * [30, 20, 10, 5] + 7
    x = design((components - components.mean(axis=0)) / components.std(axis=0))
    mean, log_variance = np.array([5, 1, -0.5, 0, 0.2]), np.array([0.4, 0.3, 0, -0.2, 0])
    sums = x @ mean + rng.normal(size=len(x)) * np.exp(0.5 * (x @ log_variance))
    model = fit_normalisation(sums, components)
    assert np.abs(model.mean - mean).max() < 0.05
    assert np.abs(model.log_variance - log_variance).max() < 0.05
    z = model.z_norm2(sums, components)
    for column in range(4):
        high = components[:, column] > np.median(components[:, column])
        assert abs(z[high].std() - 1) < 0.03 and abs(z[high].mean()) < 0.03
    best = negative_log_likelihood(sums, x, model.mean, model.log_variance)
    for at in range(5):
        for change in (-0.01, 0.01):
            moved = model.log_variance + change * (np.arange(5) == at)
            assert negative_log_likelihood(sums, x, model.mean, moved) > best


def test_units_of_the_score_do_not_matter():
    rng = np.random.default_rng(2)
    components, sums = rng.normal(size=(300, 6)), rng.normal(size=300)
    one, other = fit_normalisation(sums, components), fit_normalisation(sums * 1e-6 + 400, components * 50 - 3)
    for name in ("z_norm1", "z_norm2"):
        left, right = getattr(one, name)(sums, components), getattr(other, name)(sums * 1e-6 + 400, components * 50 - 3)
        assert np.abs(left - right).max() < 1e-6


def test_what_cannot_be_trained_gives_no_z():
    rng = np.random.default_rng(3)
    assert fit_normalisation(rng.normal(size=20), rng.normal(size=(20, 4))) is None
    assert fit_normalisation(np.ones(200), rng.normal(size=(200, 4))) is None
    assert fit_normalisation(rng.normal(size=200), np.zeros((200, 4))) is None
    assert np.isnan(standard_scores(np.array([1.0, 2]), np.full(10, 0.1))).all()


def test_percentiles_of_equal_scores_take_their_mean_rank():
    assert percentiles(np.array([0, 1, 2, 3, 9]), np.array([1, 2, 2, 3])).tolist() == [0, 25, 62.5, 100, 100]
