/** `bailiwick simulate --tune`: the predictive rule's numbers, tuned on half of a folder. */
import { type Judged, type Tuning, tunePolicy } from "../cluster/orchestration/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { writeFileAtomic } from "../shared/files.ts";
import { geometricMean } from "../shared/statistics.ts";
import { figure } from "../shared/wording.ts";
import { formatTable, note, printJson, printLine } from "./output.ts";
import { createProgressBar } from "./progress-bar.ts";
import { readScenarios } from "./read-scenario.ts";

export interface TuneFlags {
  /** A folder of scenarios. */
  readonly tune: string;
  readonly out?: string;
  readonly policies?: readonly string[];
  readonly seed?: number;
  readonly json?: boolean;
}

/** @throws INVALID_OPTION for options that do not go together, and as `tunePolicy`. */
export async function simulateTuneCommand(path: string | null, flags: TuneFlags): Promise<void> {
  const { tune, out, seed = 1, json } = flags;
  if (out === undefined) refuse("--tune needs --out, the file to write the policy to");
  if (path !== null) refuse("--tune takes a folder of scenarios, and no scenario beside it");
  if (flags.policies !== undefined) refuse("--policies must be given without --tune");
  const scenarios = await readScenarios(tune, "--tune");
  const bar = createProgressBar();
  let tuning: Tuning;
  try {
    tuning = tunePolicy(scenarios, seed, bar.report);
  } finally {
    bar.stop();
  }
  const { rule, trainedOn } = tuning;
  await writeFileAtomic(out, `${JSON.stringify({ rule, trainedOn }, null, 2)}\n`);
  note(`wrote ${out}`);
  if (json === true) printJson({ seed, ...tuning });
  else printLine(render(tuning));
}

function refuse(message: string): never {
  throw new BailiwickError("INVALID_OPTION", message);
}

function render({ rule, trainedOn, trained, judged }: Tuning): string {
  const rows = judged.map((one) => [
    one.scenario,
    ...[one.predictive, one.tuned, one.tuned / one.predictive, one.clairvoyant].map(figure),
    figure(one.tuned / one.clairvoyant - 1),
  ]);
  const ratios = judged.map(({ tuned, predictive }) => tuned / predictive);
  const meanOf = (of: (one: Judged) => number): string => figure(geometricMean(judged.map(of)));
  const numbers = Object.entries(rule).map(([name, value]) => `${name} ${value}`);
  const columns = ["held out, mean ms", "predictive", "tuned", "÷", "clairvoyant", "regret"];
  return [
    `tuned on ${trainedOn.join(", ")}: ${figure(trained)} of the mean latency`,
    numbers.join(", "),
    "",
    formatTable(columns, rows),
    "",
    `tuned ÷ predictive: ${figure(geometricMean(ratios))}, worst ${figure(Math.max(...ratios))}; ` +
      `tuned ÷ clairvoyant: ${meanOf((one) => one.tuned / one.clairvoyant)} (geometric means)`,
  ].join("\n");
}
