/** Cost and gamma of an SVM gate, the same for all pairs, chosen on held-out rows. */
import { calibrate, type Fit, type PairRows, type Setting, train } from "./svm-machine.ts";
import { type RegimeRows, stratify } from "./svm-rows.ts";

/** Regimes are crisp if no more held-out rows than this are on the wrong side. */
const CRISP_SHARE = 0.05;
/** Rows of a pair that a setting is tried on at most. */
const TUNING_ROWS = 1500;

interface PairSample {
  readonly train: PairRows;
  readonly held: PairRows;
}

interface Tried extends Setting {
  /** Held-out rows on the wrong side, over all pairs. */
  readonly wrong: number;
  /** Calibrated log loss on held-out rows, summed over all pairs. */
  readonly loss: number;
}

/**
 * The setting of least calibrated log loss among those that get fewest held-out rows of all pairs
 * wrong, give or take a standard error of that count. Where regimes are crisp, the hardest margin
 * has priority over the loss: a soft one shifts the boundary to where there are fewer rows, and
 * held-out rows near a crisp boundary are too few to see it.
 */
export async function chooseSetting(
  fit: Fit,
  regimes: readonly RegimeRows[],
  costs: readonly number[],
  gammas: readonly number[],
): Promise<Setting> {
  if (costs.length * gammas.length === 1) return { cost: costs[0]!, gamma: gammas[0]! };
  const samples = pairsOf(regimes.length).map(([first, second]) => {
    const [positive, negative] = [regimes[first]!, regimes[second]!];
    const lists = [positive.train, negative.train, positive.held, negative.held] as const;
    const [ups, downs, ...held] = stratify(lists, TUNING_ROWS);
    return { train: [ups, downs] as const, held };
  });
  const nHeld = samples.reduce((sum, { held }) => sum + held.flat().length, 0);
  const tried = await trySettings(fit, samples, { costs, gammas }, CRISP_SHARE * nHeld);
  const fewest = fewestWrong(tried);
  const good = tried.filter(({ wrong }) => wrong <= fewest + Math.sqrt(fewest));
  const crisp = fewest <= CRISP_SHARE * nHeld;
  const { cost, gamma } = good.reduce((best, other) => {
    if (crisp && other.cost !== best.cost) return other.cost > best.cost ? other : best;
    return other.loss < best.loss ? other : best;
  });
  return { cost, gamma };
}

/**
 * From the softest margin up, while that is useful: libsvm takes minutes to fit a hard margin
 * between regimes that overlap, so a harder one is tried only where they are crisp, or where the
 * last one got fewer rows wrong by more than a standard error of their count.
 */
async function trySettings(
  fit: Fit,
  samples: readonly PairSample[],
  { costs, gammas }: { readonly costs: readonly number[]; readonly gammas: readonly number[] },
  crispCount: number,
): Promise<readonly Tried[]> {
  const tried: Tried[] = [];
  for (const cost of [...costs].sort((a, b) => a - b)) {
    const before = fewestWrong(tried);
    for (const gamma of gammas) tried.push(await trySetting(fit, samples, { cost, gamma }));
    const fewest = fewestWrong(tried);
    if (fewest > crispCount && fewest + Math.sqrt(fewest) >= before) break;
  }
  return tried;
}

async function trySetting(
  fit: Fit,
  samples: readonly PairSample[],
  setting: Setting,
): Promise<Tried> {
  let [wrong, loss] = [0, 0];
  for (const sample of samples) {
    const machine = await train(fit, sample.train, setting);
    const calibrated = calibrate(fit, machine, setting, sample.held);
    wrong += calibrated.wrong;
    loss += calibrated.loss;
  }
  return { ...setting, wrong, loss };
}

function fewestWrong(tried: readonly Tried[]): number {
  return tried.reduce((fewest, { wrong }) => Math.min(fewest, wrong), Number.POSITIVE_INFINITY);
}

/** Every first < second, in lexicographic order. */
export function pairsOf(nExperts: number): readonly (readonly [number, number])[] {
  const regimes = [...Array(nExperts).keys()];
  return regimes.flatMap((first) =>
    regimes.slice(first + 1).map((second) => [first, second] as const),
  );
}
