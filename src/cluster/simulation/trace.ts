/** The traffic of every expert and the state of every device in every step. */
import { childSeed, createRng } from "../../shared/rng.ts";
import type { Device } from "../placement/index.ts";
import { demandAt, demandShares } from "./demand.ts";
import type { Scenario } from "./scenario.ts";

export interface Trace {
  readonly nSteps: number;
  /** Rows per second, shape (nSteps, nExperts). */
  readonly traffic: Float64Array;
}

const DAY_HOURS = 24;

export function drawTrace(scenario: Scenario): Trace {
  const { experts, hours, stepSeconds, noise, happenings, seed } = scenario;
  const nSteps = Math.max(1, Math.round((3600 * hours) / stepSeconds));
  const rng = createRng(childSeed(seed, "traffic"));
  const phases = experts.map(() => rng.uniform());
  const swingOf = recordedSwing(scenario) ?? drawnSwing(scenario, phases);
  const surges = happenings.filter((one) => one.kind === "surge");
  const traffic = new Float64Array(nSteps * experts.length);
  for (let s = 0; s < nSteps; s++) {
    const hour = hourOf(scenario, s);
    const now = surges.filter(({ from, until }) => hour >= from && hour < until);
    experts.forEach(({ rowsPerSecond }, e) => {
      const factor = now
        .filter(({ first, every }) => e >= first && (e - first) % every === 0)
        .reduce((product, surge) => product * surge.factor, 1);
      const luck = noise === 0 ? 1 : Math.exp(noise * rng.normal() - noise ** 2 / 2);
      traffic[s * experts.length + e] = rowsPerSecond * swingOf(e, hour) * factor * luck;
    });
  }
  return { nSteps, traffic };
}

/** An expert's traffic at an hour ÷ its mean. */
type Swing = (e: number, hour: number) => number;

function drawnSwing({ season }: Scenario, phases: readonly number[]): Swing {
  return (e, hour) => 1 + season * Math.sin(2 * Math.PI * (hour / DAY_HOURS + phases[e]!));
}

/** null if the scenario has no recorded demand. */
function recordedSwing({ demand }: Scenario): Swing | null {
  if (demand === null) return null;
  const [at, shares] = [demandAt(demand), demandShares(demand)];
  return (e, hour) => at(e % shares.length, hour) / shares[e % shares.length]!;
}

export function hourOf({ stepSeconds }: Pick<Scenario, "stepSeconds">, step: number): number {
  return (step * stepSeconds) / 3600;
}

/** A device at some time. */
export interface DeviceState {
  readonly device: Device;
  readonly isUp: boolean;
}

/** The devices in a step, with the events that hold then. */
export function devicesAt(scenario: Scenario, step: number): readonly DeviceState[] {
  const hour = hourOf(scenario, step);
  const now = scenario.happenings.filter(({ from, until }) => hour >= from && hour < until);
  return scenario.devices.map((device) => {
    let state: DeviceState = { device, isUp: true };
    for (const one of now) {
      if (!("device" in one) || one.device !== device.name) continue;
      state = happen(state, one);
    }
    return state;
  });
}

function happen({ device, isUp }: DeviceState, one: Scenario["happenings"][number]): DeviceState {
  if (one.kind === "fail") return { device, isUp: false };
  if (one.kind === "slow") {
    return { device: { ...device, flopsPerSecond: one.speed * device.flopsPerSecond }, isUp };
  }
  if (one.kind !== "link") return { device, isUp };
  const { latencyMs, bytesPerSecond } = device;
  const link = {
    latencyMs: latencyMs + one.extraMs,
    bytesPerSecond: one.bandwidth * bytesPerSecond,
  };
  return { device: { ...device, ...link }, isUp };
}
