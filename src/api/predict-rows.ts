/**
 * `POST /v1/predict`: rows as JSON objects, for clients without the protocol.
 *
 * Cells are read as a JSON file's would be, so that an answer is that of `bailiwick predict` on
 * the same rows: texts that spell numbers are numbers, keys that are no columns are left aside, a
 * key that a row lacks is a missing cell, a column that every row lacks is a mistake.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import {
  applyPreprocessing,
  checkGivenColumns,
  inputColumns,
  type Preprocessing,
  type Table,
  tableFromRecords,
} from "../data/index.ts";
import { createIntervals } from "../mixture/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { type AnsweredRows, answeredRows } from "./answer.ts";
import { bodyOf, isBinary } from "./body.ts";
import { contributionsTo, contributorOf } from "./contributions.ts";
import { numberList } from "./infer-answer.ts";
import { isJsonObject, type JsonObject, parseJson } from "./json.ts";
import { checkRoutedRows, type Limits } from "./limits.ts";
import { classOf, invalid, levelOf, objectOf, optionalFlag } from "./members.ts";
import { describeValue, Refusal } from "./refusal.ts";
import type { LoadedVersion, Registry } from "./registry.ts";
import { countAnswer } from "./traffic.ts";

interface PredictRequest {
  readonly model: string | undefined;
  readonly version: string | undefined;
  readonly explain: boolean;
  readonly contributions: boolean;
  /** The level of intervals; null if none are wanted. */
  readonly interval: number | null;
  readonly rowClass: string | null;
  readonly rows: readonly JsonObject[];
}

export interface PredictRowsOptions {
  readonly registry: Registry;
  readonly limits: Limits;
}

export function addPredictRows(
  server: FastifyInstance,
  { registry, limits }: PredictRowsOptions,
): void {
  server.post("/v1/predict", (request, reply) => predictRows(registry, request, reply, limits));
}

async function predictRows(
  registry: Registry,
  request: FastifyRequest,
  reply: FastifyReply,
  limits: Limits,
): Promise<FastifyReply> {
  if (isBinary(request)) throw new Refusal(415, "content-type must be application/json here");
  const body = bodyOf(request);
  const asked = readRequest(parseJson(body, limits), limits);
  const nRows = asked.rows.length;
  await letOthersRun(nRows);
  if (asked.explain) checkRoutedRows(nRows, limits);
  const version = registry.find(asked.model ?? onlyModel(registry), asked.version);
  const { model: fitted } = version.bundle;
  const { preprocessing } = fitted;
  const intervalsOf = asked.interval === null ? null : createIntervals(fitted, asked.interval);
  const contribute = asked.contributions
    ? contributorOf(version, nRows, limits.maxExplainedRows)
    : null;
  const rows = mayHaveRounded(asked.rows, preprocessing)
    ? rowsOf(objectOf("the body", parseJson(body, limits, { keepLongNumbers: true })), limits)
    : asked.rows;
  const table = tableOfRecords(rows, preprocessing);
  await letOthersRun(nRows);
  const X = applyPreprocessing(preprocessing, table);
  await letOthersRun(nRows);
  const warnings = version.rowWatch?.warningsOf(table, request.log) ?? [];
  const answer = answeredRows(await version.batcher.predict(X, asked.rowClass), X, intervalsOf);
  countAnswer(version.traffic, answer, version.novelty, reply.elapsedTime);
  const shares = contribute && (await contributionsTo(contribute, answer));
  const why = shares === null ? "" : `,"contributions":${JSON.stringify(shares)}`;
  const routes = asked.explain ? `,"routes":${JSON.stringify(explain(version, answer))}` : "";
  const warned = warnings.length === 0 ? "" : `,"warnings":${JSON.stringify(warnings)}`;
  return reply
    .type("application/json")
    .send(`${writeAnswer(version, answer)}${why}${warned}${routes}}`);
}

/** With fewer rows a step takes less than a request's own overhead. */
const MANY_ROWS = 1000;

/** Between two steps over many rows, other requests are answered. */
async function letOthersRun(nRows: number): Promise<void> {
  if (nRows > MANY_ROWS) await nextTurn();
}

/** All but contributions, warnings, routes and the closing brace. */
function writeAnswer({ name, version }: LoadedVersion, answer: AnsweredRows): string {
  const { values, intervals, degraded } = answer;
  const head = JSON.stringify({ model: name, version });
  const bounds =
    intervals === null
      ? ""
      : `,"lower":${numberList(intervals.lower)},"upper":${numberList(intervals.upper)}`;
  const note = degraded ? ',"degraded":true' : "";
  return `${head.slice(0, -1)},"predictions":${numberList(values)}${bounds}${note}`;
}

function onlyModel({ models }: Registry): string {
  const names = [...models.keys()];
  if (names.length === 1) return names[0]!;
  throw invalid(`model must be one of ${names.join(", ")}, got nothing`);
}

/**
 * Whether JSON.parse may have rounded a level: 9007199254740993 as a number would be the level of
 * another identifier. Numbers of numeric columns are doubles in training too.
 */
function mayHaveRounded(rows: readonly JsonObject[], { features }: Preprocessing): boolean {
  return features.some(
    ({ type, name }) => type === "category" && rows.some((row) => typeof row[name] === "number"),
  );
}

/** @throws INVALID_OPTION for what is no list of objects, DATA_TOO_LARGE for too many. */
function rowsOf({ rows }: JsonObject, { maxRows }: Limits): readonly JsonObject[] {
  if (!Array.isArray(rows)) throw invalid(`rows must be a list, got ${describeValue(rows)}`);
  if (rows.length > maxRows) {
    const message = `rows must be at most ${maxRows}, got ${rows.length}`;
    throw new BailiwickError("DATA_TOO_LARGE", message);
  }
  const bad = rows.findIndex((row) => !isJsonObject(row));
  if (bad >= 0) throw invalid(`rows[${bad}] must be an object, got ${describeValue(rows[bad])}`);
  return rows;
}

function readRequest(body: unknown, limits: Limits): PredictRequest {
  const members = objectOf("the body", body);
  const rows = rowsOf(members, limits);
  return {
    model: textOf("model", members["model"]),
    version: textOf("version", members["version"]),
    explain: optionalFlag("explain", members["explain"]),
    contributions: optionalFlag("contributions", members["contributions"]),
    interval: levelOf(members["interval"]),
    rowClass: classOf(members["class"]),
    rows,
  };
}

function textOf(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  throw invalid(`${name} must be a text, got ${describeValue(value)}`);
}

/** @throws COLUMN_MISSING for a column that no row has, COLUMN_TYPE for a cell that is a list. */
function tableOfRecords(rows: readonly JsonObject[], preprocessing: Preprocessing): Table {
  checkGivenColumns(rows, preprocessing);
  for (const { name } of inputColumns(preprocessing)) {
    const bad = rows.findIndex((row) => Object.hasOwn(row, name) && isNested(row[name]));
    if (bad >= 0) {
      const actual = describeValue(rows[bad]![name]);
      const message = `column "${name}" must hold numbers or texts, rows[${bad}] holds ${actual}`;
      throw new BailiwickError("COLUMN_TYPE", message, { column: name });
    }
  }
  return tableFromRecords(rows, preprocessing);
}

function isNested(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

/** How each row was routed, the members in their order. */
function explain({ bundle, novelty }: LoadedVersion, answer: AnsweredRows): readonly object[] {
  const { members } = bundle.manifest;
  const { values, routes, degraded } = answer;
  return Array.from(values, (_, i) => ({
    members: routes.map(({ experts, scores, nExperts }, m) => ({
      weight: members[m]!.weight,
      expert: members[m]!.experts[experts[i]!]!.id,
      gateScore: scores[i * nExperts + experts[i]!]!,
      scores: Array.from(scores.subarray(i * nExperts, (i + 1) * nExperts)),
      ...(novelty === null ? {} : { novelty: novelty(answer, m, i) }),
    })),
    degraded,
  }));
}
