/**
 * Carrying out decisions on one member: train, verify on new rows held out, and only then replace.
 *
 * What is not decided about is not touched: other experts stay the same objects, and the gate
 * changes only as a refinement does (src/gate/refine.ts). A change that does not hold on held-out
 * rows is not made, and the decision says so.
 */
import type { Samples } from "../experts/index.ts";
import { mean } from "../metrics/index.ts";
import { expertId, takeSamples } from "../mixture/index.ts";
import { childSeed } from "../shared/rng.ts";
import { learntRows } from "./current.ts";
import type { Decision } from "./decision.ts";
import { type Draft, type DraftExpert, placeExpert, startDraft } from "./draft.ts";
import { coveredRows } from "./observe.ts";
import { joinSamples } from "./old-rows.ts";
import { addRegime, type Division } from "./regate.ts";
import { canExtend, type Retrained, retrainExpert } from "./retrain.ts";
import {
  errorsOf,
  explained,
  isBetter,
  type Outcome,
  placeOf,
  refused,
  rootMean,
  startOf,
  verify,
} from "./verify.ts";
import type { Work } from "./work.ts";

/** Modifies nothing that it was given. */
export async function carryOut(
  work: Work,
  decisions: readonly Decision[],
): Promise<{ readonly draft: Draft; readonly outcomes: readonly Outcome[] }> {
  const draft = startDraft(work.current, work.member);
  const outcomes: Outcome[] = [];
  for (const decision of decisions) {
    if (decision.action !== "grow") outcomes.push(await carryOne(work, draft, decision));
    else outcomes.push(...(await extendOrGrow(work, draft, decision)));
  }
  return { draft, outcomes };
}

/** Modifies `draft`. */
async function carryOne(work: Work, draft: Draft, decision: Decision): Promise<Outcome> {
  if (decision.action === "recall" || decision.action === "merge") {
    return takeKnown(work, draft, decision);
  }
  if (decision.action === "retrain") return trainAgain(work, draft, decision);
  if (decision.action === "split") return trainOrSplit(work, draft, decision);
  return { ...decision, verified: null, nLearnt: 0, isNewLaw: false };
}

/** Another expert that knows the law takes the place. Modifies `draft`. */
function takeKnown(work: Work, draft: Draft, decision: Decision): Outcome {
  const { expert: k, source, rows } = decision;
  const { expert, range, report } = source!;
  const before = draft.experts[k]!;
  const own = takeSamples(work.samples, rows);
  const { share } = before.report;
  // What it erred by on held-out rows of its own day says little of this day's.
  const placed = { expert, range, report: { share, residuals: report.residuals }, errors: null };
  const nRows = learntRows(work.current, work.member, k);
  placeExpert(draft, k, explained(work, placed, { rows, nRows, covered: null, before }));
  const verified = {
    nRows: rows.length,
    before: rootMean(work, errorsOf(work, before, own)),
    after: rootMean(work, errorsOf(work, placed, own)),
  };
  return { ...decision, verified, nLearnt: 0, isNewLaw: true };
}

/** Modifies `draft`. */
async function trainAgain(work: Work, draft: Draft, decision: Decision): Promise<Outcome> {
  const { expert: k, rows } = decision;
  const before = draft.experts[k]!;
  const stored = await work.old.read(work.member, k);
  // Rows of this batch from before the change count as old ones.
  const earlier = coveredRows(work.seen, k).filter((i) => i < rows[0]!);
  const known = joinKnown(stored, earlier.length === 0 ? null : takeSamples(work.samples, earlier));
  const own = takeSamples(work.samples, rows);
  if (stored === null && isTooLittle(work, before, earlier.length + rows.length)) {
    const { kind } = before.expert;
    const why = `${decision.why}; but a ${kind} is fitted anew, and no old rows are kept (fit --keep-rows)`;
    return { ...decision, action: "keep", why, verified: null, nLearnt: 0, isNewLaw: false };
  }
  const isLaw = decision.errorExpected !== null;
  const nRecent = isLaw ? decision.nEarlier : recentCount(own, known);
  const { fresh, old } = takeRecent(own, known, nRecent);
  const trained = await train(work, before, fresh, old);
  const verified = verify(work, trained);
  if (!isBetter(trained, decision)) return { ...decision, ...refused(verified), verified };
  const { share } = before.report;
  const placed = placeOf(work, trained, share);
  const learnt = old === null || trained.oldWeight === 0 ? fresh : joinSamples(fresh, old);
  const nRows = learnt.y.length;
  const covered = old === null ? null : joinSamples(fresh, old).X;
  placeExpert(draft, k, explained(work, placed, { rows, nRows, covered, before }));
  const weight = trained.oldWeight;
  const why = weight === null ? decision.why : `${decision.why}; old rows weigh ${weight}`;
  const isNewLaw = isLaw && weight === 0;
  return { ...decision, why, verified, cost: trained.cost, nLearnt: rows.length, isNewLaw };
}

/**
 * An expert that cannot go on from where it stands would know nothing but the new rows: too little,
 * if they are fewer than half of what it has learnt from.
 */
function isTooLittle({ current }: Work, { expert, report }: DraftExpert, nRows: number): boolean {
  return expert.kind !== "mlp" && nRows < 0.5 * report.share * current.nTrain;
}

/**
 * A part is only given to another expert if one cannot learn both laws: as well as the old law is
 * still known where it holds. Modifies `draft`.
 */
async function trainOrSplit(work: Work, draft: Draft, decision: Decision): Promise<Outcome> {
  const { expert: k, rows, staying } = decision;
  const both = Int32Array.from([...rows, ...staying!]).sort();
  const floor = mean(Float64Array.from(staying!, (i) => work.seen.errors[i]! ** 2));
  const before = draft.experts[k]!;
  const scout = await train(work, before, takeSamples(work.samples, both), null);
  const reached = mean(scout.heldOut.map((error) => error ** 2));
  if (reached > ONE_LAW * floor) {
    const outcome = await addExpert(work, draft, decision);
    return { ...outcome, cost: outcome.cost + scout.cost };
  }
  const outcome = await trainAgain(work, draft, { ...decision, action: "retrain", rows: both });
  return { ...outcome, cost: outcome.cost + scout.cost };
}

/** One expert knows two laws if its mean square is at most this many times the one law's. */
const ONE_LAW = 2;

/**
 * Strange rows first go to the experts that they are routed to, where those can learn them beside
 * their own; what is left is a new regime. Modifies `draft`.
 */
async function extendOrGrow(
  work: Work,
  draft: Draft,
  decision: Decision,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  let left = decision.rows;
  for (const k of new Set(Array.from(left, (i) => work.seen.route.experts[i]!))) {
    const rows = left.filter((i) => work.seen.route.experts[i] === k);
    const own = await ownRows(work, k);
    if (rows.length < MIN_EXTENSION || own === null) continue;
    const start = startOf(work, draft.experts[k]!);
    const seed = childSeed(work.seed, `extending ${k} of member ${work.member}`);
    const options = { seed, executor: work.executor };
    if (!(await canExtend(start, takeSamples(work.samples, rows), own, options))) continue;
    left = left.filter((i) => !rows.includes(i));
    const id = expertId(work.member, k);
    const all = Int32Array.from([...rows, ...coveredRows(work.seen, k)]).sort();
    const why = `${rows.length} strange rows go on where its own end`;
    const extended = { ...decision, expert: k, id, rows: all, why, errorExpected: null };
    outcomes.push(await trainAgain(work, draft, { ...extended, action: "retrain" }));
  }
  if (left.length < MIN_NEW_REGIME) {
    return outcomes.length > 0 ? outcomes : [{ ...decision, ...TOO_FEW }];
  }
  return [...outcomes, await addExpert(work, draft, { ...decision, rows: left })];
}

const MIN_EXTENSION = 12;
const MIN_NEW_REGIME = 20;
const TOO_FEW = {
  action: "keep",
  why: "too few strange rows",
  verified: null,
  nLearnt: 0,
  isNewLaw: false,
} as const;

/** Rows that an expert is known to rule, this batch's and earlier ones; null without old rows. */
async function ownRows(work: Work, k: number): Promise<Samples | null> {
  const stored = await work.old.read(work.member, k);
  if (stored === null) return null;
  const covered = coveredRows(work.seen, k);
  return covered.length === 0 ? stored : joinSamples(stored, takeSamples(work.samples, covered));
}

/** A new expert for a part of a regime, or for rows whose like nobody knew. Modifies `draft`. */
async function addExpert(work: Work, draft: Draft, decision: Decision): Promise<Outcome> {
  const { rows, expert } = decision;
  const isSplit = decision.action === "split";
  const start = isSplit ? expert : nearestExpert(work, draft, rows);
  const own = takeSamples(work.samples, rows);
  const trained = await train(work, draft.experts[start]!, own, null);
  const verified = verify(work, trained);
  if (!isBetter(trained, decision)) return { ...decision, ...refused(verified), verified };
  const k = draft.experts.length;
  const division: Division = isSplit
    ? { experts: [expert], rows: decision.staying!, added: rows, withOld: false }
    : { ...ruledRows(work, rows), added: rows, withOld: true };
  const gate = await addRegime(work, draft, division);
  if (gate === null) {
    const why = `${decision.why}; no row of another regime is known that it could be told from`;
    return { ...decision, action: "keep", why, verified, nLearnt: 0, isNewLaw: false };
  }
  draft.gate = gate;
  draft.gated = [...new Set([...draft.gated, ...division.experts, k])];
  const share = rows.length / (work.current.nTrain + work.samples.y.length);
  const placed = placeOf(work, trained, share);
  const place = { rows, nRows: rows.length, covered: null, before: null };
  placeExpert(draft, k, explained(work, placed, place));
  const why = `${decision.why}; ${expertId(work.member, k)} is new`;
  const { cost } = trained;
  return { ...decision, why, verified, cost, nLearnt: rows.length, isNewLaw: false };
}

function train(
  { executor, seed, current, member }: Work,
  { expert, range }: DraftExpert,
  fresh: Samples,
  old: Samples | null,
): Promise<Retrained> {
  const own = childSeed(seed, `update of member ${member}`);
  return retrainExpert(startOf({ current }, { expert, range }), fresh, old, {
    seed: own,
    executor,
  });
}

function joinKnown(stored: Samples | null, early: Samples | null): Samples | null {
  return stored !== null && early !== null ? joinSamples(stored, early) : (stored ?? early);
}

/** Where the law is what it was, so many of the latest known rows are held out from like new ones. */
function recentCount(fresh: Samples, known: Samples | null): number {
  const nKnown = known?.y.length ?? 0;
  const wanted = Math.ceil(RECENT_SHARE * (nKnown + fresh.y.length));
  return Math.min(nKnown, Math.max(0, wanted - fresh.y.length));
}

const RECENT_SHARE = 0.3;

/** The last `nRecent` known rows go with the new ones. */
function takeRecent(
  fresh: Samples,
  known: Samples | null,
  nRecent: number,
): { readonly fresh: Samples; readonly old: Samples | null } {
  if (known === null || nRecent === 0) return { fresh, old: known };
  const places = Int32Array.from(known.y.keys());
  const at = places.length - nRecent;
  const old = at === 0 ? null : takeSamples(known, places.subarray(0, at));
  return { fresh: joinSamples(takeSamples(known, places.subarray(at)), fresh), old };
}

/** The experts that have had these rows, and the rows that they keep. */
function ruledRows({ seen }: Work, rows: Int32Array): Pick<Division, "experts" | "rows"> {
  const counts = new Map<number, number>();
  for (const i of rows) {
    const k = seen.route.experts[i]!;
    counts.set(k, (counts.get(k) ?? 0) + 1);
  }
  const experts = [...counts.keys()].sort((a, b) => a - b);
  const lists = experts.map((k) => coveredRows(seen, k));
  return { experts, rows: Int32Array.from(lists.flatMap((list) => [...list])) };
}

/** Whose law is nearest to these rows'. */
function nearestExpert(work: Work, { experts }: Draft, rows: Int32Array): number {
  const own = takeSamples(work.samples, rows);
  const losses = experts.map((expert) => mean(errorsOf(work, expert, own).map((e) => e ** 2)));
  return losses.indexOf(Math.min(...losses));
}
