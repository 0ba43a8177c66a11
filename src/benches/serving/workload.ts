/**
 * The served model and the requests: a model of four experts n-32-32-1 under a softmax gate, its
 * parameters drawn at random, and 64 rows of ten numbers.
 *
 * A bundle of it holds what a fit would leave, explanation included: a served row is judged for its
 * novelty as it is in use. A seed stands for a version: each version answers differently.
 */
import type { BundleContent } from "../../bundle/index.ts";
import {
  type Feature,
  matrixColumns,
  type Preprocessing,
  type Table,
  tableFromRecords,
} from "../../data/index.ts";
import { type Engine, initNet } from "../../experts/index.ts";
import { explain } from "../../explain/index.ts";
import { type Model, predict, type Recombination, summariseErrors } from "../../mixture/index.ts";
import { createRng } from "../../shared/rng.ts";

/** Rows of one request, and numbers in a row. */
export const N_ROWS = 64;
export const N_FEATURES = 10;
const N_EXPERTS = 4;
const HIDDEN = [32, 32];
/** Rows that a model is explained from. */
const N_TRAIN = 1000;

const TARGET: Preprocessing["target"] = { name: "y", mean: 10, scale: 3, least: -100, most: 100 };
const NUMBER = { type: "number", median: 0, mean: 0, scale: 1 } as const;

const NUMBERS: readonly Feature[] = Array.from({ length: N_FEATURES }, (_, j) => {
  return { ...NUMBER, name: `f${j}`, indicator: false };
});
const MIXED: readonly Feature[] = [
  { ...NUMBER, name: "x", indicator: true },
  { type: "category", name: "kind", levels: ["a", "b"] },
];

/** What is asked: N_ROWS rows of N_FEATURES numbers, row-major. */
export const CELLS: Float64Array = drawCells(N_ROWS, 0);

function drawCells(nRows: number, seed: number): Float64Array {
  const rng = createRng(seed);
  return Float64Array.from({ length: nRows * N_FEATURES }, () => rng.normal());
}

/** Rows as a table of the columns f0, f1, … */
export function tableOf(cells: Float64Array): Table {
  const nRows = cells.length / N_FEATURES;
  const columns = NUMBERS.map(({ name }, j) => ({
    type: "number" as const,
    name,
    values: Float64Array.from({ length: nRows }, (_, i) => cells[i * N_FEATURES + j]!),
  }));
  return { nRows, columns };
}

/** Ten numbers to one. */
export function drawModel(recombination: Recombination, seed: number): Model {
  return drawModelOf(NUMBERS, recombination, seed);
}

/** A model with all that a bundle holds. */
export function drawContent(
  engine: Engine,
  recombination: Recombination,
  seed: number,
): BundleContent {
  const rows = tableOf(drawCells(N_TRAIN, 1));
  return contentOf(engine, drawModel(recombination, seed), rows, seed);
}

/** The same of a number `x`, which may be missing, and a category `kind`. */
export function drawMixedContent(engine: Engine, seed: number): BundleContent {
  const model = drawModelOf(MIXED, "smooth", seed);
  const rng = createRng(seed);
  const records = Array.from({ length: N_TRAIN }, () => ({
    x: rng.int(10) === 0 ? null : rng.normal(),
    kind: rng.int(2) === 0 ? "a" : "b",
  }));
  return contentOf(engine, model, tableFromRecords(records, model.preprocessing), seed);
}

function drawModelOf(
  features: readonly Feature[],
  recombination: Recombination,
  seed: number,
): Model {
  const preprocessing = { features, target: TARGET };
  const nInputs = matrixColumns(preprocessing).length;
  const rng = createRng(seed);
  const net = (nOutputs: number) =>
    initNet({ sizes: [nInputs, ...HIDDEN, nOutputs], activation: "tanh" }, rng);
  const gate = { kind: "softmax", net: net(N_EXPERTS) } as const;
  const experts = Array.from({ length: N_EXPERTS }, () => ({ kind: "mlp", net: net(1) }) as const);
  return { preprocessing, members: [{ weight: 1, mixture: { experts, gate, recombination } }] };
}

function contentOf(engine: Engine, model: Model, rows: Table, seed: number): BundleContent {
  const { values, routes } = predict(engine, model, rows);
  const reports = Array.from({ length: N_EXPERTS }, (_, k) => ({
    share: routes[0]!.experts.filter((expert) => expert === k).length / rows.nRows,
    residuals: summariseErrors(new Float64Array(rows.nRows)),
  }));
  return {
    model,
    facts: { provenance: provenanceOf(seed), experts: [reports] },
    explanation: explain(engine, model, { features: rows, y: values, experts: [reports] }),
  };
}

export function provenanceOf(seed: number): BundleContent["facts"]["provenance"] {
  return {
    dataName: "drawn",
    dataSha256: "0".repeat(64),
    seed,
    engine: "wasm",
    nTrain: N_TRAIN,
    preset: "fast",
    metrics: { nSamples: N_TRAIN, mse: 0, rmse: 0, mae: 0, r2: 1 },
    verdict: { partitioning: "worth it", why: "drawn, not fitted" },
  };
}

/** A request's headers and body. */
export interface InferBody {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const ROWS = { name: "rows", shape: [N_ROWS, N_FEATURES], datatype: "FP64" };

export function jsonBody(): InferBody {
  const document = { inputs: [{ ...ROWS, data: [...CELLS] }] };
  return {
    headers: { "content-type": "application/json" },
    body: Buffer.from(JSON.stringify(document)),
  };
}

/** Tensors as bytes, both ways. */
export function binaryBody(): InferBody {
  const bytes = Buffer.from(CELLS.buffer, CELLS.byteOffset, CELLS.byteLength);
  const input = { ...ROWS, parameters: { binary_data_size: bytes.length } };
  const document = { inputs: [input], parameters: { binary_data_output: true } };
  const json = Buffer.from(JSON.stringify(document));
  return {
    headers: {
      "content-type": "application/octet-stream",
      "inference-header-content-length": String(json.length),
    },
    body: Buffer.concat([json, bytes]),
  };
}
