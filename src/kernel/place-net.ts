/** A net in the kernel's memory: placed, filled from the canonical parameters and read back. */
import { checkLength } from "../shared/errors.ts";
import type { Arena, Block } from "./arena.ts";
import { type KernelShape, type NetPlan, type ParameterArray, planNet } from "./plan-net.ts";
import { ACTIVATION_CODES, type KernelLoss, LOSS_CODES, NET_WORDS } from "./structs.ts";

/** Where the parts of a net lie in its block. */
export interface Layout {
  readonly plan: NetPlan;
  /** Where each canonical value is in the arrays, in floats from their start. */
  readonly places: Int32Array;
  /** The kernel's codes of the activation and of the loss. */
  readonly codes: readonly [number, number];
}

/** A placed net; its address is that of its block. Release the block after use. */
export interface PlacedNet extends Layout {
  readonly block: Block;
}

/** @throws INVALID_OPTION if the shape is beyond a limit. */
export function layOut(shape: KernelShape, use: KernelLoss | "prediction"): Layout {
  const plan = planNet(shape, use);
  const loss = use === "prediction" ? 0 : LOSS_CODES[use];
  return { plan, places: placesOf(plan), codes: [ACTIVATION_CODES[shape.activation], loss] };
}

/** Makes room for a net; all its parameters are 0. @throws MEMORY_EXCEEDED */
export function placeNet(arena: Arena, layout: Layout): PlacedNet {
  const block = arena.allocate(layout.plan.bytes);
  arena.words().set(structWords(layout, block.address), block.address / 4);
  return { ...layout, block };
}

/** The structs Net and Layer[] of assembly/structs.ts. */
function structWords(
  { plan: { layers, arrays, parameterBytes, scales }, codes }: Layout,
  base: number,
): readonly number[] {
  const at = (offset: number): number => (offset === 0 ? 0 : base + offset);
  const parameters = base + arrays.parameters;
  const net = [base + 4 * NET_WORDS, layers.length, ...codes];
  net.push(
    parameters,
    parameterBytes,
    at(arrays.gradients),
    at(arrays.first),
    at(arrays.second),
    at(scales),
  );
  const words = layers.map((layer) => [
    layer.inputs,
    layer.inputUnits,
    layer.outputs,
    layer.outputUnits,
    parameters + layer.weights,
    parameters + layer.biases,
    parameters + layer.end,
    at(layer.transposed),
    at(layer.inputTile),
    at(layer.outputTile),
    at(layer.deltaTile),
    at(layer.slopeTile),
  ]);
  return [...net, ...words.flat()];
}

/** Copies canonical values into one of the net's arrays. @throws SHAPE_MISMATCH */
export function writeArray(
  arena: Arena,
  net: PlacedNet,
  array: ParameterArray,
  values: Float32Array,
): void {
  checkLength(`${array}.length`, values.length, net.places.length);
  const floats = arena.floats();
  const base = (net.block.address + net.plan.arrays[array]) / 4;
  for (let p = 0; p < values.length; p++) floats[base + net.places[p]!] = values[p]!;
}

/** A copy of one of the net's arrays in the canonical layout. */
export function readArray(arena: Arena, net: PlacedNet, array: ParameterArray): Float32Array {
  const floats = arena.floats();
  const base = (net.block.address + net.plan.arrays[array]) / 4;
  const values = new Float32Array(net.places.length);
  for (let p = 0; p < values.length; p++) values[p] = floats[base + net.places[p]!]!;
  return values;
}

/** Where each canonical value is in a padded array, in floats. */
function placesOf({ layers }: NetPlan): Int32Array {
  const nValues = layers.reduce((sum, { inputs, outputs }) => sum + (inputs + 1) * outputs, 0);
  const places = new Int32Array(nValues);
  let p = 0;
  for (const { inputs, outputs, inputUnits, outputUnits, weights, biases } of layers) {
    const wide = Math.min(outputUnits, 4);
    for (let j = 0; j <= inputs; j++) {
      for (let o = 0; o < outputs; o++) {
        const panel = o - (o % wide);
        const weight = weights / 4 + panel * inputUnits + j * wide + (o - panel);
        places[p++] = j < inputs ? weight : biases / 4 + o;
      }
    }
  }
  return places;
}
