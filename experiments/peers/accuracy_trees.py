"""Peers of accuracy-peers.py that are sums of trees: a random forest and four of boosting.

On many rows, fewer settings and larger steps are tried: deeper trees are what such data asks for.
"""

from itertools import count

import numpy as np
from accuracy_tuning import boosted, tuned
from catboost import CatBoostRegressor
from lightgbm import LGBMRegressor, early_stopping
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
from xgboost import XGBRegressor

FEW_ROWS = 3000
MANY_ROWS = 20000
# Boosting stops when so many rounds brought nothing, and after so many in any case.
PATIENCE = 30
PATIENCE_ON_FEW_ROWS = 60
PATIENCE_OF_CATBOOST = 100  # Its errors go up and down more.
ROUNDS = 3000
BINS = 256
TREES = 200
TREES_OF_MANY_ROWS = 100
ROUGH_TREES = 50
ROUGH_TREES_OF_MANY_ROWS = 20


def by_rows(few, some, many):
    """Settings of boosting by n_rows."""
    return lambda n_rows: few if n_rows <= FEW_ROWS else some if n_rows <= MANY_ROWS else many


def patience(n_rows):
    return PATIENCE_ON_FEW_ROWS if n_rows <= FEW_ROWS else PATIENCE


def forest(setting, problem):
    is_many = len(problem.y) > MANY_ROWS
    return forest_of(TREES_OF_MANY_ROWS if is_many else TREES, setting, problem.seed)


def rough_forest(setting, problem):
    is_many = len(problem.y) > MANY_ROWS
    return forest_of(ROUGH_TREES_OF_MANY_ROWS if is_many else ROUGH_TREES, setting, problem.seed)


def forest_of(n_trees, setting, seed):
    share, leaf = setting
    return RandomForestRegressor(
        n_trees, max_features=share, min_samples_leaf=leaf, random_state=seed
    )


def forest_settings(n_rows, n_columns):
    if n_rows > MANY_ROWS:
        return [(1 / 3, 1), (2 / 3, 1)]
    shares = [1 / 3, 1.0] if n_columns > 2 else [1.0]
    return [(share, leaf) for share in shares for leaf in (1, 3)]


def hist_gb(setting, seed, rounds):
    rate, leaves, penalty = setting
    return HistGradientBoostingRegressor(
        learning_rate=rate,
        max_leaf_nodes=leaves,
        l2_regularization=penalty,
        min_samples_leaf=5,
        max_iter=rounds or ROUNDS,
        early_stopping=False,
        random_state=seed,
    )


def hist_gb_held(model, X, y, held_X, held_y):
    """Its own early stopping would draw rows at random: rounds are added until the best is old."""
    model.set_params(warm_start=True)
    for extension in count():
        model.set_params(max_iter=min(ROUNDS, round(100 * 1.5**extension))).fit(X, y)
        errors = [np.mean((said - held_y) ** 2) for said in model.staged_predict(held_X)]
        rounds = int(np.argmin(errors)) + 1
        if rounds + patience(len(y)) < model.max_iter or model.max_iter == ROUNDS:
            return Staged(model, rounds), rounds


class Staged:
    """A fitted model of sklearn after its first rounds."""

    def __init__(self, model, rounds):
        self.model, self.rounds = model, rounds

    def predict(self, X):
        stages = zip(range(self.rounds), self.model.staged_predict(X))
        return [said for _, said in stages][-1]


def xgboost(setting, seed, rounds):
    rate, depth, child = setting
    return XGBRegressor(
        n_estimators=rounds or ROUNDS,
        learning_rate=rate,
        max_depth=depth,
        min_child_weight=child,
        subsample=0.8,
        colsample_bytree=0.8,
        tree_method="hist",
        max_bin=BINS,
        random_state=seed,
        n_jobs=1,
    )


def xgboost_held(model, X, y, held_X, held_y):
    model.set_params(early_stopping_rounds=patience(len(y)))
    model.fit(X, y, eval_set=[(held_X, held_y)], verbose=False)
    return model, model.best_iteration + 1


def lightgbm(setting, seed, rounds):
    rate, leaves, least = setting
    return LGBMRegressor(
        n_estimators=rounds or ROUNDS,
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
    stop = early_stopping(patience(len(y)), verbose=False)
    model.fit(X, y, eval_set=[(held_X, held_y)], callbacks=[stop])
    return model, max(1, model.best_iteration_)


def catboost(setting, seed, rounds):
    rate, depth = setting
    return CatBoostRegressor(
        iterations=rounds or ROUNDS,
        learning_rate=rate,
        depth=depth,
        random_seed=seed,
        thread_count=1,
        verbose=False,
        allow_writing_files=False,
    )


def catboost_held(model, X, y, held_X, held_y):
    model.fit(X, y, eval_set=(held_X, held_y), early_stopping_rounds=PATIENCE_OF_CATBOOST)
    return model, model.get_best_iteration() + 1


RF = tuned(forest, forest_settings, rough_forest)
# Settings: rate, leaves at most, penalty.
HIST_GB = boosted(
    hist_gb,
    hist_gb_held,
    by_rows(
        [(0.1, 7, 0), (0.05, 15, 1), (0.1, 31, 1)],
        [(0.1, 15, 0), (0.1, 31, 1), (0.05, 63, 1)],
        [(0.2, 31, 1), (0.15, 127, 1)],
    ),
)
# Settings: rate, depth, least weight of a leaf.
XGBOOST = boosted(
    xgboost,
    xgboost_held,
    by_rows(
        [(0.03, 3, 1), (0.05, 4, 1), (0.05, 6, 3), (0.05, 9, 5)],
        [(0.1, 3, 1), (0.05, 6, 3), (0.05, 9, 5), (0.05, 12, 5)],
        [(0.1, 6, 3), (0.1, 9, 5), (0.06, 12, 5)],
    ),
)
# Settings: rate, leaves at most, least rows of a leaf.
LIGHTGBM = boosted(
    lightgbm,
    lightgbm_held,
    by_rows(
        [(0.03, 7, 5), (0.05, 15, 5), (0.05, 31, 10), (0.05, 127, 20)],
        [(0.1, 7, 5), (0.05, 31, 10), (0.05, 127, 20), (0.05, 255, 20)],
        [(0.1, 31, 10), (0.1, 127, 20), (0.06, 255, 20)],
    ),
)
# Settings: rate, depth.
CATBOOST = boosted(
    catboost,
    catboost_held,
    by_rows([(0.06, 4), (0.06, 7)], [(0.06, 4), (0.06, 7)], [(0.15, 7), (0.15, 10)]),
)
