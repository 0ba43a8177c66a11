/** The size of a file, computed before the file is made. */
import { countExpertParameters, type Expert } from "../experts/index.ts";
import type { Gate, SvmGate, TreeGate } from "../gate/index.ts";
import type { Model } from "../mixture/index.ts";
import { BailiwickError } from "../shared/errors.ts";

/** Most bytes of parameters: readers stop at 2 GB, and writing needs several times the size. */
const MAX_PARAMETER_BYTES = 1_000_000_000;
const DOUBLE_BYTES = 8;
/** Bytes of a tree's node, its mode as text. */
const NODE_BYTES = 64;

/** @throws INVALID_OPTION if the model's parameters take more than 1 GB as ONNX holds them. */
export function checkSize({ members }: Model): void {
  let nBytes = 0;
  for (const { mixture } of members) {
    for (const expert of mixture.experts) nBytes += expertBytes(expert);
    nBytes += mixture.gate === null ? 0 : gateBytes(mixture.gate);
  }
  if (nBytes <= MAX_PARAMETER_BYTES) return;
  throw new BailiwickError(
    "INVALID_OPTION",
    `a model exported as onnx must have at most ${MAX_PARAMETER_BYTES} bytes of parameters, ` +
      `got ${nBytes}; safetensors has no such limit`,
    { nBytes },
  );
}

function expertBytes(expert: Expert): number {
  if (expert.kind === "mlp") return expert.net.parameters.byteLength;
  if (expert.kind === "trees") return NODE_BYTES * expert.values.length;
  if (expert.kind === "gp") return DOUBLE_BYTES * countExpertParameters(expert);
  const { degree, nFeatures } = expert;
  return DOUBLE_BYTES * (1 + nFeatures + (degree === 2 ? nFeatures ** 2 : 0));
}

/** Each cut needs a few operators, and its knots are numbers. */
function treeBytes({ nodes }: TreeGate): number {
  return nodes.reduce((sum, node) => {
    return sum + NODE_BYTES * 16 + ("feature" in node ? 2 * DOUBLE_BYTES * node.values.length : 0);
  }, 0);
}

function gateBytes(gate: Gate): number {
  if (gate.kind === "softmax") return gate.net.parameters.byteLength;
  if (gate.kind === "ensemble") return gate.nets.length * gate.nets[0]!.parameters.byteLength;
  if (gate.kind === "tree") return treeBytes(gate);
  const gates: readonly SvmGate[] = [gate, ...(gate.refinements ?? []).map((one) => one.gate)];
  const machines = gates.flatMap((gate) => gate.machines);
  return machines.reduce((sum, { supportVectors: { nRows, nColumns } }) => {
    return sum + DOUBLE_BYTES * nRows * (nColumns + 2);
  }, 0);
}
