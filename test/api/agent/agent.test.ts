/**
 * Goal: an agent answers with the server's bits whatever experts it holds, asks once for those that
 * it does not, fetches only what changed, and neither bad bytes nor a lost link spoil its answers or
 * its storage; rows of class local never leave.
 * Method: agents against the real server, through a relay that notes what passes, changes answers,
 * delays them or drops the connection.
 */
import { describe, expect, test } from "vitest";
import { createAgent, memoryStorage } from "../../../src/api/agent/index.ts";
import { type ModelPlan, makeContent } from "../../bundle/models.ts";
import { expectedOf, isBlob, PLAN, type Relay, rowsOf, startRelay } from "./relay.ts";

const NO_FETCH = { byte: 1e9 };
const isAsk = ({ path }: { readonly path: string }) => path.endsWith("/experts");
const rows = rowsOf(60);

describe("answers have the server's bits", () => {
  test.each([
    ["with no expert here, by one request that has each row once", NO_FETCH, 60],
    ["with all experts here, without a request", {}, 0],
  ])("%s", async (_how, prices, nSent) => {
    const content = makeContent({ ...PLAN, nMembers: 2 });
    const relay = await startRelay(content);
    const agent = await createAgent({ from: relay.from, prices });
    await agent.settled();
    const { predictions, degraded, rowsSent } = await agent.predict(rows);
    expect(predictions).toEqual(expectedOf(content, rows));
    expect([degraded, rowsSent]).toEqual([false, nSent]);
    expect(relay.passed.filter(isAsk)).toHaveLength(nSent === 0 ? 0 : 1);
  });

  test("with some experts here: the memory holds one, and the most used ones come", async () => {
    const content = makeContent({ ...PLAN, experts: ["mlp", "mlp", "mlp"] });
    const relay = await startRelay(content);
    const one = 4 * 1.5 * (6 * 5 + 5 * 5 + 5 * 5);
    const agent = await createAgent({ from: relay.from, memoryBytes: one });
    await agent.settled();
    const before = agent.facts();
    expect(before.residentBytes).toBeLessThanOrEqual(one);
    expect(before.nResident).toBeGreaterThan(0);
    expect(before.nResident).toBeLessThan(3);
    const { predictions, rowsSent } = await agent.predict(rows);
    expect(predictions).toEqual(expectedOf(content, rows));
    expect(rowsSent).toBeGreaterThan(0);
  });

  test.each(["svm", "tree", "ensemble"] as const)("with a gate of kind %s", async (gate) => {
    const content = makeContent({ ...PLAN, experts: ["mlp", "gp", "trees"], gate });
    const relay = await startRelay(content);
    const agent = await createAgent({ from: relay.from });
    await agent.settled();
    expect(agent.facts().routesHere).toBe(gate !== "svm");
    const { predictions, rowsSent } = await agent.predict(rows);
    expect(predictions).toEqual(expectedOf(content, rows));
    expect(rowsSent).toBeGreaterThan(0);
    const shipped = gate === "svm" ? 0 : 2; // The gate and the net.
    expect(relay.passed.filter(isBlob)).toHaveLength(shipped);
  });

  test("and a row without a column, or with a text for a number, is refused as there", async () => {
    const relay = await startRelay(makeContent(PLAN));
    const agent = await createAgent({ from: relay.from });
    await expect(agent.predict([{ water: 1, age: 2 }])).rejects.toMatchObject({
      code: "COLUMN_MISSING",
    });
    const odd = { ...rows[0]!, water: "much" };
    await expect(agent.predict([odd])).rejects.toMatchObject({ code: "COLUMN_TYPE" });
  });
});

describe("a new version", () => {
  test("costs its manifest and the blobs that changed", async () => {
    const first = makeContent({ ...PLAN, experts: ["mlp", "mlp", "mlp", "mlp"] });
    const [member] = first.model.members;
    const other = makeContent({ ...PLAN, seed: 9, experts: ["mlp", "mlp"] });
    const mixture = {
      ...member!.mixture,
      experts: [
        ...member!.mixture.experts.slice(0, 3),
        other.model.members[0]!.mixture.experts[0]!,
      ],
    };
    const next = { ...first, model: { ...first.model, members: [{ ...member!, mixture }] } };
    const relay = await startRelay(first);
    const agent = await createAgent({ from: relay.from });
    await agent.settled();
    relay.passed.length = 0;
    await relay.update(next);
    await agent.refresh();
    await agent.settled();
    expect(relay.passed.filter(isBlob)).toHaveLength(1);
    const { predictions, version } = await agent.predict(rows);
    expect([version, agent.facts().nResident]).toEqual(["2", 4]);
    expect(predictions).toEqual(expectedOf(next, rows));
  });

  test("that replaces the old one within a request is taken, and the request answered by it", async () => {
    const relay = await startRelay(makeContent(PLAN));
    const agent = await createAgent({ from: relay.from, prices: NO_FETCH });
    const next = makeContent({ ...PLAN, seed: 6 });
    await relay.update(next);
    const { predictions, version } = await agent.predict(rows);
    expect(version).toBe("2");
    expect(predictions).toEqual(expectedOf(next, rows));
  });
});

describe("bad bytes", () => {
  const flip = (body: Buffer): Buffer => {
    const copy = Buffer.from(body);
    copy[copy.length >> 1]! ^= 1;
    return copy;
  };
  test.each<[string, Relay["change"]]>([
    ["with one byte changed", (_r, a) => ({ ...a, body: flip(a.body) })],
    ["cut", (_r, a) => ({ ...a, body: a.body.subarray(0, a.body.length >> 1) })],
    ["that are HTML", (_r, a) => ({ ...a, body: Buffer.from("<!doctype html><p>hello") })],
    ["that are not there", (_r, a) => ({ ...a, status: 404, body: Buffer.from('{"error":"no"}') })],
    ["elsewhere", (_r, a) => ({ ...a, status: 302, headers: { location: "/docs" } })],
    ["without end", (_r, a) => ({ ...a, body: Buffer.concat([a.body, Buffer.alloc(3e6)]) })],
    ["lost on the way", () => null],
  ])("%s: blobs are asked for again, and answers are right meanwhile", async (_what, change) => {
    const content = makeContent(PLAN);
    const relay = await startRelay(content);
    const storage = memoryStorage();
    const experts = new Set<string>();
    relay.change = (request, answer) => {
      const hash = request.path.split("/").at(-1)!;
      if (!isBlob(request) || (experts.size === 0 && experts.add(hash))) return answer; // The gate.
      return change(request, answer);
    };
    const agent = await createAgent({ from: relay.from, storage });
    await agent.settled();
    const { nResident, lastFailure } = agent.facts();
    expect([nResident, lastFailure === null]).toEqual([0, false]);
    expect((await agent.predict(rows)).predictions).toEqual(expectedOf(content, rows));
    await agent.settled();
    relay.change = (_request, answer) => answer;
    await agent.predict(rows);
    await agent.settled();
    expect(agent.facts()).toMatchObject({ nResident: 4, lastFailure: null });
    relay.passed.length = 0;
    expect((await agent.predict(rows)).predictions).toEqual(expectedOf(content, rows));
    expect(relay.passed).toEqual([]);
  });

  test.each<[string, Relay["change"]]>([
    ["with one byte changed", (_r, a) => ({ ...a, body: flip(a.body) })],
    ["cut", (_r, a) => ({ ...a, body: a.body.subarray(0, 500) })],
    ["that is HTML", (_r, a) => ({ ...a, body: Buffer.from("<!doctype html>") })],
  ])("a manifest %s is refused", async (_what, change) => {
    const relay = await startRelay(makeContent(PLAN));
    relay.change = change;
    await expect(createAgent({ from: relay.from })).rejects.toMatchObject({
      code: "BUNDLE_CORRUPT",
    });
  });

  test.each<[string, (body: string) => string]>([
    ["of another expert", (json) => json.replace(/"name":"./, '"name":"x')],
    ["to fewer rows", (json) => json.replace(/"shape":\[(\d+)\]/, '"shape":[1]')],
    ["of a program that is no server of ours", () => "<html>"],
  ])("answers %s are refused", async (_what, change) => {
    const relay = await startRelay(makeContent(PLAN));
    const agent = await createAgent({ from: relay.from, prices: NO_FETCH });
    relay.change = (request, answer) => {
      if (!isAsk(request)) return answer;
      const length = Number(answer.headers["inference-header-content-length"]);
      const json = Buffer.from(change(answer.body.subarray(0, length).toString()));
      const headers = { ...answer.headers, "inference-header-content-length": String(json.length) };
      return { ...answer, headers, body: Buffer.concat([json, answer.body.subarray(length)]) };
    };
    await expect(agent.predict(rows)).rejects.toMatchObject({ code: "SERVER_UNAVAILABLE" });
  });

  test("that the storage gives back are fetched again", async () => {
    const content = makeContent(PLAN);
    const relay = await startRelay(content);
    const storage = memoryStorage();
    await (await createAgent({ from: relay.from, storage })).settled();
    for (const name of (await storage.sizes()).keys()) {
      if (name !== "manifest")
        await storage.put(name, flip(Buffer.from((await storage.get(name))!)));
    }
    const agent = await createAgent({ from: relay.from, storage });
    await agent.settled();
    expect(agent.facts().nResident).toBe(4);
    expect((await agent.predict(rows)).predictions).toEqual(expectedOf(content, rows));
  });
});

describe("without a link", () => {
  test("an agent starts from what is kept, and answers all rows", async () => {
    const content = makeContent(PLAN);
    const relay = await startRelay(content);
    const storage = memoryStorage();
    await (await createAgent({ from: relay.from, storage })).settled();
    relay.change = () => null;
    const agent = await createAgent({ from: relay.from, storage });
    await agent.settled();
    expect((await agent.predict(rows)).predictions).toEqual(expectedOf(content, rows));
    await expect(agent.refresh()).rejects.toMatchObject({ code: "SERVER_UNAVAILABLE" });
  });

  test("it cannot start where nothing is kept, or a token is refused", async () => {
    const relay = await startRelay(makeContent(PLAN), { tokens: (token) => token === "right" });
    await expect(createAgent({ from: relay.from, token: "expired" })).rejects.toMatchObject({
      code: "REQUEST_REFUSED",
      details: { status: 401 },
    });
    expect((await createAgent({ from: relay.from, token: "right" })).facts().version).toBe("1");
    relay.change = () => null;
    await expect(createAgent({ from: relay.from })).rejects.toMatchObject({
      code: "SERVER_UNAVAILABLE",
    });
  });

  test("experts that do not answer by the deadline are left out, and the answer says so", async () => {
    const content = makeContent({ ...PLAN, experts: ["mlp", "trees"] });
    const relay = await startRelay(content);
    const agent = await createAgent({ from: relay.from });
    await agent.settled();
    relay.change = async (_request, answer) => {
      await new Promise((resolve) => setTimeout(resolve, 5000));
      return answer;
    };
    const answer = await agent.predict(rows, { deadlineMs: 100 });
    expect(answer.degraded).toBe(true);
    expect(answer.predictions.every(Number.isFinite)).toBe(true);
    relay.change = (_request, said) => said;
    const whole = await agent.predict(rows, { deadlineMs: 20_000 });
    expect([whole.degraded, whole.predictions]).toEqual([false, expectedOf(content, rows)]);
  });

  test("a storage that is full costs fetches and nothing else", async () => {
    const content = makeContent(PLAN);
    const relay = await startRelay(content);
    const put = async () => Promise.reject(new Error("QuotaExceededError"));
    const agent = await createAgent({ from: relay.from, storage: { ...memoryStorage(), put } });
    await agent.settled();
    expect(agent.facts()).toMatchObject({ nResident: 4, refusedWrites: 6 });
    expect((await agent.predict(rows)).predictions).toEqual(expectedOf(content, rows));
  });
});

describe("rows of class local", () => {
  const canaries = rowsOf(200, 7).map((row) => ({ ...row, water: 7777.125 }));
  const needle = Buffer.from("7777.125");

  test("never leave: the experts come to them", async () => {
    const content = makeContent(PLAN);
    const relay = await startRelay(content);
    const agent = await createAgent({ from: relay.from, prices: NO_FETCH });
    const { predictions, rowsSent } = await agent.predict(canaries, { class: "local" });
    expect(predictions).toEqual(expectedOf(content, canaries));
    expect(rowsSent).toBe(0);
    expect(relay.passed.filter(({ body }) => body.length > 0)).toEqual([]);
    expect(relay.passed.filter(({ method }) => method !== "GET")).toEqual([]);
    expect(relay.passed.some(({ path }) => path.includes(String(needle)))).toBe(false);
  });

  test.each([
    ["an expert", { ...PLAN, experts: ["mlp", "gp"] } as ModelPlan],
    ["the gate", { ...PLAN, gate: "svm" } as ModelPlan],
  ])("are refused where %s may not leave the server", async (_part, plan) => {
    const relay = await startRelay(makeContent(plan));
    const agent = await createAgent({ from: relay.from });
    await agent.settled();
    await expect(agent.predict(canaries, { class: "local" })).rejects.toMatchObject({
      code: "ZONE_CLOSED",
    });
    expect(relay.passed.filter(({ method }) => method === "POST")).toEqual([]);
  });
});

test.each(["http://host/v2", "ftp://host/v2/models/m", "http://u:p@host/v2/models/m"])(
  "the address %s is refused",
  async (from) => {
    await expect(createAgent({ from })).rejects.toMatchObject({ code: "INVALID_OPTION" });
  },
);
