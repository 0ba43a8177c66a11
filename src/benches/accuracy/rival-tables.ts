/** Rivals over the real sets as a table. */
import { pValue } from "../../shared/wording.ts";
import type { RivalSummary } from "./rivals.ts";
import type { AccuracyTable } from "./table.ts";

const HEADER = [
  "rival",
  "sets",
  "splits",
  "gm",
  "median",
  "best",
  "worst",
  "won",
  "lost",
  "↓",
  "↑",
  "p",
  "p (Holm)",
];

/** @param rivals - The rivals of one of our methods. */
export function rivalsTable(title: string, rivals: readonly RivalSummary[]): AccuracyTable {
  const rows = rivals.map((rival) => [
    rival.name,
    String(rival.nSets),
    String(rival.nSplits),
    ...[rival.gm, rival.median, rival.best, rival.worst].map((ratio) => ratio.toFixed(3)),
    ...[rival.wins, rival.losses, rival.nBetter, rival.nWorse].map(String),
    pValue(rival.p),
    pValue(rival.pHolm),
  ]);
  const notes = [
    "Of the sets' test MSE, ours ÷ theirs: geometric mean (gm), median, best, worst; sets won " +
      "and lost, and of them significantly (↓, ↑). p by Wilcoxon's signed-rank test over the " +
      "sets, exact, and adjusted over all rivals (Holm).",
  ];
  return { title, header: HEADER, rows, notes };
}
