/** What a NATS server must be able to do before anything is entrusted to it. */
import type { ServerInfo } from "@nats-io/transport-node";
import { BailiwickError } from "../../shared/errors.ts";

/** The first to sync every write to the disk where it is asked to. */
export const LEAST_SERVER: readonly [number, number, number] = [2, 10, 27];

/** @throws FABRIC_VERSION */
export function checkServer({ version, jetstream }: ServerInfo, url: string): void {
  const least = LEAST_SERVER.join(".");
  if (!isAtLeast(version, LEAST_SERVER)) {
    const message = `the NATS server at ${url} must be version ${least} or later, got ${version}`;
    throw new BailiwickError("FABRIC_VERSION", message, { least, found: version });
  }
  if (jetstream !== true) {
    const message = `the NATS server at ${url} must run with JetStream (-js), it does not`;
    throw new BailiwickError("FABRIC_VERSION", message, { found: version });
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
