"""Peers of `bench update`, `python update-river.py NAME`: river's adaptive regressors.

One JSON document a line on stdin, one answer a line on stdout. The first, {}, is answered by
{versions} or {unavailable: why}. Every other is {X, y, nWarm, seed}: rows in the order in which they
came and their targets. Each row is predicted, then learnt from, from the first on; the answer is
{predictions, cpuMs}, of the rows from nWarm on, or {failed: why}.
"""

import json
import os
import resource
import sys
import warnings
from importlib.metadata import version


def models(seed):
    from river import compose, ensemble, linear_model, neighbors, optim, preprocessing, rules, tree

    def scaled(model):
        return compose.Pipeline(preprocessing.StandardScaler(), model)

    return {
        "linear": lambda: scaled(linear_model.LinearRegression(optimizer=optim.Adam(0.1))),
        "hoeffding-adaptive": lambda: scaled(tree.HoeffdingAdaptiveTreeRegressor(seed=seed)),
        "adaptive-forest": lambda: make_forest(seed),
        "adaptive-rules": lambda: scaled(rules.AMRules()),
        "nearest-window": lambda: scaled(neighbors.KNNRegressor(n_neighbors=8)),
        "random-patches": lambda: ensemble.SRPRegressor(
            model=tree.HoeffdingAdaptiveTreeRegressor(seed=seed), n_models=5, seed=seed
        ),
    }


def make_forest(seed):
    from river import forest

    return forest.ARFRegressor(n_models=10, seed=seed)


def solve(make, X, y, n_warm):
    model = make()
    predictions = []
    for i, (row, target) in enumerate(zip(X, y)):
        x = {f"x{j}": value for j, value in enumerate(row)}
        if i >= n_warm:
            predictions.append(float(model.predict_one(x) or 0.0))
        model.learn_one(x, target)
    return predictions


def answer(make, request):
    before = cpu_ms()
    try:
        predictions = solve(make, request["X"], request["y"], request["nWarm"])
    except Exception as error:  # Whatever a library throws is its answer to this request.
        return {"failed": f"{type(error).__name__}: {error}"}
    return {"predictions": predictions, "cpuMs": cpu_ms() - before}


def cpu_ms():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return 1000 * (usage.ru_utime + usage.ru_stime)


def main():
    # What libraries print is not an answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")

    def say(document):
        print(json.dumps(document), file=answers, flush=True)

    sys.stdin.readline()
    try:
        import river  # noqa: F401

        say({"versions": {"river": version("river")}})
    except ImportError as error:
        say({"unavailable": str(error)})
        return
    for line in sys.stdin:
        request = json.loads(line)
        say(answer(models(request["seed"])[sys.argv[1]], request))


main()
