/** Sets as tables: beside published errors, by kinds of members, by what their intervals hold. */
import { figure, meanAndError } from "../../shared/wording.ts";
import { nameOfMethod, type Ours } from "./methods.ts";
import type { PublishedComparison } from "./published.ts";
import { type AccuracyTable, convergenceNotes, NONE, nameOfSet } from "./table.ts";
import type { SetTally } from "./tally.ts";

export function publishedTable(
  published: readonly PublishedComparison[],
  tallies: readonly SetTally[],
): AccuracyTable {
  const shown = published.map(({ set }) => tallies.find((one) => one.set === set)!);
  const rows = published.map(({ published: best, ours, isReached }, place) => {
    const tally = shown[place]!;
    const rmseOf = (method: string): string => {
      const errors = tally.errors[method];
      return errors === undefined ? NONE : meanAndError(errors.rmse);
    };
    return [
      nameOfSet(tally),
      String(tally.nSplits),
      rmseOf("single"),
      rmseOf("nn"),
      meanAndError(ours),
      figure(best),
      isReached ? "yes" : "no",
    ];
  });
  return {
    title: "Test RMSE beside the best of three published tables",
    header: [
      "set",
      "splits",
      nameOfMethod("single"),
      nameOfMethod("nn"),
      nameOfMethod("all"),
      "published",
      "reached",
    ],
    rows,
    notes: [
      "Published: the best of tuned MC dropout, concrete dropout (both on these splits) and " +
        "NGBoost (splits of its own). Reached: the mean of all families is at most that.",
      ...convergenceNotes(shown),
    ],
  };
}

/** What more steps make of the single net, and how all families stand against it then. */
export function convergenceTable(tallies: readonly SetTally[]): AccuracyTable {
  const rows = tallies.map((tally) => {
    const { convergence, longerVsShorter, longestVsLonger, convergedNet, comparisons } = tally;
    const found = comparisons.find(({ ours, rival }) => ours === "all" && rival === convergedNet);
    const none = convergence === "not checked" ? NONE : "no";
    return [
      nameOfSet(tally),
      ratioOrNone(longerVsShorter),
      ratioOrNone(longestVsLonger),
      convergedNet === null ? none : CONVERGED_AT[convergedNet],
      ratioOrNone(found?.ratio ?? null),
    ];
  });
  return {
    title: "The single net with more steps: test MSE",
    header: ["set", "4 × ÷ 1 ×", "16 × ÷ 4 ×", "converged", "all ÷ converged"],
    rows,
    notes: [
      "From the same start; 16 × where 4 × take off more than 2 %. Converged: the fewest steps " +
        "that four times as many do not make better by more than 2 %.",
      ...convergenceNotes(tallies),
    ],
  };
}

const CONVERGED_AT = { single: "1 ×", longer: "4 ×" } as const;

function ratioOrNone(ratio: number | null): string {
  return ratio === null ? NONE : ratio.toFixed(3);
}

/** The mean weight of each kind of member in our committees. */
export function kindsTable(tallies: readonly SetTally[], ours: Ours): AccuracyTable {
  const kinds = [...new Set(tallies.flatMap(({ weights }) => Object.keys(weights[ours])))];
  const rows = tallies.map((tally) => [
    nameOfSet(tally),
    ...kinds.map((kind) => (tally.weights[ours][kind] ?? 0).toFixed(2)),
  ]);
  return {
    title: `Mean weight of each kind of member, ${nameOfMethod(ours)}`,
    header: ["set", ...kinds],
    rows,
    notes: convergenceNotes(tallies),
  };
}

export function intervalsTable(tallies: readonly SetTally[]): AccuracyTable {
  const rows = tallies.map((tally) => {
    const { nRows, share, nRegimes, widthVsGlobal } = tally.coverage;
    const { nOutside, nOutsideConformal } = tally.coverage;
    return [
      nameOfSet(tally),
      nRows.toLocaleString("en"),
      `${(100 * share).toFixed(1)} %`,
      String(nRegimes),
      String(nOutside),
      String(nOutsideConformal),
      widthVsGlobal.toFixed(3),
    ];
  });
  return {
    title: "Intervals that should hold 90 % of the test rows",
    header: ["set", "test rows", "held", "regimes", "outside", "conformal", "width ÷ global"],
    rows,
    notes: [
      "Regimes of a split with 20 test rows or more; outside: hold fewer or more than 99 % of " +
        "binomial counts; conformal: of 99 % where the chance in the interval's width is " +
        "allowed for. Width: with an interval a regime ÷ with one for all.",
      ...convergenceNotes(tallies),
    ],
  };
}
