/** One prediction: rows are routed here, answered here or by the source, and added up. */
import type { Outline } from "../../bundle/index.ts";
import { matrixFromRecords } from "../../data/index.ts";
import { type Expert, type NetPredictor, predictExpert } from "../../experts/index.ts";
import {
  type AskExpert,
  type Member,
  type Model,
  predictElsewhere,
  predictMatrix,
} from "../../mixture/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { type Matrix, takeRows } from "../../shared/matrix.ts";
import { createAsks } from "./asks.ts";
import type { HeldExperts } from "./experts.ts";
import type { HeldModel } from "./model.ts";
import type { ModelSource, RemoteAnswers, Row } from "./source.ts";

export interface PredictRowsOptions {
  /** "local" for rows that must not leave the device. */
  readonly class?: "local";
  /** Experts that have not answered by then are left out, and the answer is degraded. */
  readonly deadlineMs?: number;
}

export interface AgentPrediction {
  /** One a row, in the target's units. */
  readonly predictions: Float64Array;
  /** Of the model. */
  readonly version: string;
  /** Whether experts were left out, because the server could not be asked in time. */
  readonly degraded: boolean;
  /** Rows that left the device, each counted once. */
  readonly rowsSent: number;
}

interface Parts {
  readonly engine: NetPredictor;
  readonly source: ModelSource;
  readonly experts: HeldExperts;
  readonly model: HeldModel;
}

interface Asked extends PredictRowsOptions {
  /** Aborts at the deadline. */
  signal(): AbortSignal;
}

export function predictOnce(
  parts: Parts,
  rows: readonly Row[],
  asked: Asked,
): Promise<AgentPrediction> {
  const { source, model } = parts;
  if (model.outline !== null) return predictRouted(parts, model.outline, rows, asked);
  if (source.remote !== null && asked.class !== "local") {
    return predictThere(source.remote, rows, asked.signal());
  }
  const message = "rows of class local need the model's gate, which may not leave the server";
  throw new BailiwickError("ZONE_CLOSED", message);
}

async function predictThere(
  remote: RemoteAnswers,
  rows: readonly Row[],
  signal: AbortSignal,
): Promise<AgentPrediction> {
  const { version, predictions } = await remote.rows(rows, signal);
  const values = Float64Array.from(predictions);
  return { predictions: values, version, degraded: false, rowsSent: rows.length };
}

async function predictRouted(
  { engine, source: { remote }, experts, model: { version } }: Parts,
  outline: Outline,
  rows: readonly Row[],
  { class: rowClass, deadlineMs, signal }: Asked,
): Promise<AgentPrediction> {
  const { preprocessing, members } = outline;
  const X = matrixFromRecords(rows, preprocessing);
  const whole = wholeModel(outline, experts);
  if (whole !== null) {
    const { values } = predictMatrix(engine, whole, X);
    return { predictions: values, version, degraded: false, rowsSent: 0 };
  }
  /** At a deadline that the caller gave, experts are left out. */
  const orLeftOut = async <T>(answers: Promise<T>): Promise<T> => {
    try {
      return await answers;
    } catch (error) {
      throw deadlineMs !== undefined && isUnreachable(error) ? leftOut(error) : error;
    }
  };
  let rowsSent = 0;
  const there = rowClass === "local" ? null : remote;
  const askThere = createAsks((sentX, asked) => {
    rowsSent += sentX.nRows;
    return orLeftOut(there!.experts(version, sentX, asked, signal()));
  });
  const used = new Map<string, number>();
  const ask: AskExpert = async (m, k, of) => {
    const { blob } = members[m]!.mixture.experts[k]!;
    used.set(blob, (used.get(blob) ?? 0) + of.rows.length);
    const held = experts.get(blob);
    if (held === undefined && there !== null) return askThere(blob, of);
    const expert = held ?? (await orLeftOut(inTime(experts.need(blob), signal())));
    return predictExpert(engine, expert, rowsIn(of));
  };
  const { values, degraded } = await predictElsewhere(engine, outline, X, ask);
  experts.answered(used);
  return { predictions: values, version, degraded, rowsSent };
}

/** The model, if every expert is here; null if not. What is used is then of no account. */
function wholeModel({ preprocessing, members }: Outline, experts: HeldExperts): Model | null {
  let isWhole = true;
  const held = members.map(({ weight, mixture }): Member => {
    const here = mixture.experts.flatMap(({ blob }) => experts.get(blob) ?? []);
    isWhole &&= here.length === mixture.experts.length;
    return { weight, mixture: { ...mixture, experts: here } };
  });
  return isWhole ? { preprocessing, members: held } : null;
}

function rowsIn({ X, rows }: Parameters<AskExpert>[2]): Matrix {
  return rows.length === X.nRows ? X : takeRows(X, rows);
}

/** The fetch goes on behind. @throws SERVER_UNAVAILABLE */
function inTime(expert: Promise<Expert>, signal: AbortSignal): Promise<Expert> {
  return new Promise((resolve, reject) => {
    const give = (): void =>
      reject(new BailiwickError("SERVER_UNAVAILABLE", "an expert must arrive in time, it did not"));
    if (signal.aborted) give();
    signal.addEventListener("abort", give);
    expert.then(resolve, reject).finally(() => signal.removeEventListener("abort", give));
  });
}

/** Whether the source could not be reached, or was busy. */
function isUnreachable(error: unknown): error is BailiwickError {
  return error instanceof BailiwickError && error.code === "SERVER_UNAVAILABLE";
}

/** An expert that is left out is masked, as one that no node can answer for. */
function leftOut(cause: BailiwickError): BailiwickError {
  return new BailiwickError("EXPERT_UNAVAILABLE", cause.message, cause.details, cause);
}
