/** What could only be better: a policy decides, and its plan is tried on the recorded traffic. */
import { nowMs } from "../../shared/clock.ts";
import { DEFAULT_BATCH_ROWS } from "../placement/index.ts";
import { changeHomes } from "./change-homes.ts";
import { tryOut } from "./mend.ts";
import { note } from "./placer-notes.ts";
import type { Look, PlacerState } from "./placer-state.ts";
import { homesOf, planOf } from "./wanted.ts";

/** Share of the time of an answer that a rehearsal must gain. */
const GAIN = 0.02;
const DEADLINE_MS = 2000;
const HOUR_MS = 3_600_000;

/** @param seconds - Until the policy is asked again. */
export async function improve(state: PlacerState, look: Look, seconds: number): Promise<void> {
  const { options } = state;
  const { loads, devices, term } = look;
  const key = [...loads.map(({ id }) => id), ...devices.map(({ name }) => name)].join(" ");
  if (state.policy?.key !== key) state.policy = { policy: options.policy(), key };
  const target = planOf(loads, devices, options.directory.homes());
  const deadlineMs = options.deadlineMs ?? DEADLINE_MS;
  const choice = state.policy.policy.decide({
    scenario: { experts: loads, batchRows: DEFAULT_BATCH_ROWS, deadlineMs },
    hour: nowMs() / HOUR_MS,
    states: devices.map((device) => ({ device, isUp: true })),
    traffic: Float64Array.from(loads, ({ rowsPerSecond }) => rowsPerSecond),
    target,
    seconds,
  });
  if (choice === null) return;
  const [before, after] = [tryOut(state, look, target), tryOut(state, look, choice.plan)];
  if (before === null || after === null) return;
  const figures = `rehearsed: ${after.meanMs.toFixed(3)} ms, not ${before.meanMs.toFixed(3)}`;
  if (after.meanMs > (1 - GAIN) * before.meanMs) {
    return note(state, term, { what: "keep", why: `${choice.why}; but ${figures}` });
  }
  const homes = homesOf(loads, devices, choice.plan);
  const why = `${choice.why}; ${figures}`;
  await changeHomes(state, term, { after: homes, streamed: [], why });
}
