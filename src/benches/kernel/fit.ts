/** A whole fit, not only its epochs: the quickstart's first split with a shorter tuning. */
import { holdOut, openData, selectFrom } from "../../data/index.ts";
import type { Engine, Samples } from "../../experts/index.ts";
import {
  createInlineExecutor,
  DEFAULT_FIT,
  type FitOptions,
  fitMixture,
  standardise,
} from "../../mixture/index.ts";
import { childSeed } from "../../shared/rng.ts";
import type { Contender } from "./rounds.ts";
import { cpuMsOf } from "./workload.ts";

/** What experiments/quickstart.json asks for, where it matters here. */
const DATA = "concrete";
const TEST_FRACTION = 0.2;
const SEED = 1;

export interface FitPlan {
  /** Numbers of experts to choose among. */
  readonly candidates: readonly number[];
  readonly steps: number;
  readonly learningRates: readonly number[];
  readonly weightDecays: readonly number[];
}

/** The fit of the quickstart with `plan` for its tuning, by each engine. */
export async function fitContenders(
  engines: readonly Engine[],
  plan: FitPlan,
  mirror: string | undefined,
): Promise<readonly Contender[]> {
  const samples = await quickstartSamples(mirror);
  const options = fitOptions(plan);
  return engines.map((engine) => ({
    name: engine.name,
    turn: async () => ({
      cpuMs: await cpuMsOf(() => fitMixture(samples, options, createInlineExecutor(engine))),
    }),
  }));
}

async function quickstartSamples(mirror: string | undefined): Promise<Samples> {
  const table = selectFrom(await openData(DATA, { mirror }), { drop: [] });
  const seed = childSeed(SEED, "hold-out 0");
  const { train } = holdOut(table.y.length, {
    testFraction: TEST_FRACTION,
    seed,
    groups: table.groups,
  });
  return standardise(table, train).samples;
}

function fitOptions({ candidates, steps, learningRates, weightDecays }: FitPlan): FitOptions {
  return {
    ...DEFAULT_FIT,
    candidates,
    seed: childSeed(SEED, "split 0"),
    tuning: { steps: [steps], extendTo: steps, learningRates, weightDecays },
  };
}
