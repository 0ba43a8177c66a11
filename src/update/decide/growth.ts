/** A new regime: strange rows that come too often and follow no law of the mixture. */
import { mean } from "../../metrics/index.ts";
import { evidenceOf, novelRows } from "../watch/index.ts";
import type { Decision } from "./decision.ts";
import {
  costOf,
  createDecision,
  type DecideOptions,
  inUnits,
  meanSquareAt,
  type Situation,
  thresholdOf,
} from "./situation.ts";

const MIN_STRANGE_ROWS = 20;
/** The mixture's laws hold where strange rows err by at most this many times the expected. */
const SAME_LAW = 2;

/** null where strange rows do not come too often. */
export function decideGrowth(situation: Situation, options: DecideOptions): Decision | null {
  const { monitors, seen } = situation.watched;
  const strongest = Math.max(...monitors.map((monitor) => evidenceOf(monitor).novelty));
  if (strongest < thresholdOf(situation, options)) return null;
  const rows = novelRows(seen);
  const start = createDecision(situation, monitors.length, null, rows.length);
  const found = `${rows.length} rows are like none before, evidence e^${strongest.toFixed(1)}`;
  if (rows.length < MIN_STRANGE_ROWS) {
    return { ...start, why: `${found}; ${MIN_STRANGE_ROWS} are needed` };
  }
  const square = meanSquareAt(situation, rows);
  const expected = mean(monitors.map(({ reference }) => reference.meanSquare));
  const errorNow = inUnits(situation, square);
  if (square <= SAME_LAW * expected) {
    return { ...start, rows, errorNow, why: `${found}, yet the known laws hold there` };
  }
  const cost = costOf(situation, null, rows.length);
  const errorExpected = inUnits(situation, expected);
  return { ...start, action: "grow", rows, why: found, errorNow, errorExpected, cost };
}
