/** One split of one data set: the committee, its parts, its baselines and its peers on its rows. */
import { clusteredExperts, wideNet } from "../../experiments/index.ts";
import type { FamilyName, NetShape, Samples } from "../../experts/index.ts";
import {
  clip,
  DEFAULT_COMMITTEE,
  type Executor,
  type FitOptions,
  type FittedCommittee,
  fitCommittee,
  growMixture,
  type KindWeight,
  type Member,
  type MemberKind,
  membersOf,
  type NetSettings,
  PRESETS,
  predictEnsemble,
  predictMembers,
  predictMixture,
  regressionShape,
  rivalSize,
  targetRange,
  trainEnsemble,
  weighKinds,
} from "../../mixture/index.ts";
import { nowMs } from "../../shared/clock.ts";
import type { Matrix } from "../../shared/matrix.ts";
import { type Progress, silent, within } from "../../shared/progress.ts";
import { childSeed } from "../../shared/rng.ts";
import { measureCoverage } from "./coverage.ts";
import { answerLonger } from "./longer.ts";
import {
  type AccuracyPeers,
  askAccuracyPeers,
  type PeerAnswers,
  type PeerFigures,
} from "./peers.ts";
import type { AccuracyRow } from "./row.ts";
import { samplesOf } from "./samples.ts";
import type { AccuracyTask } from "./tasks.ts";

export interface AccuracyMeans {
  readonly executor: Executor;
  /** null to leave them out, or if their answers exist already. */
  readonly peers: AccuracyPeers | null;
  /** What they said of the same split in an earlier run. */
  readonly known: PeerFigures | null;
  /** Of the committee of all families. */
  readonly families: readonly FamilyName[];
}

const NO_PEERS: PeerFigures = { mse: {}, peerCpuMs: {}, failed: {}, versions: {} };

export async function runAccuracySplit(
  task: AccuracyTask,
  options: FitOptions,
  { executor, peers, known, families }: AccuracyMeans,
  progress: Progress,
): Promise<Omit<AccuracyRow, "run">> {
  const started = nowMs();
  const { data, number, split, isWhole, asksAll } = task;
  const { samples, unseen, truth, mseOf } = samplesOf(task);
  const question = {
    seed: childSeed(options.seed, "peers") >>> 1,
    tier: asksAll ? "all" : "core",
  } as const;
  // A failure while the committee trains is thrown below, when the answers are awaited.
  const asked = peers === null ? null : askAccuracyPeers(peers, samples, unseen, question);
  asked?.catch(() => {});
  const wanted = { ...DEFAULT_COMMITTEE, families, keepAll: true };
  const fitted = await fitCommittee(
    samples,
    options,
    { executor, progress: within(progress, 0, 0.6) },
    wanted,
  );
  const contest: Contest = { samples, unseen, fitted, options, executor };
  const networks = [...fitted.heldOut.answers.keys()].filter(isNetwork);
  const weights = { nn: weighKinds(fitted.heldOut, networks), all: fitted.weights };
  const equalCost = await trainEqualCost(contest);
  progress("rivals", 0.8);
  const whole = isWhole ? await trainBaselines(contest) : {};
  progress("peers", 0.9);
  const answers = new Map<string, Float64Array>([
    ...answersOfKinds(contest, weights),
    ...Object.entries({ ...equalCost.answers, ...whole }),
  ]);
  const errorsOf = (own: ReadonlyMap<string, Float64Array>): Readonly<Record<string, number>> =>
    Object.fromEntries([...own].map(([name, values]) => [name, mseOf(values)]));
  const measure = ({ answers: said, cpuMs, failed }: PeerAnswers): PeerFigures => {
    const mse = errorsOf(clipped(said, samples));
    return { mse, peerCpuMs: cpuMs, failed, versions: peers!.versions };
  };
  const theirs = asked === null ? (known ?? NO_PEERS) : measure(await asked);
  const tested = { samples, unseen, truth, values: answers.get("all")! };
  const [first] = fitted.networks;
  return {
    set: data.name,
    sha256: data.sha256,
    split: number,
    nTrain: split.train.length,
    nTest: split.test.length,
    hidden: first!.hidden,
    settings: first!.tuned.settings,
    equalCostSize: equalCost.size,
    mse: { ...errorsOf(answers), ...theirs.mse },
    weights: { nn: named(weights.nn), all: named(weights.all) },
    coverage: measureCoverage(fitted, tested, executor),
    seconds: (nowMs() - started) / 1000,
    peerCpuMs: theirs.peerCpuMs,
    failed: theirs.failed,
    versions: theirs.versions,
  };
}

interface Contest {
  readonly samples: Samples;
  readonly unseen: Matrix;
  readonly fitted: FittedCommittee;
  readonly options: FitOptions;
  readonly executor: Executor;
}

function isNetwork(kind: MemberKind): boolean {
  return kind.startsWith("net.");
}

/**
 * The committees, each kind of member alone, all plain nets averaged, the one good net, and the
 * one of the kind that did best on the hold-outs.
 */
function answersOfKinds(
  { samples, unseen, fitted: { mixtures, networks }, executor: { engine } }: Contest,
  weights: Readonly<Record<"nn" | "all", readonly KindWeight[]>>,
): ReadonlyMap<string, Float64Array> {
  const range = targetRange(samples.y);
  const mixed = (members: readonly Member[]): Float64Array =>
    predictMembers(engine, members, unseen, range).values;
  const alone = (kind: MemberKind): Float64Array =>
    mixed([{ weight: 1, mixture: mixtures.get(kind)![0]! }]);
  const kinds = [...mixtures.keys()].map(
    (kind) => [`members.${kind}`, mixed(membersOf([{ kind, weight: 1 }], mixtures))] as const,
  );
  const plain = networks.map(({ name }): KindWeight => {
    return { kind: `net.${name}`, weight: 1 / networks.length };
  });
  const [first] = networks;
  const best = networks.reduce((a, b) => (b.tuned.holdOutMse < a.tuned.holdOutMse ? b : a));
  return new Map<string, Float64Array>([
    ["nn", mixed(membersOf(weights.nn, mixtures))],
    ["all", mixed(membersOf(weights.all, mixtures))],
    ["single", alone(`net.${first!.name}`)],
    ["singleAny", alone(`net.${best.name}`)],
    ["nets", mixed(membersOf(plain, mixtures))],
    ...kinds,
  ]);
}

/**
 * Plain nets averaged: one, four, and as many as the committee's networks cost; and the first of
 * them trained longer, from the same start.
 */
async function trainEqualCost(contest: Contest): Promise<{
  readonly answers: Readonly<
    Record<"shorter" | "longer" | "ensemble4" | "equalCost", Float64Array>
  >;
  readonly size: number;
}> {
  const { samples, unseen, fitted, executor } = contest;
  const { settings, options, shape } = firstOf(contest);
  const size = rivalSize(samples, fitted.cost, settings, options);
  const start = { shape, settings, size: Math.max(4, size) };
  const { nets } = await trainEnsemble(samples, start, options.seed, executor);
  const range = targetRange(samples.y);
  const answer = (count: number): Float64Array =>
    predictEnsemble(executor.engine, nets.slice(0, count), unseen, range);
  const single = { samples, unseen, shape, settings };
  const answers = {
    shorter: answer(1),
    longer: await answerLonger(single, "longer", options.seed, executor),
    ensemble4: answer(4),
    equalCost: answer(size),
  };
  return { answers, size };
}

/** The architecture of the single net: what every baseline is made of. */
function firstOf({ samples, fitted, options }: Contest): {
  readonly settings: NetSettings;
  readonly options: FitOptions;
  readonly shape: NetShape;
} {
  const { hidden, activation, tuned } = fitted.networks[0]!;
  const shaped = { ...options, hidden, activation };
  return {
    settings: tuned.settings,
    options: shaped,
    shape: regressionShape(samples.X.nColumns, shaped),
  };
}

/** Most experts of a mixture that a committee is compared with. */
const RIVAL_EXPERTS = 4;

/**
 * A wide net; clusters of the inputs with an expert each; the paper's plain recipe, where winners
 * take all and a support vector machine routes hard; and a soft mixture trained as a whole by its
 * likelihood (Jacobs, Jordan, Nowlan & Hinton 1991).
 */
async function trainBaselines(
  contest: Contest,
): Promise<Readonly<Record<"wide" | "kmeans" | "paper" | "soft", Float64Array>>> {
  const { samples, unseen, fitted, executor } = contest;
  const { settings, options } = firstOf(contest);
  const range = targetRange(samples.y);
  const { base } = fitted;
  const grown = async (own: Partial<FitOptions>): Promise<Float64Array> => {
    const start = { samples, settings, base, nExperts: RIVAL_EXPERTS };
    const { mixture } = await growMixture(start, { ...options, ...own }, executor, silent);
    return predictMixture(executor.engine, mixture, unseen, range).values;
  };
  const { partitioning } = PRESETS.regimes;
  const plain = { ...options.competition, consistency: 0 };
  const rival = { ...contest, options };
  return {
    wide: (await wideNet(rival)).values,
    kmeans: (await clusteredExperts(rival)).values,
    paper: await grown({ competition: plain, gate: "svm", recombination: "hard" }),
    soft: await grown({ partitioning, gate: "softmax", recombination: "smooth" }),
  };
}

/** Clips peers' answers to the range of ours, so that no peer loses by one wild answer. */
function clipped(
  answers: ReadonlyMap<string, Float64Array>,
  { y }: Samples,
): ReadonlyMap<string, Float64Array> {
  const range = targetRange(y);
  return new Map(
    [...answers].map(
      ([name, values]) => [name, values.map((value) => clip(value, range))] as const,
    ),
  );
}

function named(weights: readonly KindWeight[]): Readonly<Record<string, number>> {
  return Object.fromEntries(weights.map(({ kind, weight }) => [kind, weight]));
}
