/**
 * The accuracy bench as tables of words, for the terminal, the documents and the report alike:
 * the caller decides how to show them.
 */
import { meanAndError } from "../../shared/wording.ts";
import { BEST_TREES, CORE, nameOfMethod, OURS, type Ours } from "./methods.ts";
import { rivalsTable } from "./rival-tables.ts";
import { verdictOf } from "./rivals.ts";
import { convergenceTable, intervalsTable, kindsTable, publishedTable } from "./set-tables.ts";
import type { AccuracyMeasurements } from "./summary.ts";
import { type AccuracyTable, convergenceNotes, NONE, nameOfSet, RATIO_NOTE } from "./table.ts";
import type { SetTally } from "./tally.ts";

/** Tables that have a row, in the order in which they are read. */
export function accuracyTables(measurements: AccuracyMeasurements): readonly AccuracyTable[] {
  const { sets, rivals, published } = measurements;
  const real = sets.filter(({ kind }) => kind === "real");
  const ofKind = (kind: SetTally["kind"]): readonly SetTally[] =>
    sets.filter((tally) => tally.kind === kind);
  const isCore = (rival: string): boolean => CORE.includes(rival) || rival === BEST_TREES;
  const core = rivals.filter(({ rival }) => isCore(rival));
  const others = rivals.filter(({ rival }) => !isCore(rival));
  const of = (ours: Ours, own: typeof rivals): typeof rivals =>
    own.filter((summary) => summary.ours === ours);
  const tables = [
    ratiosTable("Real sets: test MSE, ours ÷ theirs", real),
    rivalsTable("Networks against each rival, over the real sets", of("nn", core)),
    rivalsTable("All families against each rival, over the real sets", of("all", core)),
    rivalsTable("Networks against what was run on some splits or sets", of("nn", others)),
    rivalsTable("All families against what was run on some splits or sets", of("all", others)),
    errorsTable(real),
    convergenceTable(real),
    publishedTable(published, real),
    ...OURS.map((ours) => kindsTable(real, ours)),
    intervalsTable(real),
    ratiosTable("Generated sets, not counted: test MSE, ours ÷ theirs", ofKind("generated")),
    ratiosTable("Other sets, not counted: test MSE, ours ÷ theirs", ofKind("own")),
  ];
  return tables.filter(({ rows }) => rows.length > 0);
}

const RATIOS: readonly (readonly [Ours, string, string])[] = [
  ["nn", "single", "nn/single"],
  ["nn", "ensemble4", "nn/ens. 4"],
  ["nn", "equalCost", "nn/equal"],
  ["all", "single", "all/single"],
  ["all", BEST_TREES, "all/trees"],
];

function ratiosTable(title: string, tallies: readonly SetTally[]): AccuracyTable {
  const rows = tallies.map((tally) => [
    nameOfSet(tally),
    tally.nRows.toLocaleString("en"),
    String(tally.nSplits),
    ...RATIOS.map(([ours, rival]) => ratioCell(tally, ours, rival)),
    tally.bestTrees ?? NONE,
  ]);
  const header = ["set", "rows", "splits", ...RATIOS.map(([, , name]) => name), "best trees"];
  const names =
    "nn: networks; all: all families; ens. 4: four nets averaged; equal: as many nets as " +
    "the networks cost; trees: the best of four on that set, by hindsight.";
  return { title, header, rows, notes: [names, RATIO_NOTE, ...convergenceNotes(tallies)] };
}

const MARKS = { better: "↓ ", worse: "↑ ", level: "" } as const;

/** The mark is in front, so that digits stay below digits. */
function ratioCell({ comparisons }: SetTally, ours: Ours, rival: string): string {
  const found = comparisons.find((one) => one.ours === ours && one.rival === rival);
  if (found === undefined) return NONE;
  return `${MARKS[verdictOf(found)]}${found.ratio.toFixed(3)}`;
}

const SHOWN: readonly string[] = ["single", "ensemble4", "equalCost", "nn", "all"];

/** In the target's units. */
function errorsTable(tallies: readonly SetTally[]): AccuracyTable {
  const rows = tallies.map((tally) => {
    const rmseOf = (method: string | null): string => {
      const errors = method === null ? undefined : tally.errors[method];
      return errors === undefined ? NONE : meanAndError(errors.rmse);
    };
    return [nameOfSet(tally), ...SHOWN.map(rmseOf), rmseOf(tally.bestTrees)];
  });
  const header = ["set", ...SHOWN.map(nameOfMethod), nameOfMethod(BEST_TREES)];
  const notes = [
    "In the target's units; the error is over the splits.",
    ...convergenceNotes(tallies),
  ];
  return { title: "Real sets: test RMSE ± standard error", header, rows, notes };
}
