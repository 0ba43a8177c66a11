/**
 * Piecewise linear encoding of inputs, and nets on encoded inputs as plain ones.
 *
 * A net has its bends where training puts them; knots at the quantiles of each input give it bends
 * where the data are (Gorishniy, Rubachev & Babenko 2022, "On embeddings for numerical features").
 * Each bin of an input is the difference of two hinges max(0, x − knot), so that a ReLU net on
 * encoded inputs is a ReLU net on plain ones with one layer more, and is kept as that.
 */
import { BailiwickError } from "../shared/errors.ts";
import type { Matrix } from "../shared/matrix.ts";
import { countParameters, type LayerOffsets, layerOffsets, type Net } from "./net.ts";

export interface PiecewiseEncoding {
  /** Of each input, ascending; bins lie between them, none where there is one knot alone. */
  readonly knots: readonly Float64Array[];
}

/** Encoded inputs at most: training takes time in proportion to them. */
const MAX_ENCODED = 512;
/** Fewer bins add little to the input itself. */
const MIN_BINS = 2;
/** An input of fewer values is left as it is: they have nothing between them. */
const MIN_VALUES = 4;
/** Knots are at least so far apart, in standardised units, so that no slope is too steep to round. */
const MIN_GAP = 0.01;

/**
 * Knots at the quantiles of each input.
 *
 * @param X - Standardised. Shape (nSamples, nFeatures).
 * @param nBins - Of each input; fewer where there are many inputs, or few values.
 * @returns null if there are too many inputs to be encoded.
 */
export function fitPiecewise(X: Matrix, nBins: number): PiecewiseEncoding | null {
  const most = Math.min(nBins, Math.floor(MAX_ENCODED / X.nColumns) - 1);
  if (most < MIN_BINS) return null;
  return { knots: Array.from({ length: X.nColumns }, (_, j) => knotsOf(X, j, most)) };
}

function knotsOf({ values, nRows, nColumns }: Matrix, j: number, nBins: number): Float64Array {
  const sorted = Float64Array.from({ length: nRows }, (_, i) => values[i * nColumns + j]!).sort();
  const nValues = sorted.filter((value, i) => i === 0 || value > sorted[i - 1]!).length;
  if (nValues < MIN_VALUES) return Float64Array.of(0);
  const bins = Math.min(nBins, nValues - 1);
  const knots: number[] = [];
  for (let t = 0; t <= bins; t++) {
    const knot = sorted[Math.round((t * (nRows - 1)) / bins)]!;
    if (knots.length === 0 || knot >= knots.at(-1)! + MIN_GAP) knots.push(knot);
  }
  return Float64Array.from(knots);
}

/**
 * Each input, and after it how far it is through each of its bins: −1 before, 1 behind.
 *
 * @param X - Shape (nRows, nFeatures).
 * @returns Shape (nRows, nEncoded), a column a knot.
 */
export function encodePiecewise({ knots }: PiecewiseEncoding, X: Matrix): Matrix {
  const nColumns = knots.reduce((sum, own) => sum + own.length, 0);
  const values = new Float32Array(X.nRows * nColumns);
  let to = 0;
  for (let i = 0; i < X.nRows; i++) {
    for (let j = 0; j < X.nColumns; j++) {
      const own = knots[j]!;
      const x = X.values[i * X.nColumns + j]!;
      values[to++] = x;
      for (let t = 0; t + 1 < own.length; t++) {
        const part = (x - own[t]!) / (own[t + 1]! - own[t]!);
        values[to++] = 2 * Math.max(0, Math.min(1, part)) - 1;
      }
    }
  }
  return { values, nRows: X.nRows, nColumns };
}

/**
 * The net on plain inputs that answers as this one does on encoded ones, up to rounding.
 *
 * @param net - On encoded inputs, of relu and with a hidden layer.
 * @throws INVALID_OPTION for another net.
 */
export function plainNet(encoding: PiecewiseEncoding, net: Net): Net {
  if (net.activation !== "relu" || net.sizes.length < 3) {
    const found = `${net.activation} and ${net.sizes.length - 2} hidden layers`;
    const message = `a net on encoded inputs must be of relu and have a hidden layer, got ${found}`;
    throw new BailiwickError("INVALID_OPTION", message);
  }
  const { hinges, columns } = hingesOf(encoding);
  const sizes = [encoding.knots.length, hinges.length, ...net.sizes.slice(1)];
  const [first, second] = layerOffsets(sizes) as [LayerOffsets, LayerOffsets];
  const [encoded] = layerOffsets(net.sizes) as [LayerOffsets];
  const parameters = new Float32Array(countParameters(sizes));
  hinges.forEach(({ input, sign, knot }, h) => {
    parameters[first.weights + input * hinges.length + h] = sign;
    parameters[first.biases + h] = -sign * knot;
  });
  // What a unit gets from the encoded columns, gathered by hinge before it is rounded.
  for (let o = 0; o < second.outputs; o++) {
    const sums = new Float64Array(hinges.length);
    let bias = net.parameters[encoded.biases + o]!;
    columns.forEach(({ constant, terms }, c) => {
      const weight = net.parameters[encoded.weights + c * encoded.outputs + o]!;
      bias += weight * constant;
      for (const { hinge, factor } of terms) sums[hinge]! += weight * factor;
    });
    sums.forEach((sum, h) => {
      parameters[second.weights + h * second.outputs + o] = sum;
    });
    parameters[second.biases + o] = bias;
  }
  parameters.set(
    net.parameters.subarray(encoded.biases + encoded.outputs),
    second.biases + second.outputs,
  );
  return { sizes, activation: "relu", parameters };
}

/** max(0, sign · (x − knot)) of one input. */
interface Hinge {
  readonly input: number;
  readonly sign: 1 | -1;
  readonly knot: number;
}

/** An encoded input: a constant and so much of some hinges. */
interface EncodedColumn {
  readonly constant: number;
  readonly terms: readonly { readonly hinge: number; readonly factor: number }[];
}

/** Of each input one hinge a knot, and one that falls to the first: x = k + max(0, x − k) − max(0, k − x). */
function hingesOf({ knots }: PiecewiseEncoding): {
  readonly hinges: readonly Hinge[];
  readonly columns: readonly EncodedColumn[];
} {
  const hinges: Hinge[] = [];
  const columns: EncodedColumn[] = [];
  for (const [input, own] of knots.entries()) {
    const start = hinges.length;
    for (const knot of own) hinges.push({ input, sign: 1, knot });
    const [least] = own as unknown as [number];
    hinges.push({ input, sign: -1, knot: least });
    const falling = { hinge: start + own.length, factor: -1 };
    columns.push({ constant: least, terms: [{ hinge: start, factor: 1 }, falling] });
    for (let t = 0; t + 1 < own.length; t++) {
      const slope = 2 / (own[t + 1]! - own[t]!);
      const rises = { hinge: start + t, factor: slope };
      const ends = { hinge: start + t + 1, factor: -slope };
      columns.push({ constant: -1, terms: [rises, ends] });
    }
  }
  return { hinges, columns };
}
