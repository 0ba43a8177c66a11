/** `bailiwick bench fabric`: placement and its policies, over problems and scenarios. */
import type { Scenario } from "../../cluster/simulation/index.ts";
import { type Progress, within } from "../../shared/progress.ts";
import { type BenchDocument, benchDocument } from "../figures.ts";
import type { CommandLine } from "../serving/process.ts";
import { benchCluster, type ClusterSizes, FULL_CLUSTER } from "./cluster-bench.ts";
import { type FabricMeasurements, fabricFigures } from "./figures.ts";
import { PLACEMENT_SIZES, type PlacementRow, runPlacement } from "./placement.ts";
import { runScenario, type ScenarioRow } from "./scenarios.ts";

export interface FabricBenchOptions {
  /** Of the problems to be placed. */
  readonly seeds: readonly number[];
  readonly scenarios: readonly Scenario[];
  /** The command that starts a node, as a separate process. */
  readonly serve: CommandLine;
  readonly cluster?: ClusterSizes;
  readonly command: string;
}

/** Cost: minutes. */
export async function benchFabric(
  { seeds, scenarios, serve, cluster = FULL_CLUSTER, command }: FabricBenchOptions,
  report: Progress,
): Promise<BenchDocument<FabricMeasurements>> {
  const progress = within(report, 0, 0.3);
  const nJobs = PLACEMENT_SIZES.length + scenarios.length;
  const placements: PlacementRow[] = [];
  for (const sizes of PLACEMENT_SIZES) {
    progress(`${sizes.nExperts} experts on ${sizes.nDevices} devices`, placements.length / nJobs);
    placements.push(await runPlacement(sizes, seeds));
  }
  const rows: ScenarioRow[] = [];
  for (const scenario of scenarios) {
    progress(scenario.name, (placements.length + rows.length) / nJobs);
    rows.push(runScenario(scenario));
  }
  const isStationary = (_: ScenarioRow, i: number): boolean =>
    scenarios[i]!.happenings.length === 0 && scenarios[i]!.season === 0;
  const run = await benchCluster(serve, cluster, within(report, 0.3, 1));
  const measurements: FabricMeasurements = {
    cluster: run?.measurements ?? null,
    placements,
    changing: rows.filter((row, i) => !isStationary(row, i)),
    stationary: rows.filter(isStationary),
  };
  const figures = fabricFigures(measurements);
  return benchDocument({
    bench: "fabric",
    command,
    versions: run?.versions ?? {},
    measurements,
    figures,
  });
}
