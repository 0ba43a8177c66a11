/** An explanation to match a model of `makeContent`, with figures drawn at random. */
import type { BundleContent } from "../../src/bundle/index.ts";
import type { Explanation, NoveltyParameters, Rule } from "../../src/explain/index.ts";
import { createRng, type Rng } from "../../src/shared/rng.ts";
import { N_INPUTS } from "./models.ts";

const RULE: Rule = {
  alternatives: [
    [
      { kind: "range", feature: "water", from: 150.5, to: null, orMissing: false },
      { kind: "levels", feature: "mill | *type*", levels: ["<b>", null], among: true },
    ],
    [{ kind: "missing", feature: "age", missing: true }],
  ],
  purity: 0.93,
  coverage: 0.88,
};

/** The content with an explanation; expert 1 of each member has no rows and no rule. */
export function explained(content: BundleContent, seed = 1): BundleContent & Explained {
  const rng = createRng(seed);
  const members = content.model.members.map((_member, m) => ({
    boundaryMargin: 0.5 + m / 10,
    experts: content.facts.experts[m]!.map((report, k) => ({
      card: {
        ...report,
        nRows: k === 1 ? 0 : 100 + k,
        boundaryShare: 0.125,
        rule: k === 1 ? null : RULE,
        effects: [
          { feature: "age", importance: 2.5, values: [1, 7, 28], answers: [10, 20.5, 31] },
          { feature: "mill | *type*", importance: 1, values: ["a", "<b>"], answers: [3, -1] },
        ],
      },
      novelty: randomNovelty(k === 1 ? 0 : 3, rng),
    })),
  }));
  return { ...content, explanation: { members } };
}

interface Explained {
  readonly explanation: Explanation;
}

function randomNovelty(nCentroids: number, rng: Rng): NoveltyParameters {
  const floats = (length: number, draw: () => number): Float32Array =>
    Float32Array.from({ length }, draw);
  return {
    nFeatures: N_INPUTS,
    whitening: floats((N_INPUTS * (N_INPUTS + 1)) / 2, rng.normal),
    centroids: floats(nCentroids * N_INPUTS, rng.normal),
    radii: floats(nCentroids, () => 0.1 + rng.uniform()),
    least: floats(N_INPUTS, rng.normal),
    most: floats(N_INPUTS, () => 4 + rng.normal()),
    slack: floats(N_INPUTS, () => 0.1 + rng.uniform()),
  };
}
