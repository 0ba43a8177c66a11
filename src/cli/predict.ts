/** `bailiwick predict`: one prediction per row, as CSV. */
import { formatCsv } from "../data/index.ts";
import type { RowNotes } from "../explain/index.ts";
import { type Answers, answerRows, load, type Regressor } from "../library/index.ts";
import type { Route } from "../mixture/index.ts";
import { writeFileAtomic } from "../shared/files.ts";
import { mirrorFolder } from "./environment.ts";
import { note, warn } from "./output.ts";
import type { ReadingFlags } from "./shared-options.ts";

export interface PredictFlags extends ReadingFlags {
  readonly out?: string;
  readonly explain?: boolean;
  /** The level of intervals. */
  readonly interval?: number;
}

export async function predictCommand(
  bundlePath: string,
  dataPath: string,
  flags: PredictFlags,
): Promise<void> {
  const model = await load(bundlePath);
  const { out, interval: level, explain: isExplained = false, ...reading } = flags;
  const wanted = { ...reading, level, isExplained, mirror: mirrorFolder() };
  const answers = await answerRows("predict", model, dataPath, wanted);
  answers.warnings.forEach(warn);
  const { values } = answers.prediction;
  const why = isExplained ? explanationColumns(model, answers) : [];
  const bounds = Object.entries(answers.intervals ?? {});
  const csv = formatCsv([["prediction", values], ...bounds, ...why]);
  if (out === undefined) {
    process.stdout.write(csv);
  } else {
    await writeFileAtomic(out, csv);
    note(`wrote ${values.length} predictions to ${out}`);
  }
}

type NamedColumn = readonly [string, ArrayLike<number | string>];

/** Columns by name; a committee has one set per member, which begins with its weight. */
function explanationColumns(
  { model: { members }, explanation }: Regressor,
  { prediction: { routes, values }, notes }: Answers,
): readonly NamedColumn[] {
  if (explanation === null) warn("the bundle has no novelty and no boundaries; fit it again");
  return members.flatMap(({ weight }, m) => {
    const columns = memberColumns(routes[m]!, notes[m], weight);
    if (members.length === 1) return columns.map(({ column }) => column);
    const shown = columns.filter(({ ofGate }) => !ofGate || routes[m]!.nExperts > 1);
    const weights: NamedColumn = ["weight", new Float64Array(values.length).fill(weight)];
    return [weights, ...shown.map(({ column }) => column)].map(
      ([name, values]) => [`m${m}.${name}`, values] as const,
    );
  });
}

interface RouteColumn {
  readonly column: NamedColumn;
  /** Whether the column is meaningless for a member without a gate. */
  readonly ofGate: boolean;
}

/** A member's columns. A member without weight has regimes but predicts nothing. */
function memberColumns(
  { experts, scores, nExperts }: Route,
  notes: RowNotes | undefined,
  weight: number,
): readonly RouteColumn[] {
  const scoreColumns = Array.from({ length: nExperts }, (_, k): RouteColumn => {
    const expertScores = Float64Array.from(experts, (_expert, i) => scores[i * nExperts + k]!);
    return { column: [`score ${k}`, expertScores], ofGate: true };
  });
  const name = weight === 0 ? "regime" : "expert";
  const route = [{ column: [name, experts] as const, ofGate: false }, ...scoreColumns];
  if (notes === undefined) return route;
  const boundary = Array.from(notes.nearBoundary, (near) => (near === 1 ? "yes" : "no"));
  return [
    ...route,
    { column: ["novelty", notes.novelty], ofGate: false },
    { column: ["boundary", boundary], ofGate: true },
  ];
}
