/** ε of random settings beside what Google's dp-accounting says of them. */
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { pldEpsilon, rdpEpsilon } from "../../cluster/privacy/index.ts";
import { readTextFile } from "../../shared/files.ts";
import { parseFinished } from "../finished.ts";

export interface Accounting {
  readonly nSettings: number;
  /** Largest differences from dp-accounting, as shares of its ε. */
  readonly rdp: number;
  readonly pld: number;
  /** The most by which ours is larger, and settings in which it differs by more than .1 %. */
  readonly rdpAbove: number;
  readonly rdpDifferent: number;
}

/** As experiments/peers/sites-accounting.py wrote them. */
const SETTINGS = fileURLToPath(
  new URL("../../../experiments/sites/dp-accounting.json", import.meta.url),
);
const MAX_BYTES = 1_000_000;
const DIFFERENT = 1e-3;

/** Share of rows, noise, steps, δ, and both ε. */
const schema = z.array(
  z.tuple([z.number(), z.number(), z.int(), z.number(), z.number(), z.number()]),
);

/** @throws FILE_NOT_FOUND outside a checkout. */
export async function measureAccounting(): Promise<Accounting> {
  const text = await readTextFile(SETTINGS, { maxBytes: MAX_BYTES });
  const settings = parseFinished(schema, text, "dp-accounting.json");
  const ratios = settings.map(([share, noise, steps, delta, rdp, pld]) => {
    const done = { share, noise, steps };
    return { rdp: rdpEpsilon(done, delta) / rdp - 1, pld: pldEpsilon(done, delta) / pld - 1 };
  });
  return {
    nSettings: ratios.length,
    rdp: Math.max(...ratios.map(({ rdp }) => Math.abs(rdp))),
    pld: Math.max(...ratios.map(({ pld }) => Math.abs(pld))),
    rdpAbove: Math.max(...ratios.map(({ rdp }) => rdp)),
    rdpDifferent: ratios.filter(({ rdp }) => Math.abs(rdp) > DIFFERENT).length,
  };
}
