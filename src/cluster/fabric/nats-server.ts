/** What a NATS server must be able to do before anything is entrusted to it. */
import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { BailiwickError } from "../../shared/errors.ts";

/** The first to sync every write to the disk where it is asked to. */
export const LEAST_SERVER: readonly [number, number, number] = [2, 10, 27];

/**
 * @returns What one message may hold, in bytes.
 * @throws FABRIC_UNAVAILABLE if the server does not say what it is; FABRIC_VERSION if it is too
 *   old, or neither keeps streams nor is a leaf node of a server that does.
 */
export async function checkServer(nc: NatsConnection, url: string): Promise<number> {
  if (nc.info === undefined) {
    throw new BailiwickError("FABRIC_UNAVAILABLE", "the NATS server must say what it is");
  }
  const { version, jetstream, max_payload } = nc.info;
  const least = LEAST_SERVER.join(".");
  if (!isAtLeast(version, LEAST_SERVER)) {
    const message = `the NATS server at ${url} must be version ${least} or later, got ${version}`;
    throw new BailiwickError("FABRIC_VERSION", message, { least, found: version });
  }
  if (jetstream !== true && !(await reachesStore(nc))) {
    const message =
      `the NATS server at ${url} must run with JetStream (-js), ` +
      "or be a leaf node of one that does and is there; it does not and is none";
    throw new BailiwickError("FABRIC_VERSION", message, { found: version });
  }
  return max_payload;
}

async function reachesStore(nc: NatsConnection): Promise<boolean> {
  try {
    const manager = await jetstreamManager(nc, { checkAPI: false });
    await manager.getAccountInfo();
    return true;
  } catch {
    return false;
  }
}

function isAtLeast(version: string, least: readonly number[]): boolean {
  const found = version.split(/[.-]/).map(Number);
  for (const [i, part] of least.entries()) {
    const actual = found[i] ?? 0;
    if (actual !== part) return actual > part;
  }
  return true;
}
