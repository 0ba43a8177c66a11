/**
 * The models that are tried, each trained without the held-out rows, and how it is trained on all.
 *
 * A mixture's regimes are those of its nets' gate, also for ridges. A regime whose rows lie at too
 * few sites would tell of one site: it has the expert of all rows in place of its own.
 */
import { matrixWidth } from "../../data/index.ts";
import {
  countRidgeSums,
  countTerms,
  type Expert,
  MAX_TERMS,
  type Net,
  ridgeOfSums,
} from "../../experts/index.ts";
import type { Mixture } from "../../mixture/index.ts";
import { type AskSum, LEAST_ROWS, type Side } from "../sums/index.ts";
import { type NetTraining, type TrainedNets, trainNets } from "./train-nets.ts";

export interface Candidate {
  readonly name: string;
  readonly mixture: Mixture;
  /** Its regimes that have the expert of all rows. */
  readonly pooled: readonly number[];
  /** The same model, trained on all rows. */
  finish(): Promise<Mixture>;
}

export type CandidateOptions = Omit<NetTraining, "nExperts" | "side" | "start"> & {
  readonly leastSites: number;
};

/** Of the steps and the learning rate with which nets go on with all rows. */
const LAST_SHARE = 0.5;
/** A ridge of more terms takes longer to sum than nets to train. */
const MOST_TERMS = MAX_TERMS / 3;

/** Candidates of one expert, the simplest first: ridges and one net. */
export async function singleCandidates(
  options: CandidateOptions,
  askSum: AskSum,
): Promise<readonly Candidate[]> {
  const ridge = async (name: string, degree: 1 | 2): Promise<Candidate> => {
    const fitted = async (side: Side): Promise<Mixture> => {
      const [regime] = await ridgesBy({ ...options, gate: null, degree, side }, askSum);
      return mixtureOf([regime!.expert!], null);
    };
    const finish = (): Promise<Mixture> => fitted("all");
    return { name, mixture: await fitted("training"), pooled: [], finish };
  };
  const nets = await trainNets({ ...options, nExperts: 1, side: "training" }, askSum);
  const net: Candidate = {
    name: "1 net",
    mixture: mixtureOf(nets.experts.map(netExpert), null),
    pooled: [],
    finish: async () => {
      const { experts } = await goOn(options, nets, askSum);
      return mixtureOf(experts.map(netExpert), null);
    },
  };
  const ridges = [await ridge("ridge", 1)];
  if (degreeFor(options) === 2) ridges.push(await ridge("quadratic ridge", 2));
  return [...ridges, net];
}

/**
 * Candidates of several experts: ridges by regime and nets.
 *
 * @param singles - The candidates of one expert.
 */
export async function mixtureCandidates(
  options: CandidateOptions & { readonly nExperts: number },
  singles: readonly Candidate[],
  askSum: AskSum,
): Promise<readonly Candidate[]> {
  const { nExperts, leastSites } = options;
  const nets = await trainNets({ ...options, side: "training" }, askSum);
  const { gate } = nets;
  const degree = degreeFor(options);
  const regimes = await ridgesBy({ ...options, gate, degree, side: "training" }, askSum);
  const pooled = [...regimes.keys()].filter((k) => {
    return regimes[k]!.expert === null || regimes[k]!.nSites < leastSites;
  });
  const [ridgeOfAll, netOfAll] = [singles.at(-2)!, singles.at(-1)!];
  const mixed = (own: readonly (Expert | null)[], ofAll: Mixture, by: Net | null): Mixture => {
    const experts = own.map((expert, k) => {
      return pooled.includes(k) || expert === null ? ofAll.experts[0]! : expert;
    });
    return mixtureOf(experts, by);
  };
  const ridges: Candidate = {
    name: `${nExperts} ridges`,
    mixture: mixed(expertsOf(regimes), ridgeOfAll.mixture, gate),
    pooled,
    finish: async () => {
      const all = await ridgesBy({ ...options, gate, degree, side: "all" }, askSum);
      return mixed(expertsOf(all), await ridgeOfAll.finish(), gate);
    },
  };
  const ofNets: Candidate = {
    name: `${nExperts} nets`,
    mixture: mixed(nets.experts.map(netExpert), netOfAll.mixture, gate),
    pooled,
    finish: async () => {
      const last = await goOn(options, nets, askSum);
      const ofAll = pooled.length === 0 ? netOfAll.mixture : await netOfAll.finish();
      return mixed(last.experts.map(netExpert), ofAll, last.gate);
    },
  };
  return [ridges, ofNets];
}

/** The nets trained further, on all rows. */
function goOn(options: CandidateOptions, start: TrainedNets, askSum: AskSum): Promise<TrainedNets> {
  const learningRate = LAST_SHARE * options.learningRate;
  const steps = Math.ceil(LAST_SHARE * options.steps);
  const nExperts = start.experts.length;
  return trainNets({ ...options, start, nExperts, learningRate, steps, side: "all" }, askSum);
}

function degreeFor({ preprocessing }: Pick<CandidateOptions, "preprocessing">): 1 | 2 {
  return countTerms(matrixWidth(preprocessing.features), 2) <= MOST_TERMS ? 2 : 1;
}

interface Regime {
  /** null if the regime has too few rows. */
  readonly expert: Expert | null;
  /** Sites with rows enough of it. */
  readonly nSites: number;
}

type RidgeAsked = Pick<CandidateOptions, "preprocessing" | "seed"> & {
  readonly gate: Net | null;
  readonly degree: 1 | 2;
  readonly side: Side;
};

/** A ridge of each regime of a gate, in one round. */
export async function ridgesBy(
  { preprocessing, seed, gate, degree, side }: RidgeAsked,
  askSum: AskSum,
): Promise<readonly Regime[]> {
  const sums = await askSum({ kind: "ridge", preprocessing, seed, gate, degree, side });
  const form = { nFeatures: matrixWidth(preprocessing.features), degree };
  const size = 1 + countRidgeSums(form);
  return Array.from({ length: sums.length / size }, (_, k) => {
    const own = sums.slice(k * size + 1, (k + 1) * size);
    const expert = own[0]! < LEAST_ROWS ? null : ridgeOfSums(own, form);
    return { expert, nSites: Math.round(sums[k * size]!) };
  });
}

function expertsOf(regimes: readonly Regime[]): readonly (Expert | null)[] {
  return regimes.map(({ expert }) => expert);
}

function netExpert(net: Net): Expert {
  return { kind: "mlp", net };
}

function mixtureOf(experts: readonly Expert[], gate: Net | null): Mixture {
  return {
    experts,
    gate: gate === null ? null : { kind: "softmax", net: gate },
    recombination: "smooth",
  };
}
