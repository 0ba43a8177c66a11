/** `borders.json`: the table as a person writes it. */
import { z } from "zod";
import { SHIP_KINDS } from "../../shared/choices.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { parseVerifier } from "../witness/index.ts";
import type { Borders, ClassBorders, Passages } from "./borders.ts";

const MAX_NAMES = 1000;
const MAX_CLASS_CHARS = 200;
const ZONE = /^([A-Za-z0-9_-]{1,64}|\*)$/;
const SEALABLE = ["clear", "sealed", "never"] as const;
const UNSEALABLE = ["clear", "never"] as const;
const EXPERT_KINDS = SHIP_KINDS.filter((kind) => kind !== "svm");

/** @param values - Only what crosses as a message between router and node can be sealed. */
function passages(values: typeof SEALABLE | typeof UNSEALABLE): z.ZodType<Passages> {
  return z
    .record(z.string().regex(ZONE, "must be a zone or *"), z.enum(values))
    .refine((zones) => Object.keys(zones).length <= MAX_NAMES, `must name ${MAX_NAMES} at most`)
    .refine(
      ({ "*": others = "never", ...named }) =>
        others === "never" || !Object.values(named).includes("never"),
      'must name the zones that are open: "never" for one and "*" for all others does not work',
    )
    .readonly();
}

const classSchema: z.ZodType<ClassBorders> = z.strictObject({
  rows: passages(UNSEALABLE).default({}),
  inputs: passages(SEALABLE).default({}),
  activations: passages(UNSEALABLE).default({}),
  answers: passages(SEALABLE).default({}),
  sums: passages(UNSEALABLE).default({}),
});

const bordersSchema = z.strictObject({
  zoneKeys: z.array(z.string().max(MAX_CLASS_CHARS)).max(MAX_NAMES).default([]),
  classes: z.record(z.string().min(1).max(MAX_CLASS_CHARS), classSchema).default({}),
  experts: z.partialRecord(z.enum([...EXPERT_KINDS, "*"]), passages(UNSEALABLE)).default({}),
});

/** @throws CONFIG_INVALID unless it is JSON of this form; NOTE_INVALID for a key that is none. */
export function parseBorders(text: string): Borders {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BailiwickError("CONFIG_INVALID", "borders must be JSON", {}, cause);
  }
  const { success, data, error } = bordersSchema.safeParse(value);
  if (!success) {
    throw new BailiwickError("CONFIG_INVALID", `borders do not fit: ${z.prettifyError(error)}`);
  }
  return {
    zoneKeys: data.zoneKeys.map((key) => parseVerifier("log", key)),
    classes: new Map(Object.entries(data.classes)),
    experts: new Map(Object.entries(data.experts)),
  };
}
