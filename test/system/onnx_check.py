"""Checks the ONNX and safetensors files of a folder by other people's programs.

Prints one JSON document: of each case.onnx with its case.json, what onnx's checker, its reference
evaluator and onnxruntime make of it; of each case.safetensors, what the safetensors package reads.
"""

import hashlib
import json
import math
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx.reference import ReferenceEvaluator
from safetensors import safe_open


def feeds(session_inputs, columns):
    """Each column as an input of one column; null is a missing cell."""
    result = {}
    for name, column in zip(session_inputs, columns, strict=True):
        if column["type"] == "number":
            cells = [math.nan if value is None else value for value in column["values"]]
            result[name] = np.array(cells, dtype=np.float64).reshape(-1, 1)
        else:
            cells = ["" if value is None else value for value in column["values"]]
            result[name] = np.array(cells, dtype=object).reshape(-1, 1)
    return result


def run_model(path):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    columns = json.loads(path.with_suffix(".json").read_text())
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    outputs = [output.name for output in session.get_outputs()]
    inputs = feeds([value.name for value in session.get_inputs()], columns)
    ours = dict(zip(outputs, session.run(outputs, inputs)))
    reference = dict(zip(outputs, ReferenceEvaluator(model).run(outputs, inputs)))
    return {
        "inputs": [[value.name, value.type, value.shape] for value in session.get_inputs()],
        "outputs": [[value.name, value.type, value.shape] for value in session.get_outputs()],
        "opsets": {opset.domain: opset.version for opset in model.opset_import},
        "producer": model.producer_name,
        "metadata": {entry.key: entry.value for entry in model.metadata_props},
        "onnxruntime": {name: value.tolist() for name, value in ours.items()},
        "reference": {name: value.tolist() for name, value in reference.items()},
    }


def read_tensors(path):
    with safe_open(path, framework="numpy") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
        return {
            "metadata": file.metadata(),
            "tensors": {
                name: [str(value.dtype), value.shape, hashlib.sha256(value.tobytes()).hexdigest()]
                for name, value in tensors.items()
            },
        }


folder = Path(sys.argv[1])
print(
    json.dumps(
        {
            "models": {path.stem: run_model(path) for path in folder.glob("*.onnx")},
            "files": {path.stem: read_tensors(path) for path in folder.glob("*.safetensors")},
        }
    )
)
