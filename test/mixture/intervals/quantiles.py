"""Conformal quantiles by numpy, for conformal.test.ts: python quantiles.py > quantiles.json

Errors are Park and Miller's generator less a half, so that both sides have the same doubles. The
ceil((n + 1) L)-th smallest of n is numpy's quantile at (rank - 1) / (n - 1), method "higher"; half
a rank less, against rounding. `next` is as many ranks on as lie between two of 2,000 quantiles.
"""

import json
import sys
from fractions import Fraction
from math import ceil

import numpy as np

SIZES = [9, 137, 2000, 2001, 12_345, 100_000]
LEVELS = ["0.5", "0.8", "0.9", "0.95", "0.99"]


def errors(n):
    x, found = 20_260, []
    for _ in range(n):
        x = 16_807 * x % 2_147_483_647
        found.append(x / 2_147_483_647 - 0.5)
    return np.array(found)


def smallest(sizes, rank):
    value = np.quantile(sizes, (rank - 1.5) / (len(sizes) - 1), method="higher")
    assert value == np.sort(sizes)[rank - 1]
    return float(value)


cases = []
for n in SIZES:
    sizes = np.abs(errors(n))
    for level in LEVELS:
        rank = ceil((n + 1) * Fraction(level))
        if rank > n:
            continue
        beyond = smallest(sizes, min(n, rank + ceil(n / 2000)))
        cases.append({"n": n, "level": float(level), "exact": smallest(sizes, rank), "next": beyond})
json.dump({"numpy": np.__version__, "cases": cases}, sys.stdout, indent=1)
print()
