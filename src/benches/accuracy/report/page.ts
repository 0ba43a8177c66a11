/** The accuracy bench as one page: results, two pictures, every table, how it was made. */
import {
  documentHtml,
  type Html,
  html,
  NOTHING,
  withPrintableTexts,
} from "../../../reports/index.ts";
import { count } from "../../../shared/wording.ts";
import type { BenchDocument } from "../../figures.ts";
import type { AccuracyMeasurements } from "../summary.ts";
import type { AccuracyTable } from "../table.ts";
import {
  figuresSection,
  numbersSections,
  ranksSection,
  reductionsSection,
  verdictHtml,
} from "./index.ts";

/**
 * The HTML document of a run of the accuracy bench. Needs nothing but itself.
 *
 * @param wanted - Tables of the same measurements, in the order in which they are to be read.
 */
export function renderAccuracyReport(
  run: BenchDocument<AccuracyMeasurements>,
  wanted: readonly AccuracyTable[],
): string {
  const { rows: _, ...summary } = run.measurements;
  const result = withPrintableTexts({ ...run, measurements: { ...summary, rows: [] } });
  const tables = withPrintableTexts(wanted);
  const { measurements, figures } = result;
  const { sets, ranks } = measurements;
  const real = sets.filter(({ kind }) => kind === "real");
  const body = html`<header>
<h1>Accuracy over data sets</h1>
<p class="lead">${leadOf(result)}</p>
${verdictHtml(measurements, figures)}
</header>
<main>
<div class="pair">
${ranks === null ? NOTHING : ranksSection(ranks)}
${reductionsSection(real)}
</div>
${numbersSections(tables)}
${figuresSection(figures)}
${originHtml(result)}
</main>`;
  return documentHtml("Accuracy over data sets", body);
}

function leadOf({ measurements: { sets } }: BenchDocument<AccuracyMeasurements>): string {
  const ofKind = (kind: string): number => sets.filter((tally) => tally.kind === kind).length;
  const nSplits = sets.reduce((sum, tally) => sum + tally.nSplits, 0);
  return [
    count(ofKind("real"), "real set"),
    `${ofKind("generated")} generated`,
    `${ofKind("own")} other`,
    `${count(nSplits, "split")} in all`,
  ].join(", ");
}

const PROTOCOL =
  "Published splits of a set where it has them, else ten folds, rows of a group kept together; " +
  "fewer splits of sets of more than 3,000 rows. Every method is fitted and tuned on a split’s " +
  "training rows alone and answers its test rows once; rivals get the same preprocessed rows.";

const COUNTED =
  "Figures, ranks and tests are over the real sets alone. Generated sets and others are shown " +
  "apart and counted nowhere.";

function originHtml({
  command,
  createdAt,
  machine,
  versions,
}: BenchDocument<AccuracyMeasurements>): Html {
  const { cpu, cores, memoryGb, system } = machine;
  const facts = [
    ["Protocol", PROTOCOL],
    ["Counted", COUNTED],
    ["Command", command],
    ["Made", createdAt.slice(0, 10)],
    ["Machine", `${cpu}, ${count(cores, "core")}, ${memoryGb} GB, ${system}`],
    [
      "Versions",
      Object.entries(versions)
        .map((one) => one.join(" "))
        .join(", "),
    ],
  ] as const;
  return html`<section>
<h2>How this was made</h2>
<dl>
${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}
</dl>
</section>`;
}
