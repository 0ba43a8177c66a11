/**
 * What to do with each expert of a member, before anything is done. Cheap: it predicts, and trains
 * nothing but a small SVM where a part of a regime may have changed.
 */
import { type Engine, predictExpert, type Samples } from "../experts/index.ts";
import { fitSvmGate, gateScores, topExperts } from "../gate/index.ts";
import { mean } from "../metrics/index.ts";
import { clip, expertId, standardRange } from "../mixture/index.ts";
import { takeRows } from "../shared/matrix.ts";
import { type Current, type KnownExpert, learntRows, rangeOf } from "./current.ts";
import { type Action, type Decision, NO_ROWS } from "./decision.ts";
import { changedAfter, type Evidence, type ExpertMonitor, evidenceOf } from "./monitor.ts";
import { coveredRows, novelRows, type Seen } from "./observe.ts";
import { predictedCost } from "./retrain.ts";

export interface DecideOptions {
  /** Probability of a false alarm in all of a member's experts together, ever. Default .001. */
  readonly alpha: number;
  /** An expert is trained again when there are so many times the rows it was trained on. */
  readonly moreRows: number;
  readonly seed: number;
}

export const DEFAULT_DECIDE: DecideOptions = { alpha: 0.001, moreRows: 2, seed: 1 };

/** The state of affairs of one member. */
export interface Situation {
  readonly current: Current;
  readonly member: number;
  readonly samples: Samples;
  readonly seen: Seen;
  /** After these rows. */
  readonly monitors: readonly ExpertMonitor[];
  /** Rows that each expert saw before these, since its monitor started. Shape (nExperts,). */
  readonly seenBefore: readonly number[];
  /** Old rows that can be read, one an expert; null without a store. */
  readonly oldCounts: readonly number[] | null;
  /** Experts that served before. */
  readonly retired: () => Promise<readonly KnownExpert[]>;
}

/** A law is not learnt from fewer rows. */
const MIN_ROWS = 12;
const MIN_NOVEL_ROWS = 20;
/** A known law is the new one if its mean square is no more than this many times the expected. */
const SAME_LAW = 2;
/** A row contradicts its expert if its squared error is so many times the expected. */
const CONTRADICTS = 9;
/** A part of a regime is no part if it is smaller, or larger than all but so much. */
const PART_SHARE = 0.15;
/** A part can be told from x if this share of its rows at most is taken for the other's. */
const PART_ERROR = 0.35;

/** One decision an expert, in their order, and one more if there is to be a new regime. */
export async function decide(
  engine: Engine,
  situation: Situation,
  options: DecideOptions,
): Promise<readonly Decision[]> {
  const decisions: Decision[] = [];
  for (const k of situation.monitors.keys()) {
    decisions.push(await decideExpert(engine, situation, k, options));
  }
  const grown = decideGrowth(situation, options);
  if (grown === null) return decisions;
  return isWhole(situation) ? [takeIn(situation, decisions[0]!, grown)] : [...decisions, grown];
}

/** A committee's members of one expert stay what they are: no part of the rows gets an expert. */
function isWhole({ current: { model }, member }: Situation): boolean {
  return model.members.length > 1 && model.members[member]!.mixture.experts.length === 1;
}

/** Rows whose like nobody knows are the only expert's too, unless it is trained again anyway. */
function takeIn(situation: Situation, own: Decision, grown: Decision): Decision {
  if (own.action !== "keep" || grown.action !== "grow") return own;
  const rows = Int32Array.from(situation.samples.y.keys());
  const { why, errorNow } = grown;
  const cost = costOf(situation, 0, rows.length);
  return { ...own, action: "retrain", rows, why, errorNow, cost };
}

/** ln of the evidence that is enough: two questions an expert share the probability. */
export function alarmThreshold(nExperts: number, alpha: number): number {
  return Math.log((2 * nExperts) / alpha);
}

function threshold({ monitors }: Situation, { alpha }: DecideOptions): number {
  return alarmThreshold(monitors.length, alpha);
}

async function decideExpert(
  engine: Engine,
  situation: Situation,
  k: number,
  options: DecideOptions,
): Promise<Decision> {
  const monitor = situation.monitors[k]!;
  const evidence = evidenceOf(monitor);
  const covered = coveredRows(situation.seen, k);
  const start = createDecision(situation, k, evidence, covered.length);
  const limit = threshold(situation, options);
  if (evidence.law < limit) return decideUnchanged(situation, k, start, options);

  const since = changedAfter(monitor) - situation.seenBefore[k]!;
  const rows = covered.slice(Math.max(0, since));
  const nEarlier = Math.min(Math.max(0, -since), situation.oldCounts?.[k] ?? 0);
  const found = `its errors have grown, evidence e^${evidence.law.toFixed(1)}`;
  const nShowing = rows.length + nEarlier;
  if (nShowing < MIN_ROWS || rows.length === 0) {
    const why = `${found}, but only ${nShowing} rows show it; ${MIN_ROWS} are needed`;
    return { ...start, why };
  }
  const squares = squaresAt(situation.seen, rows);
  const changed = { ...start, rows, nEarlier, errorNow: inUnits(situation, mean(squares)) };
  const known = await findKnown(engine, situation, k, rows);
  if (known !== null) return { ...changed, ...known, why: `${found}; ${known.why}` };
  const part = isWhole(situation)
    ? null
    : await findPart(engine, situation, k, { rows, seed: options.seed });
  const { meanSquare } = monitor.reference;
  const errorExpected = inUnits(situation, meanSquare);
  const cost = costOf(situation, k, rows.length);
  if (part === null) {
    return { ...changed, action: "retrain", why: found, errorExpected, cost };
  }
  const why = `${found}, in a part of the regime: ${part.changed.length} of ${rows.length} rows`;
  const { changed: own, staying } = part;
  return { ...changed, action: "split", rows: own, staying, why, errorExpected, cost };
}

function createDecision(
  { member }: Pick<Situation, "member">,
  k: number,
  evidence: Evidence | null,
  nRows: number,
): Decision {
  return {
    member,
    expert: k,
    id: expertId(member, k),
    action: "keep",
    why: nRows === 0 ? "no new rows" : "its errors are what they were",
    evidence,
    nRows,
    rows: NO_ROWS,
    nEarlier: 0,
    staying: null,
    source: null,
    errorNow: null,
    errorExpected: null,
    cost: 0,
  };
}

/** No other law; but the inputs may have moved, or the rows be many more than it learnt from. */
function decideUnchanged(
  situation: Situation,
  k: number,
  start: Decision,
  options: DecideOptions,
): Decision {
  const covered = coveredRows(situation.seen, k);
  const { oldCounts } = situation;
  const inputs = start.evidence?.inputs ?? 0;
  if (oldCounts !== null && covered.length > 0) {
    const learnt = learntRows(situation.current, situation.member, k);
    const nRows = (oldCounts[k] ?? 0) + covered.length;
    if (learnt > 0 && nRows >= options.moreRows * learnt) {
      const why = `${nRows} rows are known, it has learnt from ${learnt}`;
      const cost = costOf(situation, k, covered.length);
      const errorNow = inUnits(situation, mean(squaresAt(situation.seen, covered)));
      return { ...start, action: "retrain", rows: covered, why, cost, errorNow };
    }
  }
  if (inputs < threshold(situation, options)) return start;
  const why = `its inputs have moved, evidence e^${inputs.toFixed(1)}, and its law holds there`;
  return { ...start, why };
}

/** Multiply-adds of training expert k, or, if k is null, a new one. */
function costOf(
  { current, member, oldCounts }: Situation,
  k: number | null,
  nRows: number,
): number {
  const expert = current.model.members[member]!.mixture.experts[k ?? 0]!;
  return predictedCost(expert, nRows, k === null ? 0 : (oldCounts?.[k] ?? 0));
}

function squaresAt({ errors }: Pick<Seen, "errors">, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (i) => errors[i]! ** 2);
}

function inUnits({ current }: Situation, meanSquare: number): number {
  return Math.sqrt(meanSquare) * current.model.preprocessing.target.scale;
}

type KnownLaw = Pick<Decision, "action" | "source" | "errorExpected" | "why">;

/** Who knows the new law already: an expert that served before, or another one of the mixture. */
async function findKnown(
  engine: Engine,
  situation: Situation,
  k: number,
  rows: Int32Array,
): Promise<KnownLaw | null> {
  const { current, member, monitors, samples, seen, retired } = situation;
  const { mixture } = current.model.members[member]!;
  const range = standardRange(current.model.preprocessing.target);
  const X = takeRows(samples.X, rows);
  const lossOf = ({ expert, range: own }: KnownExpert): number => {
    const answers = predictExpert(engine, expert, X);
    return mean(
      Float64Array.from(
        rows,
        (i, place) => (clip(answers[place]!, own ?? range) - samples.y[i]!) ** 2,
      ),
    );
  };
  const neighbours = mixture.experts.flatMap((expert, j): readonly KnownExpert[] => {
    if (j === k || expert === mixture.experts[k]) return [];
    const report = current.experts[member]![j]!;
    return [{ name: expertId(member, j), expert, report, range: rangeOf(mixture, j) }];
  });
  const kinds: readonly (readonly [Action, readonly KnownExpert[]])[] = [
    ["recall", await retired()],
    ["merge", neighbours],
  ];
  const now = mean(squaresAt(seen, rows));
  const { scale } = current.model.preprocessing.target;
  const own = monitors[k]!.reference.meanSquare;
  const mostOf = ({ report }: KnownExpert): number =>
    Math.min(SAME_LAW * Math.max(own, report.residuals.meanSquaredError / scale ** 2), now / 2);
  const tried = kinds.flatMap(([action, list]) =>
    list.map((source) => ({ action, source, loss: lossOf(source) })),
  );
  const fitting = tried
    .filter(({ source, loss }) => loss <= mostOf(source))
    .sort((a, b) => a.loss - b.loss);
  const [best] = fitting;
  if (best === undefined) return null;
  const { action, source, loss } = best;
  const why = `${source.name} knows the law that they follow now`;
  return { action, source, errorExpected: inUnits(situation, loss), why };
}

/** The rows that contradict the expert and those that do not, if x tells them apart. */
async function findPart(
  engine: Engine,
  { samples, seen, monitors }: Situation,
  k: number,
  { rows, seed }: { readonly rows: Int32Array; readonly seed: number },
): Promise<{ readonly changed: Int32Array; readonly staying: Int32Array } | null> {
  const limit = CONTRADICTS * monitors[k]!.reference.meanSquare;
  const labels = Int32Array.from(rows, (i) => (seen.errors[i]! ** 2 > limit ? 1 : 0));
  const nChanged = labels.reduce((sum, label) => sum + label, 0);
  const fewest = Math.min(nChanged, rows.length - nChanged);
  if (fewest < Math.max(MIN_ROWS, PART_SHARE * rows.length)) return null;
  const places = Int32Array.from(rows.keys());
  const [even, odd] = [places.filter((p) => p % 2 === 0), places.filter((p) => p % 2 === 1)];
  const at = (half: Int32Array): Int32Array => half.map((p) => labels[p]!);
  if ([0, 1].some((label) => at(even).filter((l) => l === label).length < 4)) return null;
  const rowsOf = (half: Int32Array): Int32Array => half.map((p) => rows[p]!);
  const X = takeRows(samples.X, rowsOf(even));
  const gate = await fitSvmGate(X, at(even), 2, { seed, costs: [10], gammas: [1, 4] });
  const found = topExperts(gateScores(engine, gate, takeRows(samples.X, rowsOf(odd))), 2);
  const truth = at(odd);
  const nWrong = found.reduce((sum, label, p) => sum + (label === truth[p] ? 0 : 1), 0);
  if (nWrong > (PART_ERROR * fewest) / 2) return null;
  return {
    changed: rows.filter((_, p) => labels[p] === 1),
    staying: rows.filter((_, p) => labels[p] === 0),
  };
}

/** A new regime, where rows whose like nobody knows come too often and follow no known law. */
function decideGrowth(situation: Situation, options: DecideOptions): Decision | null {
  const { monitors, seen } = situation;
  const strongest = Math.max(...monitors.map((monitor) => evidenceOf(monitor).novelty));
  if (strongest < threshold(situation, options)) return null;
  const rows = novelRows(seen);
  const start = createDecision(situation, monitors.length, null, rows.length);
  const found = `${rows.length} rows are like none before, evidence e^${strongest.toFixed(1)}`;
  if (rows.length < MIN_NOVEL_ROWS) {
    return { ...start, why: `${found}; ${MIN_NOVEL_ROWS} are needed` };
  }
  const square = mean(squaresAt(seen, rows));
  const expected = mean(monitors.map(({ reference }) => reference.meanSquare));
  const errorNow = inUnits(situation, square);
  if (square <= SAME_LAW * expected) {
    return { ...start, rows, errorNow, why: `${found}, yet the known laws hold there` };
  }
  const cost = costOf(situation, null, rows.length);
  const errorExpected = inUnits(situation, expected);
  return { ...start, action: "grow", rows, why: found, errorNow, errorExpected, cost };
}
