/** Layouts of nets in training: a fit places thousands of nets of a few shapes. */
import { type Layout, layOut } from "./place-net.ts";
import type { KernelShape } from "./plan-net.ts";
import type { KernelLoss } from "./structs.ts";

const MOST_LAYOUTS = 64;
const layouts = new Map<string, Layout>();

/** @throws INVALID_OPTION if the shape is beyond a limit. */
export function layoutOf(shape: KernelShape, loss: KernelLoss): Layout {
  const key = `${shape.sizes.join(" ")} ${shape.activation} ${loss}`;
  const known = layouts.get(key);
  if (known !== undefined) return known;
  const layout = layOut(shape, loss);
  if (layouts.size === MOST_LAYOUTS) layouts.clear();
  layouts.set(key, layout);
  return layout;
}
