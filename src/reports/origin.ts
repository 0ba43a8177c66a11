/** How a run was made: enough for someone else to make it again. */
import type { ExperimentConfig, ExperimentResult } from "../experiments/index.ts";
import type { Regressor } from "../library/index.ts";
import { count, wholePercent } from "../shared/wording.ts";
import { type Html, html } from "./html.ts";

/** A name and what it is. */
export type Fact = readonly [name: string, value: string];

export function factsSection(facts: readonly Fact[]): Html {
  return html`<section>
<h2>How this was made</h2>
<dl>
${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}
</dl>
</section>`;
}

/** Of a model that was fitted or read. */
export function modelOrigin({ provenance, saved, update }: Regressor): readonly Fact[] {
  const { dataName, dataSha256, nTrain, seed, engine, preset } = provenance;
  const version: Fact[] =
    saved === null
      ? []
      : [
          ["Version", `${saved.version}, made ${saved.createdAt.slice(0, 10)}`],
          ["Model bundle", `sha256 ${saved.digest}`],
          ["Made by", `bailiwick ${saved.packageVersion}`],
        ];
  return [
    ["Data", `${dataName}, sha256 ${dataSha256}`],
    ["Trained on", count(nTrain, "row")],
    ...(preset === null ? [] : [["Preset", preset] as const]),
    ["Seed", String(seed)],
    ["Engine", engine],
    ...version,
    ...(update === null ? [] : [["Updated from", `version ${update.fromVersion}`] as const]),
  ];
}

/** Of a run. */
export function runOrigin(result: ExperimentResult): readonly Fact[] {
  const { dataset, config, versions, splits } = result;
  const versionList = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const left: [string, string][] =
    config.drop.length === 0 ? [] : [["Columns left out", config.drop.join(", ")]];
  const bundle: [string, string][] =
    result.bundleDigest === null ? [] : [["Model bundle", `sha256 ${result.bundleDigest}`]];
  return [
    ["Data", `${dataset.name}, sha256 ${dataset.sha256}`],
    ...left,
    ["Protocol", protocolInWords(config, splits.length)],
    ["Seed", String(result.seed)],
    ["Preset", config.preset],
    ["Training", trainingInWords(result)],
    ["Engine", result.engine],
    ["Versions", versionList.join(", ")],
    ["Made", `${result.createdAt.slice(0, 10)}, in ${duration(result.fitMs)}`],
    ...bundle,
  ];
}

function protocolInWords({ protocol, group }: ExperimentConfig, nSplits: number): string {
  const together = group === undefined ? "" : `; rows with the same ${group} stay together`;
  if (protocol.kind === "k-fold") {
    const tested = "each row is in the test rows once";
    return `${protocol.folds}-fold cross-validation: ${tested}${together}`;
  }
  if (protocol.kind === "published") {
    const numbers = protocol.splits === undefined ? "" : ` (${protocol.splits.join(", ")})`;
    return `${count(nSplits, "published split")}${numbers}, each scored on its own test rows`;
  }
  const share = wholePercent(protocol.testFraction);
  return `${count(nSplits, "random split")} with ${share} of the rows to test on${together}`;
}

/** The settings that tuning chose, as a range where splits differ. */
function trainingInWords({ splits }: ExperimentResult): string {
  const range = (of: (settings: (typeof splits)[number]["settings"]) => number): string => {
    const values = splits.map(({ settings }) => of(settings));
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return low === high ? String(low) : `${low} to ${high}`;
  };
  return [
    `${range(({ steps }) => steps)} steps`,
    `learning rate ${range(({ learningRate }) => learningRate)}`,
    `weight decay ${range(({ weightDecay }) => weightDecay)}, tuned in each split`,
  ].join(", ");
}

function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 100) return `${seconds.toFixed(1)} s`;
  return `${Math.round(seconds / 60).toLocaleString("en")} min`;
}
