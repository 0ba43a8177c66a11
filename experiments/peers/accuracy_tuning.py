"""How a peer of accuracy-peers.py is tuned: lightly, on rows held out of the training rows.

A peer is a function of a Problem that returns predictions of its unseen rows. It is tuned on a
fifth of the training rows, groups kept whole, then fitted on all of them. A setting is a plain
tuple or number, which only the peer itself understands.
"""

from typing import NamedTuple

import numpy as np
from sklearn.model_selection import GroupShuffleSplit, ShuffleSplit

HOLD_OUT = 5


class Problem(NamedTuple):
    """X (n_rows, n_columns), y (n_rows), groups (n_rows) or None, unseen (n_unseen, n_columns)."""

    X: np.ndarray
    y: np.ndarray
    groups: np.ndarray | None
    unseen: np.ndarray
    seed: int


def hold_out(problem):
    """Places of the rows to fit on, and of those held out."""
    splitter = ShuffleSplit if problem.groups is None else GroupShuffleSplit
    split = splitter(1, test_size=1 / HOLD_OUT, random_state=problem.seed)
    return next(split.split(problem.X, groups=problem.groups))


def best_setting(fit, settings, problem):
    """The setting of least error on the held-out rows, and what its fit said (rounds, or None).

    fit(setting, X, y, held_X, held_y) returns a model and that. A setting that cannot be fitted is
    out; if none can be, the last reason is raised.
    """
    X, y = problem.X, problem.y
    seen, held = hold_out(problem)
    tried, reason = [], ValueError("its predictions must be finite")
    for setting in settings:
        try:
            model, rounds = fit(setting, X[seen], y[seen], X[held], y[held])
            error = float(np.mean((model.predict(X[held]) - y[held]) ** 2))
        except Exception as error_of_fit:  # Singular, or too few rows for so many parts.
            reason = error_of_fit
            continue
        if np.isfinite(error):
            tried.append((error, len(tried), setting, rounds))
    if not tried:
        raise reason
    return min(tried)[2:]


def tuned(make, settings, make_rough=None):
    """A peer without rounds: make(setting, problem) is an estimator.

    make_rough is what settings are compared by, if make's estimators are too slow for that.
    settings is a function of n_rows and n_columns.
    """

    def run(problem):
        def fit(setting, X, y, *_):
            return (make_rough or make)(setting, problem).fit(X, y), None

        setting, _ = best_setting(fit, settings(*problem.X.shape), problem)
        return make(setting, problem).fit(problem.X, problem.y).predict(problem.unseen)

    return run


def boosted(make, fit_held, settings):
    """A boosting peer: rounds are chosen on the held-out rows, a quarter more for all rows.

    make(setting, seed, rounds) is an estimator; rounds is None for one that fit_held stops early.
    settings is a function of n_rows.
    """

    def run(problem):
        def fit(setting, *data):
            return fit_held(make(setting, problem.seed, None), *data)

        setting, rounds = best_setting(fit, settings(len(problem.y)), problem)
        full = make(setting, problem.seed, max(1, round(rounds * HOLD_OUT / (HOLD_OUT - 1))))
        return full.fit(problem.X, problem.y).predict(problem.unseen)

    return run
