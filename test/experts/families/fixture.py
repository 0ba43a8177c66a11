"""What scikit-learn says of a Gaussian process with these scales: printed as JSON.

Written to gp-scikit-learn.json by: python test/experts/families/fixture.py > that file
"""

import json
import sys

import numpy
import sklearn
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, DotProduct, Matern, WhiteKernel

rng = numpy.random.default_rng(1)
X = rng.normal(size=(40, 3)).astype(numpy.float32).astype(float)
y = (numpy.sin(X[:, 0]) + 0.5 * X[:, 1] + 0.1 * rng.normal(size=40)).astype(numpy.float32).astype(float)
Z = rng.normal(size=(10, 3)).astype(numpy.float32).astype(float)
lengths, signal, noise, linear = [0.8, 1.7, 3.0], 1.2, 0.15, 0.6
# k(x, z) of the package: linear x.z / d; its jitter of 1e-6 beside the noise.
kernel = (
    ConstantKernel(signal**2) * Matern(length_scale=lengths, nu=2.5)
    + ConstantKernel(linear**2 / 3) * DotProduct(sigma_0=1e-10)
    + WhiteKernel(noise**2 + 1e-6)
)
gp = GaussianProcessRegressor(kernel, optimizer=None, alpha=0.0).fit(X, y)
json.dump(
    {
        "versions": {"scikit-learn": sklearn.__version__, "numpy": numpy.__version__},
        "X": X.tolist(),
        "y": y.tolist(),
        "Z": Z.tolist(),
        "lengths": lengths,
        "signal": signal,
        "noise": noise,
        "linear": linear,
        "logLikelihood": gp.log_marginal_likelihood(),
        "answers": gp.predict(Z).tolist(),
    },
    sys.stdout,
    indent=1,
)
