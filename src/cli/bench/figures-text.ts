/** What the benches' commands share: their flags, and how figures are shown to a person. */
import type { Figure } from "../../benches/index.ts";
import { figure } from "../../shared/wording.ts";
import { formatTable } from "../output.ts";

export interface BenchFlags {
  readonly out?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** One line per figure; below, the reason for each figure that was not measured. */
export function renderFigures(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, unit, must, ok }) => [
    name,
    value === null ? "not measured" : `${figure(value)} ${unit}`,
    must,
    ok === null ? "–" : ok ? "yes" : "no",
  ]);
  const absent = figures.filter(({ value }) => value === null);
  const reasons = absent.map(({ name, how }) => `${name} ${how}`);
  return [formatTable(["figure", "value", "must", "ok"], rows), ...reasons].join("\n");
}
