/**
 * Tensors of the Open Inference Protocol, in JSON: one a column in, one an output out.
 * Source: the protocol's REST text, "Tensor Data" (github.com/kserve/open-inference-protocol).
 */
import { closest } from "fastest-levenshtein";
import { z } from "zod";
import { type Preprocessing, type Table, tableFromColumns } from "../data/index.ts";
import { BailiwickError } from "../shared/errors.ts";

/** Rows of one request. */
export const MAX_ROWS = 100_000;

const NUMBERS = [
  "FP64",
  "FP32",
  "FP16",
  "INT64",
  "INT32",
  "INT16",
  "INT8",
  "UINT64",
  "UINT32",
  "UINT16",
  "UINT8",
] as const;

const tensorSchema = z.object({
  name: z.string(),
  shape: z.array(z.int().nonnegative()).min(1).max(2),
  datatype: z.enum([...NUMBERS, "BOOL", "BYTES"]),
  data: z.array(z.unknown()),
  parameters: z.record(z.string(), z.unknown()).optional(),
});

const requestSchema = z.object({
  id: z.string().max(1000).optional(),
  parameters: z.record(z.string(), z.unknown()).optional(),
  inputs: z.array(tensorSchema).min(1),
  outputs: z.array(z.object({ name: z.string() })).optional(),
});

export interface InputTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly datatype: string;
  readonly data: readonly unknown[];
}

export interface InferRequest {
  readonly id?: string | undefined;
  readonly inputs: readonly InputTensor[];
  readonly outputs?: readonly { readonly name: string }[] | undefined;
}

/** @throws INVALID_OPTION saying which field is wrong. */
export function parseRequest(body: unknown): InferRequest {
  const parsed = requestSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue!.path.join(".") || "the request";
  throw new BailiwickError("INVALID_OPTION", `${place}: ${issue!.message}`);
}

/**
 * The rows of a request, columns found by name.
 *
 * @throws COLUMN_MISSING for a name that the model does not know, or lacks; SHAPE_MISMATCH,
 *   COLUMN_TYPE, DATA_TOO_LARGE.
 */
export function tableOf({ inputs }: InferRequest, preprocessing: Preprocessing): Table {
  const types = new Map(preprocessing.features.map(({ name, type }) => [name, type]));
  const columns = new Map<string, readonly unknown[]>();
  for (const input of inputs) {
    const type = types.get(input.name);
    if (type === undefined) throw unknownInput(input.name, [...types.keys()]);
    if (columns.has(input.name)) {
      throw new BailiwickError("INVALID_OPTION", `input "${input.name}" must come once`);
    }
    columns.set(input.name, cellsOf(input, type));
  }
  return tableFromColumns(Object.fromEntries(columns), preprocessing);
}

function unknownInput(name: string, known: readonly string[]): BailiwickError {
  const message = `input "${name}" must be a column of the model; the nearest is "${closest(name, known)}"`;
  return new BailiwickError("COLUMN_MISSING", message, { name });
}

function cellsOf({ name, shape, datatype, data }: InputTensor, type: string): readonly unknown[] {
  const nRows = shape[0]!;
  if (nRows > MAX_ROWS) {
    throw new BailiwickError(
      "DATA_TOO_LARGE",
      `input "${name}" must have at most ${MAX_ROWS} rows`,
    );
  }
  const flat = shape.length === 2 && data.every(Array.isArray) ? data.flat() : data;
  if ((shape[1] ?? 1) !== 1 || flat.length !== nRows) {
    throw new BailiwickError(
      "SHAPE_MISMATCH",
      `input "${name}" must have shape [n] or [n, 1] and n values, got shape [${shape}] and ${flat.length}`,
      { name },
    );
  }
  const isText = datatype === "BYTES";
  if (isText !== (type === "category")) {
    const wanted = type === "category" ? "BYTES" : "a number's datatype";
    throw new BailiwickError("COLUMN_TYPE", `input "${name}" must have ${wanted}, got ${datatype}`);
  }
  const wanted = isText ? "string" : datatype === "BOOL" ? "boolean" : "number";
  const bad = flat.findIndex((cell) => cell !== null && typeof cell !== wanted);
  if (bad >= 0) {
    const found = JSON.stringify(flat[bad])?.slice(0, 40);
    throw new BailiwickError(
      "COLUMN_TYPE",
      `input "${name}" must hold ${wanted}s, entry ${bad} is ${found}`,
    );
  }
  return datatype === "BOOL" ? flat.map((cell) => (cell === null ? null : Number(cell))) : flat;
}
