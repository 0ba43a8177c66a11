/** An ONNX file run by onnxruntime-web, on a table whose columns are fed by name. */
import { env, InferenceSession, Tensor } from "onnxruntime-web";
import type { Table } from "../../src/data/index.ts";

env.wasm.numThreads = 1;

export interface OnnxAnswer {
  readonly inputNames: readonly string[];
  /** Shape (nRows,). */
  readonly prediction: Float64Array;
  /** Of each member. */
  readonly experts: readonly Int32Array[];
  /** Of each member, shape (nRows, nExperts). */
  readonly scores: readonly Float64Array[];
}

export async function runOnnx(
  bytes: Uint8Array,
  { nRows, columns }: Table,
  nMembers: number,
): Promise<OnnxAnswer> {
  const session = await InferenceSession.create(bytes, { executionProviders: ["wasm"] });
  try {
    const feeds = columns.map((column, c) => {
      const tensor =
        column.type === "number"
          ? new Tensor("float64", column.values, [nRows, 1])
          : new Tensor(
              "string",
              column.values.map((value) => value ?? ""),
              [nRows, 1],
            );
      return [session.inputNames[c]!, tensor] as const;
    });
    const results = await session.run(Object.fromEntries(feeds));
    const prefixes = Array.from({ length: nMembers }, (_, m) => (m === 0 ? "" : `m${m}.`));
    return {
      inputNames: session.inputNames,
      prediction: results["prediction"]!.data as Float64Array,
      experts: prefixes.map((prefix) => results[`${prefix}expert`]!.data as Int32Array),
      scores: prefixes.map((prefix) => results[`${prefix}scores`]!.data as Float64Array),
    };
  } finally {
    await session.release();
  }
}
