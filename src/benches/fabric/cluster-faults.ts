/** What load sees of a node or a server that is killed. */
import { predictMatrix } from "../../mixture/index.ts";
import { nowMs } from "../../shared/clock.ts";
import { type Matrix, takeRows } from "../../shared/matrix.ts";
import { type ClusterBench, connectSoon, delay, openCluster, until } from "./cluster.ts";
import {
  type Answered,
  type LoadSummary,
  ROWS,
  runLoad,
  summariseLoad,
  wholeAfterMs,
} from "./cluster-load.ts";

const CONCURRENCY = 8;
const BEFORE_MS = 2000;
const AFTER_MS = 8000;

/** One of two nodes is killed; each expert is on both. */
export async function killReplica(bench: ClusterBench): Promise<LoadSummary> {
  const cluster = await openCluster(bench, {
    nodes: [{ name: "a" }, { name: "b" }],
    recombination: "smooth",
    router: { replicas: 2 },
  });
  try {
    await until(() =>
      Object.values(cluster.router.directory.homes()).every((own) => own.length === 2),
    );
    let isOver = false;
    const load = runLoad(cluster, bench.engine, {
      concurrency: CONCURRENCY,
      isOver: () => isOver,
    });
    await delay(BEFORE_MS);
    await cluster.nodes.get("b")!.kill();
    await delay(AFTER_MS / 2);
    isOver = true;
    return summariseLoad(await load);
  } finally {
    await cluster.close();
  }
}

export interface KilledSingle extends LoadSummary {
  readonly wholeMs: number;
}

/** One of two nodes is killed; each expert is on one. */
export async function killSingle(bench: ClusterBench): Promise<KilledSingle> {
  const cluster = await openCluster(bench, {
    nodes: [{ name: "a" }, { name: "b" }],
    recombination: "smooth",
  });
  try {
    await until(() => homesAre(cluster.router.directory.homes(), "default.b"));
    let isOver = false;
    const load = runLoad(cluster, bench.engine, {
      concurrency: CONCURRENCY,
      isOver: () => isOver,
    });
    await delay(BEFORE_MS);
    const killedMs = nowMs();
    await cluster.nodes.get("b")!.kill();
    await delay(AFTER_MS);
    isOver = true;
    const answered = await load;
    return { ...summariseLoad(answered), wholeMs: wholeAfterMs(answered, killedMs) };
  } finally {
    await cluster.close();
  }
}

function homesAre(homes: Readonly<Record<string, readonly string[]>>, key: string): boolean {
  return Object.values(homes).some((own) => own.includes(key));
}

export interface RestartedServer {
  /** Rows whose expert is in the router's process. */
  readonly local: LoadSummary;
  /** Rows whose expert is on a node. */
  readonly remote: LoadSummary;
  /** From the start of the new server's process until every answer is right again. */
  readonly wholeMs: number;
  readonly nAcknowledged: number;
  readonly nLost: number;
}

const DOWN_MS = 2000;
const LOCAL_BYTES = 1e6;

/** The server is killed under load and started again, while changes are made to its state. */
export async function restartServer(bench: ClusterBench): Promise<RestartedServer> {
  const cluster = await openCluster(bench, {
    nodes: [{ name: "a" }],
    recombination: "hard",
    localBytes: LOCAL_BYTES,
  });
  try {
    const isSplit = (): boolean => {
      const homes = cluster.router.directory.homes();
      return homesAre(homes, "default.a") && homesAre(homes, "default.here");
    };
    await until(isSplit);
    const [here, there] = splitRows(bench, cluster);
    let isOver = false;
    const load = (X: Matrix): Promise<readonly Answered[]> =>
      runLoad(cluster, bench.engine, { X, concurrency: 4, isOver: () => isOver });
    const loads = [load(here), load(there)];
    const writing = writeOn(bench, () => isOver);
    await delay(BEFORE_MS);
    await bench.server.kill();
    await delay(DOWN_MS);
    const startedMs = nowMs();
    bench.server.start();
    await delay(AFTER_MS);
    isOver = true;
    const [local, remote] = (await Promise.all(loads)) as [Answered[], Answered[]];
    return {
      local: summariseLoad(local),
      remote: summariseLoad(remote),
      wholeMs: wholeAfterMs(remote, startedMs),
      ...(await writing),
    };
  } finally {
    await cluster.close();
  }
}

/** Rows whose expert is here, and rows whose expert is on the node. */
function splitRows(
  { engine }: ClusterBench,
  { router, bundle }: Pick<Awaited<ReturnType<typeof openCluster>>, "router" | "bundle">,
): readonly [Matrix, Matrix] {
  const { routes } = predictMatrix(engine, bundle.model, ROWS);
  const { experts } = routes[0]!;
  const hashes = bundle.manifest.members[0]!.experts.map(({ blob }) => blob);
  const isHere = (i: number): boolean =>
    router.directory.homesOf(hashes[experts[i]!]!).includes("default.here");
  const rows = Array.from(experts, (_, i) => i);
  return [
    takeRows(ROWS, rows.filter(isHere)),
    takeRows(
      ROWS,
      rows.filter((i) => !isHere(i)),
    ),
  ];
}

/**
 * Puts one key after the other through all faults, then lists the acknowledged ones that remain.
 */
export async function writeOn(
  { server }: ClusterBench,
  isOver: () => boolean,
): Promise<{ readonly nAcknowledged: number; readonly nLost: number }> {
  const fabric = await connectSoon(server.url, "writer");
  const bucket = await fabric.bucket("homes");
  const acknowledged: string[] = [];
  for (let i = 0; !isOver(); i++) {
    const key = `probe${i}`;
    const put = bucket.put(key, new TextEncoder().encode(key)).then(
      () => acknowledged.push(key),
      () => null,
    );
    await Promise.race([put, delay(300)]);
    await delay(2);
  }
  let nLost = 0;
  for (const key of acknowledged) {
    const entry = await bucket.get(key);
    if (entry === null || new TextDecoder().decode(entry.value) !== key) nLost += 1;
    await bucket.delete(key);
  }
  await fabric.close();
  return { nAcknowledged: acknowledged.length, nLost };
}
