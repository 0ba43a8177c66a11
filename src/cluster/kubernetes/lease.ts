/**
 * One controller at a time: a Lease that the holder renews.
 *
 * Who waits takes it when it has seen no renewal for its duration, by the waiter's clock alone, so
 * clocks need not agree. Two that take it at once carry the same resourceVersion, and the server
 * refuses one. A holder that cannot renew stops acting before the others may take it.
 */
import { z } from "zod";
import { nowMs, today } from "../../shared/clock.ts";
import { type KubeApi, KubeFailure } from "./api.ts";
import { pause } from "./follow.ts";

export interface Lease {
  /** Whether this process may act now. */
  isHeld(): boolean;
  /** Gives it up, if the server can be asked. */
  release(): Promise<void>;
}

export interface LeaseOptions {
  readonly namespace: string;
  readonly identity: string;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
  readonly onHeld: () => void;
}

const NAME = "bailiwick-controller";
const DURATION_SECONDS = 15;
const RENEW_MS = 4000;
/** A holder acts no longer than this after its last renewal. */
const ACT_MS = 10_000;

const read = z.object({
  metadata: z.object({ resourceVersion: z.string() }),
  spec: z
    .object({
      holderIdentity: z.string().nullish(),
      renewTime: z.string().nullish(),
      leaseTransitions: z.number().default(0),
    })
    .default({ leaseTransitions: 0 }),
});

export function holdLease(api: KubeApi, options: LeaseOptions): Lease {
  const { identity, log, signal, onHeld } = options;
  const state = { renewedAt: Number.NEGATIVE_INFINITY, seen: "", seenAt: 0, wasHeld: false };
  const isHeld = (): boolean => nowMs() - state.renewedAt < ACT_MS;
  const attempt = async (): Promise<void> => {
    // From before the request: an answer that comes late must not lengthen the holding.
    const asked = nowMs();
    try {
      if (await renewOrTake(api, options, state)) state.renewedAt = asked;
    } catch (error) {
      log(`lease: ${String(error)}`);
    }
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await attempt();
      if (isHeld() && !state.wasHeld) {
        log(`${identity} is the controller`);
        onHeld();
      }
      state.wasHeld = isHeld();
      await pause(RENEW_MS, signal);
    }
  };
  const running = run();
  return {
    isHeld,
    release: async () => {
      await running;
      if (!isHeld()) return;
      state.renewedAt = Number.NEGATIVE_INFINITY;
      const path = pathOf(options);
      const { metadata, spec } = read.parse(await api.send({ method: "GET", path }));
      if (spec.holderIdentity !== identity) return;
      await api.send({ method: "PUT", path, body: bodyOf(options, metadata, spec, "") });
    },
  };
}

function pathOf({ namespace }: LeaseOptions): string {
  return `apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${NAME}`;
}

/** @returns Whether it is held now. */
async function renewOrTake(
  api: KubeApi,
  options: LeaseOptions,
  state: { seen: string; seenAt: number },
): Promise<boolean> {
  const path = pathOf(options);
  try {
    const { metadata, spec } = read.parse(await api.send({ method: "GET", path }));
    const { holderIdentity: holder, renewTime } = spec;
    const seen = `${holder} ${renewTime}`;
    if (seen !== state.seen) Object.assign(state, { seen, seenAt: nowMs() });
    const isFree = !holder || nowMs() - state.seenAt > 1000 * DURATION_SECONDS;
    if (holder !== options.identity && !isFree) return false;
    const body = bodyOf(options, metadata, spec, options.identity);
    await api.send({ method: "PUT", path, body });
    return true;
  } catch (error) {
    if (!(error instanceof KubeFailure)) throw error;
    // Another was faster.
    if (error.status === 409) return false;
    if (error.status !== 404) throw error;
    const body = bodyOf(options, {}, { leaseTransitions: -1 }, options.identity);
    await api.send({ method: "POST", path: path.slice(0, path.lastIndexOf("/")), body });
    return true;
  }
}

function bodyOf(
  { namespace, identity }: LeaseOptions,
  metadata: { readonly resourceVersion?: string },
  before: {
    readonly holderIdentity?: string | null | undefined;
    readonly leaseTransitions: number;
  },
  holder: string,
): object {
  const isTaken = holder === identity && before.holderIdentity !== identity;
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name: NAME, namespace, ...metadata },
    spec: {
      holderIdentity: holder,
      leaseDurationSeconds: DURATION_SECONDS,
      // Its schema wants microseconds.
      renewTime: today().replace("Z", "000Z"),
      leaseTransitions: before.leaseTransitions + (isTaken ? 1 : 0),
    },
  };
}
