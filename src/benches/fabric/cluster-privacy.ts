/**
 * Whether rows that are pinned to a zone are ever seen outside of it.
 *
 * A pinned row carries a number that no other row has, and a separate client listens to every
 * subject of the server. Nodes of both zones are killed and started again meanwhile.
 */
import { NO_BORDERS, pinnedTo } from "../../cluster/borders/index.ts";
import { createRng } from "../../shared/rng.ts";
import { N_FEATURES } from "../serving/workload.ts";
import { MARK } from "./capture.ts";
import { type ClusterBench, connectSoon, delay, openCluster, until } from "./cluster.ts";

export interface PrivacyRun {
  readonly nRequests: number;
  readonly nPinned: number;
  readonly nRefused: number;
  readonly nFailed: number;
  /** Messages that carried the mark within the zone: that the listener sees it at all. */
  readonly nSeenInside: number;
  readonly nSeenOutside: number;
  readonly nKills: number;
}

const LANES = 24;
const KILL_EVERY_MS = 2500;
/** A refusal comes at once: without a pause the rows would be over before a node is back. */
const PAUSE_MS = 20;
const ZONE = "eu";

export async function watchPinnedRows(bench: ClusterBench, nRequests: number): Promise<PrivacyRun> {
  const settings = [
    { name: "a", zone: ZONE },
    { name: "b", zone: ZONE },
    { name: "c", zone: "us" },
  ];
  const borders = { ...NO_BORDERS, classes: new Map([["patients", pinnedTo([ZONE], false)]]) };
  const cluster = await openCluster(bench, {
    nodes: settings,
    recombination: "hard",
    router: { zone: ZONE, borders },
  });
  const tap = await connectSoon(bench.server.url, "tap");
  const mark = Buffer.from(new Float32Array([MARK]).buffer);
  const counts = { inside: 0, outside: 0 };
  await tap.listen(">", ({ subject, body }) => {
    if (!Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes(mark)) return;
    if (subject.startsWith(`bailiwick.zone.${ZONE}.`)) counts.inside += 1;
    else counts.outside += 1;
  });
  const rng = createRng(1);
  const row = (first: number): Float32Array =>
    Float32Array.from({ length: N_FEATURES }, (_, j) => (j === 0 ? first : rng.normal()));
  let [nSent, nPinned, nRefused, nFailed, nKills, isOver] = [0, 0, 0, 0, 0, false];
  const lane = async (): Promise<void> => {
    while (nSent < nRequests) {
      const isPinned = nSent++ % 2 === 0;
      nPinned += isPinned ? 1 : 0;
      const values = row(isPinned ? MARK : rng.normal());
      const X = { values, nRows: 1, nColumns: N_FEATURES };
      await cluster.router
        .predict(cluster.bundle, X, isPinned ? "patients" : null)
        .catch(async (error: { code?: string }) => {
          await delay(PAUSE_MS);
          if (error.code === "ZONE_UNAVAILABLE") nRefused += 1;
          else nFailed += 1;
        });
    }
  };
  const killing = settings.map(async (own, n) => {
    await until(() => isOver, n * KILL_EVERY_MS);
    while (!isOver) {
      await cluster.nodes.get(own.name)!.kill();
      nKills += 1;
      await cluster.start(own);
      await until(() => isOver, KILL_EVERY_MS);
    }
  });
  try {
    await until(() => cluster.router.directory.nodes().size === settings.length);
    await Promise.all(Array.from({ length: LANES }, lane));
    isOver = true;
    await Promise.all(killing);
    await delay(500);
    const { inside: nSeenInside, outside: nSeenOutside } = counts;
    return { nRequests, nPinned, nRefused, nFailed, nSeenInside, nSeenOutside, nKills };
  } finally {
    isOver = true;
    await tap.close();
    await cluster.close();
  }
}
