/** A cluster over any fabric: what its users must never see. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { NO_BORDERS, pinnedTo } from "../../../src/cluster/borders/index.ts";
import {
  EMPTY,
  type Fabric,
  nodeSubject,
  TELEMETRY_SUBJECT,
  writeMessage,
} from "../../../src/cluster/fabric/index.ts";
import { predictMatrix } from "../../../src/mixture/index.ts";
import { BailiwickError } from "../../../src/shared/errors.ts";
import { sha256 } from "../../../src/shared/hash.ts";
import { until } from "../fabric/conformance.ts";
import {
  type Cluster,
  type ClusterOptions,
  engine,
  makeBundle,
  openCluster,
  someRows,
} from "./cluster.ts";

export function describeRouting(name: string, connect: () => Promise<Fabric>): void {
  describe(`routing over ${name}`, () => {
    const open = opensClusters(connect);

    test.each([
      ["smooth", "softmax", 1],
      ["hard", "softmax", 1],
      ["hard", "svm", 2],
      ["smooth", "svm", 3],
    ] as const)(
      "%s, %s, %i members: the bits of one process",
      async (recombination, gate, nMembers) => {
        const { router, node } = await open();
        await node("a");
        await node("b");
        const bundle = await makeBundle({ gate, nMembers }, recombination);
        expect(await router.publish("m", [bundle], 10_000)).toBe(true);
        const X = someRows(200);
        const { values, routes } = await whole(router, bundle, X);
        const alone = predictMatrix(engine, bundle.model, X);
        expect([...values]).toEqual([...alone.values]);
        expect(routes.map(({ experts }) => [...experts])).toEqual(
          alone.routes.map(({ experts }) => [...experts]),
        );
      },
    );

    test("with a replica, no answer changes when a node is killed", async () => {
      const { router, node, kill } = await open({ router: { replicas: 2 } });
      await node("a");
      await node("b");
      const bundle = await makeBundle();
      await router.publish("m", [bundle], 10_000);
      const X = someRows(20);
      const alone = predictMatrix(engine, bundle.model, X).values;
      await until(() => isReplicated(router.directory.homes(), 2));
      await kill("b");
      for (let i = 0; i < 50; i++) {
        const { values, degraded } = await router.predict(bundle, X);
        expect([degraded, ...values]).toEqual([false, ...alone]);
      }
    });

    test("without a replica, answers say that they are degraded, and are whole again soon", async () => {
      const { router, node, kill, audit } = await open();
      await node("a");
      await node("b");
      const bundle = await makeBundle({}, "hard");
      await router.publish("m", [bundle], 10_000);
      const homes = router.directory.homes();
      expect(new Set(Object.values(homes).flat())).toEqual(new Set(["default.a", "default.b"]));
      const X = someRows(100);
      const alone = predictMatrix(engine, bundle.model, X);
      await kill("b");
      const { values, routes, degraded } = await router.predict(bundle, X);
      expect(degraded).toBe(true);
      const isOnB = alone.routes[0]!.experts.map((k) => {
        const hash = hashes(homes, bundle)[k]!;
        return homes[hash]![0] === "default.b" ? 1 : 0;
      });
      values.forEach((value, i) => {
        expect(Number.isFinite(value)).toBe(true);
        if (isOnB[i] === 0) expect(value).toBe(alone.values[i]);
        else expect(routes[0]!.experts[i]).not.toBe(alone.routes[0]!.experts[i]);
      });
      await until(async () => !(await router.predict(bundle, X)).degraded, 8000);
      expect([...(await router.predict(bundle, X)).values]).toEqual([...alone.values]);
      const lines = await audit();
      expect(lines.map(({ what }) => what)).toEqual(
        expect.arrayContaining(["lease", "load", "table"]),
      );
    });

    test("rows of a pinned class are seen by nodes of their zone only, or refused", async () => {
      const { router, node, kill } = await open({
        router: { zone: "eu", borders: pins({ patients: ["eu"] }) },
      });
      await node("a", { zone: "us" });
      await node("b", { zone: "us" });
      const bundle = await makeBundle();
      await router.publish("m", [bundle], 300);
      const X = someRows(5);
      await expect(router.predict(bundle, X, "patients")).rejects.toMatchObject({
        code: "ZONE_UNAVAILABLE",
      });
      await expect(router.predict(bundle, X, "others")).rejects.toMatchObject({
        code: "INVALID_OPTION",
      });
      const eu = await node("c", { zone: "eu" });
      await router.publish("m", [bundle], 10_000);
      await until(() =>
        router.predict(bundle, X, "patients").then(
          ({ degraded }) => !degraded,
          () => false,
        ),
      );
      const before = [eu.cache.held().length, (await router.predict(bundle, X)).values.length];
      expect(before).toEqual([4, 5]);
      await kill("c");
      await expect(router.predict(bundle, X, "patients")).rejects.toMatchObject({
        code: "ZONE_UNAVAILABLE",
      });
    });

    test("a line of the audit log names device and kind, zone and place, models and classes", async () => {
      const { router, node, audit } = await open({
        router: { zone: "eu", borders: pins({ patients: ["eu"], staff: ["us"] }) },
      });
      await node("a", { zone: "eu", place: "hall 3", hasGpu: true });
      const bundle = await makeBundle();
      expect(await router.publish("m", [bundle], 10_000)).toBe(true);
      const lines = await audit();
      expect(lines.find(({ what }) => what === "load")).toMatchObject({
        device: "eu.a",
        kind: "gpu",
        zone: "eu",
        place: "hall 3",
        models: ["m"],
        classes: ["patients"],
        term: expect.any(Number),
        why: expect.stringContaining("homes"),
      });
      expect(lines.find(({ what }) => what === "plan")).not.toHaveProperty("kind");
    });

    test("an expert goes to the zones that its kind may go to, and nowhere else", async () => {
      const experts = new Map([
        ["gp", { eu: "clear" }],
        ["*", { "*": "clear" }],
      ] as const);
      const { router, node, fabric } = await open({
        router: { borders: { ...NO_BORDERS, experts }, replicas: 2 },
      });
      const us = await node("a", { zone: "us" });
      const eu = await node("b", { zone: "eu" });
      // The server of these tests keeps what others put there.
      const bundle = await makeBundle({ seed: 77 });
      expect(await router.publish("m", [bundle], 10_000)).toBe(true);
      await until(() => us.cache.held().length === 3 && eu.cache.held().length === 4);
      const kinds = bundle.model.members[0]!.mixture.experts.map(({ kind }) => kind);
      const gp = hashes(router.directory.homes(), bundle)[kinds.indexOf("gp")]!;
      expect(router.directory.homesOf(gp)).toEqual(["eu.b"]);
      const places = (await fabric.blobs.list()).filter(({ name }) => name === gp);
      expect(places.map(({ zone }) => zone).sort()).toEqual(["=", "eu"]);
    });

    test("a router outside the zone refuses rows that should not have come to it", async () => {
      const { router, node } = await open({ router: { borders: pins({ "*": ["eu"] }) } });
      await node("a", { zone: "eu" });
      const bundle = await makeBundle();
      await router.publish("m", [bundle], 10_000);
      await expect(router.predict(bundle, someRows(1))).rejects.toMatchObject({
        code: "ZONE_CLOSED",
      });
    });

    test("a node that has less memory than it says is not believed twice", async () => {
      const { router, node, audit } = await open();
      const liar = await connect();
      await announceFalsely(liar, "liar", { bytesHeld: 0, memoryBytes: 1e12 });
      await node("honest");
      const bundle = await makeBundle();
      expect(await router.publish("m", [bundle], 20_000)).toBe(true);
      expect(new Set(Object.values(router.directory.homes()).flat())).toEqual(
        new Set(["default.honest"]),
      );
      expect(
        (await audit()).some(({ what, device }) => what === "refused" && device === "default.liar"),
      ).toBe(true);
      await liar.close();
    });

    test("a node that hangs loses its experts, though it still announces itself", async () => {
      const { router, node } = await open();
      const hung = await connect();
      await announceFalsely(hung, "hung", { bytesHeld: 100, memoryBytes: 1e6 });
      const bundle = await makeBundle();
      await router.publish("m", [bundle], 10_000);
      expect(new Set(Object.values(router.directory.homes()).flat())).toEqual(
        new Set(["default.hung"]),
      );
      await node("well");
      const alone = predictMatrix(engine, bundle.model, someRows(5)).values;
      await until(async () => {
        const answer = await router.predict(bundle, someRows(5)).catch(() => null);
        return answer !== null && !answer.degraded && [...answer.values].join() === alone.join();
      }, 20_000);
      expect(new Set(Object.values(router.directory.homes()).flat())).toEqual(
        new Set(["default.well"]),
      );
      await hung.close();
    });

    test("an answer that is not finite counts as failed, and the next home answers", async () => {
      const { router, node } = await open({ router: { replicas: 2 } });
      await node("honest");
      const liar = await connect();
      await announceFalsely(liar, "liar", { bytesHeld: 100, memoryBytes: 1e6 });
      await liar.answer(nodeSubject("default", "liar", "expert.*"), async ({ headers, body }) => {
        const nRows = body.length / 4 / Number(headers["columns"]);
        const values = new Float32Array(nRows).fill(Number.POSITIVE_INFINITY);
        const { expert = "", version = "" } = headers;
        return { headers: { expert, version }, body: new Uint8Array(values.buffer) };
      });
      const bundle = await makeBundle();
      await router.publish("m", [bundle], 10_000);
      await until(() => isReplicated(router.directory.homes(), 2));
      const X = someRows(20);
      const alone = predictMatrix(engine, bundle.model, X).values;
      for (let i = 0; i < 30; i++) {
        const { values, degraded } = await router.predict(bundle, X);
        expect([degraded, ...values]).toEqual([false, ...alone]);
      }
      await liar.close();
    });

    test("messages that do not fit are refused and counted, and the cluster serves on", async () => {
      const { router, node, fabric } = await open();
      await node("a");
      const bundle = await makeBundle();
      expect(await router.publish("m", [bundle], 10_000)).toBe(true);
      const homes = router.directory.homes();
      const stranger = await connect();
      const nonsense = new TextEncoder().encode('{"rows":{"x":-1}}');
      for (const [name, key] of [
        ["nodes", "default.b"],
        ["homes", "homes"],
        ["models", "bm9uZQ"],
      ] as const) {
        await (await stranger.bucket(name)).put(key, nonsense);
      }
      stranger.publish(TELEMETRY_SUBJECT, { headers: {}, body: nonsense });
      const command = nodeSubject("default", "a", "command");
      const message = { headers: {}, body: nonsense };
      await expect(stranger.request(command, message, 2000)).rejects.toMatchObject({
        code: "MESSAGE_INVALID",
      });
      const kinds = ["an announcement", "the homes of experts", "a model's record"];
      for (const kind of [...kinds, "a router's report"]) {
        await until(() => fabric.refusals.counts().get(kind));
      }
      await until(() => router.directory.nodes().get("default.a")?.announcement.refused === 1);
      expect(router.directory.homes()).toEqual(homes);
      const X = someRows(5);
      const alone = predictMatrix(engine, bundle.model, X).values;
      expect([...(await whole(router, bundle, X)).values]).toEqual([...alone]);
      await stranger.close();
    });

    test("a router is whole while every expert has a home that can be asked", async () => {
      const { router, node, kill } = await open();
      await node("a");
      await router.publish("m", [await makeBundle()], 10_000);
      expect(router.isWhole()).toBe(true);
      await kill("a");
      await until(() => !router.isWhole());
      await node("b");
      await until(() => router.isWhole());
    });

    test("a node that has obeyed a later term makes the placer's term later still", async () => {
      const { router, node, placer } = await open();
      const a = await node("a");
      await router.publish("m", [await makeBundle()], 10_000);
      const other = await connect();
      const term = (await until(() => placer.term())) + 50;
      const body = writeMessage({ term, action: "ping", experts: [] });
      const command = nodeSubject("default", "a", "command");
      await other.request(command, { headers: {}, body }, 2000);
      expect(await until(() => (placer.term() ?? 0) > term)).toBe(true);
      // The placer's commands are obeyed again: a new model gets its home.
      const next = await makeBundle({ seed: 7 });
      expect(await router.publish("next", [next], 10_000)).toBe(true);
      expect(a.cache.held().length).toBe(8);
      await other.close();
    });

    test("an expert that cannot be placed is named with the device, and the last plan stays", async () => {
      const said: string[] = [];
      const { router, node } = await open({ placer: { log: (line) => said.push(line) } });
      await node("tiny", { memoryBytes: 1500 });
      const small = await makeBundle();
      expect(await router.publish("m", [small], 10_000)).toBe(true);
      const homes = router.directory.homes();
      const large = await makeBundle({ seed: 2, hidden: [64, 64] });
      expect(await router.publish("m", [small, large], 1500)).toBe(false);
      expect(said.some((line) => /memory on default\.tiny/.test(line))).toBe(true);
      expect(router.directory.homes()).toEqual(homes);
    });

    test("cold experts are streamed where memory is short", async () => {
      const { router, node } = await open();
      const a = await node("a", { memoryBytes: 700 });
      const bundle = await makeBundle();
      expect(await router.publish("m", [bundle], 10_000)).toBe(true);
      const X = someRows(30);
      const alone = predictMatrix(engine, bundle.model, X).values;
      for (let i = 0; i < 5; i++) {
        const { values } = await whole(router, bundle, X);
        expect([...values]).toEqual([...alone]);
        expect(a.cache.usedBytes()).toBeLessThanOrEqual(700);
      }
    });

    test("a new version is served when it is held, and the old one goes", async () => {
      const { router, node } = await open();
      const a = await node("a");
      const [old, next] = [await makeBundle(), await makeBundle({ seed: 7 })];
      await router.publish("m", [old], 10_000);
      await router.publish("m", [old, next], 10_000);
      await whole(router, next, someRows(3));
      await whole(router, old, someRows(3));
      await router.publish("m", [next], 10_000);
      await until(() => a.cache.held().length === 4);
      await whole(router, next, someRows(3));
    });

    test("of two placers one places, and its successor goes on when it is gone", async () => {
      const first = await open();
      await first.node("a");
      const second = await openCluster(connect);
      try {
        expect(
          [first.placer.term(), second.placer.term()].filter((term) => term !== null),
        ).toHaveLength(1);
        const bundle = await makeBundle();
        await first.router.publish("m", [bundle], 10_000);
        const [term] = [first.placer.term() ?? second.placer.term()];
        const [leader, other] =
          first.placer.term() === null
            ? [second.placer, first.placer]
            : [first.placer, second.placer];
        await leader.close();
        const next = await until(() => other.term());
        expect(next).toBeGreaterThan(term!);
      } finally {
        await second.close();
      }
    });

    test("a node of another protocol is not asked, and ours refuses what speaks it", async () => {
      const { router, node } = await open();
      const stranger = await connect();
      const claims = { bytesHeld: 100, memoryBytes: 1e12, protocol: 2 };
      await announceFalsely(stranger, "stranger", claims);
      await node("ours");
      const bundle = await makeBundle();
      expect(await router.publish("m", [bundle], 10_000)).toBe(true);
      const [[hash, keys]] = Object.entries(router.directory.homes()) as [[string, string[]]];
      expect(keys).toEqual(["default.ours"]);
      const subject = `bailiwick.zone.default.node.ours.expert.${hash}`;
      const headers = { protocol: "2", columns: "6" };
      await expect(
        stranger.request(subject, { headers, body: new Uint8Array(24) }, 1000),
      ).rejects.toMatchObject({ code: "NODE_VERSION" });
      await stranger.close();
    });

    test("orders of an earlier term are not obeyed", async () => {
      const { router, node, placer } = await open();
      const a = await node("a");
      await router.publish("m", [await makeBundle()], 10_000);
      const term = await until(() => placer.term());
      const old = await connect();
      const experts = a.cache.held();
      const order = { term: term - 1, action: "drop", experts };
      const body = new TextEncoder().encode(JSON.stringify(order));
      const command = "bailiwick.zone.default.node.a.command";
      await expect(old.request(command, { headers: {}, body }, 1000)).rejects.toMatchObject({
        code: "TERM_STALE",
      });
      expect(a.cache.held()).toEqual(experts);
      await old.close();
    });

    test.each([1, -1])("a clock that is %i hour off the others' changes nothing", async (hours) => {
      const { now } = Date;
      const skewed = vi.spyOn(Date, "now").mockImplementation(() => now() + hours * 3_600_000);
      try {
        const { router, node } = await open();
        await node("a");
        await node("b");
        const bundle = await makeBundle();
        expect(await router.publish("m", [bundle], 10_000)).toBe(true);
        const alone = predictMatrix(engine, bundle.model, someRows(3)).values;
        const seen = (): string =>
          [...router.directory.nodes().values()].map(({ seenMs }) => seenMs).join();
        for (let i = 0; i < 10; i++) {
          const before = seen();
          await until(() => seen() !== before);
          const { values } = await whole(router, bundle, someRows(3));
          expect([...values]).toEqual([...alone]);
        }
      } finally {
        skewed.mockRestore();
      }
    });

    test("a blob that is not what its name says is never an expert", async () => {
      const { router, node } = await open();
      const a = await node("a");
      const bundle = await makeBundle({ seed: 11 });
      const fabric = await connect();
      await router.publish("m", [bundle], 10_000);
      const [hash] = Object.keys(router.directory.homes());
      const { blobs } = fabric;
      const other = sha256("other");
      await expect(a.cache.get(other)).rejects.toMatchObject({ code: "EXPERT_UNAVAILABLE" });
      await blobs.put(other, "default", (await blobs.get(hash!, "default"))!);
      await expect(a.cache.get(other)).rejects.toMatchObject({ code: "BUNDLE_CORRUPT" });
      await blobs.erase(hash!, "default");
      await blobs.put(hash!, "default", new TextEncoder().encode("{"));
      a.cache.drop(hash!);
      await expect(a.cache.get(hash!)).rejects.toMatchObject({ code: "BUNDLE_CORRUPT" });
      await fabric.close();
    });
  });
}

/** The answer of all experts. A busy machine may answer later than a router waits for a node. */
export function whole(
  router: Cluster["router"],
  bundle: Awaited<ReturnType<typeof makeBundle>>,
  X: ReturnType<typeof someRows>,
): ReturnType<typeof router.predict> {
  return until(async () => {
    const answer = await router.predict(bundle, X).catch((error: unknown) => {
      if (error instanceof BailiwickError && error.code === "EXPERT_UNAVAILABLE") return null;
      throw error;
    });
    return answer?.degraded === false ? answer : null;
  });
}

/** Opens a cluster for a test, over a fabric that holds nothing; it is closed after the test. */
export function opensClusters(
  connect: () => Promise<Fabric>,
): (options?: ClusterOptions) => Promise<Cluster> {
  let cluster: Cluster | null = null;
  afterEach(async () => {
    await cluster?.close();
    cluster = null;
  });
  return async (options) => {
    await forget(connect);
    cluster = await openCluster(connect, options);
    return cluster;
  };
}

/** Nothing of an earlier test. */
async function forget(connect: () => Promise<Fabric>): Promise<void> {
  const fabric = await connect();
  for (const name of ["models", "homes", "leases", "nodes"] as const) {
    const bucket = await fabric.bucket(name);
    const keys = new Set<string>();
    const stop = await bucket.watch(({ key }) => keys.add(key));
    // Put last, it is seen last.
    await bucket.put("last", new Uint8Array(1));
    await until(() => keys.has("last"));
    await stop();
    for (const key of keys) await bucket.delete(key);
  }
  await fabric.close();
}

function isReplicated(homes: Readonly<Record<string, readonly string[]>>, n: number): boolean {
  return Object.values(homes).every((keys) => keys.length === n);
}

/** Hashes of the first member's experts, by what the bundle says of them. */
function hashes(
  homes: Readonly<Record<string, readonly string[]>>,
  bundle: Awaited<ReturnType<typeof makeBundle>>,
): readonly string[] {
  const own = bundle.manifest.members[0]!.experts.map(({ blob }) => blob);
  expect(own.every((hash) => hash in homes)).toBe(true);
  return own;
}

/** Announces itself and echoes, says that it loads what it is given, and answers for nothing. */
async function announceFalsely(
  fabric: Fabric,
  name: string,
  {
    bytesHeld,
    memoryBytes,
    protocol = 1,
  }: {
    readonly bytesHeld: number;
    readonly memoryBytes: number;
    readonly protocol?: number;
  },
): Promise<void> {
  const subject = (what: string): string => `bailiwick.zone.default.node.${name}.${what}`;
  const told = {
    protocol,
    packageVersion: "9",
    incarnation: "x",
    zone: "default",
    name,
    flopsPerSecond: 1e13,
    memoryBytes,
    usedBytes: 0,
    hasGpu: false,
    watts: 0,
    held: [],
    rows: 0,
    busy: 0,
    trains: false,
  };
  const nodes = await fabric.bucket("nodes");
  const value = new TextEncoder().encode(JSON.stringify(told));
  const say = (): Promise<unknown> => nodes.put(`default.${name}`, value).catch(() => null);
  await fabric.answer(subject("echo"), async () => EMPTY);
  await fabric.answer(subject("expert.*"), () => new Promise(() => undefined));
  await fabric.answer(subject("command"), async ({ body }) => {
    const { experts } = JSON.parse(new TextDecoder().decode(body)) as { experts: string[] };
    const done = { bytes: experts.map(() => bytesHeld), usedBytes: 0, incarnation: "x" };
    return { headers: {}, body: new TextEncoder().encode(JSON.stringify(done)) };
  });
  await say();
  const timer = setInterval(() => void (fabric.isConnected() ? say() : clearInterval(timer)), 400);
}

/** Borders that keep classes of rows in zones. */
function pins(classes: Readonly<Record<string, readonly string[]>>) {
  const own = Object.entries(classes).map(
    ([name, zones]) => [name, pinnedTo(zones, false)] as const,
  );
  return { ...NO_BORDERS, classes: new Map(own) };
}
