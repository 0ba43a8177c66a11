/** The new law may be one that another expert predicts: of an earlier version, or a neighbour. */
import { type Engine, predictExpert } from "../../experts/index.ts";
import { mean } from "../../metrics/index.ts";
import { clip, expertId, standardRange, standardResiduals } from "../../mixture/index.ts";
import { takeRows } from "../../shared/matrix.ts";
import { type KnownExpert, rangeOf } from "../current.ts";
import type { WatchedMember } from "../watch/index.ts";
import type { Action, Decision } from "./decision.ts";
import { inUnits, meanSquareAt, type Situation } from "./situation.ts";

type KnownLaw = Pick<Decision, "action" | "source" | "errorExpected" | "why">;

/** A known law is the new one if its mean square is no more than this many times the expected. */
const SAME_LAW = 2;

/** The expert with the least error on the rows, if that is as small as its law's; null if none. */
export async function findKnownLaw(
  engine: Engine,
  situation: Situation,
  k: number,
  rows: Int32Array,
): Promise<KnownLaw | null> {
  const { watched, retired } = situation;
  const kinds: readonly (readonly [Action, readonly KnownExpert[]])[] = [
    ["recall", await retired()],
    ["merge", neighboursOf(watched, k)],
  ];
  const now = meanSquareAt(situation, rows);
  const { target } = watched.current.model.preprocessing;
  const expected = watched.monitors[k]!.reference.meanSquare;
  const mostOf = ({ report }: KnownExpert): number => {
    const other = standardResiduals(report.residuals, target).meanSquaredError;
    return Math.min(SAME_LAW * Math.max(expected, other), now / 2);
  };
  const lossOf = lossOn(engine, watched, rows);
  const tried = kinds.flatMap(([action, list]) =>
    list.map((source) => ({ action, source, loss: lossOf(source) })),
  );
  const [best] = tried
    .filter(({ source, loss }) => loss <= mostOf(source))
    .sort((a, b) => a.loss - b.loss);
  if (best === undefined) return null;
  const { action, source, loss } = best;
  const why = `${source.name} knows the law that they follow now`;
  return { action, source, errorExpected: inUnits(situation, loss), why };
}

/** The mixture's other experts. */
function neighboursOf({ current, member }: WatchedMember, k: number): readonly KnownExpert[] {
  const { mixture } = current.model.members[member]!;
  return mixture.experts.flatMap((expert, j): readonly KnownExpert[] => {
    if (j === k || expert === mixture.experts[k]) return [];
    const report = current.experts[member]![j]!;
    return [{ name: expertId(member, j), expert, report, range: rangeOf(mixture, j) }];
  });
}

/** Mean squared error of an expert on the rows, standardised. */
function lossOn(
  engine: Engine,
  { current, rows: { samples } }: WatchedMember,
  rows: Int32Array,
): (known: KnownExpert) => number {
  const range = standardRange(current.model.preprocessing.target);
  const X = takeRows(samples.X, rows);
  return ({ expert, range: narrower }) => {
    const answers = predictExpert(engine, expert, X);
    return mean(
      Float64Array.from(
        rows,
        (i, place) => (clip(answers[place]!, narrower ?? range) - samples.y[i]!) ** 2,
      ),
    );
  };
}
