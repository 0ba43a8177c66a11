"""Peers of `bench accuracy`, `python accuracy-peers.py`: regressors of other packages.

One JSON document a line on stdin, one answer a line on stdout. The first, {}, is answered by
{versions} or {unavailable: why}. Every other is {X, y, groups, unseen, seed}: standardised training
rows (nRows, nFeatures), their targets, their groups or null, and rows to predict. The answer is
{predictions: {name: values}, cpuMs: {name: number}}, standardised. A peer that is too slow for so
many rows, or fails, has no answer.

Each is tuned lightly on a fifth of the training rows, groups kept whole, then fitted on all rows.
"""

import importlib.util
import json
import os
import resource
import sys
import warnings
from importlib.metadata import version

PACKAGES = ["scikit-learn", "xgboost", "lightgbm", "catboost"]
MODULES = {"scikit-learn": "sklearn"}
HOLD_OUT = 5
# Boosting stops when so many rounds brought nothing, and after so many in any case.
PATIENCE = 50
ROUNDS = 2000
# Quadratic and cubic methods are asked up to so many rows.
KERNEL_ROWS = 5000
GP_ROWS = 1500
MLP_ROWS = 5000


def hold_out(n_rows, groups, seed):
    from sklearn.model_selection import GroupShuffleSplit, ShuffleSplit

    splitter = ShuffleSplit if groups is None else GroupShuffleSplit
    split = splitter(1, test_size=1 / HOLD_OUT, random_state=seed)
    return next(split.split(range(n_rows), groups=groups))


def best_setting(fit, settings, X, y, rows):
    """The setting of least error on the held-out rows, and what its fit said (rounds, or None)."""
    import numpy as np

    seen, held = rows
    tried = []
    for setting in settings:
        model, rounds = fit(setting, X[seen], y[seen], X[held], y[held])
        error = float(np.mean((model.predict(X[held]) - y[held]) ** 2))
        tried.append((error, len(tried), rounds))
    _, place, rounds = min(tried)
    return settings[place], rounds


def tuned(make, settings):
    """A peer without rounds: make(setting, seed) is an estimator."""

    def run(X, y, unseen, rows, seed):
        def fit(setting, X, y, *_):
            return make(setting, seed).fit(X, y), None

        setting, _ = best_setting(fit, settings(len(y), X.shape[1]), X, y, rows)
        return make(setting, seed).fit(X, y).predict(unseen)

    return run


def boosted(make, fit_held, settings):
    """A boosting peer: rounds are chosen on the held-out rows, a quarter more for all rows."""

    def run(X, y, unseen, rows, seed):
        def fit(setting, *data):
            return fit_held(make(setting, ROUNDS, seed, True), *data)

        setting, rounds = best_setting(fit, settings, X, y, rows)
        full = make(setting, max(1, round(rounds * HOLD_OUT / (HOLD_OUT - 1))), seed, False)
        return full.fit(X, y).predict(unseen)

    return run


def forest(setting, seed):
    from sklearn.ensemble import RandomForestRegressor

    share, leaf = setting
    return RandomForestRegressor(
        200, max_features=share, min_samples_leaf=leaf, random_state=seed
    )


def hist_gb(setting, rounds, seed, held):
    from sklearn.ensemble import HistGradientBoostingRegressor

    rate, leaves, penalty = setting
    return HistGradientBoostingRegressor(
        learning_rate=rate,
        max_leaf_nodes=leaves,
        l2_regularization=penalty,
        min_samples_leaf=5,
        max_iter=rounds,
        early_stopping=False,
        random_state=seed,
    )


def hist_gb_held(model, X, y, held_X, held_y):
    """Its own early stopping draws rows at random: rounds are read from staged predictions."""
    import numpy as np

    model.set_params(max_iter=HIST_ROUNDS)
    model.fit(X, y)
    errors = [np.mean((said - held_y) ** 2) for said in model.staged_predict(held_X)]
    rounds = int(np.argmin(errors)) + 1
    return Staged(model, rounds), rounds


HIST_ROUNDS = 500


class Staged:
    def __init__(self, model, rounds):
        self.model, self.rounds = model, rounds

    def predict(self, X):
        for place, said in enumerate(self.model.staged_predict(X)):
            if place + 1 == self.rounds:
                return said


def xgboost(setting, rounds, seed, held):
    from xgboost import XGBRegressor

    rate, depth, child = setting
    return XGBRegressor(
        n_estimators=rounds,
        learning_rate=rate,
        max_depth=depth,
        min_child_weight=child,
        subsample=0.8,
        colsample_bytree=0.8,
        random_state=seed,
        n_jobs=1,
        early_stopping_rounds=PATIENCE if held else None,
    )


def xgboost_held(model, X, y, held_X, held_y):
    model.fit(X, y, eval_set=[(held_X, held_y)], verbose=False)
    return model, model.best_iteration + 1


def lightgbm(setting, rounds, seed, held):
    from lightgbm import LGBMRegressor, early_stopping

    rate, leaves, least = setting
    return LGBMRegressor(
        n_estimators=rounds,
        learning_rate=rate,
        num_leaves=leaves,
        min_child_samples=least,
        subsample=0.8,
        subsample_freq=1,
        colsample_bytree=0.8,
        random_state=seed,
        n_jobs=1,
        verbose=-1,
    )


def lightgbm_held(model, X, y, held_X, held_y):
    from lightgbm import early_stopping

    model.fit(X, y, eval_set=[(held_X, held_y)], callbacks=[early_stopping(PATIENCE, verbose=False)])
    return model, max(1, model.best_iteration_)


def catboost(setting, rounds, seed, held):
    from catboost import CatBoostRegressor

    rate, depth = setting
    return CatBoostRegressor(
        iterations=rounds,
        learning_rate=rate,
        depth=depth,
        random_seed=seed,
        thread_count=1,
        verbose=False,
        allow_writing_files=False,
    )


def catboost_held(model, X, y, held_X, held_y):
    model.fit(X, y, eval_set=(held_X, held_y), early_stopping_rounds=PATIENCE)
    return model, model.get_best_iteration() + 1


def svr(setting, seed):
    from sklearn.svm import SVR

    cost, width = setting
    return SVR(C=cost, gamma=width, epsilon=0.02)


def mlp(setting, seed):
    from sklearn.neural_network import MLPRegressor

    penalty, rate = setting
    return MLPRegressor(
        (64, 64),
        activation="relu",
        alpha=penalty,
        learning_rate_init=rate,
        batch_size=32,
        max_iter=400,
        n_iter_no_change=20,
        random_state=seed,
    )


def gp(setting, seed):
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import DotProduct, Matern, WhiteKernel

    kernel = 1.0 * Matern([3.0] * setting, (1e-2, 1e3), nu=2.5) + DotProduct() + WhiteKernel(0.1)
    return GaussianProcessRegressor(kernel, normalize_y=True, random_state=seed)


def plain_gp(X, y, unseen, rows, seed):
    """Its marginal likelihood tunes it."""
    return gp(X.shape[1], seed).fit(X, y).predict(unseen)


def forest_settings(n_rows, n_columns):
    shares = [1 / 3, 1.0] if n_columns > 2 else [1.0]
    return [(share, leaf) for share in shares for leaf in ([1, 3] if n_rows < 10000 else [1])]


PEERS = {
    "rf": (tuned(forest, forest_settings), None),
    "histgb": (
        boosted(hist_gb, hist_gb_held, [(0.1, 15, 0), (0.1, 31, 1), (0.05, 15, 1)]),
        None,
    ),
    "xgboost": (
        boosted(xgboost, xgboost_held, [(0.05, 3, 1), (0.05, 6, 3), (0.05, 9, 5)]),
        None,
    ),
    "lightgbm": (
        boosted(lightgbm, lightgbm_held, [(0.05, 7, 5), (0.05, 31, 10), (0.05, 127, 20)]),
        None,
    ),
    "catboost": (boosted(catboost, catboost_held, [(0.06, 4), (0.06, 7)]), None),
    "svr": (
        tuned(
            svr,
            lambda n_rows, n_columns: [
                (cost, factor / n_columns) for cost in (1, 10, 100) for factor in (0.1, 0.4, 1.5)
            ],
        ),
        KERNEL_ROWS,
    ),
    "sklearn-mlp": (
        tuned(mlp, lambda *_: [(a, r) for a in (1e-4, 1e-2) for r in (1e-3, 5e-3)]),
        MLP_ROWS,
    ),
    "sklearn-gp": (plain_gp, GP_ROWS),
}


def answer(X, y, groups, unseen, seed):
    import numpy as np

    X, y, unseen = np.array(X), np.array(y), np.array(unseen)
    rows = hold_out(len(y), groups, seed)
    predictions, cpu_ms = {}, {}
    for name, (run, most_rows) in PEERS.items():
        if most_rows is not None and len(y) > most_rows:
            continue
        started = cpu_seconds()
        try:
            said = np.asarray(run(X, y, unseen, rows, seed), dtype=float)
        except Exception as error:  # One that fails must not silence the others.
            print(f"{name}: {error}", file=sys.stderr)
            continue
        predictions[name] = said.tolist()
        cpu_ms[name] = 1000 * (cpu_seconds() - started)
    return {"predictions": predictions, "cpuMs": cpu_ms}


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def greet():
    for package in PACKAGES:
        if importlib.util.find_spec(MODULES.get(package, package)) is None:
            return {"unavailable": f"the package {package} is not installed"}
    versions = {package: version(package) for package in PACKAGES}
    return {"versions": {"python": sys.version.split()[0], **versions}}


def main():
    warnings.filterwarnings("ignore")
    os.environ.setdefault("LOKY_MAX_CPU_COUNT", "1")
    for line in sys.stdin:
        question = json.loads(line)
        print(json.dumps(answer(**question) if question else greet()), flush=True)


main()
