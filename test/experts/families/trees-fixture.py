"""What scikit-learn's histogram boosting and extremely randomised trees reach on committed sets: printed as JSON.

Test rows are those whose number is a multiple of 5; the boosting's size is chosen on a fifth of the
others. Written to trees-scikit-learn.json by: python test/experts/families/trees-fixture.py > it
"""

import json
import sys

import numpy
import pandas
import sklearn
from sklearn.ensemble import ExtraTreesRegressor, HistGradientBoostingRegressor

SETS = ("concrete", "diabetes")


def errors(name):
    target = json.load(open(f"datasets/{name}.json"))["target"]
    table = pandas.read_csv(f"datasets/{name}.csv.gz").dropna()
    X = table.drop(columns=[target]).to_numpy(dtype=float)
    y = table[target].to_numpy(dtype=float)
    test = numpy.arange(len(y)) % 5 == 0
    seen, unseen = ~test, test
    best = (numpy.inf, None)
    order = numpy.random.default_rng(1).permutation(numpy.flatnonzero(seen))
    held, rest = order[: len(order) // 5], order[len(order) // 5 :]
    for depth in (2, 4, 6):
        model = HistGradientBoostingRegressor(
            learning_rate=0.05, max_depth=depth, max_iter=1000, early_stopping=False, random_state=1
        ).fit(X[rest], y[rest])
        losses = [numpy.mean((p - y[held]) ** 2) for p in model.staged_predict(X[held])]
        best = min(best, (min(losses), (depth, int(numpy.argmin(losses)) + 1)))
    depth, rounds = best[1]
    boosted = HistGradientBoostingRegressor(
        learning_rate=0.05, max_depth=depth, max_iter=int(1.15 * rounds), random_state=1
    ).fit(X[seen], y[seen])
    forest = ExtraTreesRegressor(100, random_state=1).fit(X[seen], y[seen])
    mse = lambda model: float(numpy.mean((model.predict(X[unseen]) - y[unseen]) ** 2))
    return {"trees": mse(boosted), "forest": mse(forest)}


json.dump(
    {
        "versions": {"scikit-learn": sklearn.__version__, "numpy": numpy.__version__},
        "sets": {name: errors(name) for name in SETS},
    },
    sys.stdout,
    indent=1,
)
