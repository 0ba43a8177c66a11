/** Policies of placement by their names, and the files of tuned ones. */
import { basename } from "node:path";
import {
  createPredictive,
  createStatic,
  createThreshold,
  parsePolicy,
  type TunedPolicy,
} from "../cluster/orchestration/index.ts";
import type { Policy } from "../cluster/simulation/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { readTextFile } from "../shared/files.ts";

const MAX_FILE_BYTES = 1_000_000;
const ENDING = ".json";

/** Makes a policy, whose searches have this seed. */
export type MakePolicy = (seed: number) => Policy;

export const POLICIES: Readonly<Record<string, MakePolicy>> = {
  static: () => createStatic(),
  threshold: (seed) => createThreshold({ seed }),
  predictive: (seed) => createPredictive({ seed }),
};

/**
 * @param given - A name, or the path of a tuned policy, which ends in .json.
 * @throws INVALID_OPTION for another name, and as `readTuned`.
 */
export async function readPolicy(given: string): Promise<MakePolicy> {
  if (given.endsWith(ENDING)) {
    const { rule } = await readTuned(given);
    return (seed) => createPredictive({ seed, rule }, undefined, basename(given, ENDING));
  }
  const make = Object.hasOwn(POLICIES, given) ? POLICIES[given] : undefined;
  if (make !== undefined) return make;
  const names = Object.keys(POLICIES).join(", ");
  const message = `a policy must be one of ${names}, or a file in ${ENDING}, got "${given}"`;
  throw new BailiwickError("INVALID_OPTION", message);
}

/** @throws FILE_NOT_FOUND, DATA_TOO_LARGE, CONFIG_INVALID */
export async function readTuned(path: string): Promise<TunedPolicy> {
  const limits = { missing: "FILE_NOT_FOUND", tooLarge: "DATA_TOO_LARGE" } as const;
  return parsePolicy(await readTextFile(path, { maxBytes: MAX_FILE_BYTES, ...limits }));
}
