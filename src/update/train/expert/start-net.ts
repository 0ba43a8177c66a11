/** The net that an expert goes on from. */
import { type Expert, expertInputs, initNet, type Net } from "../../../experts/index.ts";
import type { Range } from "../../../mixture/index.ts";
import { childSeed, createRng } from "../../../shared/rng.ts";
import { FRESH_HIDDEN } from "./settings.ts";

/** A new regime's expert is a net; beside an expert of another family it starts from nothing. */
export function netOf(expert: Expert, seed: number): Net {
  if (expert.kind === "mlp") return expert.net;
  const shape = { sizes: [expertInputs(expert), ...FRESH_HIDDEN, 1], activation: "tanh" as const };
  return initNet(shape, createRng(childSeed(seed, "parameters")));
}

export function widest(a: Range, b: Range): Range {
  return { least: Math.min(a.least, b.least), most: Math.max(a.most, b.most) };
}
