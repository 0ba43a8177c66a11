"""Peers of accuracy-peers.py with a model for each part of the data: rules, leaves or clusters."""

import numpy as np
from accuracy_tuning import tuned
from cubist import Cubist
from datalets import PartitionedRegressor
from lineartree import LinearForestRegressor, LinearTreeRegressor
from sklearn.linear_model import Ridge
from smt.applications import MOE

# What SMT's experts may be: of its kriging, KPLS alone ends in seconds, and its splines take memory
# that is exponential in the features. Quadratics and radial functions are singular on some
# clusters; the first list that can be fitted is taken.
SMT_EXPERTS = [
    ["LS", "QP", "RBF", "IDW", "KPLS"],
    ["LS", "IDW", "KPLS"],
    ["LS", "IDW"],
]


def cubist(setting, problem):
    committees, neighbors = setting
    return Cubist(n_committees=committees, neighbors=neighbors, random_state=problem.seed)


def linear_tree(setting, problem):
    depth, rows_a_column = setting
    least = max(10, rows_a_column * problem.X.shape[1])
    return LinearTreeRegressor(
        Ridge(alpha=0.1), max_depth=depth, min_samples_leaf=max(3, min(least, len(problem.y) // 8))
    )


def linear_forest(setting, problem):
    """A linear model, and a random forest on what it leaves."""
    share, depth = setting
    return LinearForestRegressor(
        Ridge(alpha=0.1),
        n_estimators=200,
        max_features=share,
        max_depth=depth,
        random_state=problem.seed,
    )


class SmtMixture:
    """SMT's mixture of experts; it draws its clusters by numpy's global generator."""

    def __init__(self, n_clusters, seed):
        self.n_clusters, self.seed = n_clusters, seed

    def fit(self, X, y):
        for allow in SMT_EXPERTS:
            np.random.seed(self.seed)
            model = MOE(n_clusters=self.n_clusters, allow=allow, xt=X, yt=y.reshape(-1, 1))
            try:
                model.train()
                self.model = model
                return self
            except Exception as error:  # Singular, or too few rows for an expert.
                failed = error
        raise failed

    def predict(self, X):
        return self.model.predict_values(X).ravel()


def partitioned(setting, problem):
    """A tournament of forests, boosting and plain models within each cluster."""
    return PartitionedRegressor(
        n_clusters=setting,
        candidates="default",
        cv=3,
        selection_metric="mse",
        random_state=problem.seed,
        progress=False,
    )


CUBIST = tuned(
    cubist,
    lambda *_: [(n, neighbors) for n in (10, 50) for neighbors in (None, 3, 9)],
)
LINEAR_TREE = tuned(
    linear_tree,
    lambda *_: [(depth, rows) for depth in (3, 5, 8) for rows in (3, 8)],
)
LINEAR_FOREST = tuned(
    linear_forest,
    lambda *_: [(share, depth) for share in (1 / 3, 1.0) for depth in (8, None)],
)
SMT_MOE = tuned(
    lambda n_clusters, problem: SmtMixture(n_clusters, problem.seed),
    lambda *_: [2, 4],
)
DATALETS = tuned(partitioned, lambda *_: [2, 4])
