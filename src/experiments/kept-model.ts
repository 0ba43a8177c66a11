/**
 * The regimes of the model that a run saves, and where its rows are, for a report. For a committee,
 * those of its first member.
 */
import { applyPreprocessing } from "../data/index.ts";
import type { Engine } from "../experts/index.ts";
import {
  type Explained,
  type Explanation,
  explainRows,
  type RegimeCard,
} from "../explain/index.ts";
import {
  predictMatrix,
  type RegimeSearch,
  type RoundRecord,
  type TrainingTable,
} from "../mixture/index.ts";
import { mapRegimes, type RegimeMap } from "./regime-map.ts";
import { type CommitteeFacts, countMembers } from "./split-fit.ts";

export interface KeptModel {
  /** One entry per regime, in the order of the model's experts. */
  readonly cards: readonly RegimeCard[];
  /** The regime of each row of the data, and 1 for rows near a boundary. Shape (nRows,). */
  readonly regimes: Int32Array;
  readonly nearBoundary: Uint8Array;
  /** null if there is nothing to draw: one regime, several features. */
  readonly map: RegimeMap | null;
  /** The rounds of the competition; empty for one net. */
  readonly rounds: readonly RoundRecord[];
  /** The search for the regimes; null if experts competed. */
  readonly search: RegimeSearch | null;
  /** The committee's members, and the weight of the first; null for one mixture. */
  readonly committee: (CommitteeFacts & { readonly weight: number }) | null;
}

/** @param fitted - What a fit of the table returned. */
export function describeKept(
  engine: Engine,
  { model, report }: Explained,
  explanation: Explanation,
  table: TrainingTable,
): KeptModel {
  const X = applyPreprocessing(model.preprocessing, table.features);
  const { routes } = predictMatrix(engine, model, X);
  const { experts: regimes, nExperts: nRegimes } = routes[0]!;
  const { nearBoundary } = explainRows(explanation, X, routes)[0]!;
  return {
    cards: explanation.members[0]!.experts.map(({ card }) => card),
    regimes,
    nearBoundary,
    map: mapRegimes(engine, model, { ...table, regimes, nearBoundary, nRegimes }),
    ...originOf({ model, report }),
  };
}

function originOf({
  model,
  report,
}: Explained): Pick<KeptModel, "rounds" | "search" | "committee"> {
  if (!("members" in report)) {
    return { rounds: report.rounds, search: report.regimeSearch, committee: null };
  }
  const [first] = report.members;
  const committee = {
    kinds: report.kinds,
    ...countMembers(model.members),
    heldOutMse: report.heldOut.meanSquaredError,
    undividedMse: report.undivided.meanSquaredError,
    weight: first!.weight,
  };
  return { rounds: [], search: null, committee };
}
