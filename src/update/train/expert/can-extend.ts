/** Can one expert learn strange rows beside its regime's? Then they are no regime of their own. */
import { type Expert, resumeTraining, type Samples } from "../../../experts/index.ts";
import { cosine, regressionTask, targetRange } from "../../../mixture/index.ts";
import { childSeed } from "../../../shared/rng.ts";
import { stepsFor } from "../../training.ts";
import { joinSamples } from "../samples.ts";
import { holdOutSome } from "./hold-out.ts";
import { type ClippedExpert, errorsOn, type Learning } from "./lesson.ts";
import { LEARNING_RATE, WEIGHT_DECAY } from "./settings.ts";
import { netOf, widest } from "./start-net.ts";

/** An expert that goes on to strange rows may err by this much more than two experts would. */
const EXTENDS = 1.1;

/**
 * Whether one expert learns strange rows beside its regime's as well as two experts would.
 *
 * @param regime - Rows that the expert rules.
 */
export async function canExtend(
  { expert, range }: ClippedExpert,
  strange: Samples,
  regime: Samples,
  { seed, executor }: Learning,
): Promise<boolean> {
  const { net, inputsOf, keep } = resumeTraining(netOf(expert, seed));
  const [a, b] = [holdOutSome(strange), holdOutSome(regime)];
  const wide = widest(range, targetRange(joinSamples(strange, regime).y));
  const steps = stepsFor(strange.y.length + regime.y.length);
  const settings = { steps, learningRate: LEARNING_RATE, weightDecay: WEIGHT_DECAY };
  const schedule = cosine(settings, childSeed(seed, "extending"));
  const train = async (samples: Samples): Promise<Expert> => {
    const task = regressionTask(samples, net, schedule);
    const [trained] = await executor.train(inputsOf(samples.X), [task]);
    return { kind: "mlp", net: keep(trained!.net) };
  };
  const squares = (one: Expert, samples: Samples): number =>
    errorsOn(executor, { expert: one, range: wide }, samples).reduce((sum, e) => sum + e ** 2, 0);
  const joint = await train(joinSamples(a.learnt, b.learnt));
  const apart = await train(a.learnt);
  const together = squares(joint, a.held) + squares(joint, b.held);
  return together <= EXTENDS * (squares(apart, a.held) + squares(expert, b.held));
}
