/**
 * Goal: an operation that is killed before any of its operations on files leaves the old bundle or
 * the new, whole, with the rows that it knows; and the same operation, run again, finishes.
 * Method: each operation is run in processes that kill themselves before their n-th operation on
 * files, for all n or for a sample of them (KILLS=all), and then again without a kill; the result
 * must be that of an operation that was never killed.
 */
import { dirname } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRng } from "../../src/shared/rng.ts";
import { tracesIn, tracesOf } from "../traces.ts";
import { type Ground, prepareGround, SECRETS, type Start } from "./kills/ground.ts";
import { followed, OPERATIONS, type OperationName } from "./kills/operations.ts";
import { type State, stateOf, wholeStateOf } from "./kills/states.ts";

/** Moments of each operation, evenly spread; KILLS=all takes every one. */
const [SAMPLE, TIMEOUT_MS] =
  process.env["KILLS"] === "all" ? [Number.POSITIVE_INFINITY, 3_600_000] : [10, 300_000];

interface Scenario {
  readonly start: Start;
  /** The number of stored rows after it; null where none are kept. */
  readonly nRows: number | null;
  /** States between the start and the end that a kill may leave. */
  readonly between?: (model: string) => Promise<readonly (State | null)[]>;
}

const SCENARIOS: readonly (readonly [OperationName, Scenario])[] = [
  ["fit", { start: "nothing", nRows: 160 }],
  ["fit", { start: "updated", nRows: 160 }],
  ["fitWithoutRows", { start: "updated", nRows: null }],
  ["update", { start: "fitted", nRows: 240 }],
  ["updateQuiet", { start: "fitted", nRows: 180 }],
  ["updateQuiet", { start: "updated", nRows: 260 }],
  ["forget", { start: "updated", nRows: 238 }],
  ["rollback", { start: "updated", nRows: 240 }],
  ["follow", { start: "fitted", nRows: 280, between: betweenBatches }],
  ["copy", { start: "nothing", nRows: 160 }],
  ["copy", { start: "updated", nRows: 160, between: async () => [null] }],
];

let ground: Ground;
beforeAll(async () => {
  ground = await prepareGround();
}, 120_000);
afterAll(() => ground.remove());

async function betweenBatches(): Promise<readonly (State | null)[]> {
  const states = [];
  for (const nBatches of [1, 2]) {
    const model = ground.begin("fitted");
    await followed(model, ground.data, nBatches);
    states.push(await stateOf(model));
  }
  return states;
}

/** All of 1 to n, or a part of them, evenly spread. */
function momentsOf(nOperations: number, seed: number): readonly number[] {
  const nMoments = Math.min(SAMPLE, nOperations);
  const step = nOperations / nMoments;
  const first = step * createRng(seed).uniform();
  return Array.from({ length: nMoments }, (_, i) => 1 + Math.floor(first + i * step));
}

test.each(SCENARIOS)(
  "%s, killed before each operation on files, from %o",
  async (name, scenario) => {
    const { start, nRows, between = async () => [] } = scenario;
    const allowed = [await stateOf(ground.begin(start)), ...(await between(""))];
    const model = ground.begin(start);
    const { nOperations } = await ground.run(name, model);
    const wanted = await wholeStateOf(model);
    expect(wanted.leftovers).toEqual([]);
    expect(wanted.state?.rows?.length ?? null).toBe(nRows);
    allowed.push(wanted.state);
    const moments = momentsOf(nOperations, nOperations);
    const faults: unknown[] = [];
    for (const killAt of moments) {
      ground.begin(start);
      const { isKilled } = await ground.run(name, model, killAt);
      expect(isKilled).toBe(true);
      const problem = await problemAfter(name, model, allowed, wanted).catch((error) =>
        String(error),
      );
      if (problem !== null) faults.push(`before operation ${killAt}: ${problem}`);
    }
    process.stdout.write(`${name} from ${start}: ${moments.length} of ${nOperations} moments\n`);
    expect(faults).toEqual([]);
  },
  TIMEOUT_MS,
);

async function problemAfter(
  name: OperationName,
  model: string,
  allowed: readonly (State | null)[],
  wanted: Awaited<ReturnType<typeof wholeStateOf>>,
): Promise<string | null> {
  const text = JSON.stringify;
  const after = await stateOf(model);
  const isAllowed = allowed.some((state) => text(state) === text(after));
  const shown = `${after?.digest.slice(0, 8)} nTrain ${after?.nTrain} rows ${after?.rows?.length}`;
  if (!isAllowed) return `is neither the old nor the new: ${shown}`;
  await OPERATIONS[name](model, ground.data);
  const whole = await wholeStateOf(model);
  const parts = (Object.keys(whole) as (keyof typeof whole)[]).filter(
    (part) => text(whole[part]) !== text(wanted[part]),
  );
  if (parts.length > 0) return `${shown}, run again, has another ${parts.join(", ")}`;
  const traces = name === "forget" ? tracesIn([dirname(model)], SECRETS.flatMap(tracesOf)) : [];
  return traces.length > 0 ? `left ${traces}` : null;
}
