/**
 * Goal: a masked sum is the sum of what answered, to the last bit, and nothing smaller is open.
 * Method: sites in memory, each with words that a reader can add, that die before they answer or
 * before they open; what a coordinator may try to open that it must not.
 */
import { diffieHellman, generateKeyPairSync, hkdfSync, type KeyObject } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  addWords,
  createMasker,
  fromWords,
  type Masked,
  type Masker,
  type Opened,
  openSum,
  type Roster,
  thresholdOf,
  toWords,
  type Words,
} from "../../../src/cluster/masks/index.ts";
import { keyFor, sharedSecret } from "../../../src/cluster/masks/secrets.ts";
import { createRng } from "../../../src/shared/rng.ts";

const LENGTH = 5;
const ROUND = "0".repeat(16);

interface Site {
  readonly name: string;
  readonly masker: Masker;
  readonly words: Words;
}

function sitesOf(n: number): { readonly sites: readonly Site[]; readonly roster: Roster } {
  const rng = createRng(n);
  const sites = Array.from({ length: n }, (_, s) => {
    const name = `z.s${String(s).padStart(3, "0")}`;
    const values = Float64Array.from({ length: LENGTH }, () => 1000 * rng.normal());
    return { name, masker: createMasker(name), words: toWords(values, n) };
  });
  const names = sites.map(({ name }) => name);
  return { sites, roster: { fit: "f", names, keys: sites.map((s) => s.masker.publicKey) } };
}

interface Fate {
  readonly isSilent?: (site: Site, s: number) => boolean;
  readonly failsToOpen?: (site: Site, s: number) => boolean;
}

async function roundOf(
  { sites, roster }: ReturnType<typeof sitesOf>,
  { isSilent = () => false, failsToOpen = () => false }: Fate,
): Promise<{ readonly sum: Words | null; readonly masked: ReadonlyMap<string, Masked> }> {
  // Of one fit, and named by it.
  const round = roster.fit;
  const masked = new Map<string, Masked>();
  for (const [s, site] of sites.entries()) {
    const own = await site.masker.mask(roster, round, site.words);
    if (!isSilent(site, s)) masked.set(site.name, own);
  }
  const answered = [...masked.keys()];
  const opened = new Map<string, Opened>();
  for (const [s, site] of sites.entries()) {
    if (!masked.has(site.name) || failsToOpen(site, s)) continue;
    const shares = answered.map((name) => masked.get(name)!.shares[s]!);
    if (answered.length >= thresholdOf(roster)) {
      opened.set(site.name, site.masker.open(roster, { round, answered, shares }));
    }
  }
  return { sum: await openSum(roster, { masked, opened }), masked };
}

function plainSum(sites: readonly Site[]): Words {
  const sum = new Uint32Array(2 * LENGTH);
  for (const { words } of sites) addWords(sum, words);
  return sum;
}

describe("fixed point", () => {
  test("rounds to 30 bits behind the point, adds beyond 32 bits, and keeps signs", () => {
    const values = Float64Array.of(0, 1.5, -1.5, 2 ** -30, -(2 ** -31) * 3, 123_456_789.25, -4e8);
    const words = toWords(values, 3);
    expect([...fromWords(words)]).toEqual([
      0,
      1.5,
      -1.5,
      2 ** -30,
      -(2 ** -30),
      123_456_789.25,
      -4e8,
    ]);
    const sum = words.slice();
    addWords(sum, words);
    addWords(
      sum,
      toWords(
        values.map((value) => -2 * value),
        3,
      ),
    );
    expect(fromWords(sum).every((value) => Math.abs(value) <= 2 ** -29)).toBe(true);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 1e30, -3e9])("refuses %d", (value) => {
    expect(() => toWords(Float64Array.of(0, value), 3)).toThrow(
      expect.objectContaining({
        code: "SITE_REFUSED",
        message: expect.stringContaining("entry 1"),
      }),
    );
  });
});

test("masked words say nothing by themselves, and their sum is that of the words", async () => {
  const all = sitesOf(5);
  const { sum, masked } = await roundOf(all, {});
  expect(sum).toEqual(plainSum(all.sites));
  for (const { name, words } of all.sites) expect(masked.get(name)!.words).not.toEqual(words);
});

test("regional sums add to the flat sum, bit for bit", async () => {
  const all = sitesOf(9);
  const total = new Uint32Array(2 * LENGTH);
  for (let region = 0; region < 3; region++) {
    const sites = all.sites.slice(3 * region, 3 * region + 3);
    const roster = {
      fit: `region ${region}`,
      names: sites.map(({ name }) => name),
      keys: sites.map(({ masker }) => masker.publicKey),
    };
    addWords(total, (await roundOf({ sites, roster }, {})).sum!);
  }
  expect(total).toEqual((await roundOf(all, {})).sum);
});

test("whoever dies, in 60 rounds: the sum of those that answered, or none", async () => {
  const rng = createRng(7);
  let [opened, given] = [0, 0];
  for (let trial = 0; trial < 60; trial++) {
    const all = sitesOf(4 + (trial % 3));
    const [silent, late] = [0.15, 0.15].map((share) => all.sites.map(() => rng.uniform() < share));
    const { sum } = await roundOf(all, {
      isSilent: (_, s) => silent![s]!,
      failsToOpen: (_, s) => late![s]!,
    });
    const left = all.sites.filter((_, s) => !silent![s]!);
    if (sum === null) given += 1;
    else {
      opened += 1;
      expect(left.length).toBeGreaterThanOrEqual(thresholdOf(all.roster));
      expect(sum).toEqual(plainSum(left));
    }
  }
  expect(opened).toBeGreaterThan(10);
  expect(given).toBeGreaterThan(10);
});

describe("a site opens no sum", () => {
  const refused = (message: string) =>
    expect.objectContaining({ code: "SITE_REFUSED", message: expect.stringContaining(message) });
  const begin = async () => {
    const all = sitesOf(5);
    const masked = await Promise.all(
      all.sites.map(({ masker, words }) => masker.mask(all.roster, ROUND, words)),
    );
    const shares = (answered: readonly string[]) =>
      answered.map((name) => masked[all.roster.names.indexOf(name)]!.shares[0]!);
    const [first] = all.sites;
    const open = (answered: readonly string[], round = ROUND) =>
      first!.masker.open(all.roster, { round, answered, shares: shares(answered) });
    return { ...all, open, first: first! };
  };

  test("under the threshold, of a round that it did not mask, or twice for other sites", async () => {
    const { roster, open } = await begin();
    const { names } = roster;
    expect(() => open(names.slice(0, 3))).toThrow(refused("4 sites"));
    expect(() => open(names, "1".repeat(16))).toThrow(refused("not masked here"));
    expect(() => open(names.slice(1))).toThrow(refused("the one that opens"));
    expect(open(names.slice(0, 4))).toEqual(open(names.slice(0, 4)));
    expect(() => open(names)).toThrow(refused("for other sites"));
  });

  test("of other words under the masks of a round, at once, later or long after", async () => {
    const { roster, first } = await begin();
    const mask = (round: string, words: Words) => first.masker.mask(roster, round, words);
    const round = "3".repeat(16);
    const other = first.words.map((word) => word + 1);
    const [one, again] = await Promise.all([mask(round, first.words), mask(round, other)]);
    expect(again).toEqual(one);
    expect(await mask(round, other)).toEqual(one);
    for (let r = 0; r < 10; r++) await mask(`${r}`.padStart(16, "a"), other);
    await expect(mask(round, other)).rejects.toThrow(refused("long ago"));
  });

  test("with fewer sites than three, twice the same, or another key than its own", async () => {
    const { roster, first } = await begin();
    const { names, keys } = roster;
    const mask = (own: Partial<Roster>) =>
      first.masker.mask({ ...roster, ...own }, "2".repeat(16), first.words);
    const two = { names: names.slice(0, 2), keys: keys.slice(0, 2) };
    await expect(mask(two)).rejects.toThrow(refused("3 to 255 sites"));
    await expect(mask({ names: [names[0]!, ...names.slice(0, 4)] })).rejects.toThrow(
      refused("must differ"),
    );
    await expect(mask({ keys: [keys[1]!, ...keys.slice(1)] })).rejects.toThrow(
      refused("the key that it has now"),
    );
  });
});

test("a key of a use is what HKDF derives from the secret of both sites", () => {
  const pairs = [generateKeyPairSync("x25519"), generateKeyPairSync("x25519")] as const;
  const bytesOf = (key: KeyObject) => key.export({ format: "der", type: "spki" }).subarray(-32);
  const [mine, theirs] = pairs;
  const fitKey = { secret: mine.privateKey, publicKey: bytesOf(mine.publicKey) };
  const shared = sharedSecret(fitKey, bytesOf(theirs.publicKey));
  const agreed = diffieHellman({ privateKey: theirs.privateKey, publicKey: mine.publicKey });
  const expected = hkdfSync("sha256", agreed, new Uint8Array(0), "a use", 32);
  expect(Buffer.from(keyFor(shared, "a use"))).toEqual(Buffer.from(expected));
});

test("a share that was changed on its way is found out", async () => {
  const all = sitesOf(3);
  const masked = new Map<string, Masked>();
  for (const { name, masker, words } of all.sites) {
    masked.set(name, await masker.mask(all.roster, ROUND, words));
  }
  const answered = all.roster.names;
  const opened = new Map(
    all.sites.map(({ name, masker }, s): [string, Opened] => {
      const shares = answered.map((own) => masked.get(own)!.shares[s]!);
      return [name, masker.open(all.roster, { round: ROUND, answered, shares })];
    }),
  );
  const [first, ...others] = opened.get("z.s000")!;
  const changed = first!.slice();
  changed[3]! ^= 1;
  opened.set("z.s000", [changed, ...others]);
  await expect(openSum(all.roster, { masked, opened })).rejects.toMatchObject({
    code: "MESSAGE_INVALID",
  });
  const bad = { round: ROUND, answered, shares: answered.map(() => new Uint8Array(61)) };
  expect(() => all.sites[0]!.masker.open(all.roster, bad)).toThrow(
    expect.objectContaining({ code: "MESSAGE_INVALID" }),
  );
});
