/**
 * `POST …/experts`: answers of named experts, for a device that holds the gate and some experts.
 *
 * A request has the protocol's form: the tensor `X` holds rows as experts see them, preprocessed,
 * once for all experts; each further input is named by an expert's SHA-256 and lists the rows that
 * the expert shall answer. The answer has one output an expert, standardised and not clipped, so
 * that the device adds up the same numbers in the same order as the server.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { matrixWidth } from "../data/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { JSON_LENGTH_HEADER } from "../shared/http-headers.ts";
import { type Matrix, takeRows } from "../shared/matrix.ts";
import { bodyOf, jsonLengthOf } from "./body.ts";
import { type InferRequest, type InputTensor, parseInferRequest } from "./infer-request.ts";
import type { Limits } from "./limits.ts";
import { overloaded, Refusal, shorten } from "./refusal.ts";
import type { ExpertAnswerer, LoadedVersion, Registry } from "./registry.ts";

export const ROWS_INPUT = "X";
/** Rows that an expert answers before other requests have their turn. */
const SLICE_ROWS = 4096;

const modelParams = z.object({ model: z.string(), version: z.string().optional() });

export interface ExpertAnswersOptions {
  readonly registry: Registry;
  readonly limits: Limits;
}

export function addExpertAnswers(server: FastifyInstance, options: ExpertAnswersOptions): void {
  for (const prefix of ["/v2/models/:model", "/v2/models/:model/versions/:version"]) {
    server.post(`${prefix}/experts`, (request, reply) => {
      const { model, version } = modelParams.parse(request.params);
      return answerExperts(options.registry.find(model, version), request, reply, options);
    });
  }
}

/** The rows that one expert shall answer. */
interface Asked {
  readonly hash: string;
  readonly rows: Int32Array;
}

async function answerExperts(
  version: LoadedVersion,
  request: FastifyRequest,
  reply: FastifyReply,
  { registry: { queue }, limits }: ExpertAnswersOptions,
): Promise<FastifyReply> {
  const infer = parseInferRequest(bodyOf(request), jsonLengthOf(request), limits);
  const X = matrixOf(infer, version);
  const asked = infer.inputs.filter(({ name }) => name !== ROWS_INPUT).map(askedOf(version, X));
  const nRows = asked.reduce((sum, { rows }) => sum + rows.length, 0);
  if (nRows > limits.maxRows) {
    const message = `rows of all experts must be at most ${limits.maxRows}, got ${nRows}`;
    throw new BailiwickError("DATA_TOO_LARGE", message);
  }
  if (queue.rows + nRows > limits.maxQueuedRows) throw overloaded("too many rows wait");
  queue.rows += nRows;
  try {
    const answers: Float32Array[] = [];
    for (const one of asked) answers.push(await answerOf(version.answerExpert!, X, one));
    return send(version, infer, { asked, answers }, reply);
  } finally {
    queue.rows -= nRows;
  }
}

/** @throws 409 where experts answer elsewhere, since it is not known to which rows they may. */
function matrixOf({ inputs }: InferRequest, { answerExpert, bundle }: LoadedVersion): Matrix {
  if (answerExpert === null) {
    throw new Refusal(409, "experts of this server answer elsewhere: ask infer for whole rows");
  }
  const found = inputs.filter(({ name }) => name === ROWS_INPUT);
  const [X] = found;
  if (X === undefined || found.length > 1) {
    const message = `one input must be named "${ROWS_INPUT}", got ${found.length}`;
    throw new BailiwickError("INVALID_OPTION", message);
  }
  const width = matrixWidth(bundle.model.preprocessing.features);
  if (X.nColumns !== width) {
    const message = `input "${ROWS_INPUT}" must have ${width} columns, got ${X.nColumns}`;
    throw new BailiwickError("SHAPE_MISMATCH", message);
  }
  const values = Float32Array.from(numbersOf(X));
  if (!values.every(Number.isFinite)) {
    throw new BailiwickError("VALUE_NOT_FINITE", `input "${ROWS_INPUT}" must hold finite numbers`);
  }
  return { values, nRows: X.nRows, nColumns: width };
}

function numbersOf({ name, elements }: InputTensor): Float64Array {
  if (elements.kind === "numbers") return elements.values;
  throw new BailiwickError("COLUMN_TYPE", `input "${shorten(name)}" must hold numbers, not texts`);
}

/** Reads one input after another. @throws for an expert that is not there or comes twice. */
function askedOf({ bundle }: LoadedVersion, X: Matrix): (input: InputTensor) => Asked {
  const known = new Set(
    bundle.manifest.members.flatMap(({ experts }) => experts.map((e) => e.blob)),
  );
  return (input) => {
    const { name: hash, nColumns } = input;
    const shown = shorten(hash, 64);
    if (!known.delete(hash)) {
      const message = `an input must be named by an expert of the version, once, got "${shown}"`;
      throw new BailiwickError("INVALID_OPTION", message);
    }
    const rows = numbersOf(input);
    const isRow = (i: number): boolean => Number.isInteger(i) && i >= 0 && i < X.nRows;
    if (nColumns !== 1 || !rows.every(isRow)) {
      const message = `input "${shown}" must list rows from 0 to ${X.nRows - 1}`;
      throw new BailiwickError("INVALID_OPTION", message);
    }
    return { hash, rows: Int32Array.from(rows) };
  };
}

/** A row's answer depends on that row alone, so that slices change no bit. */
async function answerOf(
  answer: ExpertAnswerer,
  X: Matrix,
  { hash, rows }: Asked,
): Promise<Float32Array> {
  const answers = new Float32Array(rows.length);
  for (let start = 0; start < rows.length; start += SLICE_ROWS) {
    if (start > 0) await nextTurn();
    answers.set(answer(hash, takeRows(X, rows.subarray(start, start + SLICE_ROWS))), start);
  }
  return answers;
}

function send(
  { name, version }: LoadedVersion,
  { id, binaryOutputs }: InferRequest,
  { asked, answers }: { readonly asked: readonly Asked[]; readonly answers: Float32Array[] },
  reply: FastifyReply,
): FastifyReply {
  const outputs = asked.map(({ hash, rows }, k) => ({
    name: hash,
    datatype: "FP32",
    shape: [rows.length],
    ...(binaryOutputs
      ? { parameters: { binary_data_size: 4 * rows.length } }
      : { data: Array.from(answers[k]!) }),
  }));
  const facts = { model_name: name, model_version: version, ...(id === null ? {} : { id }) };
  const json = Buffer.from(JSON.stringify({ ...facts, outputs }));
  if (!binaryOutputs) return reply.type("application/json").send(json);
  reply.header(JSON_LENGTH_HEADER, json.length);
  const tails = answers.map(({ buffer }) => Buffer.from(buffer));
  return reply.type("application/octet-stream").send(Buffer.concat([json, ...tails]));
}
