/** What --verbose adds on stderr: versions, times of stages, and settings that were tried. */
import { availableParallelism } from "node:os";
import type { DataTable, Fitted } from "../library/index.ts";
import { nowMs } from "../shared/clock.ts";
import { packageVersion } from "../shared/version.ts";
import { count, figure } from "../shared/wording.ts";
import { detail, formatTable, secondsOf } from "./output.ts";

/** Versions of the program and its runtime, and the machine. */
export function describeProcess(): void {
  const { platform, arch, version } = process;
  const cores = count(availableParallelism(), "core");
  detail(`bailiwick ${packageVersion()}, Node ${version}, ${platform} ${arch}, ${cores}`);
}

/** How long the command took, and its memory. */
export function describeTime(startMs: number): void {
  const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
  detail(`took ${secondsOf(nowMs() - startMs)}, at most ${megabytes.toLocaleString("en")} MB`);
}

export function describeTable({ name, sha256, table }: DataTable): string {
  const shape = `${count(table.nRows, "row")}, ${count(table.columns.length, "column")}`;
  return `read ${name}: ${shape}, sha256 ${sha256.slice(0, 12)}`;
}

/** The settings of the net that were tried, and what else the fit chose among. */
export function triedInWords(report: Fitted["report"]): readonly string[] {
  const { tried, settings } = report;
  const rows = tried.map(({ holdOutMse, ...one }) => [
    `${one.steps}${isSame(one, settings) ? " *" : ""}`,
    String(one.learningRate),
    String(one.weightDecay),
    figure(holdOutMse),
  ]);
  const header = ["steps", "learning rate", "weight decay", "held-out mse"];
  const table = formatTable(header, rows);
  return [`settings of the net that were tried, standardised; * chosen\n${table}`, others(report)];
}

function isSame(
  one: Pick<Fitted["report"]["settings"], "steps" | "learningRate" | "weightDecay">,
  other: typeof one,
): boolean {
  return (
    one.steps === other.steps &&
    one.learningRate === other.learningRate &&
    one.weightDecay === other.weightDecay
  );
}

function others(report: Fitted["report"]): string {
  const spent = `${figure(report.cost / 1e6)} million multiply-adds after tuning`;
  if ("members" in report) {
    const kinds = report.kinds.map(({ kind }) => kind).join(", ");
    return `kinds of members that were tried: ${kinds}; ${spent}`;
  }
  const sizes = report.candidates.map(({ nExperts }) => nExperts).join(", ");
  return `numbers of experts that were tried: ${sizes}; ${spent}`;
}
