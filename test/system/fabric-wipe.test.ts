/**
 * Goal: a NATS server that comes back, also empty, is filled again, the lease of a placer that is
 * killed goes to another, and nothing has to be restarted.
 * Method: the server is killed and started, its store removed, or its streams deleted or purged, or
 * the placer is killed, while clients ask; then whatever a cluster needs of the store is used.
 * FABRIC_REPEATS sets how often; the times are printed.
 */
import { existsSync } from "node:fs";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectNats, SOURCE } from "../../src/cluster/fabric/index.ts";
import { until } from "../cluster/fabric/conformance.ts";
import { type NatsServer, startNats } from "../cluster/fabric/nats-server.ts";
import {
  ask,
  end,
  type FabricCommands,
  installFabricCommands,
  isReady,
  metric,
  rowsAndAnswers,
  type Served,
  type Started,
} from "./fabric-process.ts";

/** What the cluster must be within, of a wipe under load. */
const WHOLE_MS = 10_000;
const REPEATS = process.env["FABRIC_REPEATS"];
const turns = (n: number): readonly number[] =>
  Array.from({ length: Number(REPEATS ?? n) }, (_, i) => i + 1);
const RESTARTED = "restarted";
/** Seconds until the cluster was whole, by what had happened. */
const seconds = new Map<string, number[]>();

let server: NatsServer;
let commands: FabricCommands;
let served: Served;
let second: Served;
let nodes: Started[];
let rows: readonly object[];
let values: readonly number[];
beforeAll(async () => {
  server = await startNats();
  commands = installFabricCommands();
  const two = ["--replicas", "2"];
  nodes = [await commands.startNode(server.url, "a"), await commands.startNode(server.url, "b")];
  served = await commands.serve(server.url, "first.jsonl", ...two);
  second = await commands.serve(server.url, "second.jsonl", ...two);
  ({ rows, values } = await rowsAndAnswers(commands.command.folder, 20));
  await until(() => isWhole(served));
  await until(() => isWhole(second));
});
afterAll(async () => {
  for (const [what, times] of seconds) {
    const sorted = times.map((s) => Math.round(10 * s) / 10).sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)];
    process.stdout.write(
      `${what}: ${times.length} times, median ${median} s, ${sorted.at(-1)} s\n`,
    );
  }
  commands.remove();
  await server.stop();
});

async function isWhole({ origin }: Served): Promise<boolean> {
  const { json } = await ask(origin, { rows });
  return json.predictions?.join() === values.join() && json.degraded === undefined;
}

async function placerTerm(): Promise<number | null> {
  const terms = await Promise.all(
    [served, second].map(({ origin }) => metric(origin, "placer_term")),
  );
  return terms.find((term) => term !== null) ?? null;
}

/** Acts while a client asks without a pause. @returns Answers that were wrong. */
async function underLoad(act: () => Promise<void>, { origin }: Served = served): Promise<number> {
  let isStopped = false;
  let nWrong = 0;
  const askOn = async (): Promise<void> => {
    while (!isStopped) {
      const { status, json } = await ask(origin, { rows });
      const isRight = json.predictions?.join() === values.join();
      if (status === 200 && !isRight && json.degraded !== true) nWrong += 1;
    }
  };
  const asking = askOn();
  try {
    await act();
  } finally {
    isStopped = true;
    await asking;
  }
  return nWrong;
}

/**
 * Everything that the store is for: models, homes, experts, blobs, announcements, jobs, terms.
 * Homes that were not lost keep their term.
 */
async function expectFilled(what: string, termBefore: number, since: number): Promise<void> {
  await until(async () => (await isWhole(served)) && (await isWhole(second)), WHOLE_MS);
  const fabric = await connectNats({ url: server.url, name: "test" });
  try {
    const entryOf = async (name: "models" | "homes" | "terms", key: string) =>
      (await fabric.bucket(name)).get(key);
    const model = Buffer.from("concrete").toString("base64url");
    await until(() => entryOf("models", model), WHOLE_MS);
    const homes = await until(() => entryOf("homes", "homes"), WHOLE_MS);
    const { homes: byHash, term } = JSON.parse(new TextDecoder().decode(homes.value));
    const hashes = Object.keys(byHash);
    expect(hashes.length).toBeGreaterThan(0);
    for (const hash of hashes) {
      for (const zone of [SOURCE, "default"]) {
        await until(() => fabric.blobs.get(hash, zone), WHOLE_MS);
      }
    }
    for (const key of ["default.a", "default.b"]) {
      await until(async () => (await fabric.bucket("nodes")).get(key), WHOLE_MS);
    }
    const now = await until(placerTerm, WHOLE_MS);
    const least = what === RESTARTED ? now : Math.min(now, term);
    expect(least).toBeGreaterThanOrEqual(termBefore);
    await until(async () => (await isReady(served.origin)) && (await isReady(second.origin)));
    expectWhole(what, since);
  } finally {
    await fabric.close();
  }
}

function expectWhole(what: string, since: number): void {
  const ms = performance.now() - since;
  seconds.set(what, [...(seconds.get(what) ?? []), ms / 1000]);
  expect(ms).toBeLessThan(WHOLE_MS);
}

describe("the cluster is whole again within ten seconds, and nothing was restarted", () => {
  // Outages that follow each other closely must not count against the nodes.
  test.each(turns(5))("after the store was wiped under load, time %i", async () => {
    const term = await until(placerTerm);
    const pids = [served, second, ...nodes].map(({ child }) => child.pid);
    const nWrong = await underLoad(async () => {
      await wipe();
      await expectFilled("wiped", term, performance.now());
    });
    expect(nWrong).toBe(0);
    expect([served, second, ...nodes].map(({ child }) => child.pid)).toEqual(pids);
    expect([served, second, ...nodes].every(({ child }) => child.exitCode === null)).toBe(true);
  });

  test.each(turns(3))("after the server was killed and started under load, time %i", async () => {
    const term = await until(placerTerm);
    const nWrong = await underLoad(async () => {
      await server.kill();
      await server.start();
      await expectFilled(RESTARTED, term, performance.now());
    });
    expect(nWrong).toBe(0);
  });

  // A server that is lost again while its clients come back must not leave one waiting.
  test.each(turns(3))("after the store was wiped thrice under load, time %i", async () => {
    const term = await until(placerTerm);
    const nWrong = await underLoad(async () => {
      for (const ms of [100, 300, 0]) {
        await wipe();
        await new Promise((resolve) => setTimeout(resolve, ms));
      }
      await expectFilled("wiped thrice", term, performance.now());
    });
    expect(nWrong).toBe(0);
  });

  test.each(turns(3))("after the placer was killed under load, time %i", async () => {
    const term = await until(placerTerm);
    const isFirst = (await metric(served.origin, "placer_term")) !== null;
    const [placer, other] = isFirst ? [served, second] : [second, served];
    const nWrong = await underLoad(async () => {
      const since = performance.now();
      await end(placer.child, "SIGKILL");
      const next = await until(() => metric(other.origin, "placer_term"), WHOLE_MS);
      expect(next).toBeGreaterThan(term);
      await until(() => metric(other.origin, "placer_whole_seconds"), WHOLE_MS);
      await until(async () => (await isWhole(other)) && isReady(other.origin), WHOLE_MS);
      expectWhole("lease handed over", since);
    }, other);
    expect(nWrong).toBe(0);
    const log = isFirst ? "first.jsonl" : "second.jsonl";
    const again = await commands.serve(server.url, log, "--replicas", "2");
    if (isFirst) served = again;
    else second = again;
    await until(() => isWhole(again));
  });

  test.each(["delete", "purge"] as const)(
    "after a %s of every stream while all are connected",
    async (loss) => {
      const term = await until(placerTerm);
      const nWrong = await underLoad(async () => {
        await eachStream((manager, name) => manager.streams[loss](name));
        await expectFilled(`${loss} of every stream`, term, performance.now());
      });
      expect(nWrong).toBe(0);
    },
  );
});

async function wipe(): Promise<void> {
  await server.kill();
  await server.forgetAll();
  await server.start();
}

type Manager = Awaited<ReturnType<typeof jetstreamManager>>;

async function eachStream(
  act: (manager: Manager, name: string) => Promise<unknown>,
): Promise<void> {
  const nc = await connect({ servers: server.url });
  const manager = await jetstreamManager(nc);
  for await (const name of manager.streams.names()) await act(manager, name);
  await nc.close();
}

test("a wiped store serves nodes that join, and a placer that takes over", async () => {
  const term = await until(placerTerm);
  await wipe();
  await expectFilled("wiped", term, performance.now());
  // Both nodes are replaced: all that the new ones hold came from the store.
  const fresh = [
    await commands.startNode(server.url, "c"),
    await commands.startNode(server.url, "d"),
  ];
  for (const { child } of nodes) await end(child, "SIGKILL");
  nodes = fresh;
  await until(async () => (await isWhole(served)) && (await isWhole(second)), 90_000);
  const placer = (await metric(served.origin, "placer_term")) === null ? second : served;
  const other = placer === served ? second : served;
  const before = await until(placerTerm);
  expect(before).toBeGreaterThanOrEqual(term);
  await end(placer.child, "SIGTERM");
  const after = await until(() => metric(other.origin, "placer_term"));
  expect(after).toBeGreaterThan(before);
  await until(() => isWhole(other));
  const log = placer === served ? "second.jsonl" : "first.jsonl";
  expect(existsSync(`${commands.command.folder}/${log}`)).toBe(true);
  expect(await commands.command.run("audit", "verify", log)).toMatchObject({ code: 0 });
});
