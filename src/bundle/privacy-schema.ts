/** What a differentially private model promises of the rows that it was trained on. */
import * as v from "valibot";
import { name, positive, whole } from "./fields.ts";

/** Whether a row was trained on cannot be told from the model, but for ε and δ. */
export interface Privacy {
  /** What is added or removed: one row. */
  readonly unit: "row";
  readonly epsilon: number;
  readonly delta: number;
  /** How ε follows from the noise. */
  readonly accountant: string;
  /** Sums over rows that were told, with noise. */
  readonly sums: number;
}

export const privacySchema: v.GenericSchema<Privacy> = v.strictObject({
  unit: v.literal("row"),
  epsilon: positive,
  delta: v.pipe(positive, v.maxValue(1)),
  accountant: name,
  sums: whole(1),
});
