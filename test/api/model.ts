/** A small model by hand: a number, a category, two experts and a softmax gate. */
import type { Bundle } from "../../src/bundle/index.ts";
import { initNet } from "../../src/experts/index.ts";
import type { Model } from "../../src/mixture/index.ts";
import { createRng } from "../../src/shared/rng.ts";

export function sampleModel(): Model {
  const rng = createRng(4);
  const shape = (outputs: number) => ({ sizes: [4, 6, outputs], activation: "tanh" as const });
  const expert = () => ({ kind: "mlp" as const, net: initNet(shape(1), rng) });
  return {
    preprocessing: {
      features: [
        { type: "number", name: "x", median: 1, mean: 1, scale: 2, indicator: false },
        { type: "category", name: "kind", levels: ["a", "b"] },
      ],
      target: { name: "y", mean: 10, scale: 3, least: -100, most: 100 },
    },
    members: [
      {
        weight: 1,
        mixture: {
          experts: [expert(), expert()],
          gate: { kind: "softmax", net: initNet(shape(2), rng) },
          recombination: "smooth",
        },
      },
    ],
  };
}

/** Served as version 3. The API reads nothing of the manifest. */
export function sampleBundle(model: Model): Bundle {
  return { model, version: 3, digest: "0".repeat(64), manifest: {} as Bundle["manifest"] };
}
