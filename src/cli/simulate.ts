/**
 * `bailiwick simulate`: simulate placement policies in a scenario.
 */
import { createPredictive, createStatic, createThreshold } from "../cluster/orchestration/index.ts";
import {
  DEFAULT_MAX_LOAD,
  DEFAULT_WEIGHTS,
  notPlacedInWords,
  type Plan,
  place,
} from "../cluster/placement/index.ts";
import {
  drawTrace,
  type Policy,
  type Scenario,
  type Simulated,
  simulate,
} from "../cluster/simulation/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { figure } from "../shared/wording.ts";
import { formatTable, note, printJson, printLine } from "./output.ts";
import { readScenario } from "./read-scenario.ts";

export interface SimulateFlags {
  readonly policies?: readonly string[];
  readonly seed?: number;
  readonly json?: boolean;
}

export async function simulateCommand(path: string, flags: SimulateFlags): Promise<void> {
  const scenario = await readScenario(path);
  for (const told of scenario.demand?.notes ?? []) note(told);
  const seed = flags.seed ?? 1;
  const first = firstPlan(scenario, seed);
  const trace = drawTrace(scenario);
  const names = flags.policies ?? Object.keys(POLICIES);
  const policies = names.map((name) => createPolicy(name, seed));
  const results = policies.map((policy) => simulate(scenario, policy, first, trace));
  if (flags.json === true) printJson({ scenario: scenario.name, seed, results });
  else printLine(render(scenario, results));
}

const POLICIES: Readonly<Record<string, (seed: number) => Policy>> = {
  static: () => createStatic(),
  threshold: (seed) => createThreshold(optionsOf(seed)),
  predictive: (seed) => createPredictive(optionsOf(seed)),
};

function optionsOf(seed: number) {
  return { weights: DEFAULT_WEIGHTS, maxLoad: DEFAULT_MAX_LOAD, seed };
}

function createPolicy(name: string, seed: number): Policy {
  const create = Object.hasOwn(POLICIES, name) ? POLICIES[name] : undefined;
  if (create !== undefined) return create(seed);
  const names = Object.keys(POLICIES).join(", ");
  throw new BailiwickError("INVALID_OPTION", `--policies must be some of ${names}, got "${name}"`);
}

/** For the mean traffic, with all devices up. */
function firstPlan({ devices, experts, batchRows }: Scenario, seed: number): Plan {
  const given = { weights: DEFAULT_WEIGHTS, maxLoad: DEFAULT_MAX_LOAD, batchRows };
  const placed = place({ devices, experts, current: null, ...given }, seed);
  if ("plan" in placed) return placed.plan;
  const { expert } = placed.unplaced;
  throw new BailiwickError("PLAN_INFEASIBLE", notPlacedInWords(placed), { expert });
}

function render(
  { name, hours, experts, devices }: Scenario,
  results: readonly Simulated[],
): string {
  const rows = results.map((one) => [
    one.policy,
    ...[one.p50, one.p95, one.p99].map(figure),
    `${(100 * one.failedShare).toFixed(3)} %`,
    String(one.nMoves),
    figure(one.movesPerHour),
    figure(one.megabytesMoved),
  ]);
  const decisions = results.flatMap(({ policy, decided }) =>
    decided.slice(0, 20).map(({ hour, nMoves, why }) => {
      return `${policy}, ${hour.toFixed(2)} h: ${nMoves} moves, ${why}`;
    }),
  );
  return [
    `${name}: ${experts.length} experts on ${devices.length} devices, ${hours} h`,
    "",
    formatTable(["policy", "p50 ms", "p95 ms", "p99 ms", "failed", "moves", "an hour", "MB"], rows),
    ...(decisions.length === 0 ? [] : ["", ...decisions]),
  ].join("\n");
}
