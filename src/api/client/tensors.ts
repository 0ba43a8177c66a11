/**
 * Tensors of the protocol's binary extension, as they go over the wire: the JSON first, then every
 * tensor's bytes, little-endian, row-major.
 * Source: Open Inference Protocol, REST; Triton, "Binary Tensor Data Extension".
 */
import { BailiwickError, checkLength } from "../../shared/errors.ts";
import { inferenceSchema, type OutputHead, readAnswer } from "./answers.ts";

/** Rows to predict: one tensor a column, by its name, or one named "rows" for all columns. */
export interface InputTensor {
  readonly name: string;
  /** [n], or [n, columns]. */
  readonly shape: readonly number[];
  /** Row-major; numbers for numeric columns, texts for categories; NaN is a missing number. */
  readonly values: Float64Array | Float32Array | Int32Array | readonly string[];
}

export interface OutputTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: Float64Array | Int32Array;
}

export interface Encoded {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How many of them are JSON. */
  readonly jsonLength: number;
}

/** @param request - What the JSON says besides its inputs. @throws SHAPE_MISMATCH */
export function encodeRequest(request: object, inputs: readonly InputTensor[]): Encoded {
  const tails = inputs.map(bytesOf);
  const heads = inputs.map(({ name, shape, values }, i) => ({
    name,
    shape,
    datatype: datatypeOf(values),
    parameters: { binary_data_size: tails[i]!.length },
  }));
  const json = new TextEncoder().encode(JSON.stringify({ ...request, inputs: heads }));
  const bytes = new Uint8Array(tails.reduce((sum, tail) => sum + tail.length, json.length));
  bytes.set(json);
  let at = json.length;
  for (const tail of tails) {
    bytes.set(tail, at);
    at += tail.length;
  }
  return { bytes, jsonLength: json.length };
}

function datatypeOf(values: InputTensor["values"]): string {
  if (values instanceof Float64Array) return "FP64";
  if (values instanceof Float32Array) return "FP32";
  return values instanceof Int32Array ? "INT32" : "BYTES";
}

function bytesOf({ name, shape, values }: InputTensor): Uint8Array {
  const count = shape.reduce((product, extent) => product * extent, 1);
  checkLength(`tensor "${name}"'s values.length`, values.length, count);
  if (!ArrayBuffer.isView(values)) return textBytes(values);
  const bytes = new Uint8Array(values.byteLength);
  const view = new DataView(bytes.buffer);
  const size = values.BYTES_PER_ELEMENT;
  values.forEach((value, i) => {
    if (values instanceof Float64Array) view.setFloat64(i * size, value, true);
    else if (values instanceof Float32Array) view.setFloat32(i * size, value, true);
    else view.setInt32(i * size, value, true);
  });
  return bytes;
}

/** Each text after its length in 4 bytes. */
function textBytes(values: readonly string[]): Uint8Array {
  const texts = values.map((text) => new TextEncoder().encode(text));
  const bytes = new Uint8Array(texts.reduce((sum, text) => sum + 4 + text.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const text of texts) {
    view.setUint32(at, text.length, true);
    bytes.set(text, at + 4);
    at += 4 + text.length;
  }
  return bytes;
}

/** An answer, its tensors by their places in it. */
export interface Decoded {
  readonly model: string;
  readonly version: string;
  readonly id: string | null;
  readonly outputs: readonly OutputTensor[];
}

/**
 * @param jsonLength - The answer's header; null if the answer is JSON alone.
 * @throws SERVER_UNAVAILABLE for an answer that does not follow the protocol: another program
 *   answers there.
 */
export function decodeAnswer(bytes: Uint8Array, jsonLength: string | null): Decoded {
  const nJson = jsonLength === null ? bytes.length : Number(jsonLength);
  const answer = readAnswer(bytes.subarray(0, nJson), inferenceSchema);
  let at = nJson;
  const outputs = answer.outputs.map((head): OutputTensor => {
    const end = at + head.parameters.binary_data_size;
    const values = numbers(head, bytes.subarray(at, end));
    at = end;
    return { name: head.name, shape: head.shape, values };
  });
  const { model_name: model, model_version: version, id = null } = answer;
  return { model, version, id, outputs };
}

function numbers({ name, datatype, shape }: OutputHead, bytes: Uint8Array): OutputTensor["values"] {
  const count = shape.reduce((product, extent) => product * extent, 1);
  const size = datatype === "INT32" ? 4 : 8;
  if (bytes.length !== count * size) {
    const message = `tensor "${name}" must have ${count * size} bytes, got ${bytes.length}`;
    throw new BailiwickError("SERVER_UNAVAILABLE", message);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (datatype === "INT32") {
    return Int32Array.from({ length: count }, (_, i) => view.getInt32(i * size, true));
  }
  return Float64Array.from({ length: count }, (_, i) => view.getFloat64(i * size, true));
}
