/**
 * Input tensors through the model's preprocessing, so that a request's rows meet the same rules as
 * a file's.
 *
 * Either one tensor for each column, by its name: numbers for numeric columns, BYTES for others.
 * Or one tensor `rows` of shape [n, columns], columns in the model's order: numbers if all columns
 * are numeric, else BYTES with every cell as a file would spell it. A model that has a column
 * called `rows` takes columns only.
 */
import { closest } from "fastest-levenshtein";
import {
  applyPreprocessing,
  applyToNumbers,
  type Column,
  columnOfCells,
  type Feature,
  givenFeatures,
  type Preprocessing,
  type Table,
} from "../data/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import type { Matrix } from "../shared/matrix.ts";
import type { InputTensor } from "./infer-request.ts";
import { shorten } from "./refusal.ts";

/** The name of the tensor that holds all columns. */
export const ROWS = "rows";

/**
 * The matrix that a model's experts see, from a request's inputs.
 *
 * @throws COLUMN_MISSING for a name that the model does not know, or lacks; COLUMN_TYPE,
 *   SHAPE_MISMATCH or INVALID_OPTION, naming the input.
 */
export function matrixOf(inputs: readonly InputTensor[], preprocessing: Preprocessing): Matrix {
  const rows = rowsTensorOf(inputs, preprocessing);
  if (rows?.elements.kind === "numbers") {
    checkRowsTensor(rows, preprocessing);
    return applyToNumbers(preprocessing, rows.elements.values, rows.nRows);
  }
  return applyPreprocessing(preprocessing, tableOf(inputs, preprocessing));
}

/** The table of a request's inputs. @throws as `matrixOf` */
export function tableOf(inputs: readonly InputTensor[], preprocessing: Preprocessing): Table {
  const rows = rowsTensorOf(inputs, preprocessing);
  return rows === null ? tableOfColumns(inputs, preprocessing) : tableOfRows(rows, preprocessing);
}

/** The one tensor that stands for all inputs; null if each column is a tensor. */
function rowsTensorOf(
  inputs: readonly InputTensor[],
  { features }: Preprocessing,
): InputTensor | null {
  const [first] = inputs;
  return inputs.length === 1 && first!.name === ROWS && takesRows(features) ? first! : null;
}

function tableOfColumns(inputs: readonly InputTensor[], preprocessing: Preprocessing): Table {
  const features = givenFeatures(preprocessing.features);
  const [first] = inputs;
  const byName = new Map<string, InputTensor>();
  for (const input of inputs) {
    if (byName.has(input.name)) {
      throw new BailiwickError("INVALID_OPTION", `input "${shorten(input.name)}" must come once`);
    }
    byName.set(input.name, input);
  }
  const columns = features.map((feature) => {
    const input = byName.get(feature.name);
    if (input === undefined) throw missing(feature, inputs, features);
    byName.delete(feature.name);
    return columnOf(feature, input, preprocessing);
  });
  for (const name of byName.keys()) throw unknown(name, features);
  const nRows = first!.nRows;
  const other = inputs.find((input) => input.nRows !== nRows);
  if (other === undefined) return { nRows, columns };
  const actual = `"${first!.name}" has ${nRows} rows and "${other.name}" ${other.nRows}`;
  throw new BailiwickError("SHAPE_MISMATCH", `columns must be of equal length, ${actual}`);
}

/** Whether a model takes the tensor `rows`. */
export function takesRows(features: readonly Feature[]): boolean {
  return features.every(({ name }) => name !== ROWS);
}

function missing(
  { name }: Feature,
  inputs: readonly InputTensor[],
  features: readonly Feature[],
): BailiwickError {
  const known = new Set(features.map((feature) => feature.name));
  const stranger = inputs.find((input) => !known.has(input.name));
  if (stranger !== undefined) return unknown(stranger.name, features);
  return new BailiwickError("COLUMN_MISSING", `column "${shorten(name)}" must be given`, {
    column: name,
  });
}

function unknown(name: string, features: readonly Feature[]): BailiwickError {
  const shown = shorten(name);
  const nearest = closest(
    shown,
    features.map((feature) => feature.name),
  );
  const message = `input "${shown}" must be a column of the model; the nearest is "${nearest}"`;
  return new BailiwickError("COLUMN_MISSING", message, { name: shown });
}

function columnOf(feature: Feature, input: InputTensor, preprocessing: Preprocessing): Column {
  const { name } = feature;
  const { nRows, nColumns, elements } = input;
  if (nColumns !== 1) {
    const got = `got [${nRows}, ${nColumns}]`;
    const message = `input "${shorten(name)}" must have shape [n] or [n, 1], ${got}`;
    throw new BailiwickError("SHAPE_MISMATCH", message, { name });
  }
  if ((elements.kind === "texts") !== (feature.type === "category")) {
    const wanted = feature.type === "category" ? "BYTES" : "a number's datatype";
    const message = `input "${shorten(name)}" must have ${wanted}, got ${input.datatype}`;
    throw new BailiwickError("COLUMN_TYPE", message, { name });
  }
  if (elements.kind === "numbers") return { type: "number", name, values: elements.values };
  return columnOfCells(feature, elements.values, preprocessing);
}

function tableOfRows(input: InputTensor, preprocessing: Preprocessing): Table {
  checkRowsTensor(input, preprocessing);
  const features = givenFeatures(preprocessing.features);
  const { nRows, elements } = input;
  const placeOf = (i: number, j: number): number => i * features.length + j;
  if (elements.kind === "texts") {
    const columns = features.map((feature, j) => {
      const cells = Array.from({ length: nRows }, (_, i) => elements.values[placeOf(i, j)]!);
      return columnOfCells(feature, cells, preprocessing);
    });
    return { nRows, columns };
  }
  const columns = features.map(({ name }, j): Column => {
    const values = Float64Array.from({ length: nRows }, (_, i) => elements.values[placeOf(i, j)]!);
    return { type: "number", name, values };
  });
  return { nRows, columns };
}

/** @throws SHAPE_MISMATCH, or COLUMN_TYPE for numbers where a column holds text. */
function checkRowsTensor(input: InputTensor, preprocessing: Preprocessing): void {
  const features = givenFeatures(preprocessing.features);
  const { nRows, nColumns, elements } = input;
  if (nColumns !== features.length) {
    const got = `got [${nRows}, ${nColumns}]`;
    const message = `input "${ROWS}" must have shape [n, ${features.length}], ${got}`;
    throw new BailiwickError("SHAPE_MISMATCH", message);
  }
  const category = features.find(({ type }) => type === "category");
  if (elements.kind === "texts" || category === undefined) return;
  const why = `column "${shorten(category.name)}" holds text`;
  const message = `input "${ROWS}" must have BYTES, ${why}; got ${input.datatype}`;
  throw new BailiwickError("COLUMN_TYPE", message);
}
