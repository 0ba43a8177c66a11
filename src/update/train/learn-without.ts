/**
 * A member learns without some rows: every expert starts from nothing on the rows that are left.
 *
 * Every one, because nets start from a net that was trained on all rows, and an expert's training
 * rows are others than those that the gate sends it.
 */
import { effectColumns, type Preprocessing } from "../../data/index.ts";
import { type Gate, gateScores, refitMachines, topExperts } from "../../gate/index.ts";
import {
  type Executor,
  expertId,
  prepareSamples,
  type TrainingTable,
  takeSamples,
} from "../../mixture/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import type { Matrix } from "../../shared/matrix.ts";
import type { Current } from "../current.ts";
import type { NewRows } from "../watch/index.ts";
import { describeExpert, explained } from "./describe.ts";
import { type Draft, type DraftExpert, startDraft, withExpert } from "./draft.ts";
import { type Learning, learnAnew } from "./expert/index.ts";

/** An expert is not trained on fewer rows. */
const MIN_ROWS = 12;

/**
 * @param forgotten - Preprocessed.
 * @param left - All other rows; null if there are none.
 * @throws TOO_FEW_ROWS if an expert would be left without rows to learn from.
 */
export async function learnWithout(
  current: Current,
  m: number,
  { forgotten, left }: { readonly forgotten: Matrix; readonly left: TrainingTable | null },
  learning: Learning,
): Promise<Draft> {
  const { executor, seed } = learning;
  let draft = startDraft(current, m);
  if (left === null) throw tooFew(expertId(m, 0), 0);
  const rows = rowsOf(current.model.preprocessing, left);
  const routes = routesOf(executor, draft.gate, rows.samples.X);
  for (const k of draft.experts.keys()) {
    const routed = Int32Array.from(routes.keys()).filter((i) => routes[i] === k);
    if (routed.length < MIN_ROWS) throw tooFew(expertId(m, k), routed.length);
    const placed = await relearn(current, draft.experts[k]!, { ...rows, routed }, learning);
    draft = withExpert(draft, k, placed);
  }
  if (draft.gate?.kind !== "svm") return draft;
  const all = { X: rows.samples.X, labels: routes };
  const ignored = effectColumns(current.model.preprocessing);
  return { ...draft, gate: await refitMachines(draft.gate, forgotten, all, { seed, ignored }) };
}

function rowsOf(preprocessing: Preprocessing, table: TrainingTable): NewRows {
  const all = Int32Array.from(table.y.keys());
  return { table, samples: prepareSamples(preprocessing, table, all) };
}

/** The expert from nothing on its rows, in its place. */
async function relearn(
  current: Current,
  before: DraftExpert,
  { routed, ...rows }: NewRows & { readonly routed: Int32Array },
  learning: Learning,
): Promise<DraftExpert> {
  const shown = takeSamples(rows.samples, routed);
  const learnt = await learnAnew(before.expert, shown, learning);
  const range = before.range === null ? null : learnt.range;
  const { share } = before.report;
  const { target } = current.model.preprocessing;
  const described = describeExpert(learnt, { share, range }, target);
  // Nothing of its earlier explanation but the rule, which the gate follows.
  const evidence = { ...rows, rows: routed, nRows: routed.length, covered: shown.X, before };
  return explained(learning.executor.engine, current, described, evidence);
}

function routesOf({ engine }: Executor, gate: Gate | null, X: Matrix): Int32Array {
  if (gate === null) return new Int32Array(X.nRows);
  const scores = gateScores(engine, gate, X);
  return topExperts(scores, scores.length / X.nRows);
}

function tooFew(id: string, found: number): BailiwickError {
  const wanted = `expert ${id} must keep ${MIN_ROWS} rows to learn from`;
  const message = `${wanted}, ${found} are left; fit again`;
  return new BailiwickError("TOO_FEW_ROWS", message, { expert: id, found });
}
