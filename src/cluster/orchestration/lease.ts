/**
 * One placer at a time: a lease that must be renewed, and a term that tells old commands from new.
 *
 * A term is greater than any term before: than the last one that this process has seen stored, than
 * that of the homes, than any that a node has obeyed. All three outlive a store that is lost. No
 * process compares its clock with another's: a lease lapses on the fabric, and its holder gives it
 * up earlier by itself.
 */
import { z } from "zod";
import { nowMs } from "../../shared/clock.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { every } from "../../shared/every.ts";
import {
  type Bucket,
  EXPIRES_MS,
  type Fabric,
  readMessage,
  writeMessage,
} from "../fabric/index.ts";

export interface Lease {
  /** null while another process holds it, or the connection is down. */
  term(): number | null;
  close(): Promise<void>;
}

export interface LeaseOptions {
  readonly holder: string;
  /** The highest term that homes and nodes know of. */
  readonly seenTerm: () => number;
  /** Gets the term when the lease is taken or its term rises, null when it is lost. */
  readonly onChange: (term: number | null) => void;
}

interface Held {
  readonly isHeld: true;
  readonly term: number;
  readonly revision: number;
  readonly renewedMs: number;
}

interface Waiting {
  readonly isHeld: false;
  /** When this process may take a lease that is not there; null while another holds it. */
  readonly freeFromMs: number | null;
}

/** Of the lease in its bucket. */
export const LEASE_KEY = "placer";
const RENEW_MS = 700;
const TERM_ATTEMPTS = 10;
/**
 * A lease that is not there may be one that a lost store has forgotten. Its holder knows the last
 * term, so others leave it this long to take the lease again.
 */
const PATIENCE_MS = 2.5 * RENEW_MS;
/** The holder stops believing in the lease before it lapses. */
const BELIEVED_MS = 0.7 * EXPIRES_MS.leases!;

const AT_ONCE: Waiting = { isHeld: false, freeFromMs: 0 };
const ANOTHERS: Waiting = { isHeld: false, freeFromMs: null };

export async function holdLease(fabric: Fabric, options: LeaseOptions): Promise<Lease> {
  const { holder, onChange } = options;
  const leases = await fabric.bucket("leases");
  const terms = await openTerms(fabric, options.seenTerm);
  const value = writeMessage({ holder });
  let state: Held | Waiting = AT_ONCE;
  const hold = (term: number, revision: number, renewedMs: number): void => {
    state = { isHeld: true, term, revision, renewedMs };
  };
  const lose = (then: Waiting): void => {
    state = then;
    onChange(null);
  };
  const take = async ({ freeFromMs }: Waiting): Promise<void> => {
    const startedMs = nowMs();
    const isThere = (await leases.get(LEASE_KEY)) !== null;
    const fromMs = isThere ? null : (freeFromMs ?? startedMs + PATIENCE_MS);
    state = { isHeld: false, freeFromMs: fromMs };
    if (fromMs === null || nowMs() < fromMs) return;
    const term = await terms.next();
    const revision = await leases.put(LEASE_KEY, value, 0);
    if (revision === null) {
      state = ANOTHERS;
      return;
    }
    hold(term, revision, startedMs);
    onChange(term);
  };
  const renew = async ({ term, revision }: Held): Promise<void> => {
    const startedMs = nowMs();
    const next = await leases.put(LEASE_KEY, value, revision);
    if (next === null) {
      // The last holder knows the last term.
      lose(AT_ONCE);
      return take(AT_ONCE);
    }
    hold(term, next, startedMs);
    if (Math.max(options.seenTerm(), terms.last()) <= term) return;
    const higher = await terms.next();
    hold(higher, next, startedMs);
    onChange(higher);
  };
  const turn = async (): Promise<void> => {
    if (state.isHeld && isStale(state)) lose(ANOTHERS);
    if (fabric.isConnected()) await (state.isHeld ? renew(state) : take(state));
  };
  await turn();
  const turning = every(RENEW_MS, turn);
  return {
    term: () => (state.isHeld && !isStale(state) ? state.term : null),
    close: async () => {
      await turning.stop();
      await terms.close();
      if (state.isHeld && fabric.isConnected())
        await leases.delete(LEASE_KEY).catch(() => undefined);
      state = ANOTHERS;
    },
  };
}

function isStale({ renewedMs }: Held): boolean {
  return nowMs() - renewedMs > BELIEVED_MS;
}

interface Terms {
  /** A new term, stored. @throws FABRIC_UNAVAILABLE */
  next(): Promise<number>;
  /** The highest that this process has stored or seen stored. */
  last(): number;
  close(): Promise<void>;
}

const termSchema = z.object({ term: z.int().nonnegative() });

async function openTerms(fabric: Fabric, seenTerm: () => number): Promise<Terms> {
  const bucket = await fabric.bucket("terms");
  let last = 0;
  const stop = await bucket.watch(({ value }) => {
    if (value !== null) last = Math.max(last, readTerm(fabric, value));
  });
  bucket.onLost(async () => {
    if (last > 0) await store(fabric, bucket, (stored) => Math.max(stored, last));
  });
  return {
    next: async () => {
      last = await store(fabric, bucket, (stored) => Math.max(stored, last, seenTerm()) + 1);
      return last;
    },
    last: () => last,
    close: stop,
  };
}

/** Stores a term that is made of the stored one, 0 if there is none. @returns The new one. */
async function store(
  fabric: Fabric,
  bucket: Bucket,
  make: (stored: number) => number,
): Promise<number> {
  for (let attempt = 0; attempt < TERM_ATTEMPTS; attempt++) {
    const entry = await bucket.get(LEASE_KEY);
    const term = make(entry === null ? 0 : readTerm(fabric, entry.value));
    const put = await bucket.put(LEASE_KEY, writeMessage({ term }), entry?.revision ?? 0);
    if (put !== null) return term;
  }
  const message = "the placer's term must be stored, other processes changed it each time";
  throw new BailiwickError("FABRIC_UNAVAILABLE", message);
}

function readTerm({ refusals }: Fabric, value: Uint8Array): number {
  const stored = refusals.accept(() => readMessage("a placer's term", termSchema, value));
  return stored?.term ?? 0;
}
