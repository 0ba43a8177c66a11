"""Peers of `bench accuracy`, `python accuracy-peers.py`: regressors of other packages.

One JSON document a line on stdin, one answer a line on stdout. The first, {}, is answered by
{versions} or {unavailable: why}. Every other is {X, y, groups, unseen, seed, tier}: standardised
training rows (nRows, nFeatures), their targets, their groups or null, rows to predict, and
"core" for a few fast peers or "all". The answer is {predictions: {name: values}, cpuMs: {name:
number}, failed: {name: why}}, predictions standardised. A peer that is too slow for so many rows is
not asked; one that fails, crashes or needs too long is in failed, and the others answer.

Each peer is tuned lightly on a fifth of the training rows, as accuracy_tuning.py says.
"""

import json
import multiprocessing
import os
import resource
import signal
import sys
import warnings
from importlib.metadata import version

PACKAGES = [
    "scikit-learn",
    "xgboost",
    "lightgbm",
    "catboost",
    "cubist",
    "datalets",
    "linear-tree",
    "smt",
]
CORE = {"rf", "histgb", "xgboost", "lightgbm"}
# A peer's CPU seconds at most.
LIMIT_S = 900


def load_peers():
    """By name: the peer, and how many training rows it is asked about at most."""
    import accuracy_local as local
    import accuracy_smooth as smooth
    import accuracy_trees as trees

    no_limit = sys.maxsize
    return {
        "rf": (trees.RF, no_limit),
        "histgb": (trees.HIST_GB, no_limit),
        "xgboost": (trees.XGBOOST, no_limit),
        "lightgbm": (trees.LIGHTGBM, no_limit),
        "catboost": (trees.CATBOOST, no_limit),
        "cubist": (local.CUBIST, 20000),
        "linear-tree": (local.LINEAR_TREE, 5000),
        "linear-forest": (local.LINEAR_FOREST, 20000),
        "datalets": (local.DATALETS, 3000),
        "smt-moe": (local.SMT_MOE, 800),
        "svr": (smooth.SVM, 5000),
        "sklearn-mlp": (smooth.MLP, 5000),
        "sklearn-gp": (smooth.GP, 1500),
    }


def answer(peers, tier, X, y, groups, unseen, seed):
    import numpy as np
    from accuracy_tuning import Problem

    groups = None if groups is None else np.array(groups)
    problem = Problem(np.array(X), np.array(y), groups, np.array(unseen), seed)
    outcomes = {
        name: run_alone(run, problem)
        for name, (run, most_rows) in peers.items()
        if (tier == "all" or name in CORE) and len(y) <= most_rows
    }
    fields = ("predictions", "cpuMs", "failed")
    return {
        field: {name: outcome[field] for name, outcome in outcomes.items() if field in outcome}
        for field in fields
    }


def run_alone(run, problem):
    """In a process of its own, so that a crash or a call without end is this peer's alone."""
    forks = multiprocessing.get_context("fork")
    receiving, sending = forks.Pipe(duplex=False)
    child = forks.Process(target=run_within_limit, args=(run, problem, sending))
    child.start()
    sending.close()
    try:
        outcome = receiving.recv()
    except EOFError:
        outcome = None
    child.join()
    receiving.close()
    return outcome or {"failed": why_ended(child.exitcode)}


def run_within_limit(run, problem, sending):
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT_S, LIMIT_S + 1))
    try:
        outcome = {"predictions": checked(run(problem), len(problem.unseen))}
    except Exception as error:  # Whatever a library throws is its answer.
        outcome = {"failed": f"{type(error).__name__}: {error}"}
    used = resource.getrusage(resource.RUSAGE_SELF)
    sending.send({**outcome, "cpuMs": 1000 * (used.ru_utime + used.ru_stime)})


def checked(said, n_values):
    import numpy as np

    values = np.asarray(said, dtype=float).ravel()
    if len(values) != n_values:
        raise ValueError(f"it must predict {n_values} values, not {len(values)}")
    if not np.isfinite(values).all():
        raise ValueError("its predictions must be finite")
    return values.tolist()


def why_ended(exit_code):
    if exit_code == -signal.SIGXCPU:
        return f"it needed more than {LIMIT_S} s of CPU"
    return f"its process ended with exit code {exit_code}"


def main():
    # What libraries print is not an answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    os.environ.setdefault("LOKY_MAX_CPU_COUNT", "1")
    sys.dont_write_bytecode = True

    def say(document):
        print(json.dumps(document), file=answers, flush=True)

    sys.stdin.readline()
    try:
        peers = load_peers()
        versions = {package: version(package) for package in PACKAGES}
    except ImportError as error:
        say({"unavailable": str(error)})
        return
    say({"versions": {"python": sys.version.split()[0], **versions}})
    for line in sys.stdin:
        say(answer(peers, **json.loads(line)))


main()
