/** The figures of the fabric bench, computed from its measurements. */
import type { Judged } from "../../cluster/orchestration/index.ts";
import { FABRIC_PARTS, type FabricPart } from "../../shared/choices.ts";
import { median } from "../../shared/statistics.ts";
import { type Figure, judgeFigure } from "../figures.ts";
import type { AuditMeasurements } from "./audit.ts";
import { auditFigures } from "./audit-figures.ts";
import { type ClusterMeasurements, clusterFigures } from "./cluster-figures.ts";
import { forecastFigures } from "./forecast-figures.ts";
import type { ForecastRow } from "./forecasts.ts";
import { type NodesRow, nodesFigures } from "./nodes.ts";
import { largestGap, middleMs, type PlacementRow } from "./placement.ts";
import type { ScenarioRow } from "./scenarios.ts";
import type { SealMeasurements } from "./seal.ts";
import { sealFigures } from "./seal-figures.ts";
import { type ServersMeasurements, serversFigures } from "./servers.ts";
import { tunedFigures } from "./tuned.ts";

export interface FabricMeasurements {
  /** Of a real cluster; null where none could be had. */
  readonly cluster: ClusterMeasurements | null;
  readonly placements: readonly PlacementRow[];
  /** Scenarios in which something happens. */
  readonly changing: readonly ScenarioRow[];
  /** Noise and nothing else. */
  readonly stationary: readonly ScenarioRow[];
  /** Of the audit log's witnesses; null where not measured. */
  readonly audit: AuditMeasurements | null;
  /** Of sealed rows; null where not measured. */
  readonly seal: SealMeasurements | null;
  /** Of a cluster of servers; null where not measured. */
  readonly servers: ServersMeasurements | null;
  /** Of recorded demands and of noise. */
  readonly forecasts: readonly ForecastRow[];
  /** Of a tuned policy, in scenarios that it was not tuned on. */
  readonly tuned: readonly Judged[];
  /** Of the number of nodes that recorded demands want. */
  readonly nodes: readonly NodesRow[];
}

/** What a plan may take, by its size. */
const LIMITS = [
  { nExperts: 64, nDevices: 8, ms: 100, gap: 0.02 },
  { nExperts: 512, nDevices: 32, ms: 3000, gap: 0.03 },
] as const;

/** @param parts - Those that ran: of the others nothing is claimed. */
export function fabricFigures(
  measured: FabricMeasurements,
  parts: readonly FabricPart[],
): readonly Figure[] {
  const figures: Readonly<Record<FabricPart, () => readonly Figure[]>> = {
    plans: () => LIMITS.flatMap((limit) => placementFigures(measured.placements, limit)),
    policies: () => policyFigures(measured),
    forecast: () => forecastFigures(measured.forecasts),
    tuning: () => tunedFigures(measured.tuned),
    nodes: () => nodesFigures(measured.nodes),
    audit: () => auditFigures(measured.audit),
    seal: () => sealFigures(measured.seal),
    servers: () => serversFigures(measured.servers),
    cluster: () => clusterFigures(measured.cluster),
  };
  return FABRIC_PARTS.filter((part) => parts.includes(part)).flatMap((part) => figures[part]());
}

function placementFigures(
  rows: readonly PlacementRow[],
  { nExperts, nDevices, ms, gap }: (typeof LIMITS)[number],
): readonly Figure[] {
  const row = rows.find((one) => one.nExperts === nExperts && one.nDevices === nDevices);
  const name = `place.${nExperts}x${nDevices}`;
  const problems = `${row?.cpuMs.length ?? 0} problems drawn at random`;
  return [
    judgeFigure(
      {
        name: `${name}.ms`,
        value: row === undefined ? null : middleMs(row),
        unit: "ms",
        how: `CPU time of a plan, median of ${problems}`,
      },
      { atMost: ms },
    ),
    judgeFigure(
      {
        name: `${name}.gap`,
        value: row === undefined ? null : largestGap(row),
        unit: "",
        how: `above the linear relaxation's optimum, as a share of it, the largest of ${problems}`,
      },
      { atMost: gap },
    ),
  ];
}

function policyFigures({ changing, stationary }: FabricMeasurements): readonly Figure[] {
  const ratio = (of: (row: ScenarioRow) => number): number | null => {
    return changing.length === 0 ? null : median(changing.map(of));
  };
  const scenarios = `median of ${changing.length} scenarios`;
  const rates = stationary.map(({ predictive }) => predictive.movesPerHour);
  return [
    judgeFigure(
      {
        name: "fabric.p95-vs-best-static",
        value: ratio(({ predictive, bestStatic }) => predictive.p95 / bestStatic),
        unit: "×",
        how:
          "simulated 95th percentile of the predictive policy ÷ the best static plan's, known " +
          `afterwards; ${scenarios}`,
      },
      { atMost: 1.1 },
    ),
    judgeFigure(
      {
        name: "fabric.p95-vs-median-static",
        value: ratio(({ predictive, medianStatic }) => predictive.p95 / medianStatic),
        unit: "×",
        how: `the same ÷ the median static plan's; ${scenarios}`,
      },
      { atMost: 0.6 },
    ),
    judgeFigure(
      {
        name: "fabric.moves-per-hour",
        value: rates.length === 0 ? null : Math.max(...rates),
        unit: "",
        how: "of the predictive policy, traffic noisy but stationary",
      },
      { atMost: 2 },
    ),
  ];
}
