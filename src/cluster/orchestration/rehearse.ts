/** A plan tried on the recorded traffic before anything is moved. */
import type { Device, Load, Plan } from "../placement/index.ts";
import { answerStep } from "../simulation/index.ts";

/** What was asked of each expert in the latest steps. */
export interface Recording {
  /** Rows per second of each expert, one array per step. */
  readonly steps: readonly Float64Array[];
  readonly stepSeconds: number;
}

export interface Rehearsal {
  readonly meanMs: number;
  readonly failedShare: number;
}

export interface Stage {
  readonly devices: readonly Device[];
  readonly isUp: readonly boolean[];
  readonly experts: readonly Load[];
  readonly batchRows: number;
  readonly deadlineMs: number;
}

/** @returns null if nothing was recorded, or nothing was asked. */
export function rehearse(
  { devices, isUp, ...stage }: Stage,
  { steps, stepSeconds }: Recording,
  plan: Plan,
): Rehearsal | null {
  const states = devices.map((device, d) => ({ device, isUp: isUp[d]! }));
  let backlog: Float64Array = new Float64Array(devices.length);
  let [sumMs, rows, failed] = [0, 0, 0];
  for (const traffic of steps) {
    const answers = answerStep({ ...stage, states, traffic, plan, backlog, seconds: stepSeconds });
    answers.forEach((ms, weight) => {
      sumMs += ms * weight;
      rows += weight;
    });
    failed += answers.failed;
    backlog = answers.backlog;
  }
  const all = rows + failed;
  if (all === 0) return null;
  return { meanMs: (sumMs + stage.deadlineMs * failed) / all, failedShare: failed / all };
}
