"""The peer "torch": PyTorch, eager, one thread. See serve.mjs for the protocol.

Two styles: Adam as it comes, and Adam with one call for all tensors ("foreach").
"""

import base64
import json
import resource
import sys


def main():
    lines = iter(sys.stdin.readline, "")
    workload = json.loads(next(lines))
    try:
        import torch
    except ImportError as error:
        say({"unavailable": str(error)})
        return
    torch.set_num_threads(1)
    X, y, parameters = (decode(torch, workload[name]) for name in ("X", "y", "parameters"))
    X = X.reshape(workload["nRows"], -1)
    y = y.reshape(-1, 1)
    say({"versions": {"torch": torch.__version__}, "styles": ["adam", "foreach"]})
    nets = {}
    for line in lines:
        request = json.loads(line)
        key = (request["style"], request["batch"])
        if key not in nets:
            nets[key] = create_net(torch, workload, parameters, request["style"])
        net, optimizer = nets[key]
        before = cpu_ms()
        train_epoch(torch, net, optimizer, (X, y), request["batch"])
        spent = cpu_ms() - before
        with torch.no_grad():
            mse = float(torch.nn.functional.mse_loss(net(X), y))
        say({"cpuMs": spent, "mse": mse})


def decode(torch, text):
    return torch.frombuffer(bytearray(base64.b64decode(text)), dtype=torch.float32)


def create_net(torch, workload, parameters, style):
    layers = []
    start = 0
    sizes = workload["sizes"]
    for n_in, n_out in zip(sizes, sizes[1:]):
        layer = torch.nn.Linear(n_in, n_out)
        with torch.no_grad():
            weights = parameters[start : start + n_in * n_out]
            start += n_in * n_out
            layer.weight.copy_(weights.reshape(n_in, n_out).T)
            layer.bias.copy_(parameters[start : start + n_out])
            start += n_out
        layers += [layer, torch.nn.Tanh()]
    net = torch.nn.Sequential(*layers[:-1])
    rate = workload["learningRate"]
    optimizer = torch.optim.Adam(net.parameters(), lr=rate, foreach=style == "foreach")
    return net, optimizer


def train_epoch(torch, net, optimizer, data, batch):
    X, y = data
    for rows in torch.randperm(len(X)).split(batch):
        optimizer.zero_grad(set_to_none=True)
        torch.nn.functional.mse_loss(net(X[rows]), y[rows]).backward()
        optimizer.step()


def cpu_ms():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return 1000 * (usage.ru_utime + usage.ru_stime)


def say(document):
    print(json.dumps(document), flush=True)


main()
