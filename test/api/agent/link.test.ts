/**
 * Goal: a link that is slow, silent or answered by others neither stops an agent that can go on
 * nor passes unseen; tokens may change; manifests are asked for one after the other.
 * Method: agents against the real server through a relay that waits, lies or refuses.
 */
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { createAgent, memoryStorage } from "../../../src/api/agent/index.ts";
import { makeContent } from "../../bundle/models.ts";
import { type Answered, expectedOf, isBlob, PLAN, rowsOf, startRelay } from "./relay.ts";

const rows = rowsOf(60);
const isManifest = ({ path }: { readonly path: string }) => path.endsWith("/manifest");
const LOGIN: Answered = {
  status: 200,
  headers: { "content-type": "text/html" },
  body: Buffer.from("<!doctype html><title>Log in to this network</title>"),
};

describe("a network that answers in the server's place", () => {
  test("is refused at the first start, and passed over with what is kept", async () => {
    const content = makeContent(PLAN);
    const relay = await startRelay(content);
    const storage = memoryStorage();
    await (await createAgent({ from: relay.from, storage })).settled();
    relay.change = () => LOGIN;
    await expect(createAgent({ from: relay.from })).rejects.toMatchObject({
      code: "SERVER_UNAVAILABLE",
    });
    const agent = await createAgent({ from: relay.from, storage });
    await agent.settled();
    expect((await agent.predict(rows)).predictions).toEqual(expectedOf(content, rows));
    await expect(agent.refresh()).rejects.toMatchObject({ code: "SERVER_UNAVAILABLE" });
    expect(agent.facts().lastFailure).toMatch(/version and an etag/);
    relay.change = (_request, answer) => answer;
    await agent.refresh();
    expect(agent.facts().lastFailure).toBeNull();
  });

  test("and a manifest that is altered does not replace the one that is kept", async () => {
    const content = makeContent(PLAN);
    const relay = await startRelay(content);
    const storage = memoryStorage();
    await (await createAgent({ from: relay.from, storage })).settled();
    await relay.update(makeContent({ ...PLAN, seed: 6 }));
    relay.change = (request, answer) => {
      return isManifest(request) ? { ...answer, body: answer.body.subarray(0, 900) } : answer;
    };
    const agent = await createAgent({ from: relay.from, storage });
    await agent.settled();
    expect((await agent.predict(rows)).predictions).toEqual(expectedOf(content, rows));
    await expect(agent.refresh()).rejects.toMatchObject({ code: "BUNDLE_CORRUPT" });
    expect(agent.facts().version).toBe("1");
  });
});

describe("a server that stays silent", () => {
  const never = () => new Promise<null>(() => {});

  test("is given up, and what is kept answers", async () => {
    const content = makeContent(PLAN);
    const relay = await startRelay(content);
    const storage = memoryStorage();
    await (await createAgent({ from: relay.from, storage })).settled();
    relay.change = never;
    const silentMs = 100;
    await expect(createAgent({ from: relay.from, silentMs })).rejects.toMatchObject({
      code: "SERVER_UNAVAILABLE",
    });
    const agent = await createAgent({ from: relay.from, storage, silentMs });
    await agent.settled();
    expect((await agent.predict(rows)).predictions).toEqual(expectedOf(content, rows));
  });

  test("holds up neither rows of class local with a deadline nor the next prediction", async () => {
    const content = makeContent({ ...PLAN, experts: ["mlp", "ridge"] });
    const relay = await startRelay(content);
    let nBlobs = 0;
    // The gate and one expert come.
    relay.change = (request, answer) => (isBlob(request) && ++nBlobs > 2 ? never() : answer);
    const agent = await createAgent({ from: relay.from, silentMs: 2000 });
    while (agent.facts().nResident === 0) await wait(1);
    const local = { class: "local", deadlineMs: 100 } as const;
    const answer = await agent.predict(rows, local);
    expect([answer.degraded, answer.rowsSent]).toEqual([true, 0]);
    expect((await agent.predict(rows)).predictions).toEqual(expectedOf(content, rows));
  });
});

test("memory is bounded for rows of class local too", async () => {
  const content = makeContent({ ...PLAN, experts: ["mlp", "mlp", "mlp"] });
  const relay = await startRelay(content);
  const memoryBytes = 600;
  const agent = await createAgent({ from: relay.from, memoryBytes });
  const { predictions, rowsSent } = await agent.predict(rows, { class: "local" });
  expect([predictions, rowsSent]).toEqual([expectedOf(content, rows), 0]);
  expect(agent.facts().residentBytes).toBeLessThanOrEqual(memoryBytes);
});

test("a token may be had for each request, so that one that expires is replaced", async () => {
  let valid = "first";
  const content = makeContent({ ...PLAN, experts: ["gp", "trees"] });
  const relay = await startRelay(content, { tokens: (token) => token === valid, ship: ["mlp"] });
  let mine = valid;
  const agent = await createAgent({ from: relay.from, token: async () => mine });
  valid = "second";
  const refused = { code: "REQUEST_REFUSED", details: { status: 401 } };
  await expect(agent.predict(rows)).rejects.toMatchObject(refused);
  await expect(agent.predict(rows, { deadlineMs: 20_000 })).rejects.toMatchObject(refused);
  mine = valid;
  expect((await agent.predict(rows)).predictions).toEqual(expectedOf(content, rows));
});

test("manifests are asked for one after the other, and the last one is held", async () => {
  const relay = await startRelay(makeContent(PLAN));
  const agent = await createAgent({ from: relay.from });
  await agent.settled();
  let [inside, most] = [0, 0];
  relay.change = async (request, answer) => {
    if (!isManifest(request)) return answer;
    most = Math.max(most, ++inside);
    await wait(30);
    inside -= 1;
    return answer;
  };
  const asked = [agent.refresh()];
  for (const seed of [6, 7]) {
    await relay.update(makeContent({ ...PLAN, seed }));
    asked.push(agent.refresh());
  }
  await Promise.all(asked);
  expect([most, agent.facts().version]).toEqual([1, "3"]);
  const { predictions } = await agent.predict(rows);
  expect(predictions).toEqual(expectedOf(makeContent({ ...PLAN, seed: 7 }), rows));
});

test("many requests that meet a new version are all answered by it", async () => {
  const relay = await startRelay(makeContent(PLAN));
  const agent = await createAgent({ from: relay.from, prices: { byte: 1e9 } });
  const next = makeContent({ ...PLAN, seed: 6 });
  await relay.update(next);
  const answers = await Promise.all(Array.from({ length: 8 }, () => agent.predict(rows)));
  for (const { version, predictions } of answers) {
    expect([version, predictions]).toEqual(["2", expectedOf(next, rows)]);
  }
  expect(relay.passed.filter(isManifest).length).toBeLessThan(4);
});

test("two agents that share a storage do not spoil it for each other", async () => {
  const content = makeContent(PLAN);
  const relay = await startRelay(content);
  const storage = memoryStorage();
  const [first, second] = await Promise.all(
    [1, 2].map(() => createAgent({ from: relay.from, storage })),
  );
  await relay.update(makeContent({ ...PLAN, seed: 6 }));
  await second!.refresh();
  await Promise.all([first!.settled(), second!.settled()]);
  const { version } = await first!.predict(rows);
  expect(["1", "2"]).toContain(version);
  await first!.refresh();
  await first!.settled();
  relay.change = () => null;
  const offline = await createAgent({ from: relay.from, storage });
  await offline.settled();
  const { predictions } = await offline.predict(rows);
  expect(predictions).toEqual(expectedOf(makeContent({ ...PLAN, seed: 6 }), rows));
});
