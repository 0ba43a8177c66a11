/**
 * The answer to an inference request, written straight to text and bytes.
 *
 * Every model gives the output `prediction`. By name, or for the request's parameter `routing`, it
 * gives for each member the `expert` that each row is routed to, its `gate_score`, all `scores`
 * and, if the bundle has an explanation, its `novelty`; the first member's outputs have these
 * names, the second's are `m1.expert` and so on. For the parameter `interval` it gives `lower` and
 * `upper`.
 */
import { memberOutput, PREDICTION_OUTPUT } from "../mixture/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { type AnsweredRows, topScores } from "./answer.ts";
import type { InferRequest, OutputRequest } from "./infer-request.ts";
import { noveltiesOf } from "./novelty.ts";
import { shorten } from "./refusal.ts";
import type { LoadedVersion } from "./registry.ts";

/** A body, and how many of its bytes are JSON if others follow. */
export interface InferAnswer {
  readonly body: string | Buffer;
  readonly jsonLength: number | null;
}

interface OutputTensor {
  readonly datatype: "FP64" | "INT32";
  readonly shape: readonly number[];
  readonly values: Float64Array | Int32Array;
}

/** What a model can put out, for its metadata: name, datatype and columns (0 for none). */
export interface OutputFacts {
  readonly name: string;
  readonly datatype: OutputTensor["datatype"];
  readonly nColumns: number;
}

export const PREDICTION: OutputFacts = { name: PREDICTION_OUTPUT, datatype: "FP64", nColumns: 0 };

/** The outputs that say how rows were routed. */
export function routingOutputs({ bundle, novelty }: LoadedVersion): readonly OutputFacts[] {
  return bundle.model.members.flatMap(({ mixture }, m): OutputFacts[] => [
    { name: memberOutput("expert", m), datatype: "INT32", nColumns: 0 },
    { name: memberOutput("gate_score", m), datatype: "FP64", nColumns: 0 },
    { name: memberOutput("scores", m), datatype: "FP64", nColumns: mixture.experts.length },
    ...(novelty === null
      ? []
      : [{ name: memberOutput("novelty", m), datatype: "FP64" as const, nColumns: 0 }]),
  ]);
}

/** The outputs that say what the truth lies between; none if the bundle cannot tell. */
export function intervalOutputs({ bundle }: LoadedVersion): readonly OutputFacts[] {
  if (bundle.model.intervals === undefined) return [];
  return BOUNDS.map((name) => ({ name, datatype: "FP64", nColumns: 0 }));
}

const BOUNDS = ["lower", "upper"] as const;

/**
 * @throws INVALID_OPTION for an output that the model does not have, or one that is asked for
 *   twice: an answer's size is bounded by the model, not by the request.
 */
export function writeInferAnswer(
  version: LoadedVersion,
  request: InferRequest,
  answer: AnsweredRows,
  warnings: readonly string[] = [],
): InferAnswer {
  const heads: string[] = [];
  const tails: Buffer[] = [];
  for (const { name, binary } of wantedOutputs(version, request)) {
    const { datatype, shape, values } = outputOf(name, version, answer);
    const head = `{"name":${JSON.stringify(name)},"datatype":"${datatype}","shape":[${shape}]`;
    if (binary) {
      const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
      heads.push(`${head},"parameters":{"binary_data_size":${bytes.length}}}`);
      tails.push(bytes);
    } else heads.push(`${head},"data":${numberList(values)}}`);
  }
  const { name, version: number } = version;
  const id = request.id === null ? "" : `,"id":${JSON.stringify(request.id)}`;
  const facts = factsOf(version, request, answer, warnings);
  const json =
    `{"model_name":${JSON.stringify(name)},"model_version":"${number}"${id}` +
    `${facts === "" ? "" : `,"parameters":${facts}`},"outputs":[${heads.join(",")}]}`;
  if (tails.length === 0) return { body: json, jsonLength: null };
  const start = Buffer.from(json);
  return { body: Buffer.concat([start, ...tails]), jsonLength: start.length };
}

/**
 * Every answer says whether it is degraded and in what its rows differ from the training rows.
 * Parameters are scalars: the warnings are lines of one text.
 */
function factsOf(
  version: LoadedVersion,
  { routing }: InferRequest,
  answer: AnsweredRows,
  warnings: readonly string[],
): string {
  const warned = warnings.length === 0 ? "" : `"warnings":${JSON.stringify(warnings.join("\n"))}`;
  const routed = routing ? JSON.stringify(routingFacts(version, answer)).slice(1, -1) : "";
  const facts = routing || !answer.degraded ? routed : '"degraded":true';
  const both = [facts, warned].filter((part) => part !== "").join();
  return both === "" ? "" : `{${both}}`;
}

/** Whether a request asks how rows were routed, by the parameter or an output's name. */
export function asksForRoutes({ routing, outputs }: InferRequest): boolean {
  const others: readonly string[] = [PREDICTION.name, ...BOUNDS];
  return routing || outputs?.some(({ name }) => !others.includes(name)) === true;
}

/** Numbers as a JSON list, shortest form that reads back to the same bits; null if not finite. */
export function numberList(values: Float64Array | Int32Array): string {
  return JSON.stringify(Array.from(values));
}

function wantedOutputs(
  version: LoadedVersion,
  { outputs, binaryOutputs, routing, interval }: InferRequest,
): readonly OutputRequest[] {
  const bounds = interval === null ? [] : namesOf(intervalOutputs(version));
  const wanted = outputs ?? [{ name: PREDICTION.name, binary: binaryOutputs }];
  if (outputs === null && bounds.length === 0 && !routing) return wanted;
  const routes = namesOf(routingOutputs(version));
  checkNames(wanted, [PREDICTION.name, ...bounds, ...routes]);
  const added = routing
    ? [PREDICTION.name, ...bounds, ...routes.filter((name) => !name.endsWith("scores"))]
    : bounds;
  const names = new Set(wanted.map(({ name }) => name));
  const others = added.filter((name) => !names.has(name));
  return [...wanted, ...others.map((name) => ({ name, binary: binaryOutputs }))];
}

function namesOf(outputs: readonly OutputFacts[]): readonly string[] {
  return outputs.map(({ name }) => name);
}

/** @throws INVALID_OPTION for a name that the model does not have, or that comes twice. */
function checkNames(wanted: readonly OutputRequest[], known: readonly string[]): void {
  const names = new Set<string>();
  for (const { name } of wanted) {
    if (!known.includes(name)) {
      const message = `outputs must be among ${known.join(", ")}, got "${shorten(name)}"`;
      const isBound = BOUNDS.some((bound) => bound === name);
      const hint = isBound ? ", which takes the parameter interval" : "";
      throw new BailiwickError("INVALID_OPTION", message + hint);
    }
    if (names.has(name)) {
      throw new BailiwickError("INVALID_OPTION", `output "${name}" must be asked for once`);
    }
    names.add(name);
  }
}

/** An output by its name, which must be one of the model's. */
function outputOf(name: string, { novelty }: LoadedVersion, answer: AnsweredRows): OutputTensor {
  const nRows = answer.values.length;
  if (name === PREDICTION.name) return doubles(answer.values, [nRows]);
  if (name === "lower" || name === "upper") return doubles(answer.intervals![name], [nRows]);
  const [, member = "0", what] = /^(?:m(\d+)\.)?(.+)$/.exec(name)!;
  const m = Number(member);
  const route = answer.routes[m]!;
  if (what === "expert") return { datatype: "INT32", shape: [nRows], values: route.experts };
  if (what === "gate_score") return doubles(topScores(route), [nRows]);
  if (what === "novelty") return doubles(noveltiesOf(novelty!, answer, m), [nRows]);
  return doubles(route.scores, [nRows, route.nExperts]);
}

function doubles(values: Float64Array, shape: readonly number[]): OutputTensor {
  return { datatype: "FP64", shape, values };
}

/**
 * Scalars only, as the protocol's parameters are: facts of the version, and of the row where there
 * is one.
 */
function routingFacts({ bundle, novelty }: LoadedVersion, answer: AnsweredRows): object {
  const { digest, manifest } = bundle;
  const facts = { digest, degraded: answer.degraded };
  if (answer.values.length !== 1) return facts;
  // A member without weight explains and does not predict.
  const m = manifest.members.findIndex(({ weight }) => weight > 0);
  const route = answer.routes[m]!;
  const expert = manifest.members[m]!.experts[route.experts[0]!]!;
  return {
    ...facts,
    expert: expert.id,
    expert_version: expert.blob,
    gate_score: topScores(route)[0]!,
    ...(novelty === null ? {} : { novelty: novelty(answer, m, 0) }),
  };
}
