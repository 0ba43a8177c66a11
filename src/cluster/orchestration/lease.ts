/**
 * One placer at a time: a lease that must be renewed, and a term that tells old orders from new.
 *
 * The term is the revision at which the lease was taken, so that each holder's is greater than any
 * before. Nobody's clock is compared with another's: a lease lapses on the fabric, and its holder
 * stops believing in it by itself when it could not renew it in time.
 */

import { nowMs } from "../../shared/clock.ts";
import type { Fabric } from "../fabric/index.ts";
import { EXPIRES_MS } from "../fabric/index.ts";

export interface Lease {
  /** null while another holds it, or nobody can tell. */
  term(): number | null;
  close(): Promise<void>;
}

const KEY = "placer";
const RENEW_MS = 700;
/** Earlier than it lapses. */
const BELIEVED_MS = 0.7 * EXPIRES_MS.leases!;

/** @param onChange - Told when it is taken (its term) or lost (null). */
export async function holdLease(
  fabric: Fabric,
  holder: string,
  onChange: (term: number | null) => void,
): Promise<Lease> {
  const leases = await fabric.bucket("leases");
  const value = new TextEncoder().encode(JSON.stringify({ holder }));
  let held: { term: number; revision: number; renewedMs: number } | null = null;
  const lose = (): void => {
    if (held === null) return;
    held = null;
    onChange(null);
  };
  const turn = async (): Promise<void> => {
    const startedMs = nowMs();
    if (held === null) {
      if ((await leases.get(KEY)) !== null) return;
      const revision = await leases.put(KEY, value, 0);
      if (revision === null) return;
      held = { term: revision, revision, renewedMs: startedMs };
      onChange(revision);
      return;
    }
    const revision = await leases.put(KEY, value, held.revision);
    if (revision === null) lose();
    else held = { ...held, revision, renewedMs: startedMs };
  };
  const isStale = (): boolean => held !== null && nowMs() - held.renewedMs > BELIEVED_MS;
  let isTurning = false;
  const take = (): void => {
    if (isStale()) lose();
    if (isTurning || !fabric.isConnected()) return;
    isTurning = true;
    turn()
      .catch(() => undefined)
      .finally(() => {
        isTurning = false;
      });
  };
  await turn();
  const timer = setInterval(take, RENEW_MS);
  return {
    term: () => (held === null || isStale() ? null : held.term),
    close: async () => {
      clearInterval(timer);
      if (held !== null && fabric.isConnected()) await leases.delete(KEY).catch(() => undefined);
      held = null;
    },
  };
}
