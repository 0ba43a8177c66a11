/**
 * A tuned policy against the rule without tuning, in scenarios that it was not tuned on: those
 * of the folders, and two days of each recorded demand, which no tuning has seen.
 */
import { type Judged, judge, type TunedPolicy } from "../../cluster/orchestration/index.ts";
import {
  type Demand,
  parseScenario,
  type Scenario,
  withDemand,
} from "../../cluster/simulation/index.ts";
import { geometricMean } from "../../shared/statistics.ts";
import { type Figure, judgeFigure } from "../figures.ts";

/** Records that scenarios are made of. */
export const PLAYED = ["bike-hourly", "seoul-bike"] as const;

const SEED = 1;
const [N_EXPERTS, N_DEVICES, HOURS] = [32, 8, 48];

/** Thirty-two experts, each with another two days of the record's second half. */
export function recordedScenario(name: string, demand: Demand): Scenario {
  const devices = Array.from({ length: N_DEVICES }, (_, d) => ({
    name: `d${d}`,
    gigaflops: d % 2 === 0 ? 6 : 10,
    memoryMB: 60,
    latencyMs: 1 + (d % 3),
  }));
  const experts = { count: N_EXPERTS, megabytes: 5, megaflopsPerRow: 1, bytesPerRow: 64 };
  const traffic = { rowsPerSecond: 26_000, skew: 0.3, replicas: 1 };
  const scenario = parseScenario(
    JSON.stringify({
      ...{ name, seed: SEED, devices, experts: { ...experts, ...traffic } },
      ...{ hours: HOURS, stepSeconds: 60, season: 0, noise: 0, happenings: [] },
      ...{ demand: name, batchRows: 64, deadlineMs: 1000 },
    }),
  );
  const nIntervals = Math.ceil(HOURS / demand.intervalHours);
  const half = demand.nIntervals >> 1;
  const apart = Math.floor((demand.nIntervals - half - nIntervals) / (N_EXPERTS - 1));
  const requests = new Float64Array(nIntervals * N_EXPERTS).map((_, at) => {
    const [interval, e] = [Math.floor(at / N_EXPERTS), at % N_EXPERTS];
    return demand.requests[half + e * apart + interval]!;
  });
  const models = scenario.experts.map(({ id }) => id);
  const bridged = new Uint8Array(requests.length);
  return withDemand(scenario, { ...demand, models, nIntervals, requests, bridged });
}

/** The scenarios that a policy can be judged on. */
export function unseenBy(
  { trainedOn }: TunedPolicy,
  scenarios: readonly Scenario[],
  demands: ReadonlyMap<string, Demand>,
): readonly Scenario[] {
  const recorded = PLAYED.flatMap((name) => {
    const demand = demands.get(name);
    return demand === undefined ? [] : [recordedScenario(name, demand)];
  });
  return [...scenarios, ...recorded].filter(({ name }) => !trainedOn.includes(name));
}

/** Cost: seconds. */
export function runTuned({ rule }: TunedPolicy, scenario: Scenario): Judged {
  return judge(scenario, rule, SEED);
}

export function tunedFigures(rows: readonly Judged[]): readonly Figure[] {
  const ratios = rows.map(({ tuned, predictive }) => tuned / predictive);
  const absent = PLAYED.filter((name) => rows.every(({ scenario }) => scenario !== name));
  const lacks = absent.length === 0 ? "" : `; --demands lacks ${absent.join(", ")}`;
  const missing = rows.length === 0 ? "; not measured: it needs --policy" : lacks;
  const how = `${rows.length} scenarios that the policy was not tuned on${missing}`;
  const of = "simulated mean latency of the tuned policy ÷ the predictive policy's";
  const any = rows.length > 0;
  return [
    judgeFigure(
      {
        name: "policy.tuned-vs-predictive",
        value: any ? geometricMean(ratios) : null,
        unit: "×",
        how: `${of}, geometric mean of ${how}`,
      },
      { atMost: 0.98 },
    ),
    judgeFigure(
      {
        name: "policy.tuned-worst",
        value: any ? Math.max(...ratios) : null,
        unit: "×",
        how: `the same, the largest of ${how}`,
      },
      { atMost: 1.01 },
    ),
  ];
}
