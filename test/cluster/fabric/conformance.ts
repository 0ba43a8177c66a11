/** What every fabric must do: the same checks for each implementation. */
import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import {
  type Delivered,
  type Entry,
  EXPIRES_MS,
  type Fabric,
  JOB_ATTEMPTS,
  JOB_SILENCE_MS,
  type Message,
  readMessage,
  SOURCE,
} from "../../../src/cluster/fabric/index.ts";
import { BailiwickError } from "../../../src/shared/errors.ts";
import { sha256 } from "../../../src/shared/hash.ts";

/** How the suite gets connections, and ends them as a SIGKILL would. */
export interface Subject {
  connect(): Promise<Fabric>;
  /** A process or thread with a connection of its own that runs `role` until it is killed. */
  startPeer(role: PeerRole): Promise<Peer>;
}

/**
 * echo     answers peer.echo with what it got, and peer.hang never
 * worker   works at queue "killed" and never finishes a job
 * placer   holds the lease "placer" and renews it
 */
export type PeerRole = "echo" | "worker" | "placer";

export interface Peer {
  kill(): Promise<void>;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (body: Uint8Array): string => new TextDecoder().decode(body);
const say = (body: string, headers = {}): Message => ({ headers, body: bytes(body) });

export async function until<T>(
  what: () => T | Promise<T>,
  ms = 15_000,
): Promise<NonNullable<Awaited<T>>> {
  const started = performance.now();
  for (;;) {
    const value = await unlessUnavailable(what);
    if (value !== null && value !== undefined && value !== false) {
      return value as NonNullable<Awaited<T>>;
    }
    if (performance.now() - started > ms) throw new Error("it did not come to pass in time");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** null where the store is not there: a server that starts again first has to read its streams. */
async function unlessUnavailable<T>(what: () => T | Promise<T>): Promise<T | null> {
  try {
    return await what();
  } catch (error) {
    if (error instanceof BailiwickError && error.code === "FABRIC_UNAVAILABLE") return null;
    throw error;
  }
}

export function describeFabric(name: string, open: () => Subject): void {
  describe(`fabric: ${name}`, () => {
    let [a, b] = [] as unknown as [Fabric, Fabric];
    beforeEach(async () => {
      [a, b] = [await open().connect(), await open().connect()];
    });
    afterEach(async () => {
      await Promise.all([a.close(), b.close()]);
    });

    requests(() => [a, b], open);
    state(() => [a, b], open);
    blobs(() => [a, b]);
    jobs(() => [a, b], open);
  });
}

type Two = () => [Fabric, Fabric];

function requests(two: Two, open: () => Subject): void {
  test("a request reaches the process of its subject, with headers and bytes unchanged", async () => {
    const [a, b] = two();
    const body = randomBytes(200_000);
    const seen: Delivered[] = [];
    await b.answer("conformance.one.*", async (message) => {
      seen.push(message);
      return { headers: { ...message.headers, "x-more": "1" }, body: message.body };
    });
    const answer = await a.request(
      "conformance.one.x",
      { headers: { expert: "m0.e1" }, body },
      5000,
    );
    expect(Buffer.compare(Buffer.from(answer.body), body)).toBe(0);
    expect(answer.headers).toMatchObject({ expert: "m0.e1", "x-more": "1" });
    expect(seen[0]!.subject).toBe("conformance.one.x");
  });

  test("a subject that no process answers fails at once, one that hangs when its time is up", async () => {
    const [a, b] = two();
    await b.answer("conformance.slow", () => new Promise(() => undefined));
    const slow = a.request("conformance.slow", say(""), 3000);
    const caught = slow.catch((error: unknown) => error);
    const first = await Promise.race([
      caught,
      a.request("conformance.nobody", say(""), 30_000).catch((error: unknown) => error),
    ]);
    expect(first).toMatchObject({ code: "NODE_ABSENT" });
    expect(await caught).toMatchObject({ code: "NODE_UNAVAILABLE" });
  });

  test("a request that does not fit is refused by name, and counted by the process that refused it", async () => {
    const [a, b] = two();
    const schema = z.object({ n: z.int() });
    await b.answer("conformance.numbers", async ({ headers, body }) => {
      readMessage("a number", schema, body);
      return { headers, body };
    });
    await a.request("conformance.numbers", say('{"n":1}'), 5000);
    await expect(a.request("conformance.numbers", say('{"n":"x"}'), 5000)).rejects.toMatchObject({
      code: "MESSAGE_INVALID",
      message: expect.stringContaining("a number must fit its schema, n: "),
    });
    expect([a.refusals.total(), b.refusals.counts().get("a number")]).toEqual([0, 1]);
  });

  test("an error is answered with its code and words, a bug without", async () => {
    const [a, b] = two();
    await b.answer("conformance.fails", async ({ body }) => {
      if (text(body) === "known") throw new BailiwickError("TERM_STALE", "term must be 2, got 1");
      throw new Error("secret");
    });
    await expect(a.request("conformance.fails", say("known"), 5000)).rejects.toMatchObject({
      code: "TERM_STALE",
      message: "term must be 2, got 1",
    });
    await expect(a.request("conformance.fails", say("bug"), 5000)).rejects.toMatchObject({
      code: "WORKER_FAILED",
      message: expect.not.stringContaining("secret"),
    });
  });

  test("a published message reaches every listener, and none after it has stopped", async () => {
    const [a, b] = two();
    const heard: string[] = [];
    const others: string[] = [];
    const stop = await b.listen("conformance.news.>", ({ body }) => heard.push(text(body)));
    await b.listen("conformance.news.*.b", ({ body }) => others.push(text(body)));
    a.publish("conformance.news.a.b", say("one"));
    await until(() => heard.length === 1);
    await stop();
    a.publish("conformance.news.a.b", say("two"));
    await until(() => others.length === 2);
    expect(heard).toEqual(["one"]);
  });

  test("a peer that is killed answers no more, and others notice at once", async () => {
    const [a] = two();
    const peer = await open().startPeer("echo");
    await until(() =>
      a.request("peer.echo", say("x"), 1000).then(
        () => true,
        () => false,
      ),
    );
    let isAsked = false;
    const stop = await a.listen("peer.begun", () => {
      isAsked = true;
    });
    const hanging = a.request("peer.hang", say("x"), 1000);
    const caught = hanging.catch((error: unknown) => error);
    await until(() => isAsked);
    await stop();
    await peer.kill();
    expect(await caught).toMatchObject({ code: "NODE_UNAVAILABLE" });
    await until(async () => {
      const error = await a.request("peer.echo", say("x"), 1000).catch((own: Error) => own);
      return error instanceof BailiwickError && error.code === "NODE_ABSENT";
    });
  });
}

function state(two: Two, open: () => Subject): void {
  test("a value is put if the revision still holds, and not otherwise", async () => {
    const [a, b] = two();
    const [own, other] = [await a.bucket("homes"), await b.bucket("homes")];
    const key = `k${randomBytes(4).toString("hex")}`;
    const first = await own.put(key, bytes("one"), 0);
    expect(first).toBeGreaterThan(0);
    expect(await other.put(key, bytes("two"), 0)).toBeNull();
    const second = await other.put(key, bytes("two"), first!);
    expect(second).toBeGreaterThan(first!);
    expect(await own.put(key, bytes("three"), first!)).toBeNull();
    const entry = (await own.get(key))!;
    expect([text(entry.value), entry.revision]).toEqual(["two", second]);
    await own.delete(key);
    expect(await other.get(key)).toBeNull();
    expect(await own.put(key, bytes("four"), 0)).toBeGreaterThan(second!);
  });

  test("of many writers at once with the same revision, one succeeds", async () => {
    const [a, b] = two();
    const key = `race${randomBytes(4).toString("hex")}`;
    const buckets = [await a.bucket("homes"), await b.bucket("homes")];
    const put = Array.from({ length: 20 }, (_, i) => buckets[i % 2]!.put(key, bytes(`${i}`), 0));
    const revisions = (await Promise.all(put)).filter((revision) => revision !== null);
    expect(revisions).toHaveLength(1);
  });

  test("a watch tells what is there, then the changes in their order", async () => {
    const [a, b] = two();
    const own = await a.bucket("models");
    const key = `w${randomBytes(4).toString("hex")}`;
    await own.put(key, bytes("0"));
    const seen: string[] = [];
    const stop = await (await b.bucket("models")).watch((entry) => {
      if (entry.key === key) seen.push(entry.value === null ? "deleted" : text(entry.value));
    });
    await until(() => seen.length === 1);
    for (let i = 1; i <= 5; i++) {
      await own.put(key, bytes(`${i}`));
      await until(() => seen.length > i);
    }
    expect(seen).toEqual(["0", "1", "2", "3", "4", "5"]);
    // Those that follow at once may be told of by the last alone, but never out of order.
    seen.length = 0;
    for (let i = 0; i < 50; i++) await own.put(key, bytes(`${i}`));
    await own.delete(key);
    await until(() => seen.at(-1) === "deleted");
    const told = seen.slice(0, -1).map(Number);
    expect(told).toEqual([...new Set(told)].sort((x, y) => x - y));
    await stop();
  });

  test("a lease that is not renewed is another's to take", async () => {
    const [a] = two();
    const leases = await a.bucket("leases");
    const placer = await open().startPeer("placer");
    const held = (await until(() => leases.get("placer"))) as Entry;
    expect(await leases.put("placer", bytes("me"), 0)).toBeNull();
    // The peer renews it beyond the time after which it would lapse.
    await until(async () => {
      expect(await leases.put("placer", bytes("me"), 0)).toBeNull();
      const renewed = (await leases.get("placer"))!;
      return renewed.revision - held.revision > EXPIRES_MS.leases! / 1000;
    });
    expect(await leases.put("placer", bytes("me"), 0)).toBeNull();
    await placer.kill();
    const revision = await until(() => leases.put("placer", bytes("me"), 0));
    expect(revision).toBeGreaterThan(held.revision);
  });
}

function blobs(two: Two): void {
  test.each([0, 10, 3_000_000, 9_000_000])(
    "a blob of %i bytes comes back by its name, in its zone alone, until it is erased",
    async (n) => {
      const [a, b] = two();
      const blob = randomBytes(n);
      const name = sha256(randomBytes(8));
      await a.blobs.put(name, "eu", blob);
      await a.blobs.put(name, "eu", blob);
      expect(Buffer.compare(Buffer.from((await b.blobs.get(name, "eu"))!), blob)).toBe(0);
      expect(await b.blobs.get(name, "us")).toBeNull();
      expect(await b.blobs.get(sha256(randomBytes(8)), "eu")).toBeNull();
      await b.blobs.put(name, SOURCE, blob);
      const places = async (): Promise<readonly string[]> =>
        (await a.blobs.list()).filter((own) => own.name === name).map(({ zone }) => zone);
      expect([...(await places())].sort()).toEqual([SOURCE, "eu"]);
      await b.blobs.erase(name, "eu");
      await b.blobs.erase(name, "eu");
      expect([await places(), await a.blobs.get(name, "eu")]).toEqual([[SOURCE], null]);
      await a.blobs.erase(name, SOURCE);
      expect(await places()).toEqual([]);
    },
  );
}

function jobs(two: Two, open: () => Subject): void {
  test("jobs are done once each, in turn, the same id being the same job", async () => {
    const [a, b] = two();
    const queue = `q${randomBytes(4).toString("hex")}`;
    for (let i = 0; i < 10; i++) await a.jobs.add(queue, `${i}`, bytes(`${i}`));
    await a.jobs.add(queue, "3", bytes("3"));
    const done: string[] = [];
    const stop = await b.jobs.work(queue, async ({ id, body }) => {
      expect(text(body)).toBe(id);
      done.push(id);
    });
    await until(() => done.length >= 10);
    await a.jobs.add(queue, "last", bytes("last"));
    await until(() => done.at(-1) === "last");
    expect(done.slice(0, -1)).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    await stop();
  });

  test("a job that fails is tried again", async () => {
    const [a, b] = two();
    const queue = `f${randomBytes(4).toString("hex")}`;
    await a.jobs.add(queue, "one", bytes("x"));
    const attempts: number[] = [];
    const stop = await b.jobs.work(queue, async ({ attempt }) => {
      attempts.push(attempt);
      if (attempts.length < 3) throw new Error("not yet");
    });
    await until(() => attempts.length === 3);
    expect(attempts).toEqual([1, 2, 3]);
    await stop();
  });

  test("a job that always fails is dropped after its attempts, and the next one is done", async () => {
    const [a, b] = two();
    const queue = `d${randomBytes(4).toString("hex")}`;
    await a.jobs.add(queue, "poison", bytes("x"));
    await a.jobs.add(queue, "fine", bytes("x"));
    const tried: string[] = [];
    const stop = await b.jobs.work(queue, async ({ id }) => {
      tried.push(id);
      if (id === "poison") throw new Error("never");
    });
    const poison = (): number => tried.filter((id) => id === "poison").length;
    await until(() => tried.includes("fine") && poison() === JOB_ATTEMPTS, 30_000);
    await a.jobs.add(queue, "after", bytes("x"));
    await until(() => tried.includes("after"));
    expect(poison()).toBe(JOB_ATTEMPTS);
    await stop();
  });

  test("the job of a worker that is killed goes to another", async () => {
    const [a] = two();
    await a.jobs.purge("killed");
    const worker = await open().startPeer("worker");
    let hasBegun = false;
    await a.listen("peer.begun", () => {
      hasBegun = true;
    });
    await a.jobs.add("killed", randomBytes(4).toString("hex"), bytes("x"));
    await until(() => hasBegun);
    const attempts: number[] = [];
    const stop = await a.jobs.work("killed", async ({ attempt }) => void attempts.push(attempt));
    // It stays the worker's beyond the time after which a silent worker loses it.
    await new Promise((resolve) => setTimeout(resolve, JOB_SILENCE_MS + 1000));
    expect(attempts).toEqual([]);
    await worker.kill();
    await until(() => attempts.length === 1);
    expect(attempts[0]).toBeGreaterThan(1);
    await stop();
  });

  test("purging drops what waits", async () => {
    const [a] = two();
    const queue = `p${randomBytes(4).toString("hex")}`;
    await a.jobs.add(queue, "1", bytes("x"));
    await a.jobs.purge(queue);
    const done: string[] = [];
    const stop = await a.jobs.work(queue, async ({ id }) => void done.push(id));
    await a.jobs.add(queue, "2", bytes("x"));
    await until(() => done.length > 0);
    expect(done).toEqual(["2"]);
    await stop();
  });
}
