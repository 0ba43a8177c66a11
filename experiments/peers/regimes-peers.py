"""Peers of `bench regimes`, `python regimes-peers.py NAME`: told the true number of regimes.

One JSON document a line on stdin, one answer a line on stdout. The first, {}, is answered by
{versions} or {unavailable: why}. Every other is {X, y, testX, nRegimes, seed}: standardised
training rows (nRows, nFeatures), their targets, and rows to route. The answer is {labels,
predictions, cpuMs}, of the test rows and in standardised units (labels are null of a peer without
regimes), or {failed: why}: then the next may be asked.

All route hard. Linear experts get cubic terms where the features are few.
"""

import importlib.util
import json
import math
import os
import resource
import sys
import types
import warnings
from importlib.metadata import version

PACKAGES = {
    "k-means": ["scikit-learn"],
    "gaussian-mixture": ["scikit-learn"],
    "smt-moe": ["smt", "scikit-learn"],
    "parc": ["pyparc", "scikit-learn"],
    "linear-tree": ["linear-tree", "scikit-learn"],
    "hist-gradient-boosting": ["scikit-learn"],
    "catboost": ["catboost"],
}
CUBIC_FEATURES = 3
RESTARTS = 10
KRIGING_ROWS = 1000  # Of more it takes many minutes.
PARC_RESTARTS = 4  # Of a minute each.


def k_means(X, y, test_x, n_regimes, seed):
    """Clusters of x alone, a net each."""
    from sklearn.cluster import KMeans

    clusters = KMeans(n_regimes, n_init=RESTARTS, random_state=seed).fit(X)
    labels = clusters.predict(test_x)
    return labels, predict_by_nets((X, y, clusters.labels_), (test_x, labels), seed)


def gaussian_mixture(X, y, test_x, n_regimes, seed):
    """Clusters of (x, y); a support vector machine routes by x, a net predicts each."""
    import numpy as np
    from sklearn.mixture import GaussianMixture
    from sklearn.svm import SVC

    joint = np.column_stack([X, y])
    mixture = GaussianMixture(n_regimes, n_init=RESTARTS, random_state=seed)
    found = mixture.fit_predict(joint)
    if len(np.unique(found)) == 1:
        labels = np.full(len(test_x), found[0])
    else:
        labels = SVC(C=10).fit(X, found).predict(test_x)
    return labels, predict_by_nets((X, y, found), (test_x, labels), seed)


def smt_moe(X, y, test_x, n_regimes, seed):
    """SMT's mixture of experts, its own choice; linear experts where others cannot be fitted."""
    import numpy as np
    from smt.applications import MOE

    kriging = ["KRG", "KPLS", "KPLSK"]
    many = ["QP", "RBF", "IDW", "RMTB", "RMTC", *kriging]
    for deny in [kriging if len(X) > KRIGING_ROWS else [], many]:
        np.random.seed(seed)
        options = {"n_clusters": n_regimes, "smooth_recombination": False, "deny": deny}
        model = MOE(**options, xt=X, yt=y.reshape(-1, 1))
        try:
            model.train()
            return model._proba_cluster(test_x).argmax(axis=1), model.predict_values(test_x).ravel()
        except Exception as error:  # Singular, or too few rows for an expert.
            failed = error
    raise failed


def parc(X, y, test_x, n_regimes, seed):
    """Piecewise affine regression with a partition of x by linear inequalities."""
    import numpy as np
    from pyparc.parc import PARC

    np.random.seed(seed)
    terms = cubic_terms(X)
    raw = np.arange(terms(X).shape[1]) < X.shape[1]
    fits = []
    for start in [("kmeans", 1), ("random", 0)] * (PARC_RESTARTS // 2):
        model = PARC(K=n_regimes, alpha=1e-4, initialization=start, verbose=0)
        model.fit(terms(X), y.reshape(-1, 1), feature_selection=raw)
        error = np.mean((model.predict(terms(X))[0].ravel() - y) ** 2)
        fits.append((error, len(fits), model))
    predictions, labels = min(fits)[2].predict(terms(test_x))[:2]
    return labels, predictions.ravel()


def linear_tree(X, y, test_x, n_regimes, seed):
    """A tree of axis-parallel splits, as deep as so many leaves need, a linear model a leaf."""
    import numpy as np
    from lineartree import LinearTreeRegressor
    from sklearn.linear_model import Ridge

    terms = cubic_terms(X)
    model = LinearTreeRegressor(
        Ridge(alpha=1e-4),
        max_depth=max(1, math.ceil(math.log2(n_regimes))),
        max_bins=100,
        min_samples_leaf=max(3, len(X) // 50),
        split_features=list(range(X.shape[1])),
    )
    model.fit(terms(X), y)
    _, labels = np.unique(model.apply(terms(test_x)), return_inverse=True)
    return labels, model.predict(terms(test_x))


def hist_gradient_boosting(X, y, test_x, n_regimes, seed):
    """Boosted trees; they have no regimes to name."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    model = HistGradientBoostingRegressor(max_iter=500, early_stopping=True, random_state=seed)
    return None, model.fit(X, y).predict(test_x)


def catboost(X, y, test_x, n_regimes, seed):
    """The same, with CatBoost's defaults: a thousand trees."""
    from catboost import CatBoostRegressor

    options = {"random_seed": seed, "verbose": False, "thread_count": 1}
    model = CatBoostRegressor(**options, allow_writing_files=False)
    return None, model.fit(X, y).predict(test_x)


def cubic_terms(X):
    """All products of up to three features where they are few; the features come first."""
    from sklearn.preprocessing import PolynomialFeatures

    degree = 3 if X.shape[1] <= CUBIC_FEATURES else 1
    return PolynomialFeatures(degree, include_bias=False).fit(X).transform


def predict_by_nets(train, test, seed):
    import numpy as np
    from sklearn.neural_network import MLPRegressor

    X, y, found = train
    test_x, labels = test
    predictions = np.zeros(len(test_x))
    for regime in np.unique(labels):
        own, asked = found == regime, labels == regime
        net = MLPRegressor(
            hidden_layer_sizes=(32, 32),
            activation="tanh",
            solver="lbfgs",
            alpha=1e-3,
            max_iter=1000,
            random_state=seed,
        )
        predictions[asked] = net.fit(X[own], y[own]).predict(test_x[asked])
    return predictions


def load(name):
    """Imports what the peer needs. pyparc draws with pypoman, and is not asked to."""
    if importlib.util.find_spec("pypoman") is None:
        sys.modules["pypoman"] = types.ModuleType("pypoman")
    modules = {"smt-moe": "smt.applications", "parc": "pyparc.parc", "linear-tree": "lineartree", "catboost": "catboost"}
    importlib.import_module(modules.get(name, "sklearn"))
    return {package: version(package) for package in PACKAGES[name]}


def answer(solve, request):
    import numpy as np

    X, y, test_x = (np.array(request[name], dtype=float) for name in ("X", "y", "testX"))
    before = cpu_ms()
    try:
        labels, predictions = solve(X, y, test_x, request["nRegimes"], request["seed"])
    except Exception as error:  # Whatever a library throws is its answer to this request.
        return {"failed": f"{type(error).__name__}: {error}"}
    return {
        "labels": None if labels is None else [int(label) for label in labels],
        "predictions": [float(value) for value in predictions],
        "cpuMs": cpu_ms() - before,
    }


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

    name = sys.argv[1]
    sys.stdin.readline()
    try:
        say({"versions": load(name)})
    except ImportError as error:
        say({"unavailable": str(error)})
        return
    solve = globals()[name.replace("-", "_")]
    for line in sys.stdin:
        say(answer(solve, json.loads(line)))


main()
