/** What fits and gates cost: CPU seconds by size, microseconds of a row. */
import type { Figure } from "../figures.ts";
import { judgeFigure } from "../figures.ts";
import { claim, type SummaryOf } from "./claim.ts";
import type { GateSpeed } from "./gates.ts";
import { LARGE_SETS } from "./sets.ts";
import type { SetSummary } from "./summary.ts";

/** Seconds of a fit with its verdict. */
const MOST_SMALL_SECONDS = 15;
const MOST_LARGE_SECONDS = [60, 180] as const;
const MOST_LARGE_ERROR = 3;
const MOST_MICROSECONDS = 3;

/** @param timed - Summaries of the generated sets. */
export function costFigures(
  of: SummaryOf,
  timed: readonly SetSummary[],
  gates: readonly GateSpeed[],
): readonly Figure[] {
  const [slowest] = [...timed].sort((a, b) => b.cpuSeconds - a.cpuSeconds);
  return [
    secondsFigure("regimes.fit-seconds", MOST_SMALL_SECONDS, slowest, timed.length),
    elapsedFigure(slowest),
    ...LARGE_SETS.flatMap((set, s) => [
      secondsFigure(`regimes.fit-seconds.${set}`, MOST_LARGE_SECONDS[s]!, of(set), 1),
      largeErrorFigure(set, of(set)),
    ]),
    gateFigure(gates),
  ];
}

/** CPU time, which does not depend on what else the machine does: two cores take less. */
function secondsFigure(
  name: string,
  seconds: number,
  summary: SetSummary | undefined,
  nSets: number,
): Figure {
  return claim({ name, unit: "s", bound: { atMost: seconds } }, summary, (own) => ({
    value: own.cpuSeconds,
    how:
      `CPU of all threads for a fit with verdict and explanation on ${own.set}, the slowest of ` +
      `${nSets} sets, median over ${own.nJudged} fits; ${own.wallSeconds.toFixed(1)} s passed`,
  }));
}

/** Time that passed, on as many cores as the machine gives: it depends on what else runs there. */
function elapsedFigure(summary: SetSummary | undefined): Figure {
  const facts = { name: "regimes.fit-elapsed", unit: "s", bound: { atMost: MOST_SMALL_SECONDS } };
  return claim(facts, summary, (own) => ({
    value: own.wallSeconds,
    how: `seconds that passed meanwhile, median over ${own.nJudged} fits on ${own.set}`,
  }));
}

function largeErrorFigure(set: string, summary: SetSummary | undefined): Figure {
  const facts = { name: `regimes.error.${set}`, unit: "×", bound: { atMost: MOST_LARGE_ERROR } };
  return claim(facts, summary, ({ clean }) => ({
    value: clean.all,
    how: `test mse over all rows ÷ noise variance, one fit with ${clean.nRegimes[0]} regimes`,
  }));
}

function gateFigure(gates: readonly GateSpeed[]): Figure {
  const facts = { name: "regimes.gate-us", unit: "µs" };
  const bound = { atMost: MOST_MICROSECONDS };
  const all = gates.map(({ kind, microseconds }) => `${kind} ${microseconds.toFixed(2)}`);
  const measured =
    gates.length === 0
      ? { value: null, how: "was not measured: gates are timed where all sets are in the run" }
      : {
          value: Math.max(...gates.map(({ microseconds }) => microseconds)),
          how: `a row through the slowest gate of five experts, hard; ${all.join(", ")}`,
        };
  return judgeFigure({ ...facts, ...measured }, bound);
}
