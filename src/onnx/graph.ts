/**
 * Builds a graph of operators: each is appended after the operators that it reads, because ONNX
 * needs this order, and every value gets a unique name, different from the user's columns.
 */
import type { Attribute, OnnxGraph, OnnxNode, OnnxValue, TensorValue } from "./proto.ts";

/** A value of the graph, by its name. */
export type Value = string;

export type Attributes = Readonly<Record<string, Attribute>>;

export interface GraphBuilder {
  /** Appends an operator of ai.onnx and returns its output. */
  readonly apply: (op: string, inputs: readonly Value[], attributes?: Attributes) => Value;
  /** The same for an operator of ai.onnx.ml. */
  readonly applyMl: (op: string, inputs: readonly Value[], attributes: Attributes) => Value;
  readonly constant: (tensor: TensorValue) => Value;
  /** Values that follow are named `scope/…`. */
  readonly enter: (scope: string) => void;
  /** Sets the value of the output with that name. */
  readonly output: (name: string, from: Value) => void;
  readonly finish: (name: string) => OnnxGraph;
}

/** All names of inputs and outputs are different. */
export function createGraph(
  inputs: readonly OnnxValue[],
  outputs: readonly OnnxValue[],
): GraphBuilder {
  const claim = nameClaims([...inputs, ...outputs].map(({ name }) => name));
  const nodes: OnnxNode[] = [];
  const constants = new Map<string, TensorValue>();
  let prefix = "";

  const append = (op: string, from: readonly Value[], rest: Partial<OnnxNode>): Value => {
    const output = rest.output ?? claim(prefix + op);
    nodes.push({ op, domain: "", inputs: from, attributes: {}, ...rest, output });
    return output;
  };
  return {
    apply: (op, from, attributes = {}) => append(op, from, { attributes }),
    applyMl: (op, from, attributes) => append(op, from, { attributes, domain: "ai.onnx.ml" }),
    constant: (tensor) => {
      const name = claim(`${prefix}constant`);
      constants.set(name, tensor);
      return name;
    },
    enter: (scope) => {
      prefix = `${scope}/`;
    },
    output: (name, from) => {
      append("Identity", [from], { output: name });
    },
    finish: (name) => ({ name, nodes, constants, inputs, outputs }),
  };
}

/** A function that turns a wanted name into one that is unused and not empty. */
export function nameClaims(inUse: readonly string[]): (wish: string) => string {
  const taken = new Set(["", ...inUse]);
  const next = new Map<string, number>();
  return (wish) => {
    let name = wish;
    for (let n = next.get(wish) ?? 2; taken.has(name); n++) {
      name = `${wish}_${n}`;
      next.set(wish, n + 1);
    }
    taken.add(name);
    return name;
  };
}

export function floats(values: ArrayLike<number>, shape: readonly number[]): TensorValue {
  return { shape, values: Float32Array.from(values) };
}

export function doubles(values: ArrayLike<number>, shape: readonly number[]): TensorValue {
  return { shape, values: Float64Array.from(values) };
}

export function integers(
  values: readonly number[],
  shape: readonly number[] = [values.length],
): TensorValue {
  return { shape, values: BigInt64Array.from(values, BigInt) };
}
