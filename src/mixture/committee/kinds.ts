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
import { both, inLanes, othersGoOn } from "../../shared/lanes.ts";
import { type Progress, sideBySide } from "../../shared/progress.ts";
import { childSeed } from "../../shared/rng.ts";
import type { Executor, Run } from "../executor.ts";
import { trainBase } from "../grow.ts";
import type { Mixture } from "../model.ts";
import type { FitOptions } from "../options.ts";
import { growRegimes, meter, type RegimePlan } from "../regimes/index.ts";
import { foldsAtOnce } from "../samples.ts";
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

/**
 * Fits the members of each wanted kind: networks on the threads of the executor, and meanwhile
 * families on this one.
 *
 * @throws what fitting a family throws.
 */
export async function fitKinds(
  samples: Samples,
  tuned: TunedCommittee,
  wanted: Wanted,
  { executor, progress }: Run,
): Promise<FittedKinds> {
  const [ofNetworks, ofFamilies] = sideBySide(progress, 2);
  const [networks, families] = await both(
    () => fitNetworks(samples, tuned, wanted, { executor, progress: ofNetworks! }),
    () => fitFamilies(samples, tuned, wanted, ofFamilies!),
  );
  return { mixtures: new Map([...networks.mixtures, ...families]), cost: networks.cost };
}

/** Nets of each architecture, and the mixture of regimes. */
async function fitNetworks(
  samples: Samples,
  tuned: TunedCommittee,
  wanted: Wanted,
  { executor, progress }: Run,
): Promise<FittedKinds> {
  const networks = tuned.networks.filter(({ name }) => wanted.isWanted(`net.${name}`));
  const trained = await inLanes(networks, foldsAtOnce(samples.y.length), (network, a) => {
    progress(`${network.name} nets`, (0.9 * a) / networks.length);
    return trainKind(samples, network, wanted, executor);
  });
  const mixtures = new Map<MemberKind, readonly Mixture[]>(
    networks.map(({ name }, a) => [`net.${name}`, trained[a]!.nets.map(oneNet)]),
  );
  let cost = trained.reduce((sum, own) => sum + own.cost, 0);
  const { regimes } = tuned;
  if (regimes !== null && wanted.isWanted("regimes")) {
    progress("regimes", 0.9);
    const metered = meter(executor);
    const mixture = await fitRegimesMember(samples, regimes, wanted, metered.executor);
    mixtures.set("regimes", [mixture]);
    cost += metered.cost();
  }
  progress("nets", 1);
  return { mixtures, cost };
}

async function fitFamilies(
  samples: Samples,
  { committee, families: settings }: TunedCommittee,
  { isWanted, seed }: Wanted,
  progress: Progress,
): Promise<FittedKinds["mixtures"]> {
  const mixtures = new Map<MemberKind, readonly Mixture[]>();
  const families = committee.families.filter(isWanted);
  for (const [f, family] of families.entries()) {
    progress(family, f / families.length);
    await othersGoOn();
    const expert = fitFamily(family, samples, childSeed(seed, family), settings);
    mixtures.set(family, [{ experts: [expert], gate: null, recombination: "smooth" }]);
    progress(family, (f + 1) / families.length);
  }
  return mixtures;
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
