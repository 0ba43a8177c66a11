/**
 * Tensors of the Open Inference Protocol, in JSON: one a column in, one an output out.
 * Source: the protocol's REST text, "Tensor Data" (github.com/kserve/open-inference-protocol).
 */
import { closest } from "fastest-levenshtein";
import { type Preprocessing, type Table, tableFromColumns } from "../data/index.ts";
import { BailiwickError } from "../shared/errors.ts";

/** Rows of one request. */
export const MAX_ROWS = 100_000;

/** Names are cut to this many characters in error messages. */
const MAX_SHOWN_CHARS = 100;

const NUMBERS: readonly string[] = [
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
];

const tensorSchema = {
  type: "object",
  required: ["name", "shape", "datatype", "data"],
  properties: {
    name: { type: "string" },
    shape: { type: "array", items: { type: "integer", minimum: 0 }, minItems: 1, maxItems: 2 },
    datatype: { enum: [...NUMBERS, "BOOL", "BYTES"] },
    data: { type: "array" },
    parameters: { type: "object" },
  },
};

/**
 * The request as a JSON schema for fastify's validator, which stops at the first mistake: a body
 * of a million mistakes costs no more than one.
 */
export const requestSchema: object = {
  type: "object",
  required: ["inputs"],
  properties: {
    id: { type: "string", maxLength: 1000 },
    parameters: { type: "object" },
    inputs: { type: "array", items: tensorSchema, minItems: 1 },
    outputs: {
      type: "array",
      items: { type: "object", required: ["name"], properties: { name: { type: "string" } } },
    },
  },
};

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
  const shown = shorten(name);
  const message = `input "${shown}" must be a column of the model; the nearest is "${closest(shown, known)}"`;
  return new BailiwickError("COLUMN_MISSING", message, { name: shown });
}

function cellsOf(input: InputTensor, type: string): readonly unknown[] {
  const { name, datatype } = input;
  const cells = flatten(input);
  const isText = datatype === "BYTES";
  if (isText !== (type === "category")) {
    const wanted = type === "category" ? "BYTES" : "a number's datatype";
    throw new BailiwickError("COLUMN_TYPE", `input "${name}" must have ${wanted}, got ${datatype}`);
  }
  const wanted = isText ? "string" : datatype === "BOOL" ? "boolean" : "number";
  const bad = cells.findIndex((cell) => cell !== null && typeof cell !== wanted);
  if (bad >= 0) {
    const message = `input "${name}" must hold ${wanted}s, entry ${bad} is ${describe(cells[bad])}`;
    throw new BailiwickError("COLUMN_TYPE", message, { name });
  }
  return datatype === "BOOL" ? cells.map((cell) => (cell === null ? null : Number(cell))) : cells;
}

/** The n values of a column of shape [n] or [n, 1], the latter flat or as n rows of one value. */
function flatten({ name, shape, data }: InputTensor): readonly unknown[] {
  const nRows = shape[0]!;
  if (nRows > MAX_ROWS) {
    const message = `input "${name}" must have at most ${MAX_ROWS} rows, got ${nRows}`;
    throw new BailiwickError("DATA_TOO_LARGE", message, { name });
  }
  if ((shape[1] ?? 1) !== 1 || data.length !== nRows) {
    const message = `input "${name}" must have shape [n] or [n, 1] and n values, got shape [${shape}] and ${data.length}`;
    throw new BailiwickError("SHAPE_MISMATCH", message, { name });
  }
  if (shape.length === 1 || !data.some(Array.isArray)) return data;
  return data.map((row, i) => {
    if (Array.isArray(row) && row.length === 1) return row[0];
    const message = `input "${name}" must hold rows of one value, row ${i} is ${describe(row)}`;
    throw new BailiwickError("SHAPE_MISMATCH", message, { name });
  });
}

/** A value from a request, in few words: it may be as large as the request, or as deep. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "string" ? `"${shorten(value)}"` : String(value);
}

/** Text from a request, short enough for an error message. */
export function shorten(text: string): string {
  return text.length <= MAX_SHOWN_CHARS ? text : `${text.slice(0, MAX_SHOWN_CHARS)}…`;
}
