/**
 * Goal: beside a writer, and after one that found the disk full, the bundle is the old one or the
 * new one, whole (kills.test.ts kills writers).
 * Method: a bundle is read again and again while a child process writes two bundles over each other
 * without end; a child may not write files beyond a size, as on a full disk.
 */
import { spawn, spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readBundle, writeBundle } from "../../src/bundle/index.ts";
import { makeContent, temporaryFolder } from "../bundle/models.ts";
import { linkPackage } from "../link-package.ts";

const OLD = makeContent({ seed: 1, experts: ["mlp", "mlp", "ridge"], gate: "softmax" });

/** Rewrites the bundle it finds, turn by turn with a net's parameters negated and as they were. */
const WRITER = `
import { readBundle, writeBundle } from "./dist/bundle/index.js";
const [folder, once] = process.argv.slice(2);
const { model, manifest } = await readBundle(folder);
const experts = manifest.members.map((member) => member.experts);
const content = { model, facts: { provenance: manifest.provenance, experts } };
const { net } = model.members[0].mixture.experts[0];
do {
  for (let p = 0; p < net.parameters.length; p++) net.parameters[p] *= -1;
  const outcome = await writeBundle(folder, content).catch((error) => error);
  if (outcome instanceof Error) {
    console.log(JSON.stringify({ code: outcome.code, cause: outcome.cause?.code }));
    process.exit(2);
  }
  console.log(outcome.digest);
} while (once === undefined);
`;

/** A bundle and a program that writes over it, and the digests that it may have. */
async function setUp(content = OLD): Promise<{ folder: string; digests: readonly string[] }> {
  const folder = temporaryFolder();
  linkPackage(folder);
  writeFileSync(join(folder, "writer.js"), WRITER);
  const bundle = join(folder, "bundle");
  const { digest } = await writeBundle(bundle, content);
  const [expert] = content.model.members[0]!.mixture.experts;
  if (expert?.kind !== "mlp") throw new Error("expert 0 is a net");
  const negated = {
    ...expert,
    net: { ...expert.net, parameters: expert.net.parameters.map((p) => -p) },
  };
  const [member] = content.model.members;
  const mixture = { ...member!.mixture, experts: [negated, ...member!.mixture.experts.slice(1)] };
  const other = { ...content, model: { ...content.model, members: [{ weight: 1, mixture }] } };
  const written = await writeBundle(temporaryFolder(), other);
  return { folder, digests: [digest, written.digest] };
}

/** Starts an endless writer, waits for its first bundle, and gives back what kills it. */
async function startWriter(folder: string): Promise<() => Promise<unknown>> {
  const child = spawn(process.execPath, ["writer.js", "bundle"], { cwd: folder });
  const ended = new Promise((resolve) => child.once("close", (_code, signal) => resolve(signal)));
  const kill = (): Promise<unknown> => {
    child.kill("SIGKILL");
    return ended;
  };
  onTestFinished(async () => void (await kill()));
  await Promise.race([ended, new Promise((resolve) => child.stdout.once("data", resolve))]);
  return kill;
}

test("a reader beside a writer sees the old bundle or the new", async () => {
  const { folder, digests } = await setUp();
  const kill = await startWriter(folder);
  const versions = new Set<number>();
  for (let reading = 0; reading < 100; reading++) {
    const { digest, version } = await readBundle(join(folder, "bundle"));
    expect(digests).toContain(digest);
    versions.add(version);
  }
  expect(versions.size).toBeGreaterThan(1);
  expect(await kill()).toBe("SIGKILL");
}, 60_000);

test("a full disk is WRITE_FAILED with the system's reason and leaves the old bundle whole", async () => {
  const large = makeContent({ seed: 1, experts: ["mlp"], gate: "softmax", hidden: [64, 64] });
  const { folder, digests } = await setUp(large);
  const before = readdirSync(join(folder, "bundle"), { recursive: true });
  const limited = 'ulimit -f 8 && exec "$0" writer.js bundle once';
  const child = spawnSync("bash", ["-c", limited, process.execPath], { cwd: folder });
  expect(JSON.parse(child.stdout.toString())).toEqual({ code: "WRITE_FAILED", cause: "EFBIG" });
  expect((await readBundle(join(folder, "bundle"))).digest).toBe(digests[0]);
  expect(readdirSync(join(folder, "bundle"), { recursive: true })).toEqual(before);
}, 60_000);
