/** How long the preset auto takes to its first model: a fit whose time is over at once. */
import { fit as fitRows, openTable } from "../../library/index.ts";
import { nowMs } from "../../shared/clock.ts";

export interface FirstModel {
  readonly set: string;
  /** From the opening of the data to the model. */
  readonly seconds: number;
}

const NO_TIME_MS = 1;

/** @param set - By the name of a set of the package. */
export async function timeFirstModel(
  set: string,
  { seed, threads }: { readonly seed: number; readonly threads: number | undefined },
): Promise<FirstModel> {
  const started = nowMs();
  await fitRows(await openTable(set), { preset: "auto", timeMs: NO_TIME_MS, seed, threads });
  return { set, seconds: (nowMs() - started) / 1000 };
}
