"""Components against NumPy's full decomposition, and the same whatever the threads."""

import os
import subprocess
import sys

import numpy as np
import pytest

from permed.quality.ancestry.pca import Matrix, leading_components
from permed.quality.ancestry.sites import choose_sites


@pytest.fixture(scope="module")
def matrix(panel_store):
    store, _ = panel_store
    return Matrix(store, *choose_sites(store, np.ones(len(store.samples), bool)))


def dense(matrix):
    dosages = np.array([2.0, np.nan, 1.0, 0.0])[matrix.store.codes(matrix.rows)]
    return np.nan_to_num((dosages - matrix.mean[:, None]) / matrix.scale[:, None])


def test_components_are_those_of_the_full_decomposition(matrix):
    found = leading_components(matrix, np.ones(180, bool), 20, 10)
    _, singular, right = np.linalg.svd(dense(matrix), full_matrices=False)
    assert found.singular[:10] == pytest.approx(singular[:10], rel=5e-3)
    assert found.singular[:2] == pytest.approx(singular[:2], rel=1e-6)
    assert np.abs((found.vectors[:, :2] * right[:2].T).sum(axis=0)) == pytest.approx([1, 1], abs=1e-6)
    assert np.allclose(found.vectors.T @ found.vectors, np.eye(20), atol=1e-5)


def test_people_left_out_take_no_part(matrix):
    people = np.arange(180) % 4 != 0
    found = leading_components(matrix, people, 10, 5)
    _, singular, _ = np.linalg.svd(dense(matrix)[:, people], full_matrices=False)
    assert not found.vectors[~people].any()
    assert found.singular[:2] == pytest.approx(singular[:2], rel=1e-6)


def test_a_component_points_to_its_largest_entry(matrix):
    vectors = leading_components(matrix, np.ones(180, bool), 5, 5).vectors
    assert (np.take_along_axis(vectors, np.abs(vectors).argmax(axis=0)[None], 0) > 0).all()


SCRIPT = """
import sys
sys.path[:0] = sys.argv[1:3]
import conftest, numpy as np
from pathlib import Path
from permed.quality.ancestry.panel import make_panel, write_panel
world = conftest.make_world(1200, 2)
populations = np.repeat([0, 1], 30)
names = [f"R{n}" for n in range(60)]
store = conftest.store_of(world.draw(populations), names)
write_panel(make_panel(store, conftest.labels_of(names, populations), "GRCh38"), Path(sys.argv[3]))
"""


def test_a_panel_has_the_same_bytes_whatever_the_threads(root, tmp_path):
    made = []
    for threads in ("1", "2", "3"):
        path = tmp_path / f"{threads}.npz"
        words = [sys.executable, "-c", SCRIPT, root / "scripts", root / "tests/unit/quality/ancestry", path]
        environment = {**os.environ, **{f"{name}_NUM_THREADS": threads for name in ("OPENBLAS", "OMP", "NUMBA")}}
        subprocess.run([str(word) for word in words], check=True, env=environment)
        made.append(path.read_bytes())
    assert made[0] == made[1] == made[2]
