/**
 * Converts nets of experts and gates to tensors and back:
 *
 *   weights.<l> F32 [inputs, outputs], biases.<l> F32 [outputs]
 *
 * The manifest holds widths and activation.
 */
import { countParameters, layerOffsets, type Net, type NetShape } from "../experts/index.ts";
import type { Tensor, Tensors } from "./safetensors.ts";
import type { Source } from "./tensor-source.ts";

/** Weights and biases by layer; the arrays are shared, not copied. */
export function netTensors({ sizes, parameters }: Net): Tensors {
  const tensors = new Map<string, Tensor>();
  layerOffsets(sizes).forEach(({ inputs, outputs, weights, biases }, l) => {
    tensors.set(`weights.${l}`, {
      dtype: "F32",
      shape: [inputs, outputs],
      values: parameters.subarray(weights, biases),
    });
    tensors.set(`biases.${l}`, {
      dtype: "F32",
      shape: [outputs],
      values: parameters.subarray(biases, biases + outputs),
    });
  });
  return tensors;
}

/** The net of this shape, with the parameters of a blob. @throws BUNDLE_CORRUPT. */
export function netOf({ sizes, activation }: NetShape, source: Source): Net {
  const layers = layerOffsets(sizes).map(({ inputs, outputs }, l) => [
    source.f32(`weights.${l}`, [inputs, outputs]),
    source.f32(`biases.${l}`, [outputs]),
  ]);
  source.end();
  const parameters = new Float32Array(countParameters(sizes));
  let offset = 0;
  for (const values of layers.flat()) {
    parameters.set(values, offset);
    offset += values.length;
  }
  return { sizes: [...sizes], activation, parameters };
}
