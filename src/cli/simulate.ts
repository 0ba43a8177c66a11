/**
 * `bailiwick simulate`: simulate placement policies in a scenario.
 */
import { firstPlan } from "../cluster/orchestration/index.ts";
import { drawTrace, type Scenario, type Simulated, simulate } from "../cluster/simulation/index.ts";
import { figure } from "../shared/wording.ts";
import { formatTable, note, printJson, printLine } from "./output.ts";
import { POLICIES, readPolicy } from "./policies.ts";
import { readScenario } from "./read-scenario.ts";

export interface SimulateFlags {
  readonly policies?: readonly string[];
  readonly seed?: number;
  readonly json?: boolean;
}

export async function simulateCommand(path: string, flags: SimulateFlags): Promise<void> {
  const makers = await Promise.all((flags.policies ?? Object.keys(POLICIES)).map(readPolicy));
  const scenario = await readScenario(path);
  for (const told of scenario.demand?.notes ?? []) note(told);
  const seed = flags.seed ?? 1;
  const first = firstPlan(scenario, seed);
  const trace = drawTrace(scenario);
  const results = makers.map((make) => simulate(scenario, make(seed), first, trace));
  if (flags.json === true) printJson({ scenario: scenario.name, seed, results });
  else printLine(render(scenario, results));
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
