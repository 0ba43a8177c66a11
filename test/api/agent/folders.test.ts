/**
 * Goal: an agent answers from a bundle's folder without a server, with its bits, within its memory,
 * and follows a version switch; a folder keeps what was fetched, within its limit.
 * Method: bundles of random parameters; files changed, cut and removed between agents.
 */
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createAgent } from "../../../src/api/agent/index.ts";
import { writeBundle } from "../../../src/bundle/index.ts";
import { type ModelPlan, makeContent, temporaryFolder } from "../../bundle/models.ts";
import { expectedOf, isBlob, PLAN, rowsOf, startRelay } from "./relay.ts";

const rows = rowsOf(60);
const ALL: ModelPlan = { ...PLAN, experts: ["mlp", "ridge", "gp", "trees"], gate: "svm" };

describe("a bundle's folder in place of a server", () => {
  test("answers rows of every class with the model's bits, for every kind of expert", async () => {
    const folder = temporaryFolder();
    const content = makeContent(ALL);
    await writeBundle(folder, content);
    const agent = await createAgent({ from: folder });
    for (const options of [{}, { class: "local" as const }]) {
      const answer = await agent.predict(rows, options);
      expect(answer.predictions).toEqual(expectedOf(content, rows));
      expect([answer.degraded, answer.rowsSent]).toEqual([false, 0]);
    }
  });

  test("and stays within its memory, whatever is asked", async () => {
    const folder = temporaryFolder();
    const content = makeContent({ ...PLAN, experts: ["mlp", "mlp", "mlp"] });
    await writeBundle(folder, content);
    const memoryBytes = 600;
    const agent = await createAgent({ from: folder, memoryBytes });
    for (let time = 0; time < 3; time++) {
      expect((await agent.predict(rows)).predictions).toEqual(expectedOf(content, rows));
      await agent.settled();
      expect(agent.facts().residentBytes).toBeLessThanOrEqual(memoryBytes);
      expect(agent.facts().nResident).toBeGreaterThan(0);
    }
  });

  test("is followed to a version that replaces the one that is held", async () => {
    const folder = temporaryFolder();
    await writeBundle(folder, makeContent(PLAN));
    const agent = await createAgent({ from: folder, memoryBytes: 0 });
    const next = makeContent({ ...PLAN, seed: 6 });
    const before = new Set(readdirSync(join(folder, "blobs")));
    await writeBundle(folder, next);
    for (const name of before) rmSync(join(folder, "blobs", name), { force: true });
    const { predictions, version } = await agent.predict(rows);
    expect(version).toBe("2");
    expect(predictions).toEqual(expectedOf(next, rows));
  });

  test("is refused where it holds no bundle, or an altered blob is needed", async () => {
    await expect(createAgent({ from: temporaryFolder() })).rejects.toMatchObject({
      code: "BUNDLE_NOT_FOUND",
    });
    const folder = temporaryFolder();
    await writeBundle(folder, makeContent({ ...PLAN, experts: ["mlp"] }));
    const [blob] = readdirSync(join(folder, "blobs"));
    truncateSync(join(folder, "blobs", blob!), 20);
    const agent = await createAgent({ from: folder });
    await expect(agent.predict(rows)).rejects.toMatchObject({ code: "BUNDLE_CORRUPT" });
  });
});

describe("a folder that keeps what was fetched", () => {
  test("starts the next agent without a server, and without asking again with one", async () => {
    const content = makeContent(PLAN);
    const relay = await startRelay(content);
    const storage = join(temporaryFolder(), "kept");
    await (await createAgent({ from: relay.from, storage })).settled();
    relay.passed.length = 0;
    const warm = await createAgent({ from: relay.from, storage });
    await warm.settled();
    expect(relay.passed.map(({ headers }) => headers["if-none-match"])).toEqual([
      expect.stringMatching(/^"[0-9a-f]{64}"$/),
    ]);
    expect([warm.facts().fetchedBytes, warm.facts().nResident]).toEqual([0, 4]);
    relay.change = () => null;
    const offline = await createAgent({ from: relay.from, storage });
    await offline.settled();
    expect((await offline.predict(rows)).predictions).toEqual(expectedOf(content, rows));
  });

  test.each([
    ["cut", (path: string) => truncateSync(path, 40)],
    ["empty", (path: string) => truncateSync(path, 0)],
    ["of other bytes", (path: string) => writeFileSync(path, "<!doctype html>")],
    ["gone", (path: string) => rmSync(path)],
  ])("may have files that are %s: they are fetched again", async (_how, spoil) => {
    const content = makeContent(PLAN);
    const relay = await startRelay(content);
    const storage = temporaryFolder();
    await (await createAgent({ from: relay.from, storage })).settled();
    const names = readdirSync(storage);
    expect(names).toHaveLength(6);
    const whole = new Map(names.map((name) => [name, readFileSync(join(storage, name))]));
    for (const name of names) spoil(join(storage, name));
    const agent = await createAgent({ from: relay.from, storage });
    await agent.settled();
    expect((await agent.predict(rows)).predictions).toEqual(expectedOf(content, rows));
    for (const [name, bytes] of whole) expect(readFileSync(join(storage, name))).toEqual(bytes);
  });

  test("keeps the gate, and of the experts what its limit has room for", async () => {
    const content = makeContent({ ...PLAN, experts: ["mlp", "mlp", "mlp", "mlp"] });
    const relay = await startRelay(content);
    const storage = temporaryFolder();
    const sizeOf = (names: readonly string[]): number =>
      names.reduce((sum, name) => sum + readFileSync(join(storage, name)).length, 0);
    await (await createAgent({ from: relay.from, storage })).settled();
    const storageBytes = sizeOf(readdirSync(storage)) - 1;
    for (const name of readdirSync(storage)) rmSync(join(storage, name));
    const agent = await createAgent({ from: relay.from, storage, storageBytes });
    await agent.settled();
    expect(agent.facts()).toMatchObject({ nResident: 4, refusedWrites: 0 });
    expect(readdirSync(storage)).toHaveLength(5);
    expect(sizeOf(readdirSync(storage))).toBeLessThanOrEqual(storageBytes);
    relay.change = (request, answer) => (isBlob(request) ? null : answer);
    const warm = await createAgent({ from: relay.from, storage, storageBytes });
    await warm.settled();
    expect(warm.facts().nResident).toBe(3);
  });

  test("loses the blobs of a version that was replaced while no agent ran", async () => {
    const relay = await startRelay(makeContent(PLAN));
    const storage = temporaryFolder();
    await (await createAgent({ from: relay.from, storage })).settled();
    const before = readdirSync(storage);
    await relay.update(makeContent({ ...PLAN, seed: 6 }));
    await (await createAgent({ from: relay.from, storage })).settled();
    const after = readdirSync(storage);
    expect(after).toHaveLength(6);
    expect(after.filter((name) => before.includes(name))).toEqual(["manifest"]);
  });
});
