/**
 * Goal: a bundle that is cut, altered or made to harm is an error that names the file.
 * Method: each file cut at each tenth and changed by one bit at many places; then manifests and
 * blobs that are well-formed, with right hashes, and wrong in one way.
 */
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { encodeSafetensors, readBundle, type Tensor, writeBundle } from "../../src/bundle/index.ts";
import { readManifest } from "../../src/bundle/manifest.ts";
import { packBundle } from "../../src/bundle/pack-bundle.ts";
import { sha256 } from "../../src/shared/hash.ts";
import { makeContent, temporaryFolder } from "./models.ts";

const NOON = "2030-01-01T12:00:00.000Z";
const CONTENT = makeContent({ seed: 3, experts: ["mlp", "ridge", "mlp"], gate: "svm" });
const MANIFEST = "versions/1.json";
const BLOB = "members.0.experts.0.blob";

/** A fresh folder with CONTENT in it. */
async function freshBundle(): Promise<string> {
  const folder = temporaryFolder();
  await writeBundle(folder, CONTENT, { createdAt: NOON });
  return folder;
}

function blobNames(folder: string): readonly string[] {
  return readdirSync(join(folder, "blobs")).map((name) => `blobs/${name}`);
}

async function expectRefusal(folder: string, file: string, problem = ""): Promise<void> {
  const error: unknown = await readBundle(folder).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: expect.stringMatching(/^BUNDLE_(CORRUPT|VERSION)$/),
    details: expect.objectContaining({ file }),
  });
  expect((error as Error).message).toContain(file);
  expect((error as Error).message).toContain(problem);
}

test("a file cut at any tenth is refused by name, the card excepted", async () => {
  const folder = await freshBundle();
  for (const name of ["CURRENT", MANIFEST, ...blobNames(folder)]) {
    const whole = readFileSync(join(folder, name));
    const cuts = [...Array(10).keys()].map((tenth) => Math.floor((tenth * whole.length) / 10));
    for (const length of new Set([...cuts, whole.length - 1])) {
      truncateSync(join(folder, name), length);
      await expectRefusal(folder, name);
      writeFileSync(join(folder, name), whole);
    }
  }
  truncateSync(join(folder, "README.md"), 10);
  expect((await readBundle(folder)).model).toEqual(CONTENT.model);
});

test("a changed bit is refused", async () => {
  const folder = await freshBundle();
  for (const name of ["CURRENT", MANIFEST, ...blobNames(folder)]) {
    const whole = readFileSync(join(folder, name));
    const stride = Math.max(1, Math.floor(whole.length / 40));
    for (let place = 0; place < whole.length; place += stride) {
      const changed = Buffer.from(whole);
      changed[place]! ^= 1 << (place % 8);
      writeFileSync(join(folder, name), changed);
      // A CURRENT that names another version is the error of the version that is not there.
      const another = name === "CURRENT" && /^[1-9]\n$/.test(changed.toString("latin1"));
      await expectRefusal(folder, another ? `versions/${changed.toString()[0]}.json` : name);
    }
    writeFileSync(join(folder, name), whole);
  }
});

test("a changed bit at any place of a manifest is refused", async () => {
  const bytes = readFileSync(join(await freshBundle(), MANIFEST));
  for (let place = 0; place < bytes.length; place++) {
    bytes[place]! ^= 1 << (place % 8);
    expect(() => readManifest(bytes, MANIFEST)).toThrow(/versions\/1[.]json/);
    bytes[place]! ^= 1 << (place % 8);
  }
  expect(readManifest(bytes, MANIFEST).formatVersion).toBe(1);
});

test("a file that is longer, missing or too large is refused by name", async () => {
  const original = await freshBundle();
  for (const name of ["CURRENT", MANIFEST, ...blobNames(original)]) {
    const folder = join(temporaryFolder(), "copy");
    cpSync(original, folder, { recursive: true });
    appendFileSync(join(folder, name), "\n");
    await expectRefusal(folder, name);
    if (name === "CURRENT") continue;
    rmSync(join(folder, name));
    await expectRefusal(folder, name, "must exist");
    writeFileSync(join(folder, name), "");
    truncateSync(join(folder, name), 600_000_000);
    await expectRefusal(folder, name);
  }
});

test("a folder without CURRENT, a file and nothing at all are no bundles", async () => {
  const folder = await freshBundle();
  rmSync(join(folder, "CURRENT"));
  for (const path of [folder, join(folder, MANIFEST), join(folder, "nowhere")]) {
    await expect(readBundle(path)).rejects.toMatchObject({ code: "BUNDLE_NOT_FOUND" });
  }
});

describe("links", () => {
  test("that point outside of the folder are refused", async () => {
    const [folder, outside] = [await freshBundle(), temporaryFolder()];
    const [blob] = blobNames(folder);
    renameSync(join(folder, blob!), join(outside, "blob"));
    symlinkSync(join(outside, "blob"), join(folder, blob!));
    await expectRefusal(folder, blob!, "symbolic link");
  });

  test("that point outside through a folder in between are refused", async () => {
    const [folder, outside] = [await freshBundle(), temporaryFolder()];
    renameSync(join(folder, "versions"), join(outside, "versions"));
    symlinkSync(join(outside, "versions"), join(folder, "versions"));
    await expectRefusal(folder, "versions", "symbolic link");
  });

  test("that stay inside are refused, and so is the card as a link", async () => {
    const folder = await freshBundle();
    const [blob] = blobNames(folder);
    renameSync(join(folder, blob!), join(folder, "elsewhere"));
    symlinkSync("../elsewhere", join(folder, blob!));
    await expectRefusal(folder, blob!, "symbolic link");
    const [other, outside] = [await freshBundle(), temporaryFolder()];
    writeFileSync(join(outside, "notes"), "mine");
    rmSync(join(other, "README.md"));
    symlinkSync(join(outside, "notes"), join(other, "README.md"));
    await expectRefusal(other, "README.md", "symbolic link");
    const writing = writeBundle(other, CONTENT, { force: true });
    await expect(writing).rejects.toMatchObject({ code: "OUTPUT_OCCUPIED" });
    expect(readFileSync(join(outside, "notes"), "utf8")).toBe("mine");
  });

  test("to the whole bundle are followed", async () => {
    const folder = await freshBundle();
    const link = join(temporaryFolder(), "link");
    symlinkSync(folder, link);
    expect((await readBundle(link)).model).toEqual(CONTENT.model);
  });

  test("a folder in a file's place is refused, not opened", async () => {
    const folder = await freshBundle();
    rmSync(join(folder, MANIFEST));
    mkdirSync(join(folder, MANIFEST));
    await expectRefusal(folder, MANIFEST, "regular file");
  });
});

const PRISTINE = packBundle(CONTENT, NOON).manifest;
const [FIRST, SECOND] = PRISTINE.members[0]!.experts;

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Writes a document as a manifest, with the checksum that someone who knows how would make. */
function forge(folder: string, document: Json): void {
  const blank = `${JSON.stringify(document, null, 2)}\n`;
  const text = blank.replace(/"checksum": "0{64}"/, `"checksum": "${sha256(blank)}"`);
  writeFileSync(join(folder, MANIFEST), text);
}

/** The manifest with the value at `path`, for example "members.0.weight", replaced. */
function altered(path: string, value: Json): Json {
  const document: Json = JSON.parse(JSON.stringify({ ...PRISTINE, checksum: "0".repeat(64) }));
  const names = path.split(".");
  const last = names.pop()!;
  const holder = names.reduce((held, name) => (held as Record<string, Json>)[name]!, document);
  Object.defineProperty(holder, last, { value, enumerable: true, configurable: true });
  return document;
}

/** Replaces an expert's blob by another with a right name. */
function forgeBlob(folder: string, k: number, tensors: ReadonlyMap<string, Tensor>): string {
  const bytes = encodeSafetensors(tensors);
  const hash = sha256(bytes);
  writeFileSync(join(folder, "blobs", hash), bytes);
  forge(folder, altered(`members.0.experts.${k}.blob`, hash));
  return `blobs/${hash}`;
}

test("a forged manifest that changes nothing is read: those below fail for their change", async () => {
  const folder = await freshBundle();
  forge(folder, altered("formatVersion", 1));
  expect((await readBundle(folder)).model).toEqual(CONTENT.model);
});

const features = PRISTINE.preprocessing.features as unknown as { [name: string]: Json }[];
const degree = SECOND!.kind === "ridge" ? SECOND!.degree : 0;

test.each<[string, Json, string]>([
  ["a blob name that leads out", altered(BLOB, "../../etc/passwd"), "64 hex digits"],
  ["a blob name in capitals", altered(BLOB, FIRST!.blob.toUpperCase()), "64 hex digits"],
  ["another blob of the bundle", altered(BLOB, SECOND!.blob), "weights.0"],
  ["an unknown field", altered("extra", 1), "extra"],
  ["a field named __proto__", altered("__proto__", { polluted: 1 }), "__proto__"],
  [
    "a member's field named __proto__",
    altered("members.0.__proto__", { polluted: 1 }),
    "__proto__",
  ],
  ["no members", altered("members", []), "members"],
  ["a list for the whole", [], "object"],
  ["null for the whole", null, "object"],
  ["a scale of 0", altered("preprocessing.features.0.scale", 0), "scale"],
  ["text for a number", altered("preprocessing.target.mean", "1e999"), "mean"],
  ["a feature name twice", altered("preprocessing.features.2.name", "water"), "unique"],
  ["too few features", altered("preprocessing.features", features.slice(0, 2)), "must take 4"],
  ["too many levels", altered("preprocessing.features.1.levels", ["a", "b", "c"]), "must take 7"],
  ["no features", altered("preprocessing.features", []), "at least one feature"],
  ["a range upside down", altered("preprocessing.target.least", 1e6), "least"],
  ["a gate for four experts", altered("members.0.gate.nExperts", 4), "score 3"],
  ["a gate for other inputs", altered("members.0.gate.nFeatures", 5), "take 6"],
  ["no gate for three experts", altered("members.0.gate", null), "without a gate"],
  ["an expert of two outputs", altered("members.0.experts.0.sizes", [6, 5, 4, 2]), "1 output"],
  ["a layer wider than engines take", altered("members.0.experts.0.sizes.1", 1e9), "sizes"],
  ["another width of a layer", altered("members.0.experts.0.sizes.1", 3), "[6,3]"],
  ["an unknown activation", altered("members.0.experts.0.activation", "exec"), "activation"],
  ["an unknown kind of expert", altered("members.0.experts.0.kind", "pickle"), "kind"],
  ["another expert's id", altered("members.0.experts.0.id", "m0.e1"), "in order"],
  ["weights that do not sum to 1", altered("members.0.weight", 0.25), "sum to 1"],
  ["another degree", altered("members.0.experts.1.degree", 3 - degree), "coefficients"],
])("a well-formed manifest with %s is refused", async (_name, document, problem) => {
  const folder = await freshBundle();
  forge(folder, document);
  const error: unknown = await readBundle(folder).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "BUNDLE_CORRUPT" });
  expect((error as Error).message).toContain(problem);
  expect("polluted" in {}).toBe(false);
});

test("a later format says which was found and which is supported", async () => {
  const folder = await freshBundle();
  forge(folder, altered("formatVersion", 2));
  await expect(readBundle(folder)).rejects.toMatchObject({
    code: "BUNDLE_VERSION",
    message: expect.stringMatching(/must be 1, found 2/),
    details: { file: MANIFEST, found: 2, supported: 1 },
  });
});

describe("a well-formed blob is refused", () => {
  const { experts } = CONTENT.model.members[0]!.mixture;
  const ridge = experts[1]!;
  if (ridge.kind !== "ridge") throw new Error("expert 1 is a ridge");
  const { coefficients } = ridge;
  const good: Tensor = { dtype: "F64", shape: [coefficients.length], values: coefficients };
  const bad = coefficients.slice();
  bad[0] = Number.POSITIVE_INFINITY;
  const short = coefficients.slice(1);

  test.each<[string, [string, Tensor][], string]>([
    ["without its tensor", [], "coefficients"],
    ["with a number that is not finite", [["coefficients", { ...good, values: bad }]], "finite"],
    [
      "with another shape",
      [["coefficients", { dtype: "F64", shape: [short.length], values: short }]],
      "F64",
    ],
    [
      "with another type",
      [["coefficients", { ...good, dtype: "F32", values: Float32Array.from(coefficients) }]],
      "F32",
    ],
    [
      "with a tensor too many",
      [
        ["coefficients", good],
        ["code", good],
      ],
      "code",
    ],
  ])("%s", async (_name, tensors, problem) => {
    const folder = await freshBundle();
    const file = forgeBlob(folder, 1, new Map(tensors));
    await expectRefusal(folder, file, problem);
  });
});
