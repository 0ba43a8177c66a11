/**
 * Goal: a bundle's next version is served without a failed or mixed answer, and a broken one not
 * at all.
 * Method: real bundles on disk, switched under load.
 */
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { createRegistry, createServer, serveBundles } from "../../src/api/index.ts";
import { writeBundle } from "../../src/bundle/index.ts";
import { makeContent } from "../bundle/models.ts";
import { engine } from "./model.ts";

const content = (seed: number) => makeContent({ seed, experts: ["mlp", "ridge"], gate: "softmax" });

/** A server of the model `m` and of another one, `n`, whose bundles are looked at in turn. */
async function watched(maxVersions = 2) {
  const [folder, other] = [0, 1].map(() => mkdtempSync(join(tmpdir(), "bailiwick-watch-")));
  onTestFinished(() => {
    for (const made of [folder, other]) rmSync(made!, { recursive: true });
  });
  await writeBundle(folder!, content(1));
  await writeBundle(other!, content(1));
  const registry = createRegistry({ engine });
  const lines: string[] = [];
  const log = { level: "info" as const, write: (line: string) => void lines.push(line) };
  const server = createServer(registry, { log });
  const sources = [
    { name: "m", folder: folder! },
    { name: "n", folder: other! },
  ];
  const options = { ...server, registry, maxVersions, everyMs: 20 };
  const watch = await serveBundles(sources, options);
  onTestFinished(() => watch.close());
  const rows = [{ water: 150, age: 7, "mill | *type*": "a" }];
  const predict = async (version?: string) =>
    (
      await server.http.inject({
        method: "POST",
        url: "/v1/predict",
        payload: { model: "m", rows, version },
      })
    ).json();
  return { folder: folder!, other: other!, registry, server, lines, predict };
}

/** By renaming: a watcher sees the old file or the new one, never half of it. */
function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

test("under load every answer is whole: each version has one prediction, none fails", async () => {
  const { folder, predict, server } = await watched();
  const seen = new Map<string, Set<number>>();
  let done = false;
  const load = async (): Promise<void> => {
    while (!done) {
      const { version, predictions } = await predict();
      const answers = seen.get(version) ?? new Set();
      seen.set(version, answers.add(predictions[0]));
    }
  };
  const clients = [load(), load(), load()];
  for (const seed of [2, 3]) {
    await writeBundle(folder, content(seed));
    await expect.poll(() => seen.has(String(seed)), { timeout: 10_000 }).toBe(true);
  }
  done = true;
  await Promise.all(clients);
  expect([...seen.keys()]).toEqual(["1", "2", "3"]);
  expect([...seen.values()].map(({ size }) => size)).toEqual([1, 1, 1]);
  expect(await server.metrics.text()).toMatch(
    /bailiwick_reloads_total\{model="m",outcome="loaded"\} 2/,
  );
});

test("older versions that the folder keeps can be named, up to the given number", async () => {
  const { folder, registry, predict } = await watched(2);
  const first = (await predict()).predictions;
  await writeBundle(folder, content(2), { keepVersions: true });
  await expect.poll(() => registry.find("m").version).toBe("2");
  expect((await predict("1")).predictions).toEqual(first);
  await writeBundle(folder, content(3), { keepVersions: true });
  await expect.poll(() => registry.find("m").version).toBe("3");
  expect((await predict("1")).error).toContain("must be asked for in version 3, 2");
});

test("a rollback is a switch like others", async () => {
  const { folder, registry } = await watched(2);
  await writeBundle(folder, content(2), { keepVersions: true });
  await expect.poll(() => registry.find("m").version).toBe("2");
  replaceFile(join(folder, "CURRENT"), "1\n");
  await expect.poll(() => registry.find("m").version).toBe("1");
});

test("a broken version changes nothing, is logged once and replaced by the next whole one", async () => {
  const { folder, other, registry, lines, server, predict } = await watched();
  const before = await predict();
  // The moment to try again does not come, however slow the machine is.
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
  replaceFile(join(folder, "CURRENT"), "7\n");
  await expect.poll(() => lines.length).toBe(1);
  expect(JSON.parse(lines[0]!)).toMatchObject({
    level: 50,
    model: "m",
    msg: "kept the old version",
    err: { code: "BUNDLE_CORRUPT" },
  });
  expect(await predict()).toEqual(before);
  // When the other model has changed twice, this one was looked at again in between.
  for (const version of ["2", "3"]) {
    await writeBundle(other, content(Number(version)));
    await expect.poll(() => registry.find("n").version, { timeout: 10_000 }).toBe(version);
  }
  expect(lines.filter((line) => JSON.parse(line).model === "m")).toHaveLength(1);
  expect(await server.metrics.text()).toMatch(/model="m",outcome="failed"\} 1/);
  replaceFile(join(folder, "CURRENT"), "1\n");
  await writeBundle(folder, content(2));
  await expect.poll(() => registry.find("m").version).toBe("2");
});

test("a folder that is no bundle is refused at the start", async () => {
  const registry = createRegistry({ engine });
  const server = createServer(registry);
  const sources = [{ name: "m", folder: "/nothing/here" }];
  await expect(
    serveBundles(sources, { ...server, registry, maxVersions: 1 }),
  ).rejects.toMatchObject({
    code: "BUNDLE_NOT_FOUND",
  });
});

test("another manifest under the same number is served, although CURRENT stays as it is", async () => {
  const { folder, registry, predict } = await watched();
  const before = await predict();
  const brought = mkdtempSync(join(tmpdir(), "bailiwick-watch-"));
  onTestFinished(() => rmSync(brought, { recursive: true }));
  await writeBundle(brought, content(2));
  expect(readFileSync(join(brought, "CURRENT"))).toEqual(readFileSync(join(folder, "CURRENT")));
  // As `git pull` and `rsync` do: what has the same bytes is not touched, blobs come first.
  cpSync(join(brought, "blobs"), join(folder, "blobs"), { recursive: true });
  const manifest = join(folder, "versions/1.json");
  replaceFile(manifest, readFileSync(join(brought, "versions/1.json"), "utf8"));
  const { digest } = registry.find("m").bundle;
  await expect.poll(() => registry.find("m").bundle.digest, { timeout: 10_000 }).not.toBe(digest);
  const after = await predict();
  expect(after.version).toBe(before.version);
  expect(after.predictions).not.toEqual(before.predictions);
});

test("a manifest written in place, with its old time and size, is noticed too", async () => {
  const { folder, lines } = await watched();
  const manifest = join(folder, "versions/1.json");
  const text = readFileSync(manifest, "utf8");
  writeFileSync(manifest, text.replace('"formatVersion"', '"formatversion"'));
  utimesSync(manifest, 1, 1);
  await expect.poll(() => lines.join("").includes("kept the old version")).toBe(true);
});

test("a version that was removed from the folder after the switch can be asked for no more", async () => {
  const { folder, predict } = await watched();
  await writeBundle(folder, content(2), { keepVersions: true });
  await expect.poll(async () => (await predict()).version, { timeout: 10_000 }).toBe("2");
  expect(await predict("1")).toMatchObject({ version: "1" });
  rmSync(join(folder, "versions", "1.json"));
  await expect.poll(async () => (await predict("1")).error).toMatch(/in version 2, got "1"/);
  expect((await predict()).version).toBe("2");
});
