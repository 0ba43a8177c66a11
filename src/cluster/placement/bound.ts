/**
 * A bound of every plan's cost: the linear relaxation, in which replicas may be divided among
 * devices.
 *
 * Its optimum, by HiGHS (Huangfu & Hall 2018), is at most the cost of any plan that keeps the
 * rules. Its duals name the limits that bind: with a little more memory or load there, plans could
 * be better. HiGHS blocks while it works, so it runs in a worker thread.
 */
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { BailiwickError } from "../../shared/errors.ts";
import { END_LATER } from "../../shared/thread-end.ts";
import type { Tables } from "./objective.ts";
import type { Problem } from "./problem.ts";

export interface Bound {
  /** No plan costs less; null if no plan keeps the rules, or the time was up. */
  readonly objective: number | null;
  readonly status: string;
  /** Limits that bind, the most expensive first. */
  readonly binding: readonly Limit[];
}

export interface Limit {
  readonly device: string;
  readonly rule: "memory" | "load";
}

interface Solution {
  readonly Status: string;
  readonly ObjectiveValue: number;
  readonly Rows: readonly { readonly Name: string; readonly Dual?: number }[];
}

/** Smaller duals are rounding errors. */
const LEAST_DUAL = 1e-9;
/** Solving in units of a device's memory: bytes are too large for the tolerances of a solver. */
const DIGITS = 12;

const PROGRAM = `
const { parentPort, workerData } = require("node:worker_threads");
require(workerData.highs)().then((highs) => {
  const { model, seconds } = workerData;
  const options = { output_flag: false, time_limit: seconds };
  const { Status, ObjectiveValue, Rows } = highs.solve(model, options);
  parentPort.postMessage({ Status, ObjectiveValue, Rows });
  ${END_LATER}
});
`;

/** @throws WORKER_FAILED if HiGHS's thread ends without an answer. */
export async function boundObjective(
  problem: Problem,
  tables: Tables,
  seconds: number,
): Promise<Bound> {
  const { Status: status, ObjectiveValue, Rows } = await solve(modelText(problem, tables), seconds);
  if (status !== "Optimal") return { objective: null, status, binding: [] };
  const binding = Rows.filter(({ Name, Dual = 0 }) => {
    return /^[ml]\d/.test(Name) && Math.abs(Dual) > LEAST_DUAL;
  })
    .sort((a, b) => Math.abs(b.Dual!) - Math.abs(a.Dual!))
    .map(({ Name }): Limit => {
      const device = problem.devices[Number(Name.slice(1))]!.name;
      return { device, rule: Name.startsWith("m") ? "memory" : "load" };
    });
  return { objective: ObjectiveValue, status, binding };
}

function solve(model: string, seconds: number): Promise<Solution> {
  const highs = createRequire(import.meta.url).resolve("highs");
  return new Promise((resolve, reject) => {
    const worker = new Worker(PROGRAM, { eval: true, workerData: { highs, model, seconds } });
    const fail = (cause: unknown): void => {
      reject(
        new BailiwickError("WORKER_FAILED", "HiGHS's thread must answer, it ended", {}, cause),
      );
    };
    worker.once("error", fail);
    worker.once("exit", (code) => fail(new Error(`exit code ${code}`)));
    worker.once("message", resolve);
  });
}

/** The relaxation in CPLEX's LP format: x{e}_{d} of expert e on device d, u the largest load. */
function modelText({ devices, experts, weights, maxLoad }: Problem, tables: Tables): string {
  const { nDevices, costs, loads, allowed } = tables;
  const pairs = [...allowed.keys()].filter((at) => allowed[at] === 1);
  const name = (at: number): string => `x${Math.floor(at / nDevices)}_${at % nDevices}`;
  const sum = (at: readonly number[], weigh: (at: number) => number): string =>
    at.map((one) => `+ ${weigh(one).toPrecision(DIGITS)} ${name(one)}`).join("\n ");
  const on = (d: number): readonly number[] => pairs.filter((at) => at % nDevices === d);
  const of = (e: number): readonly number[] =>
    pairs.filter((at) => Math.floor(at / nDevices) === e);
  const bytesOf = (at: number): number => experts[Math.floor(at / nDevices)]!.bytes;
  const rows = [
    ...experts.map(({ replicas }, e) => ` r${e}: ${sum(of(e), () => 1) || "0 u"} = ${replicas}`),
    ...devices.flatMap(({ memoryBytes }, d) => {
      const onDevice = on(d);
      if (onDevice.length === 0) return [];
      return [
        ` m${d}: ${sum(onDevice, (at) => bytesOf(at) / memoryBytes)} <= 1`,
        ` l${d}: ${sum(onDevice, (at) => loads[at]!)} <= ${maxLoad}`,
        ` u${d}: ${sum(onDevice, (at) => loads[at]!)} - u <= 0`,
      ];
    }),
  ];
  const bounds = pairs.map((at) => ` ${name(at)} <= 1`);
  const goal = ` cost: ${sum(pairs, (at) => costs[at]!)} + ${weights.imbalance} u`;
  const lines = ["Minimize", goal, "Subject To", ...rows, "Bounds", ...bounds, "End", ""];
  return lines.join("\n");
}
