"""Loops of training: tails of the normal distribution, clumping, and the Gibbs sampler of PRS-CS.

The sampler works on single-precision correlations with double-precision sums. A chain takes all its random numbers
from one generator and runs on one thread, so that its results depend on nothing but its seed.
"""

import math

import numpy as np

from permed.kernel import jit

GAUSS_TAIL = 25.0  # beyond, erfc nears the smallest double and its logarithm is taken from the asymptotic series
PANEL = 8  # rows eliminated together in a factorisation
NOTHING = np.float32(1e-10)  # of entries beside a diagonal of 1: smaller ones would make slow subnormal products


@jit
def _log_tail(z):
    """Natural logarithm of the two-sided tail beyond z >= 0."""
    if z < GAUSS_TAIL:
        return math.log(math.erfc(z / math.sqrt(2.0)))
    inverse = 1.0 / (z * z)
    series = 1.0 - inverse * (1.0 - 3.0 * inverse * (1.0 - 5.0 * inverse))
    return math.log(2.0 * series / (z * math.sqrt(2.0 * math.pi))) - 0.5 * z * z


@jit
def log10_p_of(z, log10_p):
    """Write the base-10 logarithm of the two-sided p-value of each z score."""
    for k in range(len(z)):
        log10_p[k] = _log_tail(abs(z[k])) / math.log(10.0)


@jit
def z_of(log10_p, z):
    """Write the z score, at least 0, whose two-sided p-value has each base-10 logarithm.

    Newton's method; the logarithm of the tail is concave, so that it comes from above after the first step.
    """
    for k in range(len(z)):
        target, value = log10_p[k] * math.log(10.0), 0.0
        for _ in range(100):
            here = _log_tail(value)
            density = math.log(2.0) - 0.5 * value * value - 0.5 * math.log(2.0 * math.pi)
            step = (here - target) / math.exp(density - here)
            value = max(0.0, value + step)
            if abs(step) <= 1e-13 * (1.0 + value):
                break
        z[k] = value


@jit
def squared_correlation(x, y):
    """r² of two variants' ALT counts over the people called at both: uint8 codes of the store; NaN where undefined."""
    n = sx = sy = sxx = syy = sxy = 0
    for k in range(len(x)):
        both = np.int64(x[k] != 1 and y[k] != 1)
        a = (3 - np.int64(x[k]) + (x[k] == 0) * -1) * both
        b = (3 - np.int64(y[k]) + (y[k] == 0) * -1) * both
        n += both
        sx += a
        sy += b
        sxx += a * a
        syy += b * b
        sxy += a * b
    vx, vy = n * sxx - sx * sx, n * syy - sy * sy
    if vx == 0 or vy == 0:
        return np.nan
    cov = np.float64(n * sxy - sx * sy)
    return cov * cov / (np.float64(vx) * np.float64(vy))


@jit
def clump(codes, pos, order, radius, most, index):
    """Write to ``index`` (int64) for each variant of a contig the variant that stands for it; itself if it is kept.

    ``codes`` is uint8 (variants, people) as in the store, ``pos`` rises; variants are taken in ``order``. One that no
    earlier one stands for is kept, and stands for every later one within ``radius`` bases whose r² with it is above
    ``most``.
    """
    index[:] = -1
    for k in order:
        if index[k] >= 0:
            continue
        index[k] = k
        for way in (-1, 1):
            other = k + way
            while 0 <= other < len(pos) and abs(pos[other] - pos[k]) <= radius:
                if index[other] < 0 and squared_correlation(codes[k], codes[other]) > most:
                    index[other] = k
                other += way


@jit
def _subtract(row, other, factor):
    for j in range(len(row)):
        row[j] -= factor * other[j]


@jit
def _subtract_panel(row, a, b, c, d, e, f, g, h):
    """Subtract from a row the eight rows a to h, each times its own first element."""
    aa, bb, cc, dd, ee, ff, gg, hh = a[0], b[0], c[0], d[0], e[0], f[0], g[0], h[0]
    for j in range(len(row)):
        low = (aa * a[j] + bb * b[j]) + (cc * c[j] + dd * d[j])
        row[j] -= low + ((ee * e[j] + ff * f[j]) + (gg * g[j] + hh * h[j]))


@jit
def factorise(matrix):
    """Turn the upper triangle of a positive definite matrix (float32) into U with U'U = matrix; False if it is not.

    The diagonal is of the order of 1. Eliminates eight rows at a time, so that the rows below are read and written
    once for all of them; slices from the diagonal on let the compiler see that it may use vectors.
    """
    size = len(matrix)
    for first in range(0, size, PANEL):
        last = min(first + PANEL, size)
        for k in range(first, last):
            row = matrix[k][k:]
            for above in range(first, k):
                _subtract(row, matrix[above][k:], matrix[above, k])
            if not row[0] > 0:
                return False
            scale = np.float32(1) / np.sqrt(row[0])
            for j in range(len(row)):
                value = row[j] * scale
                row[j] = value if abs(value) > NOTHING else np.float32(0)
        for i in range(last, size):
            rows = matrix[first:last]
            _subtract_panel(
                matrix[i][i:],
                rows[0][i:],
                rows[1][i:],
                rows[2][i:],
                rows[3][i:],
                rows[4][i:],
                rows[5][i:],
                rows[6][i:],
                rows[7][i:],
            )
    return True


@jit
def _dot(row, values):
    a = b = c = d = 0.0
    j = 0
    while j + 4 <= len(row):
        a += row[j] * values[j]
        b += row[j + 1] * values[j + 1]
        c += row[j + 2] * values[j + 2]
        d += row[j + 3] * values[j + 3]
        j += 4
    while j < len(row):
        a += row[j] * values[j]
        j += 1
    return (a + b) + (c + d)


@jit
def _draw_effects(ld, marginal, psi, spread, rng, upper, effects):
    """Draw the effects of a block; (sum over effects² / psi, quadratic form with LD + 1/psi), or -1s if LD is none.

    With s = sqrt(psi) and effects = s * g the precision of g is s LD s + 1, which is well conditioned whatever psi.
    ``upper`` (float32) is scratch of the block's shape; ``spread`` is the standard deviation of the residual noise.
    """
    size = len(marginal)
    root = np.sqrt(psi)
    single = root.astype(np.float32)
    for i in range(size):
        row, source, factor = upper[i], ld[i], single[i]
        for j in range(i, size):
            value = factor * source[j] * single[j]
            row[j] = value if abs(value) > NOTHING else np.float32(0)
        row[i] += np.float32(1)
    if not factorise(upper):
        return -1.0, -1.0
    for i in range(size):
        effects[i] = root[i] * marginal[i]
    for k in range(size):
        effects[k] /= upper[k, k]
        _subtract(effects[k + 1 :], upper[k][k + 1 :], effects[k])
    form = 0.0
    for k in range(size):
        effects[k] += spread * rng.standard_normal()
        form += effects[k] * effects[k]
    ridge = 0.0
    for k in range(size - 1, -1, -1):
        effects[k] = (effects[k] - _dot(upper[k][k + 1 :], effects[k + 1 :])) / upper[k, k]
        ridge += effects[k] * effects[k]
    for k in range(size):
        effects[k] *= root[k]
    return ridge, form


@jit
def draw_local_scale(rate, weight, rng):
    """Draw from the density proportional to x^(-1/2) exp(-(rate x + weight / x) / 2): GIG of order 1/2.

    Its reciprocal is inverse Gaussian with mean sqrt(rate / weight) and shape ``rate`` (Michael, Schucany and Haas,
    Am. Stat. 30:88, 1976); written without quotients that overflow when ``weight`` nears 0, where x is gamma.
    """
    middle = math.sqrt(weight / rate)
    normal = rng.standard_normal()
    half = normal * normal / (2.0 * rate)
    far = middle + half + math.sqrt(half * (2.0 * middle + half))
    if rng.random() * (far + middle) <= far:
        return far
    return middle * middle / far


@jit
def sample_effects(blocks, sizes, marginal, n, phi, learn_phi, keep_from, thin, rng, upper, effects, means, traces):
    """Run a chain of PRS-CS over the blocks of a chromosome; the number of draws kept, or -(1 + block) for bad LD.

    The model is that of Ge et al. (Nat Commun 10:1776, 2019) with a = 1, b = 1/2: effects of standardised genotypes
    are normal with variance sigma² psi / n, psi is gamma(a, delta), delta gamma(b, phi), sqrt(phi) half-Cauchy. As in
    the authors' program psi is set to 1 where it is more.
    ``blocks`` holds the correlations of all blocks end to end (float32), ``sizes`` their numbers of variants,
    ``marginal`` the marginal effects (variants,). Draws after iteration ``keep_from`` are kept every ``thin`` ones;
    ``means`` (2, variants) gets the means of their first and second half. ``traces`` (iterations, 3) gets phi, sigma²
    and the explained variance.
    """
    variants = len(marginal)
    psi = np.ones(variants)
    sigma2 = 1.0
    kept, half = 0, (len(traces) - keep_from) // thin // 2
    means[:] = 0.0
    for turn in range(len(traces)):
        start = place = 0
        ridge = form = 0.0
        spread = math.sqrt(sigma2 / n)
        for number in range(len(sizes)):
            size = sizes[number]
            ld = blocks[place : place + size * size].reshape(size, size)
            end = start + size
            scratch = upper[: size * size].reshape(size, size)
            drawn = _draw_effects(ld, marginal[start:end], psi[start:end], spread, rng, scratch, effects[start:end])
            if drawn[0] < 0:
                return -(1 + number)
            ridge += drawn[0]
            form += drawn[1]
            start, place = end, place + size * size
        fit = 0.0
        for k in range(variants):
            fit += effects[k] * marginal[k]
        error = max(0.5 * n * (1.0 - 2.0 * fit + form), 0.5 * n * ridge)
        sigma2 = error / rng.standard_gamma(0.5 * (n + variants))
        total = 0.0
        for k in range(variants):
            delta = rng.standard_gamma(1.5) / (psi[k] + phi)
            total += delta
            psi[k] = min(1.0, draw_local_scale(2.0 * delta, n * effects[k] * effects[k] / sigma2, rng))
        if learn_phi:
            outer = rng.standard_gamma(1.0) / (phi + 1.0)
            phi = rng.standard_gamma(0.5 * variants + 0.5) / (total + outer)
        traces[turn, 0], traces[turn, 1], traces[turn, 2] = phi, sigma2, form - ridge
        if turn >= keep_from and (turn + 1 - keep_from) % thin == 0:
            part = means[0 if kept < half else 1]
            for k in range(variants):
                part[k] += effects[k]
            kept += 1
    means[0] /= max(1, half)
    means[1] /= max(1, kept - half)
    return kept
