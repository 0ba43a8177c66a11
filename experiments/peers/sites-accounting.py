# Makes ../sites/dp-accounting.json: epsilon of 200 random settings by Google's dp-accounting 0.6.0, by Renyi
# divergences and by privacy loss distributions, a row added or removed.
#   pip install dp-accounting==0.6.0 && python sites-accounting.py > ../sites/dp-accounting.json
import json
import math
import random

from dp_accounting import GaussianDpEvent, PoissonSampledDpEvent
from dp_accounting.pld import PLDAccountant
from dp_accounting.rdp import RdpAccountant

N = 200
rng = random.Random(1)


def log_uniform(least, most):
    return math.exp(rng.uniform(math.log(least), math.log(most)))


def epsilon(accountant, event, steps, delta):
    return accountant.compose(event, steps).get_epsilon(delta)


settings = []
while len(settings) < N:
    share = 1.0 if rng.random() < 0.1 else float(f"{log_uniform(1e-3, 0.5):.3g}")
    noise = float(f"{log_uniform(0.5, 20):.3g}")
    steps = round(log_uniform(1, 5000))
    delta = float(f"{log_uniform(1e-8, 1e-4):.1g}")
    event = GaussianDpEvent(noise)
    event = event if share == 1 else PoissonSampledDpEvent(share, event)
    rdp = epsilon(RdpAccountant(), event, steps, delta)
    # What no one would call private, or would call anything else, is left out.
    if not 0.05 < rdp < 20:
        continue
    pld = epsilon(PLDAccountant(), event, steps, delta)
    settings.append([share, noise, steps, delta, round(rdp, 7), round(pld, 7)])
print("[\n" + ",\n".join(json.dumps(setting) for setting in settings) + "\n]")
