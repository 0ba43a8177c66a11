/**
 * Goal: the safetensors format is read and written as its own library does, and read strictly.
 * Method: a file written by Python's safetensors 0.8.0 must read as what went in and be written
 * again byte for byte; every rule of the format is broken once; write -> read is the identity.
 *
 *   python -m venv v && v/bin/pip install safetensors==0.8.0 numpy && v/bin/python - <<'PY'
 *   import base64, numpy as np
 *   from safetensors.numpy import save
 *   print(base64.b64encode(save({
 *     "weights.0": np.array([[1, -2.5, 3e-8], [0.1, 1e30, -0.0]], dtype=np.float32),
 *     "biases.0": np.array([0.5, -1.5, 7], dtype=np.float32),
 *     "coefficients": np.array([np.pi, -1e-300], dtype=np.float64),
 *     "pairs": np.array([[0, 1], [2, -3]], dtype=np.int32),
 *     "empty": np.zeros((0, 3), dtype=np.float32),
 *     "scalar": np.array(2.5, dtype=np.float64),
 *   }, metadata={"kind": "example"})).decode())
 *   PY
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeSafetensors, encodeSafetensors, type Tensor } from "../../src/bundle/index.ts";

const PYTHON_FILE = Buffer.from(
  "mAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJraW5kIjoiZXhhbXBsZSJ9LCJjb2VmZmljaWVudHMiOnsiZHR5cGUiOiJG" +
    "NjQiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOlswLDE2XX0sInNjYWxhciI6eyJkdHlwZSI6IkY2NCIsInNoYXBl" +
    "IjpbXSwiZGF0YV9vZmZzZXRzIjpbMTYsMjRdfSwiYmlhc2VzLjAiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzNdLCJk" +
    "YXRhX29mZnNldHMiOlsyNCwzNl19LCJlbXB0eSI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMCwzXSwiZGF0YV9vZmZz" +
    "ZXRzIjpbMzYsMzZdfSwid2VpZ2h0cy4wIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsyLDNdLCJkYXRhX29mZnNldHMi" +
    "OlszNiw2MF19LCJwYWlycyI6eyJkdHlwZSI6IkkzMiIsInNoYXBlIjpbMiwyXSwiZGF0YV9vZmZzZXRzIjpbNjAsNzZd" +
    "fX0YLURU+yEJQFnz+MIfbqWBAAAAAAAABEAAAAA/AADAvwAA4EAAAIA/AAAgwFnZADPNzMw9yvJJcQAAAIAAAAAAAQAA" +
    "AAIAAAD9////",
  "base64",
);

const PYTHON_TENSORS = new Map<string, Tensor>([
  ["weights.0", { dtype: "F32", shape: [2, 3], values: f32(1, -2.5, 3e-8, 0.1, 1e30, -0) }],
  ["biases.0", { dtype: "F32", shape: [3], values: f32(0.5, -1.5, 7) }],
  ["coefficients", { dtype: "F64", shape: [2], values: Float64Array.of(Math.PI, -1e-300) }],
  ["pairs", { dtype: "I32", shape: [2, 2], values: Int32Array.of(0, 1, 2, -3) }],
  ["empty", { dtype: "F32", shape: [0, 3], values: f32() }],
  ["scalar", { dtype: "F64", shape: [], values: Float64Array.of(2.5) }],
]);

function f32(...values: number[]): Float32Array {
  return Float32Array.from(values);
}

describe("against Python's safetensors", () => {
  test("its file reads as what went in", () => {
    const { tensors, metadata } = decodeSafetensors(PYTHON_FILE, "python");
    expect(new Map(tensors)).toEqual(PYTHON_TENSORS);
    expect(metadata).toEqual({ kind: "example" });
  });

  test("our file of the same tensors is its file, byte for byte", () => {
    const bytes = encodeSafetensors(PYTHON_TENSORS, { kind: "example" });
    expect(Buffer.compare(bytes, PYTHON_FILE) === 0).toBe(true);
  });
});

/** Any tensor of up to three extents, any bits in it. */
const tensor = fc
  .record({
    dtype: fc.constantFrom("F32" as const, "F64" as const, "I32" as const),
    shape: fc.array(fc.nat(4), { maxLength: 3 }),
    seed: fc.infiniteStream(fc.nat(255)),
  })
  .map(({ dtype, shape, seed }): Tensor => {
    const length = shape.reduce((product, extent) => product * extent, 1);
    const bytes = Uint8Array.from({ length: 8 * length }, () => seed.next().value);
    if (dtype === "F32") return { dtype, shape, values: new Float32Array(bytes.buffer, 0, length) };
    if (dtype === "F64") return { dtype, shape, values: new Float64Array(bytes.buffer, 0, length) };
    return { dtype, shape, values: new Int32Array(bytes.buffer, 0, length) };
  });

/** Names that an object would treat in its own way are names like others. */
const tensorName = fc.oneof(
  fc.constantFrom("__proto__", "constructor", "0", "17", 'a"b\\', "a:{b"),
  fc.string().filter((name) => name !== "__metadata__"),
);

test("write -> read is the identity for all bits, names and orders", () => {
  const named = fc.uniqueArray(fc.tuple(tensorName, tensor), { selector: ([name]) => name });
  fc.assert(
    fc.property(named, (entries) => {
      const bytes = encodeSafetensors(new Map(entries));
      const { tensors } = decodeSafetensors(bytes, "file");
      expect(tensors.size).toBe(entries.length);
      for (const [name, { dtype, shape, values }] of entries) {
        const read = tensors.get(name)!;
        expect([read.dtype, read.shape]).toEqual([dtype, shape]);
        expect(bitsOf(read)).toEqual(bitsOf({ dtype, shape, values } as Tensor));
      }
      const reversed = encodeSafetensors(new Map(entries.toReversed()));
      expect(Buffer.compare(reversed, bytes) === 0).toBe(true);
    }),
  );
});

/** NaNs compare by their bits. */
function bitsOf({ values }: Tensor): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

/** A file with the given header text and data. */
function fileOf(header: string, nDataBytes: number): Buffer {
  const text = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(nDataBytes)]);
}

const entry = (begin: number, end: number, shape = "[1]", dtype = "F32"): string =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;

describe("a file is refused", () => {
  test.each([
    ["shorter than its length field", Buffer.alloc(5), "8 bytes"],
    ["with a header longer than the file", fileOf("{}", 0).fill(255, 0, 7), "at most 2 bytes"],
    ["with a header that is not UTF-8", Buffer.concat([fileOf("{}", 0).fill(0xff, 8)]), "UTF-8"],
    ["with a header that is not JSON", fileOf("{,}", 0), "JSON"],
    ["with a header that is a list", fileOf("[]", 0), "JSON object"],
    ["with a header that starts with a space", fileOf(" {}", 0), "JSON object"],
    ["with an unknown type", fileOf(`{"a":${entry(0, 4, "[1]", "F8")}}`, 4), "tensor a"],
    ["with a negative extent", fileOf(`{"a":${entry(0, 4, "[-1]")}}`, 4), "tensor a"],
    ["with a fraction of an extent", fileOf(`{"a":${entry(0, 4, "[0.5]")}}`, 4), "tensor a"],
    ["with a shape of other size", fileOf(`{"a":${entry(0, 4, "[2]")}}`, 4), "8 bytes, got 4"],
    ["with huge extents", fileOf(`{"a":${entry(0, 4, "[9e15,9e15]")}}`, 4), "got 4"],
    ["with a hole", fileOf(`{"a":${entry(4, 8)}}`, 8), "begin at 0, got 4"],
    ["with an overlap", fileOf(`{"a":${entry(0, 4)},"b":${entry(0, 4)}}`, 4), "begin at 4, got 0"],
    ["with data beyond the last tensor", fileOf(`{"a":${entry(0, 4)}}`, 5), "4 bytes, got 5"],
    ["with less data than offsets", fileOf(`{"a":${entry(0, 4)}}`, 3), "4 bytes, got 3"],
    ["with a name twice", fileOf(`{"a":${entry(0, 4)},"a":${entry(0, 4)}}`, 4), "unique"],
    [
      "with a name twice, escaped",
      fileOf(`{"a":${entry(0, 4)},"\\u0061":${entry(0, 4)}}`, 4),
      "un",
    ],
    ["with metadata that is no string", fileOf('{"__metadata__":{"a":1}}', 0), "strings"],
    ["with an offset beyond whole numbers", fileOf(`{"a":${entry(0, 2 ** 60)}}`, 4), "tensor a"],
    ["with a field too many", fileOf('{"a":{"dtype":"F32","x":1}}', 0), "tensor a"],
  ])("%s", (_name, bytes, problem) => {
    expect(() => decodeSafetensors(bytes, "blob")).toThrow(
      expect.objectContaining({
        code: "BUNDLE_CORRUPT",
        message: expect.stringContaining(problem),
        details: { file: "blob" },
      }),
    );
  });
});
