"""Shapley values by the package shap, for test/system/shap.test.ts.

Reads cases as JSON on stdin. A case has the worth of every coalition of its columns; a case of one
linear model or of trees has the model too. Prints the values of each case by each explainer.
"""

import json
import sys

import numpy as np
import shap


def exact(case):
    worths = np.array(case["worths"])
    n = case["nColumns"]

    def game(z):
        return worths[(np.asarray(z) > 0.5).astype(int) @ (1 << np.arange(n))]

    masker = shap.maskers.Independent(np.zeros((1, n)))
    return shap.explainers.Exact(game, masker)(np.ones((1, n))).values[0]


def linear(case):
    model = case["linear"]
    background = np.array(case["background"])
    explainer = shap.LinearExplainer(
        (np.array(model["coefficients"]), model["intercept"]), shap.maskers.Independent(background)
    )
    return explainer.shap_values(np.array([case["row"]]))[0]


def trees(case):
    parts = []
    for tree in case["trees"]["trees"]:
        features = np.array(tree["features"])
        parts.append(
            {
                "children_left": np.array(tree["left"]),
                "children_right": np.array(tree["right"]),
                "children_default": np.array(tree["left"]),
                "features": features,
                "thresholds": np.array(tree["thresholds"]),
                "values": np.array(tree["values"]).reshape(-1, 1),
                "node_sample_weight": np.ones(len(features)),
            }
        )
    model = {"trees": parts, "base_offset": case["trees"]["base"]}
    explainer = shap.TreeExplainer(
        model, data=np.array(case["background"]), feature_perturbation="interventional"
    )
    return explainer.shap_values(np.array([case["row"]]))[0]


found = []
for case in json.load(sys.stdin):
    values = {"exact": exact(case)}
    if "linear" in case:
        values["linear"] = linear(case)
    if "trees" in case:
        values["trees"] = trees(case)
    found.append({name: np.asarray(v).reshape(-1).tolist() for name, v in values.items()})
json.dump(found, sys.stdout)
