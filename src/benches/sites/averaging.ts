/**
 * Nets that sites train by themselves and a server averages, as plainly as published: FedAvg of one
 * net (McMahan et al. 2017), and IFCA of several, of which each site takes the one that errs least
 * on its own rows (Ghosh et al. 2020). Both get the preprocessing that the fit of sites learns.
 */
import {
  adamStep,
  clipGradient,
  initNet,
  type Net,
  type NetGradients,
} from "../../experts/index.ts";
import { type Matrix, takeRows } from "../../shared/matrix.ts";
import { childSeed, createRng, type Rng, shuffle } from "../../shared/rng.ts";

export interface StandardRows {
  readonly X: Matrix;
  readonly y: Float32Array;
}

export interface AveragingOptions {
  readonly nNets: number;
  readonly hidden: readonly number[];
  readonly seed: number;
}

/** Nets, and the one that each site takes. */
export interface AveragedNets {
  readonly nets: readonly Net[];
  readonly taken: readonly number[];
}

const [ROUNDS, EPOCHS, BATCH_ROWS, RESTARTS] = [100, 5, 32, 3];
const [LEARNING_RATE, WEIGHT_DECAY, CLIP_NORM] = [3e-3, 3e-3, 5];

/** Of several nets the best of `RESTARTS` by the sites' own rows: all sites may take one net. */
export function averageNets(
  engine: NetGradients,
  sites: readonly StandardRows[],
  { nNets, hidden, seed }: AveragingOptions,
): AveragedNets {
  const nStarts = nNets === 1 ? 1 : RESTARTS;
  const starts = Array.from({ length: nStarts }, (_, start) => {
    return averagedOnce(engine, sites, { nNets, hidden, seed: childSeed(seed, `start ${start}`) });
  });
  const losses = starts.map(({ nets, taken }) =>
    sites.reduce((sum, rows, s) => sum + lossOf(engine, nets[taken[s]!]!, rows), 0),
  );
  return starts[losses.indexOf(Math.min(...losses))]!;
}

function averagedOnce(
  engine: NetGradients,
  sites: readonly StandardRows[],
  { nNets, hidden, seed }: AveragingOptions,
): AveragedNets {
  const sizes = [sites[0]!.X.nColumns, ...hidden, 1];
  let nets: readonly Net[] = Array.from({ length: nNets }, (_, k) =>
    initNet({ sizes, activation: "tanh" }, createRng(childSeed(seed, `net ${k}`))),
  );
  const rng = createRng(childSeed(seed, "batches"));
  for (let round = 0; round < ROUNDS; round++) {
    const learningRate = LEARNING_RATE * (1 - round / ROUNDS);
    const taken = sites.map((rows) => bestNet(engine, nets, rows));
    const trained = sites.map((rows, s) => {
      return trainLocally(engine, nets[taken[s]!]!, rows, { learningRate, rng });
    });
    nets = nets.map((net, k) => {
      const own = [...taken.keys()].filter((s) => taken[s] === k);
      return own.length === 0 ? net : mean(own.map((s) => [trained[s]!, sites[s]!.y.length]));
    });
  }
  return { nets, taken: sites.map((rows) => bestNet(engine, nets, rows)) };
}

function bestNet(engine: NetGradients, nets: readonly Net[], rows: StandardRows): number {
  const losses = nets.map((net) => lossOf(engine, net, rows));
  return losses.indexOf(Math.min(...losses));
}

function lossOf(engine: NetGradients, net: Net, { X, y }: StandardRows): number {
  return engine.predict(net, X).reduce((sum, answer, i) => sum + (answer - y[i]!) ** 2, 0);
}

/** A few epochs of Adam, whose memory starts at zero each round. */
function trainLocally(
  engine: NetGradients,
  net: Net,
  { X, y }: StandardRows,
  { learningRate, rng }: { readonly learningRate: number; readonly rng: Rng },
): Net {
  const size = net.parameters.length;
  const room = (): Float64Array => new Float64Array(size);
  const parameters = Float64Array.from(net.parameters);
  const state = { parameters, first: room(), second: room(), step: 0 };
  const order = Int32Array.from(y.keys());
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    shuffle(order, rng);
    for (let start = 0; start < order.length; start += BATCH_ROWS) {
      const rows = order.subarray(start, start + BATCH_ROWS);
      const gradient = room();
      const targets = Float32Array.from(rows, (i) => y[i]!);
      const at = { X: takeRows(X, rows), loss: "squared-error", targets, weights: null } as const;
      const now = { ...net, parameters: Float32Array.from(parameters) };
      engine.addGradient(now, at, gradient);
      for (let p = 0; p < size; p++) gradient[p]! /= rows.length;
      clipGradient(gradient, CLIP_NORM);
      adamStep(state, net, gradient, { learningRate, weightDecay: WEIGHT_DECAY });
    }
  }
  return { ...net, parameters: Float32Array.from(parameters) };
}

/** By rows. */
function mean(nets: readonly (readonly [net: Net, nRows: number])[]): Net {
  const all = nets.reduce((sum, [, nRows]) => sum + nRows, 0);
  const [[first]] = nets as readonly [readonly [Net, number]];
  const parameters = first.parameters.map((_, p) =>
    nets.reduce((sum, [net, nRows]) => sum + (nRows / all) * net.parameters[p]!, 0),
  );
  return { ...first, parameters };
}
