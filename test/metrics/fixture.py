"""What scipy says of the same numbers: printed as JSON.

Written to ranks-scipy.json by: python test/metrics/fixture.py > that file
"""

import json
import sys

import numpy
import scipy
from scipy import stats

rng = numpy.random.default_rng(1)


def signed_rank(differences):
    """Every assignment of signs is tried where values are tied, which the exact table leaves out."""
    apart = [d for d in differences if d != 0]
    tied = len(set(map(abs, apart))) < len(apart)
    method = stats.PermutationMethod(n_resamples=numpy.inf) if tied else "exact"
    outcome = stats.wilcoxon(apart, method=method)
    ranks = stats.rankdata(numpy.abs(apart))
    positive = float(sum(rank for rank, d in zip(ranks, apart) if d > 0))
    return {"differences": list(differences), "positive": positive, "p": float(outcome.pvalue)}


errors = rng.integers(1, 9, size=(12, 5)).astype(float)
json.dump(
    {
        "versions": {"scipy": scipy.__version__, "numpy": numpy.__version__},
        "signedRank": [
            signed_rank((rng.normal(size=n) + shift).round(3).tolist())
            for n, shift in [(4, 0), (9, 0.5), (20, 0.4), (20, 1), (45, 0.3)]
        ]
        + [signed_rank([1.0, -1.0, 2.0, 2.0, 3.0, 0.0, -0.5, 4.0])],
        "errors": errors.tolist(),
        "ranks": stats.rankdata(errors, axis=1).mean(axis=0).tolist(),
        "q05": [
            float(stats.studentized_range.ppf(0.95, k, numpy.inf) / numpy.sqrt(2))
            for k in range(2, 21)
        ],
        "binomial": [
            [n, share, *map(float, stats.binom.interval(0.99, n, share))]
            for n in (1, 20, 21, 57, 400, 5000)
            for share in (0.9, 0.5, 0.05)
        ],
    },
    sys.stdout,
    indent=1,
)
print()
