/** Reads tensors from a blob, and makes the common tensors of a blob. */
import { check } from "./corrupt.ts";
import type { Tensor, Tensors } from "./safetensors.ts";

/** Reads a blob's tensors one by one: checks each, and at the end that none is left. */
export interface Source {
  f32(name: string, shape: readonly number[]): Float32Array;
  f64(name: string, shape: readonly number[]): Float64Array;
  i32(name: string, shape: readonly number[]): Int32Array;
  /** The first dimension of a tensor; 0 if the tensor is missing. */
  extent(name: string): number;
  end(): void;
}

/** @param file - How messages call the blob. */
export function createSource(tensors: Tensors, file: string): Source {
  const left = new Set(tensors.keys());
  const take = (name: string, dtype: Tensor["dtype"], shape: readonly number[]): Tensor => {
    const tensor = tensors.get(name);
    check(tensor !== undefined, file, `must hold a tensor ${name}`);
    const [wanted, actual] = [`${dtype} [${shape}]`, `${tensor.dtype} [${tensor.shape}]`];
    check(wanted === actual, file, `tensor ${name} must be ${wanted}, got ${actual}`);
    check(tensor.values.every(Number.isFinite), file, `tensor ${name} must hold finite numbers`);
    left.delete(name);
    return tensor;
  };
  return {
    f32: (name, shape) => {
      const { values } = take(name, "F32", shape);
      check(values instanceof Float32Array, file, `tensor ${name} must be F32`);
      return values;
    },
    f64: (name, shape) => {
      const { values } = take(name, "F64", shape);
      check(values instanceof Float64Array, file, `tensor ${name} must be F64`);
      return values;
    },
    i32: (name, shape) => {
      const { values } = take(name, "I32", shape);
      check(values instanceof Int32Array, file, `tensor ${name} must be I32`);
      return values;
    },
    extent: (name) => tensors.get(name)?.shape[0] ?? 0,
    end: () => check(left.size === 0, file, `must hold no other tensors, got ${[...left]}`),
  };
}

export function vector(values: Float64Array): Tensor {
  return { dtype: "F64", shape: [values.length], values };
}
