"""Writes piecewise-scikit-learn.json: inputs encoded by scikit-learn's splines of degree 1.

How far an input is through a bin is the sum of the hats of all knots behind the bin's start.

    pip install scikit-learn==1.6.1 && python test/experts/families/piecewise-fixture.py
"""

import json
from pathlib import Path

import numpy as np
from sklearn.preprocessing import SplineTransformer

rng = np.random.default_rng(1)
knots = np.sort(rng.normal(size=(6, 3)), axis=0)
X = 2 * rng.normal(size=(40, 3))
splines = SplineTransformer(degree=1, knots=knots, extrapolation="constant")
hats = splines.fit(knots).transform(X).reshape(len(X), 3, 6)
through = np.cumsum(hats[:, :, ::-1], axis=2)[:, :, ::-1][:, :, 1:]
encoded = np.concatenate([X[:, :, None], 2 * through - 1], axis=2).reshape(len(X), -1)
content = {"knots": knots.T.tolist(), "X": X.tolist(), "encoded": encoded.tolist()}
Path(__file__).with_name("piecewise-scikit-learn.json").write_text(json.dumps(content) + "\n")
