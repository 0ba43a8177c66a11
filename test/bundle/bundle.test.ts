/**
 * Goal: what is read from a bundle is what was written, bit for bit, and only that can be written.
 * Method: random models of every kind of expert and gate, written and read; equal content gives
 * equal bytes; versions follow each other and leave nothing behind.
 */
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type BundleContent,
  bundleDigest,
  readBundle,
  writeBundle,
} from "../../src/bundle/index.ts";
import { sha256 } from "../../src/shared/hash.ts";
import { packageVersion } from "../../src/shared/version.ts";
import { makeContent, temporaryFolder } from "./models.ts";

const TWO_EXPERTS = { seed: 1, experts: ["mlp", "ridge"], gate: "softmax" } as const;
const NOON = "2030-01-01T12:00:00.000Z";

/** Every file below a folder by its path. */
function filesOf(folder: string): Readonly<Record<string, string>> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    entries.sort().map((path) => [path.slice(folder.length + 1), readFileSync(path, "latin1")]),
  );
}

test("every kind of expert and gate comes back bit for bit", async () => {
  const folder = temporaryFolder();
  const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
  const scale = fc.double({ min: 1e-300, noDefaultInfinity: true, noNaN: true });
  const feature = fc.oneof(
    fc.record({
      type: fc.constant("number" as const),
      name: fc.string(),
      median: number,
      mean: number,
      scale,
      indicator: fc.boolean(),
    }),
    fc.record({
      type: fc.constant("category" as const),
      name: fc.string(),
      levels: fc.uniqueArray(fc.string({ unit: "grapheme" }), { maxLength: 4 }),
    }),
  );
  const plan = fc.record({
    seed: fc.integer(),
    experts: fc.array(
      fc.constantFrom("mlp" as const, "ridge" as const, "gp" as const, "trees" as const),
      {
        minLength: 1,
        maxLength: 4,
      },
    ),
    gate: fc.constantFrom(
      "softmax" as const,
      "ensemble" as const,
      "tree" as const,
      "linear" as const,
      "quadratic" as const,
      "svm" as const,
    ),
    hidden: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 3 }),
    nMembers: fc.integer({ min: 1, max: 3 }),
    features: fc.uniqueArray(feature, { minLength: 1, maxLength: 4, selector: (f) => f.name }),
  });
  await fc.assert(
    fc.asyncProperty(plan, async (drawn) => {
      const content = makeContent(drawn);
      const { digest } = await writeBundle(folder, content);
      const bundle = await readBundle(folder);
      expect(bundle.model).toEqual(content.model);
      expect(bundle.manifest.provenance).toEqual(content.facts.provenance);
      expect(bundle.digest).toBe(digest);
    }),
    { numRuns: 60 },
  );
}, 60_000);

test("a bundle is a CURRENT, a manifest, blobs named by their hash, and a card", async () => {
  const folder = temporaryFolder();
  await writeBundle(folder, makeContent(TWO_EXPERTS), { createdAt: NOON });
  const files = filesOf(folder);
  const blobs = Object.keys(files).filter((name) => name.startsWith("blobs/"));
  expect(Object.keys(files)).toEqual(["CURRENT", "README.md", ...blobs, "versions/1.json"]);
  expect(files).toMatchObject({ CURRENT: "1\n" });
  expect(blobs).toHaveLength(3);
  for (const name of blobs) expect(sha256(Buffer.from(files[name]!, "latin1"))).toBe(name.slice(6));
  const { manifest } = await readBundle(folder);
  expect(manifest).toMatchObject({
    formatVersion: 1,
    packageVersion: packageVersion(),
    createdAt: NOON,
  });
  expect(manifest.members[0]!.experts.map(({ id }) => id)).toEqual(["m0.e0", "m0.e1"]);
});

test("the checksum is that of the file with its own digits as zeros", async () => {
  const folder = temporaryFolder();
  await writeBundle(folder, makeContent(TWO_EXPERTS));
  const { manifest } = await readBundle(folder);
  const text = readFileSync(join(folder, "versions/1.json"), "utf8");
  expect(sha256(text.replace(manifest.checksum, "0".repeat(64)))).toBe(manifest.checksum);
});

test("equal content gives equal bytes, another date changes the date and the checksum alone", async () => {
  const [first, second, later] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
  await writeBundle(first, makeContent(TWO_EXPERTS), { createdAt: NOON });
  await writeBundle(second, makeContent(TWO_EXPERTS), { createdAt: NOON });
  await writeBundle(later, makeContent(TWO_EXPERTS), { createdAt: "2031-01-01T12:00:00.000Z" });
  expect(filesOf(second)).toEqual(filesOf(first));
  expect(await bundleDigest(later)).toBe(await bundleDigest(first));
  const { "versions/1.json": dated, ...rest } = filesOf(later);
  expect(filesOf(first)).toMatchObject(rest);
  expect(
    dated!.split("\n").filter((line) => !filesOf(first)["versions/1.json"]!.includes(line)),
  ).toEqual([expect.stringContaining("createdAt"), expect.stringContaining("checksum")]);
});

test("another seed or another fact gives another digest", async () => {
  const folder = temporaryFolder();
  const content = makeContent(TWO_EXPERTS);
  const { digest } = await writeBundle(folder, content);
  const other = await writeBundle(folder, makeContent({ ...TWO_EXPERTS, seed: 2 }));
  const provenance = { ...content.facts.provenance, nTrain: 1029 };
  const third = await writeBundle(folder, { ...content, facts: { ...content.facts, provenance } });
  expect(new Set([digest, other.digest, third.digest]).size).toBe(3);
});

describe("writing over a bundle", () => {
  test("takes the next number and removes the old version and what killed writers left", async () => {
    const folder = temporaryFolder();
    await writeBundle(folder, makeContent(TWO_EXPERTS));
    writeFileSync(join(folder, `blobs/${"0".repeat(64)}`), "left over");
    writeFileSync(join(folder, ".CURRENT.0123456789ab.tmp"), "left over");
    const next = makeContent({ ...TWO_EXPERTS, seed: 2 });
    expect((await writeBundle(folder, next)).version).toBe(2);
    expect((await readBundle(folder)).model).toEqual(next.model);
    const names = Object.keys(filesOf(folder));
    expect(names.filter((name) => name.startsWith("blobs/"))).toHaveLength(3);
    expect(names.filter((name) => !name.startsWith("blobs/"))).toEqual([
      "CURRENT",
      "README.md",
      "versions/2.json",
    ]);
  });

  test("keeps earlier versions on request, and a rolled back bundle's numbers are not reused", async () => {
    const folder = temporaryFolder();
    const first = makeContent(TWO_EXPERTS);
    await writeBundle(folder, first);
    await writeBundle(folder, makeContent({ ...TWO_EXPERTS, seed: 2 }), { keepVersions: true });
    writeFileSync(join(folder, "CURRENT"), "1\n");
    expect((await readBundle(folder)).model).toEqual(first.model);
    const third = await writeBundle(folder, first, { keepVersions: true });
    expect(third.version).toBe(3);
    expect(readdirSync(join(folder, "versions"))).toEqual(["1.json", "2.json", "3.json"]);
    expect(readdirSync(join(folder, "blobs"))).toHaveLength(6);
  });

  test("leaves alone what others put into a folder that was forced", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "thesis.tex"), "years of work");
    const content = makeContent(TWO_EXPERTS);
    await expect(writeBundle(folder, content)).rejects.toMatchObject({
      code: "OUTPUT_OCCUPIED",
      message: expect.stringContaining("thesis.tex"),
    });
    await writeBundle(folder, content, { force: true });
    await writeBundle(folder, content, { force: true });
    expect(filesOf(folder)["thesis.tex"]).toBe("years of work");
  });

  test("refuses a folder that holds a lone README.md, which may be anyone's", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "README.md"), "mine");
    const writing = writeBundle(folder, makeContent(TWO_EXPERTS));
    await expect(writing).rejects.toMatchObject({ code: "OUTPUT_OCCUPIED" });
    expect(filesOf(folder)).toEqual({ "README.md": "mine" });
  });

  test("never writes or removes through a link in a folder's place", async () => {
    const [folder, elsewhere] = [temporaryFolder(), temporaryFolder()];
    writeFileSync(join(elsewhere, "a".repeat(64)), "not ours");
    mkdirSync(join(folder, "versions"));
    symlinkSync(elsewhere, join(folder, "blobs"));
    const writing = writeBundle(folder, makeContent(TWO_EXPERTS));
    await expect(writing).rejects.toMatchObject({ code: "OUTPUT_OCCUPIED" });
    expect(readdirSync(elsewhere)).toEqual(["a".repeat(64)]);
  });
});

describe("content that could not be read back is refused before anything is written", () => {
  const content = makeContent({ seed: 1, experts: ["mlp", "mlp"], gate: "svm" });
  const { model, facts } = content;
  const [member] = model.members;
  const { mixture } = member!;
  const withMixture = (changed: object): BundleContent => ({
    model: { ...model, members: [{ weight: 1, mixture: { ...mixture, ...changed } }] },
    facts,
  });
  const withFact = (changed: object): BundleContent => ({
    model,
    facts: { ...facts, provenance: { ...facts.provenance, ...changed } },
  });
  const nanNet = makeContent({ seed: 1, experts: ["mlp"], gate: "softmax" }).model.members[0]!
    .mixture.experts[0]!;
  if (nanNet.kind === "mlp") nanNet.net.parameters[3] = Number.NaN;

  test.each<[string, BundleContent, string]>([
    ["a parameter that is not finite", withMixture({ experts: [nanNet, nanNet] }), "finite"],
    ["a fact that is not finite", withFact({ seed: Number.NaN }), "seed"],
    ["a hash that is none", withFact({ dataSha256: "../../etc/passwd" }), "hex"],
    ["a gate for one expert", withMixture({ experts: [mixture.experts[0]] }), "1"],
    ["experts without a gate", withMixture({ gate: null }), "gate"],
    [
      "weights that do not sum to 1",
      { model: { ...model, members: [{ ...member!, weight: 0.5 }] }, facts },
      "sum to 1",
    ],
    ["a report too few", { model, facts: { ...facts, experts: [[]] } }, "must be 2, got 0"],
  ])("%s", async (_name, broken, problem) => {
    const folder = temporaryFolder();
    await expect(writeBundle(folder, broken)).rejects.toMatchObject({
      code: expect.stringMatching(/^(INVALID_OPTION|SHAPE_MISMATCH)$/),
      message: expect.stringContaining(problem),
    });
    expect(readdirSync(folder)).toEqual([]);
  });
});

test("the card names target, columns, experts, verdict and use, and escapes what users wrote", async () => {
  const folder = temporaryFolder();
  await writeBundle(folder, makeContent({ ...TWO_EXPERTS, nMembers: 2 }));
  const card = readFileSync(join(folder, "README.md"), "utf8");
  for (const part of [
    "# A model that predicts strength",
    "bailiwick predict <bundle> <data>",
    "Worth it",
    "squared error 9.1 % lower",
    "| m1.e1 | ridge | 50.0 % | 51 |",
    "- water: number",
    "mill \\| \\*type\\*: category (a, &lt;b&gt;)",
    "concrete, sha256 abab",
  ]) {
    expect(card).toContain(part);
  }
});
