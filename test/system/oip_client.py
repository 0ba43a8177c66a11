"""Infers by a client that others wrote, and prints what it got as JSON.

Arguments: the server's host:port, the model's name, a CSV of numbers.
"""

import csv
import json
import sys

import numpy as np
import tritonclient.http as http

address, model, path = sys.argv[1:]
with open(path, newline="") as file:
    header, *rows = csv.reader(file)
values = np.array([[float(cell) for cell in row] for row in rows])
client = http.InferenceServerClient(address)


def tensor(name, array, datatype, binary):
    made = http.InferInput(name, list(array.shape), datatype)
    made.set_data_from_numpy(array, binary_data=binary)
    return made


def infer(binary_in, binary_out, inputs, **more):
    outputs = [
        http.InferRequestedOutput(name, binary_data=binary_out)
        for name in ("prediction", "expert", "scores")
    ]
    answer = client.infer(model, inputs(binary_in), outputs=outputs, request_id="r1", **more)
    assert answer.get_response()["id"] == "r1"
    return {name: answer.as_numpy(name).tolist() for name in ("prediction", "expert", "scores")}


def columns(binary):
    return [tensor(name, values[:, j].copy(), "FP64", binary) for j, name in enumerate(header)]


def all_at_once(binary):
    return [tensor("rows", values, "FP64", binary)]


def refusal(name, inputs):
    try:
        client.infer(name, inputs)
    except http.InferenceServerException as error:
        return {"status": error.status(), "message": error.message()}
    return None


metadata = client.get_model_metadata(model)
one = client.infer(model, [tensor("rows", values[:1], "FP64", True)], parameters={"routing": True})
print(
    json.dumps(
        {
            "live": client.is_server_live(),
            "ready": client.is_server_ready(),
            "modelReady": client.is_model_ready(model),
            "otherReady": client.is_model_ready("no-such-model"),
            "server": client.get_server_metadata(),
            "inputs": [entry["name"] for entry in metadata["inputs"]],
            "answers": [
                infer(binary_in, binary_out, inputs)
                for inputs in (columns, all_at_once)
                for binary_in in (True, False)
                for binary_out in (True, False)
            ],
            "byVersion": infer(True, True, all_at_once, model_version=metadata["versions"][0]),
            "defaultOutputs": [
                output["name"] for output in client.infer(model, all_at_once(True)).get_response()["outputs"]
            ],
            "routing": one.get_response()["parameters"],
            "wrongModel": refusal("no-such-model", all_at_once(True)),
            "wrongShape": refusal(model, [tensor("rows", values[:, 1:].copy(), "FP64", True)]),
        }
    )
)
