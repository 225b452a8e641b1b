"""Projection against the definition, written out with full decompositions, and against planted shrinkage."""

import numpy as np
import pytest

from permed.quality.ancestry.oadp import oadp


def simulate(people=80, sites=700, groups=3, spread=0.12, seed=2):
    """A centred reference (sites, people), and as many new people of the same groups with the reference's centres."""
    rng = np.random.default_rng(seed)
    means = rng.standard_normal((sites, groups)) * spread
    member = np.arange(people) % groups
    reference = means[:, member] + rng.standard_normal((sites, people))
    new = means[:, member] + rng.standard_normal((sites, people))
    centre = reference.mean(axis=1, keepdims=True)
    return reference - centre, new - centre, member


def by_definition(reference, person, size, augmented, present=None):
    """Append the person as a column, decompose, and lay the reference's new coordinates on its old ones."""
    left, singular, right = np.linalg.svd(reference, full_matrices=False)
    old = (right[:size].T * singular[:size])[:, :size]
    low_rank = (left[:, :augmented] * singular[:augmented]) @ right[:augmented]
    present = np.ones(len(person), bool) if present is None else present
    both = np.column_stack([low_rank[present], person[present]])
    _, values, turned = np.linalg.svd(both, full_matrices=False)
    coordinates = (turned[:size].T * values[:size])[:, :size]
    mine, theirs = coordinates[-1], coordinates[:-1]
    centre, aim = theirs.mean(axis=0), old.mean(axis=0)
    first, strength, second = np.linalg.svd((theirs - centre).T @ (old - aim))
    scale = strength.sum() / ((theirs - centre) ** 2).sum()
    return scale * (mine - centre) @ first @ second + aim


@pytest.mark.parametrize("lost", [0.0, 0.3])
def test_the_projection_is_what_the_definition_gives(lost):
    reference, new, _ = simulate()
    left, singular, _ = np.linalg.svd(reference, full_matrices=False)
    loadings = left[:, :12]
    rng = np.random.default_rng(4)
    for person in new.T[:3]:
        present = rng.random(len(person)) >= lost
        here = loadings[present]
        gram = (here.T @ here)[None] if lost else None
        found, _ = oadp(
            (here.T @ person[present])[None], np.array([(person[present] ** 2).sum()]), singular[:12], 4, gram
        )
        expected = by_definition(reference, person, 4, 12, present)
        assert found[0] == pytest.approx(expected, abs=1e-6 * np.abs(expected).max())


def test_the_residual_is_what_the_loadings_do_not_explain():
    reference, new, _ = simulate()
    left, singular, _ = np.linalg.svd(reference, full_matrices=False)
    loadings = left[:, :12]
    _, residual = oadp(new.T @ loadings, (new**2).sum(axis=0), singular[:12], 4)
    rest = new - loadings @ (loadings.T @ new)
    assert residual == pytest.approx((rest**2).sum(axis=0), rel=1e-9)


def test_new_people_lie_where_the_reference_does_and_not_nearer_to_the_centre():
    reference, new, member = simulate(spread=0.3)
    left, singular, right = np.linalg.svd(reference, full_matrices=False)
    own = right[:2].T * singular[:2]
    plain = new.T @ left[:, :2]
    found, _ = oadp(new.T @ left[:, :12], (new**2).sum(axis=0), singular[:12], 2)

    def length(coordinates):
        return np.mean([np.linalg.norm(coordinates[member == group].mean(axis=0)) for group in range(3)])

    assert length(plain) < 0.85 * length(own)
    assert length(found) == pytest.approx(length(own), rel=0.06)
