/**
 * Models of generated sets whose regimes are known, fitted without searching for them, and new rows
 * whose laws have changed as a test wants.
 */
import {
  fitPreprocessing,
  type GeneratorName,
  generate,
  selectTarget,
  type Table,
} from "../../src/data/index.ts";
import { createWasmEngine, type Expert, fitFamily, initNet } from "../../src/experts/index.ts";
import { explain, explainFit } from "../../src/explain/index.ts";
import { fitSvmGate, freshGateNet, type Gate, gateTask } from "../../src/gate/index.ts";
import {
  cosine,
  createInlineExecutor,
  type Executor,
  type Mixture,
  type Model,
  PRESETS,
  predict,
  prepareSamples,
  regressionTask,
  specialistTask,
  summariseErrors,
  type TrainingTable,
} from "../../src/mixture/index.ts";
import type { Matrix } from "../../src/shared/matrix.ts";
import { createRng } from "../../src/shared/rng.ts";
import type { Current, OldRows } from "../../src/update/index.ts";

export const executor: Executor = createInlineExecutor(await createWasmEngine());

const SETTINGS = { steps: 3000, learningRate: 1e-2, weightDecay: 0.003 };

export interface StreamRows extends TrainingTable {
  readonly regimes: Int32Array;
}

/** How a row's target has changed. @param i - The row's place among the new rows. */
export type Drift = (regime: number, x: readonly number[], i: number) => number;

export function rowsOf(
  set: GeneratorName,
  { nRows, seed, drift }: { nRows: number; seed: number; drift?: Drift },
): StreamRows {
  const { table, regimes } = generate(set, { nRows, seed });
  const { features, targetName, y } = selectTarget(table, "y", {
    minRows: 1,
    allowConstant: true,
  });
  const columns = features.columns.map(({ values }) => values as Float64Array);
  const moved = y.map((value, i) => {
    const x = columns.map((column) => column[i]!);
    return value + (drift?.(regimes[i]!, x, i) ?? 0);
  });
  return { features, targetName, y: moved, groups: null, regimes };
}

export function pickRows(
  { features, y, regimes, ...rest }: StreamRows,
  kept: number[],
): StreamRows {
  const columns = features.columns.map((column) => ({
    ...column,
    values: Float64Array.from(kept, (i) => column.values[i] as number),
  })) as Table["columns"];
  return {
    ...rest,
    features: { nRows: kept.length, columns },
    y: Float64Array.from(kept, (i) => y[i]!),
    regimes: Int32Array.from(kept, (i) => regimes[i]!),
  };
}

/** The rows as a store would keep them: apart by who answers them. */
export function keepRows({ model }: Current, rows: StreamRows): OldRows {
  const { experts, nExperts } = predict(executor.engine, model, rows.features).routes[0]!;
  const lists = Array.from({ length: nExperts }, (_, k) =>
    [...experts.keys()].filter((i) => experts[i] === k),
  );
  return {
    counts: lists.map(({ length }) => length),
    read: async (k) => (lists[k]?.length ? pickRows(rows, lists[k]) : null),
  };
}

export interface KnownOptions {
  readonly nRows: number;
  readonly seed: number;
  readonly gate?: Gate["kind"];
  /** The last regime, if the model has never seen it. */
  readonly without?: number;
}

/** A model of a set with its true regimes, hard by an SVM or blended by a softmax gate. */
export async function knownModel(set: GeneratorName, options: KnownOptions): Promise<Current> {
  const { nRows, seed, gate: kind = "svm", without = -1 } = options;
  const known = (rows: StreamRows): StreamRows =>
    pickRows(
      rows,
      [...rows.y.keys()].filter((i) => rows.regimes[i] !== without),
    );
  const train = known(rowsOf(set, { nRows, seed }));
  const rows = Int32Array.from(train.y.keys());
  const preprocessing = fitPreprocessing(train.features, train.y, rows, "y");
  const samples = prepareSamples(preprocessing, train, rows);
  const nExperts = 1 + train.regimes.reduce((a, b) => Math.max(a, b), 0);
  const { nColumns } = samples.X;
  const base = initNet({ sizes: [nColumns, 32, 32, 1], activation: "tanh" }, createRng(seed));
  const tasks = Array.from({ length: nExperts }, (_, k) => {
    const weights = Float32Array.from(train.regimes, (regime) => (regime === k ? 1 : 0));
    const start = { base, settings: SETTINGS, k };
    return specialistTask({ ...samples, weights }, start, PRESETS.regimes);
  });
  const trained = await executor.train(samples.X, tasks);
  const experts = trained.map(({ net }) => ({ kind: "mlp" as const, net }));
  const gate =
    kind === "svm"
      ? await fitSvmGate(samples.X, train.regimes, nExperts, { seed, costs: [1e3], gammas: [1, 4] })
      : await softmaxGate(samples.X, train.regimes, nExperts, seed);
  const recombination = kind === "svm" ? ("hard" as const) : ("smooth" as const);
  const mixture = { experts, gate, recombination };
  const model: Model = { preprocessing, members: [{ weight: 1, mixture }] };
  const held = known(rowsOf(set, { nRows: Math.ceil(nRows / 5), seed: seed + 1000 }));
  const { values, routes } = predict(executor.engine, model, held.features);
  const reports = experts.map((_, k) => {
    const own = [...held.y.keys()].filter((i) => routes[0]!.experts[i] === k);
    const residuals = summariseErrors(Float64Array.from(own, (i) => values[i]! - held.y[i]!));
    const share = train.regimes.filter((regime) => regime === k).length / nRows;
    return { share, residuals };
  });
  const report = { experts: reports } as unknown as Parameters<typeof explainFit>[1]["report"];
  const explanation = explainFit(executor.engine, { model, report }, train);
  return { model, experts: [reports], explanation, nTrain: nRows };
}

/** The same, beside a plain net and a Gaussian process of all rows. */
export async function knownCommittee(set: GeneratorName, options: KnownOptions): Promise<Current> {
  const first = await knownModel(set, options);
  const { preprocessing, members } = first.model;
  const train = rowsOf(set, options);
  const samples = prepareSamples(preprocessing, train, Int32Array.from(train.y.keys()));
  const shape = { sizes: [samples.X.nColumns, 32, 32, 1], activation: "tanh" as const };
  const net = initNet(shape, createRng(options.seed));
  const schedule = cosine({ ...SETTINGS, steps: 6000 }, options.seed);
  const [trained] = await executor.train(samples.X, [regressionTask(samples, net, schedule)]);
  const whole = (expert: Expert): Mixture => ({
    experts: [expert],
    gate: null,
    recombination: "smooth",
  });
  const mixtures = [
    members[0]!.mixture,
    whole({ kind: "mlp", net: trained!.net }),
    whole(fitFamily("gp", samples, options.seed)),
  ];
  const model = {
    preprocessing,
    members: mixtures.map((mixture, m) => ({ weight: [0.5, 0.2, 0.3][m]!, mixture })),
  };
  const held = rowsOf(set, { nRows: 300, seed: options.seed + 1000 });
  const experts = mixtures.map((mixture, m) => {
    if (m === 0) return first.experts[0]!;
    const alone: Model = { preprocessing, members: [{ weight: 1, mixture }] };
    const { values } = predict(executor.engine, alone, held.features);
    return [{ share: 1, residuals: summariseErrors(values.map((v, i) => v - held.y[i]!)) }];
  });
  const explanation = explain(executor.engine, model, { ...train, experts });
  return { model, experts, explanation, nTrain: first.nTrain };
}

async function softmaxGate(
  X: Matrix,
  labels: Int32Array,
  nExperts: number,
  seed: number,
): Promise<Gate> {
  const targets = new Float32Array(labels.length * nExperts);
  labels.forEach((label, i) => {
    targets[i * nExperts + label] = 1;
  });
  const sizes = { nFeatures: X.nColumns, hidden: 32, nExperts };
  const net = freshGateNet(sizes, createRng(seed), 0.3);
  const task = gateTask(
    targets,
    { net },
    {
      steps: 3000,
      batchSize: 32,
      learningRate: 4e-3,
      weightDecay: 0.01,
      schedule: "cosine",
      warmupSteps: 0,
      clipNorm: 5,
      seed,
    },
  );
  const [trained] = await executor.train(X, [task]);
  return { kind: "softmax", net: trained!.net, truncation: 0.01 };
}
