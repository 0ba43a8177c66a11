/**
 * Goal: an explanation comes back as it was, per expert and by content, and old bundles still read.
 * Method: explanations drawn at random, written and read; manifests and blobs wrong in one way.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import {
  encodeSafetensors,
  readBundle,
  type Tensors,
  writeBundle,
} from "../../src/bundle/index.ts";
import { noveltyTensors } from "../../src/bundle/novelty-tensors.ts";
import { packBundle } from "../../src/bundle/pack-bundle.ts";
import { sha256 } from "../../src/shared/hash.ts";
import { explained } from "./explanations.ts";
import { makeContent, temporaryFolder } from "./models.ts";

const NOON = "2030-01-01T12:00:00.000Z";
const MANIFEST = "versions/1.json";
const CONTENT = explained(makeContent({ seed: 3, experts: ["mlp", "ridge", "mlp"], gate: "svm" }));

test("a bundle gives back the explanation that it was given", async () => {
  const folder = temporaryFolder();
  const committee = makeContent({
    seed: 5,
    experts: ["ridge", "mlp"],
    gate: "softmax",
    nMembers: 2,
  });
  for (const content of [CONTENT, explained(committee)]) {
    await writeBundle(folder, content);
    const bundle = await readBundle(folder);
    expect(bundle.explanation).toEqual(content.explanation);
    expect(bundle.model).toEqual(content.model);
  }
});

test("the card tells the rules, users' names escaped", async () => {
  const folder = temporaryFolder();
  await writeBundle(folder, CONTENT);
  const card = readFileSync(join(folder, "README.md"), "utf8");
  expect(card).toContain(
    "- m0.e0 where water ≥ 150.5 and mill \\| \\*type\\* is &lt;b&gt; or missing",
  );
  expect(card).toContain("- m0.e1 where no training rows");
});

test("a bundle written without is read without, and models/concrete is one", async () => {
  const folder = temporaryFolder();
  await writeBundle(folder, makeContent({ seed: 3, experts: ["mlp"], gate: "svm" }));
  expect((await readBundle(folder)).explanation).toBeNull();
  const text = readFileSync(join(folder, MANIFEST), "utf8");
  expect(text).not.toMatch(/explanation|boundaryMargin/);
  const concrete = await readBundle(
    fileURLToPath(new URL("../../models/concrete", import.meta.url)),
  );
  expect(concrete.model.members).toHaveLength(1);
});

test("another novelty of one expert is one other blob; no rows are kept", async () => {
  const before = packBundle(CONTENT, NOON);
  const [member] = CONTENT.explanation.members;
  const [first, ...others] = member!.experts;
  const slack = first!.novelty.slack.map((value) => 2 * value);
  const changed = { ...first!, novelty: { ...first!.novelty, slack } };
  const members = [{ ...member!, experts: [changed, ...others] }];
  const after = packBundle({ ...CONTENT, explanation: { members } }, NOON);
  const fresh = [...after.blobs.keys()].filter((hash) => !before.blobs.has(hash));
  expect(fresh).toHaveLength(1);
  expect(after.manifest.members[0]!.experts[0]!.explanation!.noveltyBlob).toBe(fresh[0]);
});

describe("an explanation that does not fit its model is refused before anything is written", () => {
  const { explanation } = CONTENT;
  const [member] = explanation.members;
  const [expert] = member!.experts;
  const { novelty, card } = expert!;
  const withExpert = (changed: object) => ({
    members: [{ ...member!, experts: [{ ...expert!, ...changed }, ...member!.experts.slice(1)] }],
  });
  const withNovelty = (changed: object) => withExpert({ novelty: { ...novelty, ...changed } });
  const withCard = (changed: object) => withExpert({ card: { ...card, ...changed } });
  const condition = { kind: "range", feature: "water", from: null, to: null, orMissing: true };
  const other = { kind: "missing", feature: "salt", missing: true };

  test.each<[string, unknown, RegExp]>([
    ["of too few members", { members: [] }, /must be 1, got 0/],
    ["of too few experts", { members: [{ ...member!, experts: [] }] }, /must be 3, got 0/],
    ["with a margin above 1", { members: [{ ...member!, boundaryMargin: 2 }] }, /boundaryMargin/],
    [
      "with a purity that is not a number",
      withCard({ rule: { ...card.rule!, purity: Number.NaN } }),
      /purity/,
    ],
    [
      "with a range without a bound",
      withCard({ rule: { ...card.rule!, alternatives: [[condition]] } }),
      /bound/,
    ],
    [
      "with a column that is not there",
      withCard({ rule: { ...card.rule!, alternatives: [[other]] } }),
      /salt/,
    ],
    [
      "with an effect of a category as a number",
      withCard({ effects: [{ ...card.effects[0]!, feature: "mill | *type*" }] }),
      /mill/,
    ],
    [
      "with an answer too few",
      withCard({ effects: [{ ...card.effects[0]!, answers: [1] }] }),
      /answer/,
    ],
    ["with a radius of 0", withNovelty({ radii: new Float32Array(3) }), /radii must hold positive/],
    [
      "with a slack that is not finite",
      withNovelty({ slack: novelty.slack.map(() => Infinity) }),
      /slack must hold finite/,
    ],
    ["for other inputs", withNovelty({ whitening: new Float32Array(5) }), /whitening/],
  ])("%s", async (_name, broken, problem) => {
    const folder = temporaryFolder();
    const content = { ...CONTENT, explanation: broken as typeof explanation };
    await expect(writeBundle(folder, content)).rejects.toMatchObject({
      code: expect.stringMatching(/^(INVALID_OPTION|SHAPE_MISMATCH)$/),
      message: expect.stringMatching(problem),
    });
    expect(readdirSync(folder)).toEqual([]);
  });
});

/** What the tests change in a manifest. */
interface MemberJson {
  boundaryMargin?: number;
  readonly experts: {
    readonly blob: string;
    explanation?: { noveltyBlob: string; readonly effects: { feature: string }[] };
  }[];
}

describe("a forged bundle is refused by name", () => {
  /** Writes the manifest changed by `change`, with a right checksum. */
  async function forge(change: (member: MemberJson) => void, blob?: Uint8Array): Promise<string> {
    const folder = temporaryFolder();
    await writeBundle(folder, CONTENT, { createdAt: NOON });
    const document = JSON.parse(readFileSync(join(folder, MANIFEST), "utf8"));
    change(document.members[0]);
    const blank = `${JSON.stringify({ ...document, checksum: "0".repeat(64) }, null, 2)}\n`;
    const text = blank.replace(/"checksum": "0{64}"/, `"checksum": "${sha256(blank)}"`);
    writeFileSync(join(folder, MANIFEST), text);
    if (blob !== undefined) writeFileSync(join(folder, "blobs", sha256(blob)), blob);
    return folder;
  }
  const refusal = (problem: RegExp) => ({
    code: "BUNDLE_CORRUPT",
    message: expect.stringMatching(problem),
  });

  test("that explains one expert and not another, or no boundaries", async () => {
    const partly = await forge((member) => delete member.experts[2]!.explanation);
    await expect(readBundle(partly)).rejects.toMatchObject(refusal(/m0\.e2 must be explained/));
    const unbounded = await forge((member) => delete member.boundaryMargin);
    await expect(readBundle(unbounded)).rejects.toMatchObject(refusal(/boundaryMargin/));
  });

  test("that names a blob elsewhere, or one of another kind", async () => {
    const outside = await forge((member) => {
      member.experts[0]!.explanation!.noveltyBlob = "../../etc/passwd";
    });
    await expect(readBundle(outside)).rejects.toMatchObject(refusal(/64 hex digits/));
    const weights = await forge((member) => {
      member.experts[0]!.explanation!.noveltyBlob = member.experts[0]!.blob;
    });
    await expect(readBundle(weights)).rejects.toMatchObject(refusal(/blobs\/.*must hold a tensor/));
  });

  test("whose blob claims other shapes, or holds more", async () => {
    const { novelty } = CONTENT.explanation.members[0]!.experts[0]!;
    const tensors = noveltyTensors(novelty);
    const [d1, d2] = [tensors.get("least")!, tensors.get("centroids")!];
    const broken: readonly [Tensors, RegExp][] = [
      [new Map([...tensors, ["rows", d1]]), /no other tensors, got rows/],
      [new Map([...tensors, ["least", d2]]), /least must be F32 \[6\]/],
    ];
    for (const [own, problem] of broken) {
      const blob = encodeSafetensors(own);
      const folder = await forge((member) => {
        member.experts[0]!.explanation!.noveltyBlob = sha256(blob);
      }, blob);
      await expect(readBundle(folder)).rejects.toMatchObject(refusal(problem));
    }
  });

  test("that nests text without limit", async () => {
    const folder = await forge((member) => {
      member.experts[0]!.explanation!.effects[0]!.feature = "x".repeat(20_000);
    });
    await expect(readBundle(folder)).rejects.toMatchObject(refusal(/feature/));
  });
});
