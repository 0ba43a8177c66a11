/**
 * Nets on piecewise linearly encoded inputs as plain ones, and back.
 *
 * A bin of an input is the difference of two hinges max(0, x − knot). A ReLU net on encoded inputs
 * is therefore a ReLU net on plain inputs after a layer of hinges, and is stored as that: only
 * training needs the encoding again.
 */
import { BailiwickError } from "../shared/errors.ts";
import { countParameters, type LayerOffsets, layerOffsets, type Net } from "./net.ts";
import type { PiecewiseEncoding } from "./piecewise.ts";

export interface EncodedNet {
  readonly encoding: PiecewiseEncoding;
  /** On encoded inputs, of relu and with a hidden layer. */
  readonly net: Net;
}

/**
 * The net on plain inputs with the same answers as this one on encoded inputs, up to rounding.
 *
 * @throws INVALID_OPTION unless the net is of relu and has a hidden layer.
 */
export function plainNet({ encoding, net }: EncodedNet): Net {
  if (net.activation !== "relu" || net.sizes.length < 3) {
    const got = `${net.activation} and ${net.sizes.length - 2} hidden layers`;
    const message = `a net on encoded inputs must be of relu and have a hidden layer, got ${got}`;
    throw new BailiwickError("INVALID_OPTION", message);
  }
  const { hinges, columns } = hingesOf(encoding);
  const sizes = [encoding.knots.length, hinges.length, ...net.sizes.slice(1)];
  const parameters = new Float32Array(countParameters(sizes));
  parameters.set(hingeLayer(encoding.knots.length, hinges));
  const [, second] = layerOffsets(sizes) as [LayerOffsets, LayerOffsets];
  const [encoded] = layerOffsets(net.sizes) as [LayerOffsets];
  // The weights of a unit for the encoded columns, summed by hinge before rounding.
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
  const rest = net.parameters.subarray(encoded.biases + encoded.outputs);
  parameters.set(rest, second.biases + second.outputs);
  return { sizes, activation: "relu", parameters };
}

/** The net that `plainNet` was given, up to rounding; null for any other net. */
export function encodedNet(plain: Net): EncodedNet | null {
  const encoding = readEncoding(plain);
  if (encoding === null) return null;
  const { hinges, columns } = hingesOf(encoding);
  const sizes = [columns.length, ...plain.sizes.slice(2)];
  const parameters = new Float32Array(countParameters(sizes));
  const [, second] = layerOffsets(plain.sizes) as [LayerOffsets, LayerOffsets];
  const [encoded] = layerOffsets(sizes) as [LayerOffsets];
  for (let o = 0; o < second.outputs; o++) {
    // No later column has a column's first hinge, so its remaining weight belongs to that column.
    const left = Float64Array.from(hinges, (_, h) => {
      return plain.parameters[second.weights + h * second.outputs + o]!;
    });
    let bias = plain.parameters[second.biases + o]!;
    columns.forEach(({ constant, terms }, c) => {
      const [own] = terms as unknown as [EncodedColumn["terms"][number]];
      const weight = left[own.hinge]! / own.factor;
      for (const { hinge, factor } of terms) left[hinge]! -= weight * factor;
      bias -= weight * constant;
      parameters[encoded.weights + c * encoded.outputs + o] = weight;
    });
    parameters[encoded.biases + o] = bias;
  }
  const rest = plain.parameters.subarray(second.biases + second.outputs);
  parameters.set(rest, encoded.biases + encoded.outputs);
  return { encoding, net: { sizes, activation: "relu", parameters } };
}

/** max(0, sign · (x − knot)) of one input. */
interface Hinge {
  readonly input: number;
  readonly sign: 1 | -1;
  readonly knot: number;
}

/**
 * An encoded input: a constant and weights of some hinges; no later column has the first hinge.
 */
interface EncodedColumn {
  readonly constant: number;
  readonly terms: readonly { readonly hinge: number; readonly factor: number }[];
}

/**
 * For each input, one hinge per knot that rises behind the knot, and one that falls to the first:
 * x = k + max(0, x − k) − max(0, k − x).
 */
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
    const falls = { hinge: start + own.length, factor: -1 };
    columns.push({ constant: least, terms: [falls, { hinge: start, factor: 1 }] });
    for (let t = 0; t + 1 < own.length; t++) {
      const slope = 2 / (own[t + 1]! - own[t]!);
      const rises = { hinge: start + t, factor: slope };
      const ends = { hinge: start + t + 1, factor: -slope };
      columns.push({ constant: -1, terms: [rises, ends] });
    }
  }
  return { hinges, columns };
}

/** Parameters of the layer of hinges: weights, then biases. */
function hingeLayer(nInputs: number, hinges: readonly Hinge[]): Float32Array {
  const parameters = new Float32Array((nInputs + 1) * hinges.length);
  hinges.forEach(({ input, sign, knot }, h) => {
    parameters[input * hinges.length + h] = sign;
    parameters[nInputs * hinges.length + h] = -sign * knot;
  });
  return parameters;
}

/** The knots that a first layer of hinges stands for; null if it is no such layer. */
function readEncoding({ sizes, activation, parameters }: Net): PiecewiseEncoding | null {
  if (activation !== "relu" || sizes.length < 4) return null;
  const [nInputs, nHinges] = sizes as unknown as [number, number];
  const knots: number[][] = Array.from({ length: nInputs }, () => []);
  for (let h = 0; h < nHinges; h++) {
    const input = knots.findIndex((_, j) => parameters[j * nHinges + h] === 1);
    // From 0, since a knot of −0 is one of 0.
    if (input >= 0) knots[input]!.push(0 - parameters[nInputs * nHinges + h]!);
  }
  if (knots.some((inputKnots) => inputKnots.length === 0)) return null;
  const encoding = { knots: knots.map((inputKnots) => Float64Array.from(inputKnots)) };
  const wanted = hingeLayer(nInputs, hingesOf(encoding).hinges);
  const isSame =
    wanted.length === (nInputs + 1) * nHinges &&
    wanted.every((value, p) => value === parameters[p]);
  return isSame ? encoding : null;
}
