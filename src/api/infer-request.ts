/**
 * An inference request, from its bytes to checked tensors.
 *
 * Checked by hand and in one pass: a JSON schema would walk every element of every tensor twice.
 * Source: Open Inference Protocol, "Inference Request JSON Object"; Triton, "Binary Tensor Data
 * Extension" and "Parameters Extension".
 */
import { BailiwickError } from "../shared/errors.ts";
import { DATATYPES, decodeBinary, decodeList, type Elements } from "./datatypes.ts";
import { type JsonObject, parseJson } from "./json.ts";
import type { Limits } from "./limits.ts";
import {
  classOf,
  invalid,
  levelOf,
  listOf,
  objectOf,
  optionalFlag,
  optionalList,
  optionalObject,
  optionalText,
} from "./members.ts";
import { describeValue, shorten } from "./refusal.ts";

/** A matrix of elements, row-major; a tensor of shape [n] has one column. */
export interface InputTensor {
  readonly name: string;
  readonly datatype: string;
  readonly nRows: number;
  readonly nColumns: number;
  readonly elements: Elements;
}

export interface OutputRequest {
  readonly name: string;
  readonly binary: boolean;
}

export interface InferRequest {
  /** Given back in the answer; null if there is none. */
  readonly id: string | null;
  readonly inputs: readonly InputTensor[];
  /** In the order wanted; null for those that the model gives unasked. */
  readonly outputs: readonly OutputRequest[] | null;
  /** Whether outputs are sent as bytes where they do not say. */
  readonly binaryOutputs: boolean;
  /** Whether the answer shall say how rows were routed. */
  readonly routing: boolean;
  /** The level of intervals; null if none are wanted. */
  readonly interval: number | null;
  /** What the rows are called, where it matters where they go; null for nothing. */
  readonly rowClass: string | null;
}

/** Features of the widest request, so that a shape cannot claim more than it brings. */
const MAX_INPUTS = 100_000;
const MAX_OUTPUTS = 1000;
const MAX_ID_CHARS = 1000;

/**
 * @param jsonLength - The header `Inference-Header-Content-Length`; undefined if there is none.
 * @throws INVALID_OPTION, SHAPE_MISMATCH, COLUMN_TYPE, VALUE_NOT_FINITE or DATA_TOO_LARGE, saying
 *   what must hold and what was found.
 */
export function parseInferRequest(
  body: Buffer,
  jsonLength: string | undefined,
  limits: Limits,
): InferRequest {
  const nJson = jsonLength === undefined ? body.length : checkJsonLength(jsonLength, body.length);
  if (nJson > limits.maxJsonBytes) throw tooLarge("JSON", limits.maxJsonBytes, nJson, "bytes");
  const document = objectOf("the body", parseJson(body.subarray(0, nJson), limits));
  const parameters = optionalObject("the request's parameters", document["parameters"]);
  const binaryOutputs = flagOf(parameters, "binary_data_output");
  // Elements last: a request of the wrong form is refused for its form, not for its size.
  return {
    id: optionalText("id", document["id"], MAX_ID_CHARS) ?? null,
    outputs: readOutputs(document["outputs"], binaryOutputs),
    binaryOutputs,
    routing: flagOf(parameters, "routing"),
    interval: levelOf(parameters["interval"]),
    rowClass: classOf(parameters["class"]),
    inputs: readInputs(document["inputs"], body.subarray(nJson), limits),
  };
}

function checkJsonLength(header: string, nBytes: number): number {
  const length = /^\d{1,15}$/.test(header) ? Number(header) : Number.NaN;
  if (length <= nBytes) return length;
  const found = `got "${shorten(header)}"`;
  throw invalid(`Inference-Header-Content-Length must be 0 to the body's ${nBytes}, ${found}`);
}

function readInputs(inputs: unknown, tail: Buffer, limits: Limits): readonly InputTensor[] {
  let at = 0;
  const take = (nBytes: number): Buffer => {
    const end = at + nBytes;
    if (end > tail.length) {
      throw invalid(`binary data must be ${end} bytes or more, got ${tail.length}`);
    }
    const part = tail.subarray(at, end);
    at = end;
    return part;
  };
  const list = listOf("inputs", inputs, 1, MAX_INPUTS);
  const heads = list.map((input, i) => readHead(objectOf(`inputs[${i}]`, input)));
  for (const head of heads) checkRows(head, limits);
  checkElements(heads, limits);
  const tensors = heads.map((head) => readElements(head, take));
  if (at !== tail.length) {
    throw invalid(`binary data must be ${at} bytes by the inputs' sizes, got ${tail.length}`);
  }
  return tensors;
}

/** A tensor but for its elements. */
interface Head extends Omit<InputTensor, "elements"> {
  /** The name, short enough for a message. */
  readonly shown: string;
  readonly data: unknown;
  /** Bytes after the JSON; null if the elements are in it. */
  readonly size: number | null;
}

function readHead(input: JsonObject): Head {
  const name = nameOf("an input's name", input["name"]);
  const shown = shorten(name);
  const datatype = datatypeOf(shown, input["datatype"]);
  const [nRows, nColumns] = shapeOf(shown, input["shape"]);
  const parameters = optionalObject(`input "${shown}"'s parameters`, input["parameters"]);
  const { binary_data_size: size } = parameters;
  const data = input["data"];
  const head = { name, shown, datatype, nRows, nColumns, data };
  if (size === undefined || size === null) {
    if (!Array.isArray(data))
      throw mismatch(shown, `have data, a list, got ${describeValue(data)}`);
    return { ...head, size: null };
  }
  const hasData =
    data !== undefined && data !== null && !(Array.isArray(data) && data.length === 0);
  if (hasData) throw invalid(`input "${shown}" must have data or a size, got both`);
  if (typeof size !== "number" || !Number.isInteger(size) || size < 0) {
    throw invalid(`binary_data_size must be a number of bytes, got ${describeValue(size)}`);
  }
  return { ...head, size };
}

function checkRows({ shown, nRows }: Head, { maxRows }: Limits): void {
  if (nRows <= maxRows) return;
  const message = `input "${shown}" must have at most ${maxRows} rows, got ${nRows}`;
  throw new BailiwickError("DATA_TOO_LARGE", message, { name: shown });
}

/** What is read at once, while no other request is. @throws DATA_TOO_LARGE */
function checkElements(heads: readonly Head[], limits: Limits): void {
  const texts = heads.filter(({ datatype }) => datatype === "BYTES");
  const countOf = (list: readonly Head[]): number =>
    list.reduce((sum, { nRows, nColumns }) => sum + nRows * nColumns, 0);
  const { maxElements, maxTexts, maxJsonBytes } = limits;
  const nElements = countOf(heads);
  if (nElements > maxElements) throw tooLarge("inputs", maxElements, nElements, "elements");
  const nTexts = countOf(texts);
  if (nTexts > maxTexts) throw tooLarge("inputs", maxTexts, nTexts, "texts");
  const nBytes = texts.reduce((sum, { size }) => sum + (size ?? 0), 0);
  if (nBytes > maxJsonBytes) throw tooLarge("texts", maxJsonBytes, nBytes, "bytes");
}

function tooLarge(what: string, most: number, actual: number, unit: string): BailiwickError {
  return new BailiwickError(
    "DATA_TOO_LARGE",
    `${what} must be at most ${most} ${unit}, got ${actual}`,
  );
}

function readElements(head: Head, take: (nBytes: number) => Buffer): InputTensor {
  const { name, shown, datatype, nRows, nColumns, data, size } = head;
  const claim = { name: shown, datatype, count: nRows * nColumns };
  const elements =
    size === null
      ? decodeList(flatten(shown, data, nRows, nColumns), claim)
      : decodeBinary(take(size), claim);
  return { name, datatype, nRows, nColumns, elements };
}

function datatypeOf(name: string, datatype: unknown): string {
  if (typeof datatype === "string" && DATATYPES.includes(datatype)) return datatype;
  const wanted = `must be one of ${DATATYPES.join(", ")}`;
  throw invalid(`input "${name}"'s datatype ${wanted}, got ${describeValue(datatype)}`);
}

function shapeOf(name: string, shape: unknown): readonly [number, number] {
  const extents = Array.isArray(shape) ? shape : [];
  if (extents.length < 1 || extents.length > 2 || !extents.every(isExtent)) {
    const some = extents.slice(0, 3).map(describeValue).join(", ");
    const found = extents.length === 1 || extents.length === 2 ? `[${some}]` : describeValue(shape);
    throw mismatch(name, `have a shape [n] or [n, columns], got ${found}`);
  }
  const [nRows, nColumns = 1] = extents;
  return [nRows!, nColumns];
}

function isExtent(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}

/** The elements of a tensor, which come flat or as a list of rows. */
function flatten(name: string, data: unknown, nRows: number, nColumns: number): readonly unknown[] {
  if (!Array.isArray(data)) throw mismatch(name, `have data, a list, got ${describeValue(data)}`);
  const list = Array.isArray(data[0]) ? flattenRows(name, data, nRows, nColumns) : data;
  if (list.length === nRows * nColumns) return list;
  const found = `got ${list.length} for the shape [${nRows}, ${nColumns}]`;
  throw mismatch(name, `have as many values as its shape says, ${found}`);
}

function flattenRows(
  name: string,
  rows: readonly unknown[],
  nRows: number,
  nColumns: number,
): unknown[] {
  if (rows.length !== nRows) throw mismatch(name, `have ${nRows} rows, got ${rows.length}`);
  const flat: unknown[] = [];
  rows.forEach((row, i) => {
    if (!Array.isArray(row) || row.length !== nColumns) {
      throw mismatch(name, `hold rows of ${nColumns}, row ${i} is ${describeValue(row)}`);
    }
    for (const cell of row) flat.push(cell);
  });
  return flat;
}

function readOutputs(outputs: unknown, binaryOutputs: boolean): InferRequest["outputs"] {
  const list = optionalList("outputs", outputs, MAX_OUTPUTS);
  if (list === undefined) return null;
  return list.map((output, i) => {
    const entry = objectOf(`outputs[${i}]`, output);
    const parameters = optionalObject(`outputs[${i}]'s parameters`, entry["parameters"]);
    return {
      name: nameOf("an output's name", entry["name"]),
      binary: flagOf(parameters, "binary_data", binaryOutputs),
    };
  });
}

function nameOf(what: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw invalid(`${what} must be a text, got ${describeValue(value)}`);
}

function flagOf(parameters: JsonObject, name: string, otherwise = false): boolean {
  return optionalFlag(`parameter ${name}`, parameters[name], otherwise);
}

function mismatch(name: string, mustAndFound: string): BailiwickError {
  return new BailiwickError("SHAPE_MISMATCH", `input "${name}" must ${mustAndFound}`, { name });
}
