/** Goal: the verdict says "worth it" only with an effect and the evidence for it. */
import { describe, expect, test } from "vitest";
import { equalCostSize, judgeCommittee, judgePartitioning } from "../../src/mixture/index.ts";
import { judgeHeldOut } from "../../src/mixture/verdict.ts";
import { createRng } from "../../src/shared/rng.ts";

const FIVE = { testShare: 0.25, maxExperts: 4 };

describe("partitioning", () => {
  test("is worth it where the mixture is clearly better than both rivals", () => {
    const losses = {
      mixture: [0.5, 0.52, 0.49, 0.51, 0.5],
      single: [1, 1.03, 0.98, 1.01, 1],
      equalCost: [0.9, 0.92, 0.89, 0.93, 0.91],
    };
    const verdict = judgePartitioning(losses, FIVE);
    expect(verdict.partitioning).toBe("worth it");
    expect(verdict.why).toMatch(/44\.\d % lower than an ensemble of equal cost over 5 splits/);
  });

  test("is not worth it against the better of the two, or by less than 2 %", () => {
    const equal = [0.5, 0.52, 0.49, 0.51, 0.5];
    const worse = equal.map((loss) => loss * 1.01);
    const losses = { mixture: equal, single: worse, equalCost: worse };
    expect(judgePartitioning(losses, FIVE).partitioning).toBe("not worth it");
    const beaten = { mixture: [0.5, 0.5], single: [1, 1], equalCost: [0.4, 0.41] };
    expect(judgePartitioning(beaten, FIVE).why).toMatch(/higher than an ensemble of equal cost/);
  });

  test("is undecided where the error is lower by luck alone", () => {
    const lucky = { mixture: [0.1, 1, 1, 1, 1], single: [1, 1, 1.1, 0.9, 1] };
    const verdict = judgePartitioning({ ...lucky, equalCost: [2, 2, 2, 2, 2] }, FIVE);
    expect(verdict.partitioning).toBe("undecided");
    expect(verdict.why).toContain("worth it takes 2 % lower and p < 0.05");
  });

  test("of two splits is undecided where the error is lower, and not worth it where it is higher", () => {
    const few = { mixture: [0.5, 0.51], single: [1, 1.02], equalCost: [0.9, 0.95] };
    const verdict = judgePartitioning(few, FIVE);
    expect(verdict.partitioning).toBe("undecided");
    expect(verdict.why).toContain("takes 3 splits, got 2");
    const higher = { ...few, equalCost: [0.4, 0.3] };
    expect(judgePartitioning(higher, FIVE).partitioning).toBe("not worth it");
  });

  test("of one expert needs no figures", () => {
    const none = { mixture: [], single: [], equalCost: [] };
    const verdict = judgePartitioning(none, { testShare: 0.25, maxExperts: 1 });
    expect(verdict.partitioning).toBe("not worth it");
  });
});

describe("partitioning judged on the rows of five folds", () => {
  const rng = createRng(4);
  const squares = (scale: number) =>
    Array.from({ length: 5 }, () =>
      Float64Array.from({ length: 200 }, () => scale * rng.normal() ** 2),
    );
  const [low, high, alike] = [squares(0.8), squares(1.6), squares(0.8)] as const;
  const judge = (mixture: readonly Float64Array[], rival: readonly Float64Array[]) =>
    judgeHeldOut({ mixture, single: rival, equalCost: rival, groups: null }, FIVE);

  test("is worth it where rows are clearly better, and not where they are no better", () => {
    expect(judge(low, high)).toMatchObject({ partitioning: "worth it" });
    expect(judge(low, high).why).toMatch(/lower than a single net over 1000 held-out rows/);
    expect(judge(low, alike).partitioning).toBe("not worth it");
    expect(judge(high, low).partitioning).toBe("not worth it");
  });

  test("is still seen where a few rows of both cost a thousand times as much", () => {
    const jump = (own: readonly Float64Array[], size: number) =>
      own.map((fold) => fold.map((loss, i) => (i === 0 ? size : loss)));
    const means = (own: readonly Float64Array[]) =>
      own.map((fold) => fold.reduce((a, b) => a + b) / 200);
    const [ours, theirs] = [jump(low, 900), jump(high, 1000)];
    ours[0]![0] = 2000;
    const byFolds = { mixture: means(ours), single: means(theirs), equalCost: means(theirs) };
    expect(judgePartitioning(byFolds, FIVE).partitioning).toBe("undecided");
    ours[0]![0] = 900;
    expect(judge(ours, theirs).partitioning).toBe("worth it");
  });

  test("is not worth it where only its few worst rows are worse, however many are better", () => {
    const worse = low.map((fold) => fold.map((loss, i) => (i === 0 ? 400 : loss)));
    const { partitioning, why } = judge(worse, high);
    expect(partitioning).toBe("not worth it");
    expect(why).toContain("higher than");
  });

  test("takes rows of one group for one observation", () => {
    const groupOf = (f: number, i: number): number => 5 * f + Math.floor(i / 40);
    const rowsOf = (loss: (group: number) => number) =>
      low.map((fold, f) => fold.map((_, i) => loss(groupOf(f, i))));
    const rival = rowsOf((group) => (group % 2 === 0 ? 2.6 : 0.4));
    const losses = { mixture: rowsOf(() => 1), single: rival, equalCost: rival };
    const apart = judgeHeldOut({ ...losses, groups: null }, FIVE);
    expect(apart.partitioning).toBe("worth it");
    const groups = low.map((fold, f) => Array.from(fold, (_, i) => String(groupOf(f, i))));
    expect(judgeHeldOut({ ...losses, groups }, FIVE).partitioning).toBe("undecided");
  });

  test("of few rows is undecided where the error is a third lower and chance is not excluded", () => {
    const fewOf = (folds: readonly Float64Array[]) => folds.map((fold) => fold.slice(0, 4));
    const third = high.map((fold) => fold.map((loss) => 0.67 * loss + 0.3 * (loss % 0.1)));
    const few = judge(
      fewOf(third).map((fold) => fold.toReversed()),
      fewOf(high),
    );
    expect(few).toMatchObject({ partitioning: "undecided" });
  });
});

describe("partitioning in a committee", () => {
  const worse = [1, 1.1, 0.9, 1.05, 0.95];
  const better = worse.map((loss) => 0.7 * loss);
  const losses = { mixture: better, single: worse, equalCost: worse };
  const judge = (undivided: readonly number[], weight = 0.4) =>
    judgeCommittee(losses, { testShare: 0.25, mixtures: { weight, whole: better, undivided } });

  test("is worth it where the committee is worse without its mixtures", () => {
    expect(judge(worse)).toMatchObject({ partitioning: "worth it" });
  });

  test("is not worth it if other members bring the gain, for every weight of mixtures", () => {
    const { partitioning, why } = judge(better.map((loss) => 1.001 * loss));
    expect(partitioning).toBe("not worth it");
    expect(why).toContain("30.0 % lower than a single net");
    expect(why).toContain("0.1 % lower than a committee without mixtures");
  });

  test("is undecided where the gain of its mixtures can be chance", () => {
    const undivided = better.map((loss, f) => (f === 0 ? 3 : 1) * loss);
    expect(judge(undivided).partitioning).toBe("undecided");
  });

  test("is undecided where no member divides the rows", () => {
    const { partitioning, why } = judge(worse, 0);
    expect(partitioning).toBe("undecided");
    expect(why).toMatch(/^no member of the committee divides the rows; .* is 30[.]0 % lower/);
    expect(why).not.toContain("worth it takes");
  });
});

test("an ensemble of equal cost has at least one net and at most twenty", () => {
  expect(equalCostSize(10, 3)).toBe(3);
  expect(equalCostSize(1, 3)).toBe(1);
  expect(equalCostSize(1e9, 3)).toBe(20);
});
