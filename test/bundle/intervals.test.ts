/**
 * Goal: what intervals are told by comes back to the bit, one blob a regime; older bundles still
 * read, and spoilt ones do not.
 * Method: calibrations drawn at random, written and read; manifests and blobs wrong in one way.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeSafetensors, readBundle, writeBundle } from "../../src/bundle/index.ts";
import { packBundle } from "../../src/bundle/pack-bundle.ts";
import { type Calibration, createIntervals, MAX_QUANTILES } from "../../src/mixture/index.ts";
import { sha256 } from "../../src/shared/hash.ts";
import { calibrated } from "./calibrations.ts";
import { makeContent, temporaryFolder } from "./models.ts";

const NOON = "2030-01-01T12:00:00.000Z";
const MANIFEST = "versions/1.json";
const PLAN = { seed: 3, experts: ["mlp", "ridge"], gate: "svm" } as const;
const CONTENT = calibrated(makeContent(PLAN));

test("a bundle gives back the calibration that it was given, to the bit", async () => {
  const folder = temporaryFolder();
  const committee = makeContent({ ...PLAN, nMembers: 2 });
  await fc.assert(
    fc.asyncProperty(
      fc.integer(),
      fc.integer({ min: 1, max: 2500 }),
      fc.integer({ min: 0, max: 1 }),
      async (seed, perRegime, member) => {
        const content = calibrated(committee, { seed, perRegime, member });
        await writeBundle(folder, content);
        expect((await readBundle(folder)).model).toEqual(content.model);
      },
    ),
    { numRuns: 20 },
  );
});

test("a bundle written without says that it has no intervals", async () => {
  const folder = temporaryFolder();
  await writeBundle(folder, makeContent(PLAN));
  expect(readFileSync(join(folder, MANIFEST), "utf8")).not.toContain("intervals");
  const { model } = await readBundle(folder);
  expect(() => createIntervals(model, 0.9)).toThrow(
    expect.objectContaining({ code: "INTERVALS_MISSING" }),
  );
});

test("of however many errors a blob holds at most 2,000 sizes", () => {
  const content = calibrated(CONTENT, { perRegime: 10_000 });
  const { manifest, blobs } = packBundle(content, NOON);
  const { pooled } = manifest.intervals!;
  expect(pooled.nErrors).toBe(20_000);
  expect(blobs.get(pooled.blob)!.length).toBeLessThan(8 * MAX_QUANTILES + 200);
});

test("other errors of one regime are one other blob, and another digest", () => {
  const before = packBundle(CONTENT, NOON);
  const { intervals } = CONTENT.model;
  const [first, second] = intervals.regimes;
  const regimes = [first!, { ...second!, sizes: second!.sizes.map((size) => 2 * size) }];
  const model = { ...CONTENT.model, intervals: { ...intervals, regimes } };
  const after = packBundle({ ...CONTENT, model }, NOON);
  const fresh = [...after.blobs.keys()].filter((hash) => !before.blobs.has(hash));
  expect(fresh).toEqual([after.manifest.intervals!.regimes[1]!.blob]);
});

describe("a calibration that cannot be is refused before anything is written", () => {
  const { intervals } = CONTENT.model;
  const { pooled, regimes } = intervals;
  const withSizes = (change: (sizes: Float64Array) => Float64Array): Calibration => {
    return { ...intervals, pooled: { ...pooled, sizes: change(pooled.sizes) } };
  };
  test.each<[string, Calibration, RegExp]>([
    ["of too few regimes", { ...intervals, regimes: [regimes[0]!] }, /2 regimes, got 1/],
    ["of a member that is not there", { ...intervals, member: 1 }, /must be below 1, got 1/],
    ["of no errors", { ...intervals, pooled: { ...pooled, nErrors: 0 } }, /nErrors/],
    [
      "of more errors than sizes",
      { ...intervals, pooled: { ...pooled, nErrors: 301 } },
      /must be F64 \[301\], got F64 \[300\]/,
    ],
    ["with a size that is not finite", withSizes((own) => own.with(299, Infinity)), /finite/],
    ["with a negative size", withSizes((own) => own.with(0, -1)), /must not be negative/],
    ["that does not ascend", withSizes((own) => own.toReversed()), /must ascend/],
  ])("%s", async (_name, broken, problem) => {
    const folder = temporaryFolder();
    const content = { ...CONTENT, model: { ...CONTENT.model, intervals: broken } };
    await expect(writeBundle(folder, content)).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringMatching(problem),
    });
    expect(readdirSync(folder)).toEqual([]);
  });
});

/** What the tests change in a manifest. */
interface IntervalsJson {
  member: number;
  readonly pooled: { nErrors: number; blob: string };
}

describe("a forged bundle is refused by name", () => {
  /** Writes the manifest changed by `change`, with a right checksum. */
  async function forge(change: (own: IntervalsJson) => void, sizes?: Float64Array) {
    const folder = temporaryFolder();
    await writeBundle(folder, CONTENT, { createdAt: NOON });
    const document = JSON.parse(readFileSync(join(folder, MANIFEST), "utf8"));
    if (sizes !== undefined) {
      const tensor = { dtype: "F64", shape: [sizes.length], values: sizes } as const;
      const bytes = encodeSafetensors(new Map([["sizes", tensor]]));
      const blob = sha256(bytes);
      writeFileSync(join(folder, "blobs", blob), bytes);
      Object.assign(document.intervals.pooled, { blob, nErrors: sizes.length });
    }
    change(document.intervals);
    const blank = `${JSON.stringify({ ...document, checksum: "0".repeat(64) }, null, 2)}\n`;
    const text = blank.replace(/"checksum": "0{64}"/, `"checksum": "${sha256(blank)}"`);
    writeFileSync(join(folder, MANIFEST), text);
    return folder;
  }
  const leave = (): void => undefined;

  test.each<[string, (own: IntervalsJson) => void, Float64Array | undefined, RegExp]>([
    ["another member", (own) => Object.assign(own, { member: 9 }), undefined, /below 1, got 9/],
    ["an unknown name", (own) => Object.assign(own, { level: 1 }), undefined, /level/],
    [
      "a blob elsewhere",
      (own) => Object.assign(own.pooled, { blob: "../../etc/passwd" }),
      undefined,
      /64 hex digits/,
    ],
    [
      "a blob that is not there",
      (own) => Object.assign(own.pooled, { blob: "0".repeat(64) }),
      undefined,
      /blobs\/0+: must exist/,
    ],
    [
      "too many sizes",
      leave,
      new Float64Array(2001),
      /blobs\/.*must be F64 \[2000\], got F64 \[2001\]/,
    ],
    ["no sizes", (own) => Object.assign(own.pooled, { nErrors: 1 }), new Float64Array(0), /F64/],
    ["sizes that are no numbers", leave, Float64Array.of(0, Number.NaN), /blobs\/.*finite/],
    ["negative sizes", leave, Float64Array.of(-2, -1), /blobs\/.*negative/],
    ["sizes that fall", leave, Float64Array.of(1, 3, 2), /blobs\/.*ascend/],
  ])("with %s", async (_name, change, sizes, problem) => {
    await expect(readBundle(await forge(change, sizes))).rejects.toMatchObject({
      code: "BUNDLE_CORRUPT",
      message: expect.stringMatching(problem),
    });
  });

  test("or with a blob cut short or changed by a bit", async () => {
    const folder = await forge(leave);
    const { blob } = (await readBundle(folder)).manifest.intervals!.regimes[1]!;
    const file = join(folder, "blobs", blob);
    const whole = readFileSync(file);
    const changed = Buffer.from(whole);
    changed[whole.length - 1]! ^= 1;
    for (const bytes of [changed, whole.subarray(0, -1)]) {
      writeFileSync(file, bytes);
      await expect(readBundle(folder)).rejects.toMatchObject({ code: "BUNDLE_CORRUPT" });
    }
  });
});
