/**
 * The competition: new experts compete for every sample until each has a part of the inputs where
 * it is the best, and a gate can tell from x alone to which part a sample belongs.
 *
 * A round: every expert trains on the samples that it is responsible for; the gate learns these
 * responsibilities; both give the cost of each sample with each expert; costs become the next
 * responsibilities, shared at first and winner-take-all at the end; experts with almost no samples
 * are dropped.
 * Source: Tacke et al. 2024 (competition), Jacobs et al. 1991 (gate in the cost); annealing and
 * the schedule are ours, measured in docs/method.md.
 */
import {
  annealedResponsibilities,
  assignWinners,
  churn,
  expertShares,
  gateConsistentCosts,
  keepExperts,
  noiseVariance,
  randomResponsibilities,
  squaredErrors,
  survivingExperts,
  temperatureAt,
} from "../competition/index.ts";
import {
  initNet,
  isFiniteNet,
  keepOutputs,
  type Moments,
  type Net,
  type Samples,
  type TrainTask,
  trainCost,
} from "../experts/index.ts";
import { freshGateNet, gateScores, gateTask } from "../gate/index.ts";
import type { Progress } from "../shared/progress.ts";
import { childSeed, createRng } from "../shared/rng.ts";
import type { Executor } from "./executor.ts";
import { batchSizeFor, type FitOptions } from "./options.ts";
import { CLIP_NORM, type NetSettings, regressionShape, regressionTask } from "./train-net.ts";

/** The result of a round, for a picture of each expert's share by round. */
export interface RoundRecord {
  readonly temperature: number;
  /** Share of the samples of each expert still competing. */
  readonly shares: readonly number[];
  /** σ², in standardised units. */
  readonly noise: number;
  /** Samples whose winner changed since the round before, as a fraction; 0 in the first. */
  readonly churn: number;
}

export interface Partition {
  /** The expert that won each sample. Shape (nSamples,), values in [0, nExperts). */
  readonly labels: Int32Array;
  readonly nExperts: number;
  readonly rounds: readonly RoundRecord[];
  /** Multiply-adds spent. */
  readonly cost: number;
}

const GATE_HIDDEN = 16;
const GATE_STEPS_AT_START = 300;
const GATE_STEPS_A_ROUND = 150;
const GATE_LEARNING_RATE = 5e-3;
const GATE_WEIGHT_DECAY = 0.1;
const GATE_OUTPUT_SCALE = 0.1;
const EXPERT_OUTPUT_SCALE = 0.5;
/** Experts learn at this share of the base net's rate, falling by 80 % over the rounds. */
const LEARNING_SHARE = 0.5;
const LEARNING_FALL = 0.8;
/** An expert trains for at least this share of a round's steps, plus a few. */
const MIN_STEP_SHARE = 0.1;
const EXTRA_STEPS = 5;
/** No expert is dropped in the first quarter of the rounds. */
const SAFE_SHARE_OF_ROUNDS = 0.25;
/** An expert with fewer rows than this in the end is dropped. */
const MIN_FINAL_ROWS = 10;

interface Competitor {
  readonly net: Net;
  readonly moments?: Moments;
}

interface State {
  readonly experts: readonly Competitor[];
  readonly gate: Competitor;
  /** Shape (nSamples, experts.length). */
  readonly responsibilities: Float32Array;
}

/** Everything that stays the same from round to round. */
interface Arena {
  readonly samples: Samples;
  readonly settings: NetSettings;
  readonly options: FitOptions;
  readonly executor: Executor;
  /** Grows by every task that is run. */
  readonly spent: { cost: number };
}

/**
 * Finds a partition of the samples among at most `nExperts` experts.
 *
 * @param settings - How the base net was trained; all rounds together cost about as many steps.
 */
export async function compete(
  { samples, settings, options, executor }: Omit<Arena, "spent">,
  nExperts: number,
  progress: Progress,
): Promise<Partition> {
  const arena: Arena = { samples, settings, options, executor, spent: { cost: 0 } };
  const { rounds } = options.competition;
  const records: RoundRecord[] = [];
  let winners: Int32Array | undefined;
  let state = await openCompetition(arena, nExperts);
  for (let round = 0; round < rounds && state.experts.length > 1; round++) {
    const trained = await trainRound(arena, state, round);
    const { costs, noise } = await judge(arena, trained);
    const temperature = temperatureAt(round, rounds);
    const k = trained.experts.length;
    const responsibilities = annealedResponsibilities(costs, k, temperature);
    const next = assignWinners(costs, k).winners;
    const moved = winners === undefined ? 0 : churn(winners, next);
    const shares = [...expertShares(responsibilities, k)];
    records.push({ temperature, shares, noise, churn: moved });
    winners = next;
    state = { ...trained, responsibilities };
    if (round >= SAFE_SHARE_OF_ROUNDS * rounds) state = dropIdle(arena, state);
    progress(`competition round ${round + 1}`, (round + 1) / rounds);
  }
  return { ...settle(state), rounds: records, cost: arena.spent.cost };
}

async function openCompetition(arena: Arena, nExperts: number): Promise<State> {
  const { samples, options } = arena;
  const nSamples = samples.y.length;
  const limit = Math.max(1, Math.floor(nSamples / options.competition.rowsPerExpert));
  const k = Math.min(nExperts, limit);
  const rng = createRng(childSeed(options.seed, "competition"));
  const responsibilities = randomResponsibilities(nSamples, k, rng);
  const shape = regressionShape(samples.X.nColumns, options);
  const experts = Array.from({ length: k }, () => ({
    net: initNet(shape, rng, EXPERT_OUTPUT_SCALE),
  }));
  const sizes = { nFeatures: samples.X.nColumns, hidden: GATE_HIDDEN, nExperts: k };
  const net = freshGateNet(sizes, rng, GATE_OUTPUT_SCALE);
  const task = competingGateTask(arena, { net }, responsibilities, {
    steps: GATE_STEPS_AT_START,
    label: "start",
  });
  const [gate] = await run(arena, [task]);
  return { experts, gate: gate!, responsibilities };
}

/** Trains every expert on the samples that it is responsible for. */
async function trainRound(arena: Arena, state: State, round: number): Promise<State> {
  const { samples, settings, options } = arena;
  const { rounds } = options.competition;
  const k = state.experts.length;
  const shares = expertShares(state.responsibilities, k);
  const fall = 1 - (LEARNING_FALL * round) / rounds;
  const tasks = state.experts.map(({ net, moments }, expert): TrainTask => {
    const weights = columnOf(state.responsibilities, k, expert);
    const share = Math.max(MIN_STEP_SHARE, shares[expert]!);
    const schedule = {
      steps: Math.round((settings.steps / rounds) * share) + EXTRA_STEPS,
      learningRate: settings.learningRate * LEARNING_SHARE * fall,
      weightDecay: settings.weightDecay,
      schedule: "constant" as const,
      warmupSteps: 0,
      seed: childSeed(options.seed, `round ${round} expert ${expert}`),
    };
    return regressionTask({ ...samples, weights }, net, schedule, moments);
  });
  const experts = await trainBusy(arena, state.experts, tasks);
  const gateLabel = `round ${round}`;
  const { gate, responsibilities } = state;
  const task = competingGateTask(arena, gate, responsibilities, {
    steps: GATE_STEPS_A_ROUND,
    label: gateLabel,
  });
  const [trainedGate] = await run(arena, [task]);
  return { experts, gate: trainedGate!, responsibilities };
}

/**
 * Trains the experts that have rows; one without (it lost them all, or diverged) stays as it is.
 */
async function trainBusy(
  arena: Arena,
  experts: readonly Competitor[],
  tasks: readonly TrainTask[],
): Promise<readonly Competitor[]> {
  const busy = [...tasks.keys()].filter((k) => tasks[k]!.rows.length > 0);
  const trained = await run(
    arena,
    busy.map((k) => tasks[k]!),
  );
  const next = [...experts];
  busy.forEach((k, place) => {
    next[k] = trained[place]!;
  });
  return next;
}

/** What every sample costs with every expert, and the noise that errors are measured in. */
async function judge(
  { samples, options, executor }: Arena,
  { experts, gate, responsibilities }: State,
): Promise<{ costs: Float64Array; noise: number }> {
  const { engine } = executor;
  const nothing = new Float32Array(samples.y.length).fill(Number.NaN);
  const predictions = experts.map(({ net }) =>
    isFiniteNet(net) ? engine.predict(net, samples.X) : nothing,
  );
  const errors = squaredErrors(predictions, samples.y);
  const noise = noiseVariance(errors, responsibilities);
  const scores = gateScores(engine, { kind: "softmax", net: gate.net }, samples.X);
  const { consistency } = options.competition;
  return { costs: gateConsistentCosts(errors, scores, { noise, consistency }), noise };
}

/** Drops experts with almost no samples, and their outputs of the gate. */
function dropIdle({ samples, options }: Arena, state: State): State {
  const shares = expertShares(state.responsibilities, state.experts.length);
  const survivors = survivingExperts(shares, samples.y.length, options.competition);
  return survivors.length === state.experts.length ? state : keepOnly(state, survivors);
}

function keepOnly({ experts, gate, responsibilities }: State, survivors: readonly number[]): State {
  return {
    experts: survivors.map((k) => experts[k]!),
    gate: { net: keepOutputs(gate.net, survivors) },
    responsibilities: keepExperts(responsibilities, experts.length, survivors),
  };
}

/** The final labels; the few rows of too small experts go to the next best expert. */
function settle(state: State): Pick<Partition, "labels" | "nExperts"> {
  const k = state.experts.length;
  const nSamples = state.responsibilities.length / k;
  const shares = expertShares(hardened(state.responsibilities, k), k);
  const rule = { minShare: 0, minRows: MIN_FINAL_ROWS };
  const survivors = survivingExperts(shares, nSamples, rule);
  const kept = keepExperts(state.responsibilities, k, survivors);
  const costs = Float64Array.from(kept, (r) => -r);
  return { labels: assignWinners(costs, survivors.length).winners, nExperts: survivors.length };
}

function hardened(responsibilities: Float32Array, nExperts: number): Float32Array {
  const costs = Float64Array.from(responsibilities, (r) => -r);
  return annealedResponsibilities(costs, nExperts, 0);
}

function competingGateTask(
  { samples, options }: Arena,
  start: Competitor,
  responsibilities: Float32Array,
  { steps, label }: { readonly steps: number; readonly label: string },
): TrainTask {
  return gateTask(responsibilities, start, {
    steps,
    batchSize: batchSizeFor(samples.y.length),
    learningRate: GATE_LEARNING_RATE,
    weightDecay: GATE_WEIGHT_DECAY,
    schedule: "constant",
    warmupSteps: 0,
    clipNorm: CLIP_NORM,
    seed: childSeed(options.seed, `gate ${label}`),
  });
}

async function run(
  { samples, executor, spent }: Arena,
  tasks: readonly TrainTask[],
): Promise<readonly Competitor[]> {
  for (const task of tasks) spent.cost += trainCost(task);
  return executor.train(samples.X, tasks);
}

/** Column k of a sample-major array, shape (nSamples,). */
export function columnOf(values: ArrayLike<number>, nColumns: number, k: number): Float32Array {
  const column = new Float32Array(values.length / nColumns);
  for (let i = 0; i < column.length; i++) column[i] = values[i * nColumns + k]!;
  return column;
}
