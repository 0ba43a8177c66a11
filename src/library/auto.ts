/**
 * The preset `auto`: a quick model first, then better ones while time is left; the model with the
 * lowest expected error is the result.
 *
 * The same rows, settings and seed give the same model if the time cut or left out no stage; the
 * report of the stages says whether it did. docs/adr/0037-auto.md.
 */
import { setMaxListeners } from "node:events";
import {
  type Expectation,
  onNewRows,
  partitionedWeight,
  type TrainingTable,
  type Verdict,
} from "../mixture/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import type { Progress } from "../shared/progress.ts";
import { figure } from "../shared/wording.ts";
import { type Done, isPromising, STAGES, type Stage } from "./auto-stages.ts";
import { withExecutor } from "./engines.ts";
import type { PresetSettings } from "./plan.ts";
import { type FitPlan, fitPlan, type JudgedFit, judgePlan } from "./plan.ts";
import type { TrainingSettings } from "./settings.ts";

/** What became of a stage of the preset auto. */
export interface StageReport {
  readonly name: string;
  /**
   * "model": its model is the result; "tried": another had a lower error; "cut": the time ended
   * in it; "left out": too little time was left to begin it; "stopped": the caller stopped the fit
   * in it or before it; "failed": its training diverged.
   */
  readonly outcome: "model" | "tried" | "cut" | "left out" | "stopped" | "failed";
  /** The RMSE that its model expects on new rows, in the target's units; null without a model. */
  readonly rmse: number | null;
}

/** How long the search for a better model may go on. */
export interface Budget {
  readonly timeMs: number;
  readonly nowMs: () => number;
  /** Ends the search when it is aborted; the best model so far is the result. */
  readonly stop?: AbortSignal | undefined;
}

export type AutoFit = JudgedFit & {
  readonly plan: FitPlan;
  readonly stages: readonly StageReport[];
};

interface Search {
  readonly table: TrainingTable;
  readonly settings: PresetSettings;
  readonly training: TrainingSettings;
  readonly budget: Budget;
  readonly startedMs: number;
}

/** Thrown through a stage when its time is up. */
const TIME_IS_UP = new Error("the time is up");

/** @throws as `fitPlan`; of later stages only what is not a failure to train. */
export async function fitAuto(
  settings: PresetSettings,
  table: TrainingTable,
  training: TrainingSettings,
  budget: Budget,
): Promise<AutoFit> {
  const startedMs = budget.nowMs();
  const search: Search = { table, settings, training, budget, startedMs };
  const done: Done[] = [];
  const others: StageReport[] = [];
  let quickMs = 0;
  for (const stage of STAGES) {
    const left = leftMs(search);
    if (done.length > 0 && (left <= 0 || left < stage.takes * quickMs)) {
      const outcome = isStopped(search) ? "stopped" : "left out";
      others.push({ name: stage.name, outcome, rmse: null });
      continue;
    }
    const outcome = await runStage(stage, done, search);
    if (typeof outcome !== "string") done.push(outcome);
    else others.push({ name: stage.name, outcome, rmse: null });
    if (stage === STAGES[0]) quickMs = budget.nowMs() - startedMs;
  }
  const best = bestOf(done);
  const verdict = (await judge(best, search)) ?? triedRegimes(done, others);
  const stages = STAGES.map(({ name }): StageReport => {
    const own = done.find(({ stage }) => stage.name === name);
    if (own === undefined) return others.find((other) => other.name === name)!;
    return { name, outcome: own === best ? "model" : "tried", rmse: expectedOf(own, done) };
  });
  return { ...best.planned, verdict, plan: best.plan, stages };
}

function bestOf(done: readonly Done[]): Done {
  return done.reduce((a, b) => (expectedOf(b, done) < expectedOf(a, done) ? b : a));
}

/**
 * The RMSE that a model expects on new rows. Where regimes are a member of the committee, theirs is
 * the member's, which was measured on the committee's rows: few rows at the boundaries decide.
 */
function expectedOf({ stage, planned }: Done, done: readonly Done[]): number {
  const committee = done.find(({ stage }) => stage.name === "committee")?.planned;
  const member = committee?.expectation.leaderboard.find(({ kind }) => kind === "regimes");
  if (stage.name === "regimes" && member !== undefined) return member.rmse;
  return onNewRows(planned.expectation).rmse;
}

function isStopped({ budget }: Search): boolean {
  return budget.stop?.aborted === true;
}

function leftMs(search: Search): number {
  const { budget, startedMs } = search;
  if (isStopped(search)) return 0;
  return startedMs + budget.timeMs - budget.nowMs();
}

async function runStage(
  stage: Stage,
  done: readonly Done[],
  search: Search,
): Promise<Done | "cut" | "stopped" | "failed"> {
  const { table, settings } = search;
  const plan = stage.plan(settings, table, done);
  const isFirst = done.length === 0;
  const best = isFirst ? null : bestOf(done).planned.expectation;
  try {
    const planned = await inTime(search, { ...stage, isFirst, best }, (executor, progress) =>
      fitPlan(plan, table, executor, progress),
    );
    if (planned !== null) return { stage, plan, planned };
    return isStopped(search) ? "stopped" : "cut";
  } catch (error) {
    const isFailure = error instanceof BailiwickError && FAILURES.includes(error.code);
    if (isFirst || !isFailure) throw error;
    return "failed";
  }
}

const FAILURES: readonly string[] = ["EXPERT_DIVERGED", "MEMORY_EXCEEDED"];

interface Part extends Pick<Stage, "name" | "from" | "to"> {
  /** The first model is fitted however long it takes. */
  readonly isFirst: boolean;
  readonly best: Expectation | null;
}

/** The result of `work`; null where the time ended first. */
async function inTime<T>(
  search: Search,
  { name, from, to, isFirst, best }: Part,
  work: Parameters<typeof withExecutor<T>>[1],
): Promise<T | null> {
  const { training, budget } = search;
  const { signal, onProgress } = training;
  const timer = new AbortController();
  const timeout = isFirst ? undefined : setTimeout(() => timer.abort(TIME_IS_UP), leftMs(search));
  const stops = isFirst ? [] : [timer.signal, ...(budget.stop === undefined ? [] : [budget.stop])];
  const ends = AbortSignal.any([...(signal === undefined ? [] : [signal]), ...stops]);
  // Every list of tasks listens, and many may be under way.
  setMaxListeners(0, ends);
  const known = best === null ? "" : ` · best so far RMSE ${figure(onNewRows(best).rmse)}`;
  const report: Progress = (step, fraction) => {
    if (!isFirst && leftMs(search) <= 0) throw TIME_IS_UP;
    const ms = leftMs(search);
    const why = isStopped(search) ? "the fit is stopped" : "the time is up";
    const left = ms > 0 ? `up to ${inWords(ms)} left` : `${why}, this first model is ended`;
    onProgress?.(`${name}: ${step}${known} · ${left}`, from + fraction * (to - from));
  };
  try {
    return await withExecutor({ ...training, signal: ends, onProgress: report }, work);
  } catch (error) {
    signal?.throwIfAborted();
    const isCut = error === TIME_IS_UP || (isStopped(search) && error === ends.reason);
    if (!isFirst && isCut) return null;
    throw error;
  } finally {
    clearTimeout(timeout);
  }
}

/** For example "1 min 40 s". */
function inWords(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds} s` : `${minutes} min ${seconds % 60} s`;
}

/** The verdict of the best model: null if no regimes were tried in it. */
async function judge({ stage, plan, planned }: Done, search: Search): Promise<Verdict | null> {
  if (!stage.divides || plan.committee?.regimes === null) return null;
  const part = { name: "verdict", from: 0.9, to: 1, isFirst: false, best: planned.expectation };
  const verdict =
    leftMs(search) <= 0
      ? null
      : await inTime(search, part, (executor, progress) =>
          judgePlan(plan, planned, executor, progress),
        );
  const why = isStopped(search) ? "the fit was stopped" : "the time ended";
  return verdict ?? undecided(`${why} before the model was compared with plain nets`);
}

/** Why the best model has no regimes: what the stage that searches for them found. */
function triedRegimes(done: readonly Done[], others: readonly StageReport[]): Verdict {
  const regimes = done.find(({ stage }) => stage.name === "regimes");
  const missed = (name: string, what: string): Verdict => {
    const outcome = others.find((own) => own.name === name)?.outcome;
    const ended = outcome === "stopped" ? "the fit was stopped" : "the time ended";
    return undecided(`${outcome === "failed" ? "training failed" : ended} before ${what}`);
  };
  if (regimes === undefined) return missed("regimes", "models that divide the rows were tried");
  if (isPromising(regimes))
    return missed("committee", "a committee with regimes as a member was fitted");
  const { model, expectation } = regimes.planned;
  const { rmse, rivals } = expectation;
  const net = figure(rivals.net!);
  const why =
    partitionedWeight(model.members) > 0
      ? `on held-out rows a model of regimes has an RMSE of ${figure(rmse)}, one net ${net}`
      : `no regimes were found that predict held-out rows better than one net, RMSE ${net}`;
  return { partitioning: "not worth it", why };
}

function undecided(why: string): Verdict {
  return { partitioning: "undecided", why };
}
