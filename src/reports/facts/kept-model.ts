/**
 * The regimes of a model and where its rows are, for a page. For a committee, those of its first
 * member.
 */
import type { Engine } from "../../experts/index.ts";
import { explainRows, type RegimeCard } from "../../explain/index.ts";
import type { Regressor } from "../../library/index.ts";
import type {
  CommitteeReport,
  FitReport,
  Prediction,
  RegimeSearch,
  RoundRecord,
  Standing,
  TrainingTable,
} from "../../mixture/index.ts";
import type { Matrix } from "../../shared/matrix.ts";
import { type CommitteeFacts, countMembers } from "./committee.ts";
import { mapRegimes, type RegimeMap } from "./regime-map.ts";

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
  readonly committee: KeptCommittee | null;
}

export interface KeptCommittee extends Pick<CommitteeFacts, "nMembers" | "partitionedWeight"> {
  /** Every kind that was tried, the lowest error first; empty if the bundle does not keep them. */
  readonly kinds: readonly Pick<Standing, "kind" | "weight" | "rmse">[];
  readonly weight: number;
}

/** A model, and what its fit said of it; null if the fit is over. */
interface Kept {
  readonly model: Regressor;
  readonly report: FitReport | CommitteeReport | null;
}

/**
 * @param table - Rows that have a target.
 * @param rows - The same preprocessed, and what the model says of them.
 */
export function describeKept(
  engine: Engine,
  { model: regressor, report }: Kept,
  table: TrainingTable,
  { X, prediction: { routes } }: { readonly X: Matrix; readonly prediction: Prediction },
): KeptModel {
  const { model, explanation } = regressor;
  if (explanation === null) return { ...keptOfBundle(regressor), ...originOf(regressor, report) };
  const { experts: regimes, nExperts: nRegimes } = routes[0]!;
  const { nearBoundary } = explainRows(explanation, X, routes)[0]!;
  return {
    cards: cardsOf(regressor),
    regimes,
    nearBoundary,
    map: mapRegimes(engine, model, { ...table, regimes, nearBoundary, nRegimes }),
    ...originOf(regressor, report),
  };
}

/** What a bundle tells of its regimes without a row. */
export function keptOfBundle(regressor: Regressor): KeptModel {
  const cards = cardsOf(regressor);
  const noRows = { regimes: new Int32Array(0), nearBoundary: new Uint8Array(0), map: null };
  return { cards, ...noRows, ...originOf(regressor, null) };
}

function cardsOf({ explanation }: Regressor): readonly RegimeCard[] {
  return explanation === null ? [] : explanation.members[0]!.experts.map(({ card }) => card);
}

function originOf(
  regressor: Regressor,
  report: FitReport | CommitteeReport | null,
): Pick<KeptModel, "rounds" | "search" | "committee"> {
  const committee = committeeOf(regressor);
  if (report === null || "members" in report) return { rounds: [], search: null, committee };
  return { rounds: report.rounds, search: report.regimeSearch, committee };
}

function committeeOf({ model: { members }, provenance }: Regressor): KeptCommittee | null {
  if (members.length === 1) return null;
  const kinds = provenance.metrics?.leaderboard ?? [];
  return { kinds, ...countMembers(members), weight: members[0]!.weight };
}
