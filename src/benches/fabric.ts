/** `bailiwick bench fabric`: placement and its policies, over problems and scenarios. */
import type { Progress } from "../shared/progress.ts";
import type { Scenario } from "../simulation/index.ts";
import { type FabricMeasurements, fabricFigures } from "./fabric-figures.ts";
import { PLACEMENT_SIZES, type PlacementRow, runPlacement } from "./fabric-placement.ts";
import { runScenario, type ScenarioRow } from "./fabric-scenarios.ts";
import { type BenchDocument, benchDocument } from "./figures.ts";

export interface FabricBenchOptions {
  /** Of the problems to be placed. */
  readonly seeds: readonly number[];
  readonly scenarios: readonly Scenario[];
  readonly command: string;
}

/** Cost: minutes. */
export async function benchFabric(
  { seeds, scenarios, command }: FabricBenchOptions,
  progress: Progress,
): Promise<BenchDocument<FabricMeasurements>> {
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
  const measurements: FabricMeasurements = {
    placements,
    changing: rows.filter((row, i) => !isStationary(row, i)),
    stationary: rows.filter(isStationary),
  };
  const figures = fabricFigures(measurements);
  return benchDocument({ bench: "fabric", command, versions: {}, measurements, figures });
}
