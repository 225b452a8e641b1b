"""The sampler of PRS-CS against quadrature, a plain twin, and planted effects."""

import math

import numpy as np
import pytest

from permed.scores.train.kernels import sample_effects
from permed.scores.train.shrinkage import effective_draws


def run_chain(ld, marginal, n, *, phi=None, iterations=2000, burn_in=500, seed=1):
    """Posterior means, traces and number of draws of the kernel, every iteration after the burn-in kept."""
    sizes = np.array([len(block) for block in ld])
    means, traces = np.zeros((2, len(marginal))), np.zeros((iterations, 3))
    flat = np.concatenate([block.astype(np.float32).ravel() for block in ld])
    scratch = np.empty(sizes.max() ** 2, np.float32)
    start, learn = (1.0, True) if phi is None else (phi, False)
    rng = np.random.default_rng(seed)
    effects = np.zeros(len(marginal))
    kept = sample_effects(
        flat, sizes, marginal, float(n), start, learn, burn_in, 1, rng, scratch, effects, means, traces
    )
    return means.mean(axis=0), traces, kept


def run_twin(ld, marginal, n, *, phi=None, iterations=2000, burn_in=500, seed=2):
    """The same model as its authors write it down, in plain numpy: inverses, and the inverse Gaussian of numpy."""
    rng = np.random.default_rng(seed)
    many = len(marginal)
    starts = np.cumsum([0, *map(len, ld)])
    beta, psi, sigma2, total, phis = np.zeros(many), np.ones(many), 1.0, np.zeros(many), []
    shrinkage = 1.0 if phi is None else phi
    for turn in range(iterations):
        form = 0.0
        for k, block in enumerate(ld):
            here = slice(starts[k], starts[k + 1])
            precision = block + np.diag(1 / psi[here])
            inverse = np.linalg.inv(precision)
            inverse = (inverse + inverse.T) / 2
            beta[here] = rng.multivariate_normal(inverse @ marginal[here], sigma2 / n * inverse, method="cholesky")
            form += beta[here] @ precision @ beta[here]
        error = max(n / 2 * (1 - 2 * beta @ marginal + form), n / 2 * (beta**2 / psi).sum())
        sigma2 = 1 / rng.gamma((n + many) / 2, 1 / error)
        delta = rng.gamma(1.5, 1 / (psi + shrinkage))
        mean = np.sqrt(2 * delta * sigma2 / n) / np.abs(beta)
        psi = np.minimum(1 / rng.wald(mean, 2 * delta), 1)
        if phi is None:
            outer = rng.gamma(1, 1 / (shrinkage + 1))
            shrinkage = rng.gamma(many / 2 + 0.5, 1 / (delta.sum() + outer))
        phis.append(shrinkage)
        if turn >= burn_in:
            total += beta
    return total / (iterations - burn_in), np.array(phis)


def expected_from_transitions(z, phi, bound):
    """Posterior mean of one variant's z-scaled effect: stationary distribution of the sampler's steps on a grid.

    psi -> effect | psi and delta | psi -> psi, with quadrature over effect and delta; above ``bound`` psi is set to it.
    """
    normal, normal_weight = np.polynomial.hermite_e.hermegauss(30)
    gamma = np.exp(np.linspace(-14, 3, 50))  # of shape 1.5, by the trapezoidal rule in its logarithm
    gamma_weight = gamma**1.5 * np.exp(-gamma)
    normal_weight, gamma_weight = normal_weight / normal_weight.sum(), gamma_weight / gamma_weight.sum()
    u = np.arange(-140, 101) / 10
    psi = np.exp(u)
    matrix = np.zeros((len(u), len(u)))
    for row, value in enumerate(psi):
        share = value / (1 + value)
        effect = share * z + math.sqrt(share) * normal
        rate, weight = 2 * gamma[:, None, None] / (value + phi), effect[None, :, None] ** 2
        exponent = u / 2 - (rate * psi + weight / psi) / 2
        density = np.exp(exponent - exponent.max(axis=2, keepdims=True))
        density /= density.sum(axis=2, keepdims=True)
        matrix[row] = np.einsum("d,e,dek->k", gamma_weight, normal_weight, density)
    over = psi > bound
    if over.any():
        last = int(np.argmax(over)) - 1
        matrix[:, last] += matrix[:, over].sum(axis=1)
        matrix[:, over] = 0
        assert psi[last] == pytest.approx(bound)
    values, vectors = np.linalg.eig(matrix.T)
    stationary = np.abs(vectors[:, np.argmin(np.abs(values - 1))].real)
    return float(stationary @ (psi / (1 + psi)) / stationary.sum() * z)


def expected_without_bound(z, phi):
    """The same for the model itself: psi has the density sqrt(phi) / 2 (psi + phi)^(-3/2), delta integrated out."""
    u = np.linspace(-25, 25, 200_001)
    psi = np.exp(u)
    weight = psi * (psi + phi) ** -1.5 * np.exp(-z * z / 2 / (1 + psi)) / np.sqrt(1 + psi)
    return float((weight * psi / (1 + psi)).sum() / weight.sum() * z)


@pytest.mark.parametrize("z", [0.5, 2.0, 4.0])
def test_the_grid_has_the_posterior_mean_of_the_model_where_an_integral_gives_it(z):
    assert expected_from_transitions(z, 0.05, np.inf) == pytest.approx(expected_without_bound(z, 0.05), rel=0.02)


def test_posterior_means_of_independent_variants_with_fixed_shrinkage():
    z, n, phi = np.array([0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 9.0]), 1e8, 0.05
    mean, _, _ = run_chain([np.eye(len(z))], z / math.sqrt(n), n, phi=phi, iterations=200_000, seed=3)
    expected = [expected_from_transitions(value, phi, 1.0) for value in z]
    assert mean * math.sqrt(n) == pytest.approx(expected, rel=0.01, abs=0.02)


@pytest.mark.parametrize("phi", [None, 0.02])
def test_correlated_variants_agree_with_the_plain_twin(study, phi):
    marginal = study.z / math.sqrt(study.n)
    size = {"phi": phi, "iterations": 1000, "burn_in": 200}
    runs = [run_chain(study.ld, marginal, study.n, seed=seed, **size) for seed in (1, 2, 3, 4)]
    twins = [run_twin(study.ld, marginal, study.n, seed=seed, **size) for seed in (5, 6, 7, 8)]
    ours, theirs = (np.array([run[0] for run in some]) for some in (runs, twins))
    error = np.sqrt((ours.var(axis=0, ddof=1) + theirs.var(axis=0, ddof=1)) / 4)
    typical = np.sqrt((error**2).mean())
    away = (ours.mean(axis=0) - theirs.mean(axis=0)) / np.maximum(error, typical)
    assert np.abs(away).max() < 5
    assert (away**2).mean() < 2
    if phi is None:
        logs = [[np.log(run[1][200:, 0]).mean() for run in runs], [np.log(twin[1][200:]).mean() for twin in twins]]
        error = math.sqrt(sum(np.var(some, ddof=1) for some in logs) / 4)
        assert abs(np.mean(logs[0]) - np.mean(logs[1])) < 5 * error


def clumped_and_thresholded(study, z_limit, r2):
    """Marginal effects of the variants that clumping by the true LD keeps, 0 elsewhere."""
    correlation, start = np.zeros((len(study.z), len(study.z))), 0
    for block in study.ld:
        correlation[start : start + len(block), start : start + len(block)] = block
        start += len(block)
    weights, left = np.zeros(len(study.z)), np.abs(study.z) > z_limit
    for k in np.argsort(-np.abs(study.z)):
        if left[k]:
            weights[k] = study.z[k]
            left &= correlation[k] ** 2 <= r2
    return weights


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_predicts_better_than_single_variants_and_than_clumping(make_study, seed):
    study = make_study(seed=seed, stretches=10, causal=0.2, heritability=0.1)
    mean, traces, _ = run_chain(study.ld, study.z / math.sqrt(study.n), study.n)
    grid = [(z, r2) for z in (0, 2, 3.3, 5.45) for r2 in (0.05, 0.1, 0.2, 0.5)]
    best = max(study.accuracy(clumped_and_thresholded(study, z, r2)) for z, r2 in grid)
    assert study.accuracy(mean) > max(best, study.accuracy(study.z))
    assert 0.02 < traces[500:, 2].mean() < 0.1  # psi is at most 1, which at least halves effects: below the planted 0.1


def test_a_block_that_is_no_correlation_is_named():
    bad = np.array([[1.0, 5.0], [5.0, 1.0]])
    assert run_chain([np.eye(2), bad], np.zeros(4), 1e4)[2] == -2


def test_effective_draws_of_an_autoregression():
    """An autoregression of coefficient r is worth (1 - r) / (1 + r) of its length."""
    rng = np.random.default_rng(1)
    noise, trace = rng.normal(size=50_000), np.zeros(50_000)
    for k in range(1, len(trace)):
        trace[k] = 0.8 * trace[k - 1] + noise[k]
    assert effective_draws(trace) == pytest.approx(len(trace) / 9, rel=0.1)
    assert effective_draws(noise) == pytest.approx(len(noise), rel=0.05)
