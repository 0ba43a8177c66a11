/** Figures of the regimes bench that have no value where their sets were not in the run. */
import { type Bound, type Figure, judgeFigure } from "../figures.ts";
import type { SetSummary } from "./summary.ts";

/** Sets whose regimes a gate can tell apart. */
export const REGIME_SETS = ["intervals", "curve", "five", "hysteresis"] as const;
export type RegimeSet = (typeof REGIME_SETS)[number];

export type Claim = Pick<Figure, "name" | "unit"> & { readonly bound: Bound };
export type Measured = Pick<Figure, "value" | "how">;

/** The summary of a set; undefined if it was not in the run. */
export type SummaryOf = (set: string) => SetSummary | undefined;

/** What `measure` makes of a subject; no value if there is none, or if it gives null. */
export function claim<Subject>(
  { bound, ...facts }: Claim,
  subject: Subject | undefined,
  measure: (subject: Subject) => Measured | null,
): Figure {
  const measured = subject === undefined ? null : measure(subject);
  const missing = { value: null, how: "was not measured: its sets were not in the run" };
  return judgeFigure({ ...facts, ...(measured ?? missing) }, bound);
}

export function seedsInWords({ seeds }: SetSummary): string {
  return `median over ${seeds.length} seeds of data and fit`;
}
