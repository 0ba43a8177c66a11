/** `bailiwick bench fabric`: placement, its policies and forecasts, and a cluster. */
import type { Judged, TunedPolicy } from "../../cluster/orchestration/index.ts";
import type { Demand, Scenario } from "../../cluster/simulation/index.ts";
import type { FabricPart } from "../../shared/choices.ts";
import { type Progress, within } from "../../shared/progress.ts";
import { type BenchDocument, benchDocument } from "../figures.ts";
import type { CommandLine } from "../serving/process.ts";
import { FULL_AUDIT, runAudit } from "./audit.ts";
import { benchCluster, type ClusterSizes, FULL_CLUSTER } from "./cluster-bench.ts";
import { type FabricMeasurements, fabricFigures } from "./figures.ts";
import { NOISE } from "./forecast-figures.ts";
import { drawNoise, type ForecastRow, runForecasts, seriesOf } from "./forecasts.ts";
import { type NodesRow, runNodes } from "./nodes.ts";
import { PLACEMENT_SIZES, type PlacementRow, runPlacement } from "./placement.ts";
import { runScenario, type ScenarioRow } from "./scenarios.ts";
import { FULL_SEAL, runSeal } from "./seal.ts";
import { runServers } from "./servers.ts";
import { PLAYED, runTuned, unseenBy } from "./tuned.ts";

export interface FabricBenchOptions {
  readonly parts: readonly FabricPart[];
  /** Of the problems to be placed, and of noise to be forecast. */
  readonly seeds: readonly number[];
  readonly scenarios: readonly Scenario[];
  /** Recorded, by name. */
  readonly demands: ReadonlyMap<string, Demand>;
  /** null for none. */
  readonly policy: TunedPolicy | null;
  /** Scenarios for it alone. */
  readonly heldOut: readonly Scenario[];
  /** A folder with programs of others about transparency logs; null for none. */
  readonly tlogTools: string | null;
  /** The command that starts a node, as a separate process. */
  readonly serve: CommandLine;
  readonly cluster?: ClusterSizes;
  readonly command: string;
}

/** Cost: minutes. */
export async function benchFabric(
  options: FabricBenchOptions,
  report: Progress,
): Promise<BenchDocument<FabricMeasurements>> {
  const { parts, scenarios, serve, cluster = FULL_CLUSTER, command } = options;
  const alone = within(report, 0, parts.includes("cluster") ? 0.3 : 1);
  const placements = parts.includes("plans") ? await placeAll(options, within(alone, 0, 0.3)) : [];
  const rows = parts.includes("policies") ? simulateAll(options, within(alone, 0.3, 0.6)) : [];
  const forecasts = parts.includes("forecast") ? forecastAll(options, within(alone, 0.6, 0.7)) : [];
  const tuned = parts.includes("tuning") ? judgeAll(options, within(alone, 0.7, 0.9)) : [];
  const nodes = parts.includes("nodes") ? countAll(options, within(alone, 0.9, 0.95)) : [];
  if (parts.includes("audit")) alone("the audit log's witnesses", 0.95);
  const audit = parts.includes("audit") ? await runAudit(FULL_AUDIT, options.tlogTools) : null;
  if (parts.includes("seal")) alone("sealed rows", 0.98);
  const seal = parts.includes("seal") ? await runSeal(serve, FULL_SEAL) : null;
  if (parts.includes("servers")) alone("three NATS servers", 0.99);
  const servers = parts.includes("servers") ? await runServers(serve) : null;
  const run = parts.includes("cluster")
    ? await benchCluster(serve, cluster, within(report, 0.3, 1))
    : null;
  const isStationary = (_: ScenarioRow, i: number): boolean =>
    scenarios[i]!.happenings.length === 0 &&
    scenarios[i]!.season === 0 &&
    scenarios[i]!.demand === null;
  const measurements: FabricMeasurements = {
    cluster: run?.measurements ?? null,
    placements,
    changing: rows.filter((row, i) => !isStationary(row, i)),
    stationary: rows.filter(isStationary),
    forecasts,
    tuned,
    nodes,
    audit,
    seal,
    servers,
  };
  const figures = fabricFigures(measurements, parts);
  return benchDocument({
    bench: "fabric",
    command,
    versions: run?.versions ?? {},
    measurements,
    figures,
  });
}

async function placeAll(
  { seeds }: FabricBenchOptions,
  progress: Progress,
): Promise<readonly PlacementRow[]> {
  const placements: PlacementRow[] = [];
  for (const sizes of PLACEMENT_SIZES) {
    const what = `${sizes.nExperts} experts on ${sizes.nDevices} devices`;
    progress(what, placements.length / PLACEMENT_SIZES.length);
    placements.push(await runPlacement(sizes, seeds));
  }
  return placements;
}

function simulateAll(
  { scenarios }: FabricBenchOptions,
  progress: Progress,
): readonly ScenarioRow[] {
  return scenarios.map((scenario, i) => {
    progress(scenario.name, i / scenarios.length);
    return runScenario(scenario);
  });
}

function forecastAll(
  { demands, seeds }: FabricBenchOptions,
  progress: Progress,
): readonly ForecastRow[] {
  const recorded = [...demands].map(([name, demand], i) => {
    progress(`forecasts of ${name}`, i / (demands.size + seeds.length));
    return runForecasts(name, seriesOf(demand), demand.intervalHours);
  });
  const noise = seeds.map((seed, i) => {
    progress("forecasts of noise", (demands.size + i) / (demands.size + seeds.length));
    return runForecasts(NOISE, drawNoise(seed), 1);
  });
  return [...recorded, ...noise];
}

function judgeAll(
  { policy, scenarios, heldOut, demands }: FabricBenchOptions,
  progress: Progress,
): readonly Judged[] {
  if (policy === null) return [];
  const unseen = unseenBy(policy, [...scenarios, ...heldOut], demands);
  return unseen.map((scenario, i) => {
    progress(`the tuned policy in ${scenario.name}`, i / unseen.length);
    return runTuned(policy, scenario);
  });
}

function countAll({ demands }: FabricBenchOptions, progress: Progress): readonly NodesRow[] {
  return PLAYED.flatMap((name, i) => {
    progress(`nodes for ${name}`, i / PLAYED.length);
    const demand = demands.get(name);
    return demand === undefined ? [] : [runNodes(name, demand)];
  });
}
