"""Peers of accuracy-peers.py that are one smooth function: kernels and a net of scikit-learn."""

from accuracy_tuning import tuned
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import DotProduct, Matern, WhiteKernel
from sklearn.neural_network import MLPRegressor
from sklearn.svm import SVR


def svr(setting, problem):
    cost, factor = setting
    return SVR(C=cost, gamma=factor / problem.X.shape[1], epsilon=0.02)


def mlp(setting, problem):
    penalty, rate = setting
    return MLPRegressor(
        (64, 64),
        activation="relu",
        alpha=penalty,
        learning_rate_init=rate,
        batch_size=32,
        max_iter=400,
        n_iter_no_change=20,
        random_state=problem.seed,
    )


def gp(problem):
    """Its marginal likelihood tunes it."""
    X, y, _, unseen, seed = problem
    lengths = [3.0] * X.shape[1]
    kernel = 1.0 * Matern(lengths, (1e-2, 1e3), nu=2.5) + DotProduct() + WhiteKernel(0.1)
    model = GaussianProcessRegressor(kernel, normalize_y=True, random_state=seed)
    return model.fit(X, y).predict(unseen)


SVM = tuned(svr, lambda *_: [(cost, f) for cost in (1, 10, 100) for f in (0.1, 0.4, 1.5)])
MLP = tuned(mlp, lambda *_: [(a, r) for a in (1e-4, 1e-2) for r in (1e-3, 5e-3)])
GP = gp
