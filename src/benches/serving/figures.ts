/** Serving's figures, computed from the measurements, and the bound of each. */
import { median } from "../../shared/statistics.ts";
import { type Bound, type Figure, judgeFigure } from "../figures.ts";
import { speedup } from "../kernel/rounds.ts";
import type { AbsentPeer } from "../peer-process.ts";
import type { FuzzReport } from "./fuzz.ts";
import type { Race } from "./race.ts";
import type { RowTimings } from "./rows.ts";
import { memoryGrowth, type SoakReport } from "./soak.ts";
import { N_FEATURES, N_ROWS } from "./workload.ts";

export interface ServingMeasurements {
  readonly races: readonly Race[] | AbsentPeer;
  readonly rows: Omit<RowTimings, "versions">;
  readonly soak: SoakReport | AbsentPeer;
  readonly fuzz: FuzzReport | AbsentPeer;
}

/** Least share of the echo's throughput. */
const RATIOS = { "binary-smooth": 0.3, "binary-hard": 0.45, json: 0.7 } as const;
/** Most microseconds for one row. */
const [HARD_US, SMOOTH_US] = [5, 10];
const MOST_GROWTH = 1.1;

export function servingFigures({
  races,
  rows,
  soak,
  fuzz,
}: ServingMeasurements): readonly Figure[] {
  return [
    raceFigure(races, "binary-smooth"),
    raceFigure(races, "binary-hard"),
    raceFigure(races, "json"),
    rowFigure(rows, "hard", HARD_US),
    rowFigure(rows, "smooth", SMOOTH_US),
    onnxFigure(rows),
    ...soakFigures(soak),
    fuzzFigure(fuzz),
  ];
}

function raceFigure(races: ServingMeasurements["races"], name: keyof typeof RATIOS): Figure {
  const facts = { name: `serving.${name}-vs-echo`, unit: "×" };
  const bound = { atLeast: RATIOS[name] };
  if ("absent" in races) return absentFigure(facts, bound, races);
  const { ours, echo, ratio } = races.find((race) => race.name === name)!;
  const [own, theirs] = [ours, echo].map((loads) => median(loads.map((load) => load.perSecond)));
  const how =
    `requests of ${N_ROWS} rows × ${N_FEATURES} features answered a second, ours ` +
    `(${Math.round(own!)}) ÷ a bare fastify echo's of the same payload (${Math.round(theirs!)}), ` +
    `median of ${ours.length} rounds in alternation`;
  return judgeFigure({ ...facts, value: ratio, how }, bound);
}

function rowFigure(
  { row }: ServingMeasurements["rows"],
  way: "hard" | "smooth",
  mostUs: number,
): Figure {
  const { cpuMs, rounds } = row[way];
  const how =
    `CPU time to predict one row in process, ${way} routing, from cells to the target's units, ` +
    `median of ${rounds.length} rounds`;
  const name = way === "hard" ? "serving.row-us" : "serving.row-us.smooth";
  return judgeFigure({ name, value: 1000 * cpuMs, unit: "µs", how }, { atMost: mostUs });
}

/** The way of recombining that speaks least for us. */
function onnxFigure({ batch, onnx }: ServingMeasurements["rows"]): Figure {
  const facts = { name: "serving.vs-onnxruntime", unit: "×" };
  const bound = { atLeast: 1 };
  if ("absent" in onnx) return absentFigure(facts, bound, onnx);
  const [hard, smooth] = [speedup(onnx.hard, batch.hard), speedup(onnx.smooth, batch.smooth)];
  const how =
    `CPU time to predict ${N_ROWS} rows in process, ${onnx.runtime} on the exported model ÷ ` +
    `ours, the less of hard (${hard.toFixed(2)}) and smooth (${smooth.toFixed(2)}) routing`;
  return judgeFigure({ ...facts, value: Math.min(hard, smooth), how }, bound);
}

function soakFigures(soak: ServingMeasurements["soak"]): readonly Figure[] {
  const failed = { name: "serving.soak.failed", unit: "answers" };
  const growth = { name: "serving.soak.memory-growth", unit: "×" };
  const [none, most] = [{ atMost: 0 }, { atMost: MOST_GROWTH }];
  if ("absent" in soak) {
    return [absentFigure(failed, none, soak), absentFigure(growth, most, soak)];
  }
  const run =
    `${soak.seconds} s at full load, ${soak.answers} answers, ${soak.versions.length} versions ` +
    "served one after the other";
  const how = `requests that failed (${soak.failed}) or mixed versions (${soak.mixed}): ${run}`;
  return [
    judgeFigure({ ...failed, value: soak.failed + soak.mixed, how }, none),
    judgeFigure(
      {
        ...growth,
        value: memoryGrowth(soak),
        how: `the last quarter's median resident memory ÷ the second's: ${run}`,
      },
      most,
    ),
  ];
}

function fuzzFigure(fuzz: ServingMeasurements["fuzz"]): Figure {
  const facts = { name: "serving.fuzz.unhandled", unit: "requests" };
  const bound = { atMost: 0 };
  if ("absent" in fuzz) return absentFigure(facts, bound, fuzz);
  const how =
    `of ${fuzz.requests} requests at random, most of them broken, those answered with 5xx or not ` +
    `as they must, and of ${fuzz.good.sent} good ones meanwhile those harmed (${fuzz.good.failed})`;
  return judgeFigure({ ...facts, value: fuzz.nUnhandled + fuzz.good.failed, how }, bound);
}

function absentFigure(
  facts: Pick<Figure, "name" | "unit">,
  bound: Bound,
  { absent }: AbsentPeer,
): Figure {
  return judgeFigure({ ...facts, value: null, how: `not measured: ${absent}` }, bound);
}
