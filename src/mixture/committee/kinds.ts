/** The members of a committee, kind by kind, fitted on some samples. */
import {
  type Expert,
  type FamilySettings,
  fitFamily,
  type Net,
  type Samples,
  type TrainTask,
  trainCost,
  trainingForm,
} from "../../experts/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { childSeed } from "../../shared/rng.ts";
import type { Executor, Run } from "../executor.ts";
import { trainBase } from "../grow.ts";
import type { Mixture } from "../model.ts";
import type { FitOptions } from "../options.ts";
import { growRegimes, meter, type RegimePlan } from "../regimes/index.ts";
import { freshNetTask, trainNets } from "../train-net.ts";
import { shapeOf, type TunedNetwork } from "./networks.ts";
import type { CommitteeOptions, MemberKind } from "./options.ts";

/** All choices that are made before members are fitted. */
export interface TunedCommittee {
  readonly networks: readonly TunedNetwork[];
  readonly families: FamilySettings;
  readonly options: FitOptions;
  readonly committee: CommitteeOptions;
  /** null for one regime, or if regimes are not searched. */
  readonly regimes: RegimePlan | null;
}

export interface Wanted {
  /** Nets of each architecture. */
  readonly size: number;
  readonly seed: number;
  readonly isWanted: (kind: MemberKind) => boolean;
  /** The numbers of these samples among all samples; null for all. */
  readonly rows: Int32Array | null;
}

export interface FittedKinds {
  readonly mixtures: ReadonlyMap<MemberKind, readonly Mixture[]>;
  /** Multiply-adds of all networks. */
  readonly cost: number;
}

/** Fits the members of each wanted kind. @throws what fitting a family throws. */
export async function fitKinds(
  samples: Samples,
  tuned: TunedCommittee,
  wanted: Wanted,
  { executor, progress }: Run,
): Promise<FittedKinds> {
  const mixtures = new Map<MemberKind, readonly Mixture[]>();
  let cost = 0;
  for (const [a, network] of tuned.networks.entries()) {
    const { name } = network;
    progress(`${name} nets`, (0.9 * a) / tuned.networks.length);
    if (!wanted.isWanted(`net.${name}`)) continue;
    const { nets, cost: ownCost } = await trainKind(samples, network, wanted, executor);
    mixtures.set(`net.${name}`, nets.map(oneNet));
    cost += ownCost;
  }
  const { regimes } = tuned;
  if (regimes !== null && wanted.isWanted("regimes")) {
    progress("regimes", 0.85);
    const metered = meter(executor);
    const mixture = await fitRegimesMember(samples, regimes, wanted, metered.executor);
    mixtures.set("regimes", [mixture]);
    cost += metered.cost();
  }
  for (const family of tuned.committee.families.filter(wanted.isWanted)) {
    progress(family, 0.9);
    const expert = fitFamily(family, samples, childSeed(wanted.seed, family), tuned.families);
    mixtures.set(family, [{ experts: [expert], gate: null, recombination: "smooth" }]);
  }
  return { mixtures, cost };
}

/** The mixture of regimes, or one net if a regime has too few rows. */
async function fitRegimesMember(
  samples: Samples,
  plan: RegimePlan,
  { rows, seed: given }: Wanted,
  executor: Executor,
): Promise<Mixture> {
  const seed = childSeed(given, "regimes");
  const { base } = await trainBase(samples, plan.settings, { ...plan.options, seed }, executor);
  try {
    const grown = await growRegimes(samples, { plan, rows, base }, seed, executor);
    return grown ?? oneNet(base);
  } catch (error) {
    if (!(error instanceof BailiwickError && error.code === "EXPERT_DIVERGED")) throw error;
    return oneNet(base);
  }
}

async function trainKind(
  samples: Samples,
  network: TunedNetwork,
  { size, seed }: Wanted,
  executor: Executor,
): Promise<{ readonly nets: readonly Net[]; readonly cost: number }> {
  const { name } = network;
  const { inputsOf, keep } = trainingForm(network.encoding);
  const encoded = { ...samples, X: inputsOf(samples.X) };
  const shape = shapeOf(network, encoded.X.nColumns);
  const { settings } = network.tuned;
  const tasksAt = (pace: number): readonly TrainTask[] => {
    const slower = { ...settings, learningRate: pace * settings.learningRate };
    return Array.from({ length: size }, (_, e) =>
      freshNetTask(encoded, shape, slower, childSeed(seed, `${name} ${e}`)),
    );
  };
  const { nets, nAgain } = await trainNets(encoded, tasksAt, executor);
  return { nets: nets.map(keep), cost: (size + nAgain) * trainCost(tasksAt(1)[0]!) };
}

function oneNet(net: Net): Mixture {
  const expert: Expert = { kind: "mlp", net };
  return { experts: [expert], gate: null, recombination: "smooth" };
}
