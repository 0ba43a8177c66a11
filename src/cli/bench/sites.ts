/** `bailiwick bench sites`. */
import { join } from "node:path";
import {
  type BenchDocument,
  benchSites,
  type ComparedRow,
  parseComparedRow,
  type SitesMeasurements,
} from "../../benches/index.ts";
import { createEngine } from "../../library/index.ts";
import { createInlineExecutor } from "../../mixture/index.ts";
import { SITES_PARTS, type SitesPart } from "../../shared/choices.ts";
import { makeFolder } from "../../shared/folders.ts";
import { figure } from "../../shared/wording.ts";
import { mirrorFolder } from "../environment.ts";
import { formatTable, printJson, printLine } from "../output.ts";
import { createProgressBar } from "../progress-bar.ts";
import { renderFigures } from "./figures-text.ts";
import { writeResult } from "./result-file.ts";
import { openRowLog } from "./row-log.ts";

export interface BenchSitesFlags {
  readonly parts?: readonly SitesPart[];
  readonly sets?: readonly string[];
  readonly seeds: number;
  readonly out: string;
  readonly resume?: boolean;
  readonly json?: boolean;
}

export async function benchSitesCommand(flags: BenchSitesFlags): Promise<void> {
  const { parts = SITES_PARTS, sets, out, resume = false, json = false } = flags;
  await makeFolder(out);
  const isWhole = parts.length === SITES_PARTS.length;
  const log = parts.includes("errors") ? join(out, "rows.jsonl") : undefined;
  const { finished, keep } = await openRowLog(log, { resume, parse: parseComparedRow });
  const command = [
    "bailiwick bench sites",
    ...(isWhole ? [] : [`--parts ${parts.join(",")}`]),
    ...(sets === undefined ? [] : [`--sets ${sets.join(",")}`]),
    `--seeds ${flags.seeds} --out ${out}`,
  ].join(" ");
  const seeds = Array.from({ length: flags.seeds }, (_, place) => 1 + place);
  const executor = createInlineExecutor(await createEngine({}));
  const bar = createProgressBar();
  try {
    const options = { parts, sets, seeds, finished, mirror: mirrorFolder(), command };
    const measured = await benchSites(options, executor, bar.report, keep);
    bar.stop();
    const document = await writeResult(measured, out, isWhole);
    if (json) printJson(document);
    else printLine(render(document));
  } finally {
    bar.stop();
    await executor.close();
  }
}

function render({ measurements, figures }: BenchDocument<SitesMeasurements>): string {
  const { compared } = measurements;
  const tables = compared.length === 0 ? [] : [errorTable(compared)];
  return [...tables, renderFigures(figures)].join("\n\n");
}

/** Test MSE ÷ that of a fit of all rows in one place. */
function errorTable(compared: readonly ComparedRow[]): string {
  const rows = compared.flatMap(({ set, seed, central, splits }) =>
    splits.map(({ split, sites, taken, fedAvg, ifca, local }) => {
      const shown = [sites, fedAvg, ifca, local].map((mse) =>
        mse === null ? "" : figure(mse / central),
      );
      return [set, String(seed), split, taken, ...shown];
    }),
  );
  return formatTable(
    ["÷ central", "seed", "by", "taken", "sites", "fedavg", "ifca", "local"],
    rows,
  );
}
