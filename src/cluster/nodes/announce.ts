/** A node's place in the bucket of nodes: its name, taken once, and its announcements. */
import { BailiwickError } from "../../shared/errors.ts";
import { every } from "../../shared/every.ts";
import { type Fabric, lacksStream, type Stop, writeMessage } from "../fabric/index.ts";
import type { Announcement } from "./announcement.ts";

const ANNOUNCE_MS = 500;
const LOOK_AGAIN_MS = 500;

/**
 * Waits until the fabric has a place for announcements. A node whose user may not make one on a new
 * server waits for a router to make it, and says so.
 *
 * @throws FABRIC_UNAVAILABLE if the server refuses for another reason.
 */
export async function waitForPlace(fabric: Fabric, log: (line: string) => void): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await fabric.bucket("nodes");
      return;
    } catch (error) {
      if (!lacksStream(error)) throw error;
      if (attempt === 0) {
        log("the server is new and this user may not prepare it: waiting for a router to do so");
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  }
}

/**
 * Waits until it is sure that no other node has this name in its zone.
 *
 * @throws INVALID_OPTION if another node goes on announcing itself by this key.
 */
export async function refuseNamesake(
  fabric: Fabric,
  key: string,
  log: (line: string) => void,
): Promise<void> {
  const nodes = await fabric.bucket("nodes");
  const first = await nodes.get(key);
  if (first === null) return;
  log(`a node ${key} is there or has just ended: waiting to see which`);
  await new Promise((resolve) => setTimeout(resolve, 4 * ANNOUNCE_MS));
  const later = await nodes.get(key);
  if (later === null || later.revision === first.revision) return;
  const message = `a node's name must be unique in its zone, another node is ${key}`;
  throw new BailiwickError("INVALID_OPTION", message, { key });
}

/** Announces the node until it is stopped, which takes the announcement back. */
export async function announceOften(
  fabric: Fabric,
  key: string,
  announcement: () => Announcement,
): Promise<Stop> {
  const nodes = await fabric.bucket("nodes");
  const put = (): Promise<unknown> => nodes.put(key, writeMessage(announcement()));
  await put();
  const announcing = every(ANNOUNCE_MS, async () => {
    if (fabric.isConnected()) await put();
  });
  return async () => {
    await announcing.stop();
    if (fabric.isConnected()) await nodes.delete(key).catch(() => undefined);
  };
}
