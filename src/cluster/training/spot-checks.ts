/**
 * Whether trainers bring what they should: the first net of each, and one in twenty after it, is
 * trained in this process too. The bits must be the same.
 */
import { randomInt } from "node:crypto";
import type { Engine, TrainedNet } from "../../experts/index.ts";
import type { OpenTask } from "./open-tasks.ts";

export interface SpotChecks {
  /** Whether the trainer's next result is to be checked. */
  isDue(trainer: string): boolean;
  /** The net of this process. If the trainer's is another, the trainer is distrusted. */
  check(trainer: string, task: OpenTask, trained: TrainedNet): Promise<TrainedNet>;
  isDistrusted(trainer: string): boolean;
}

const ONE_IN = 20;
/** The engine whose bits are the same on every machine. */
const EXACT_ENGINE = "wasm";

export function createSpotChecks(engine: Engine): SpotChecks {
  const seen = new Set<string>();
  const distrusted = new Set<string>();
  return {
    isDue: (trainer) => {
      if (engine.name !== EXACT_ENGINE) return false;
      if (seen.has(trainer)) return randomInt(ONE_IN) === 0;
      seen.add(trainer);
      return true;
    },
    check: async (trainer, { X, task }, trained) => {
      const [right] = await engine.train(X, [task]);
      const { parameters } = right!.net;
      const isSame = trained.net.parameters.every((value, i) => Object.is(value, parameters[i]));
      if (!isSame) distrusted.add(trainer);
      return right!;
    },
    isDistrusted: (trainer) => distrusted.has(trainer),
  };
}
