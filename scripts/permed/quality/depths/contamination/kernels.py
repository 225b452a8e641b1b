"""The likelihood of reads by allele in a mixture of two people, with its slope and information, in one pass.

A site's genotypes are those of a person and of a contaminant, 9 pairs. Where the person is heterozygous the share of
ALT reads lies a little above or below what the pair gives; elsewhere bases may be wrong more often at some sites than
at others. Each of these is a component, in which reads are binomial. Only counts that the file could show are looked
at: each chance is divided by that of all counts that it could show.
"""

import math

import numpy as np

from permed.kernel import jit

PARAMETERS = 4
SHARE, LOG_ERROR, LOG_HETS, SPREAD = range(PARAMETERS)
STRAY = 0.005  # of the sites, whose reads come from several places: any share of ALT is as likely there
MAX_ERROR = 0.3


@jit
def likelihood(cells, number, frequency, kinship, low, shown, ways, bias, errors, values, slope, information):
    """The log likelihood of ``values`` (parameters), writing ``slope`` and ``information`` (outer products of scores).

    ``cells`` (int64, rows of frequency class, reads, ALT reads) with the ``number`` of sites of each; ``frequency`` of
    ALT of each class; ``kinship`` the chances that person and contaminant share 0, 1 and 2 alleles by descent; ``low``
    the fewest ALT reads looked at by the number of reads, ``shown`` (reads, ALT reads) the counts that a file can show,
    ``ways`` the binomial coefficients of these; ``bias`` the share of ALT reads of heterozygotes; ``errors`` (2, kinds)
    by how much more often than on average bases are wrong at a kind of site, and the share of these sites.
    """
    kinds = errors.shape[1]
    size = 6 * kinds + 6
    chance, slopes = np.empty(size), np.zeros((3, size))
    pair, part = np.empty((size, 2), np.int64), np.empty(size)
    _components(values, bias, errors, chance, slopes, pair, part)
    weight, hets = np.empty((len(frequency), size)), np.empty((len(frequency), size))
    for row in range(len(frequency)):
        _weigh(frequency[row], values[LOG_HETS], kinship, pair, part, weight[row], hets[row])
    most = len(low)
    as_alt, as_ref = np.empty((most, size)), np.empty((most, size))
    for c in range(size):
        as_alt[0, c], as_ref[0, c] = 1.0, 1.0
        for reads in range(1, most):
            as_alt[reads, c], as_ref[reads, c] = (
                as_alt[reads - 1, c] * chance[c],
                as_ref[reads - 1, c] * (1 - chance[c]),
            )
    seen, steep = np.zeros((most, size)), np.zeros((most, size))
    counts = np.zeros(most, np.int64)
    total = 0.0
    slope[:], information[:] = 0, 0
    score, top, of_top = np.empty(PARAMETERS), np.empty(PARAMETERS), np.empty(PARAMETERS)
    for row in range(len(cells)):
        kind, reads, alt = cells[row]
        if counts[reads] == 0:
            counts[reads] = _visible(reads, low, shown, ways, chance, as_alt, as_ref, seen, steep)
        here, whole = 0.0, 0.0
        top[:], of_top[:] = 0, 0
        for c in range(size):
            each = ways[reads, alt] * as_alt[alt, c] * as_ref[reads - alt, c]
            mine, of_all = weight[kind, c] * each, weight[kind, c] * seen[reads, c]
            here += mine
            whole += of_all
            rise = mine * (alt / chance[c] - (reads - alt) / (1 - chance[c]))
            rise_of_all = weight[kind, c] * steep[reads, c]
            top[SHARE] += rise * slopes[0, c]
            of_top[SHARE] += rise_of_all * slopes[0, c]
            top[LOG_ERROR] += rise * slopes[1, c]
            of_top[LOG_ERROR] += rise_of_all * slopes[1, c]
            top[SPREAD] += rise * slopes[2, c]
            of_top[SPREAD] += rise_of_all * slopes[2, c]
            top[LOG_HETS] += mine * hets[kind, c]
            of_top[LOG_HETS] += of_all * hets[kind, c]
        whole = max(whole, 1e-300)
        inside = here / whole
        value = (1 - STRAY) * inside + STRAY / counts[reads]
        total += number[row] * math.log(value)
        for k in range(PARAMETERS):
            score[k] = (1 - STRAY) * (top[k] - inside * of_top[k]) / whole / value
        for k in range(PARAMETERS):
            slope[k] += number[row] * score[k]
            for j in range(PARAMETERS):
                information[k, j] += number[row] * score[k] * score[j]
    return total


@jit
def _components(values, bias, errors, chance, slopes, pair, part):
    """Chance of an ALT read in each component, its slope by share, error and spread, the two genotypes, and its part of
    the sites with these."""
    share, spread = values[SHARE], values[SPREAD]
    odds = bias / (1 - bias)
    c = 0
    for mine in range(3):
        for other in range(3):
            plain = (1 - share) * mine / 2 + share * other / 2
            turn = odds / (plain * odds + 1 - plain) ** 2
            tilted = plain * odds / (plain * odds + 1 - plain)
            for k in range(2 if mine == 1 else errors.shape[1]):
                side = 2 * k - 1 if mine == 1 else 0
                error = math.exp(values[LOG_ERROR]) * (1.0 if mine == 1 else errors[0, k])
                steepness = error if error < MAX_ERROR else 0.0
                error = min(error, MAX_ERROR)
                moved = tilted + side * spread
                kept = min(max(moved, 0.0), 1.0)
                inside = (1 - 2 * error) if kept == moved else 0.0
                pair[c] = mine, other
                part[c] = 0.5 if mine == 1 else errors[1, k]
                chance[c] = kept * (1 - error) + (1 - kept) * error
                slopes[0, c] = inside * turn * (other - mine) / 2
                slopes[1, c] = (1 - 2 * kept) * steepness
                slopes[2, c] = inside * side
                c += 1


@jit
def _weigh(frequency, log_hets, kinship, pair, part, weight, hets):
    """How often each component is at sites of a frequency, and the slope of its logarithm by that of hets.

    The person has heterozygotes as often as Hardy and Weinberg expect, times exp(log_hets), before all is brought to 1;
    the contaminant's genotype depends on the person's by the alleles that they share.
    """
    q, p = frequency, 1 - frequency
    often = 2 * p * q * math.exp(log_hets)
    whole = p * p + often + q * q
    for c in range(len(weight)):
        mine, other = pair[c]
        own = p * p if mine == 0 else often if mine == 1 else q * q
        free = p * p if other == 0 else 2 * p * q if other == 1 else q * q
        if mine == 1:
            one = p / 2 if other == 0 else 0.5 if other == 1 else q / 2
        else:  # one allele of the homozygote's, and any other
            away = abs(other - mine)
            rare = q if mine == 0 else p
            one = 1 - rare if away == 0 else rare if away == 1 else 0.0
        same = 1.0 if mine == other else 0.0
        weight[c] = part[c] * own / whole * (kinship[0] * free + kinship[1] * one + kinship[2] * same)
        hets[c] = (1.0 if mine == 1 else 0.0) - often / whole


@jit
def _visible(reads, low, shown, ways, chance, as_alt, as_ref, seen, steep):
    """The chance of the counts that can be shown at so many reads, by component, its slope by the chance of an ALT
    read, and the number of these counts."""
    number = 0
    seen[reads], steep[reads] = 0, 0
    for alt in range(low[reads], reads + 1):
        if shown[reads, alt]:
            number += 1
            for c in range(len(chance)):
                each = ways[reads, alt] * as_alt[alt, c] * as_ref[reads - alt, c]
                seen[reads, c] += each
                steep[reads, c] += each * alt
    for c in range(len(chance)):
        p = chance[c]
        steep[reads, c] = steep[reads, c] / p - (reads * seen[reads, c] - steep[reads, c]) / (1 - p)
    return number
