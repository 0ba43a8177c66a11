/**
 * Goal: `data verify` finds every set that is not what its descriptor says, and says what is wrong.
 * Method: a mirror laid out here with one fault a set; the sets that come along. Where
 * BAILIWICK_DATA names the benchmark mirror, all of it, and sets of it fetched from a server here.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { strToU8, zipSync } from "fflate";
import { afterAll, describe, expect, test, vi } from "vitest";
import { dataVerifyCommand } from "../../../src/cli/data-verify.ts";
import {
  canonicalCsv,
  mirrorDescriptors,
  openData,
  type Recipe,
  type Table,
} from "../../../src/data/index.ts";
import { fetchDescribed, verifyDatasets } from "../../../src/data/mirror/index.ts";

const mirror = mkdtempSync(join(tmpdir(), "bailiwick-verify-"));
afterAll(() => rmSync(mirror, { recursive: true }));

const ROWS = Array.from({ length: 12 }, (_, i) => `${i},${2 * i}\n`).join("");
const ENTRY = { features: 1, target: "t", origin: "here", group: null, categorical: [] };

function place(name: string, data: string | Buffer, splits?: string): void {
  mkdirSync(join(mirror, name), { recursive: true });
  writeFileSync(join(mirror, name, "data.csv.gz"), data instanceof Buffer ? data : gzipSync(data));
  if (splits !== undefined) writeFileSync(join(mirror, name, "splits.txt.gz"), gzipSync(splits));
}

place("tiny", `x,t\n${ROWS}`, "0 3\n1 4\n");
place("short", `x,t\n${ROWS}`);
place("split", `x,t\n${ROWS}`, "0 12\n");
place("yacht", `x,t\n${ROWS}`);
place("power", gzipSync(`AT,V,AP,RH,PE\n${"1,2,3,4,5\n".repeat(12)}`).subarray(0, 30));
writeFileSync(
  join(mirror, "catalogue.json"),
  JSON.stringify([
    { ...ENTRY, name: "tiny", rows: 12 },
    { ...ENTRY, name: "short", rows: 13 },
    { ...ENTRY, name: "split", rows: 12 },
  ]),
);

async function problems(...names: readonly string[]): Promise<(string | null)[]> {
  return (await verifyDatasets(names, mirror)).map(({ problem }) => problem);
}

describe("verify", () => {
  test("the sets that come along are the very files of their descriptors", async () => {
    const verifications = await verifyDatasets([], undefined);
    expect(verifications.length).toBeGreaterThanOrEqual(12);
    for (const { name, data, problem } of verifications) {
      expect([name, data, problem]).toEqual([name, "same", null]);
    }
  });

  test("a set that only the mirror knows is counted, its splits read", async () => {
    expect(await verifyDatasets(["tiny"], mirror)).toMatchObject([
      { where: "mirror", data: "unchecked", splits: "unchecked", problem: null },
    ]);
  });

  test("other rows, other values, damaged files and splits of other data", async () => {
    expect(await problems("short")).toEqual(["its rows must be 13, found 12"]);
    expect(await problems("split")).toEqual([expect.stringContaining("12")]);
    expect(await problems("power")).toEqual(["data.csv.gz: it must be a whole gzip file"]);
    expect(await problems("yacht")).toEqual([expect.stringContaining("residuary_resistance")]);
  });

  test("the command prints a line a set and then fails, naming those that differ", async () => {
    let stdout = "";
    const spy = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
      stdout += String(chunk);
      return true;
    });
    vi.stubEnv("BAILIWICK_DATA", mirror);
    try {
      await expect(dataVerifyCommand(["tiny", "short"], {})).rejects.toMatchObject({
        code: "CHECKSUM_MISMATCH",
        httpStatus: 422,
        details: { names: ["short"] },
      });
      expect(stdout).toMatch(/tiny .* ok\n/);
      stdout = "";
      await dataVerifyCommand(["cars"], { json: true });
      expect(JSON.parse(stdout)).toMatchObject([{ name: "cars", data: "same" }]);
    } finally {
      vi.unstubAllEnvs();
      spy.mockRestore();
    }
  });

  test("a data set that is not available and a mirror that does not exist are errors", async () => {
    await expect(verifyDatasets(["naval"], mirror)).rejects.toMatchObject({
      code: "DATASET_UNKNOWN",
    });
    await expect(verifyDatasets([], join(mirror, "none"))).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
    });
  });
});

/** The origin's file as its recipe expects it, from the table that it must become. */
function rawFile(table: Table, recipe: Recipe): Uint8Array {
  const { separator, skip, width, member, gzip } = recipe;
  const places = recipe.places ?? recipe.columns.map((_, c) => c + 1);
  const lines = canonicalCsv(table)
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => {
      const cells = new Array<string>(width).fill("0");
      line.split(",").forEach((cell, c) => {
        cells[places[c]! - 1] = cell;
      });
      return cells.join(separator === "space" ? "  " : separator);
    });
  const bytes = strToU8([...new Array(skip).fill("header"), ...lines, ""].join("\r\n"));
  if (member !== undefined) return zipSync({ [member]: bytes });
  return gzip === true ? gzipSync(bytes) : bytes;
}

const large = process.env["BAILIWICK_DATA"];
if (large === undefined || large === "") {
  process.stderr.write("BAILIWICK_DATA is not set: the tests of its sets are not registered\n");
} else {
  test("the benchmark mirror is what the descriptors say", { timeout: 240_000 }, async () => {
    const verifications = await verifyDatasets([], large);
    expect(verifications.filter(({ problem }) => problem !== null)).toEqual([]);
    expect(verifications.filter(({ where }) => where === "mirror").length).toBe(23);
  });

  test.each(["boston", "parkinsons", "pw-linear", "seoul-bike"])(
    "%s, fetched, opens by its name and verifies by its values",
    async (name) => {
      const descriptor = (await mirrorDescriptors()).find((known) => known.name === name)!;
      const recipe = descriptor.fetch as Recipe;
      const { table } = await openData(name, { mirror: large });
      const server = createServer((_, response) => response.end(rawFile(table, recipe)));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const fresh = mkdtempSync(join(tmpdir(), "bailiwick-fetched-"));
      try {
        const fetched = await fetchDescribed(
          { ...descriptor, fetch: { ...recipe, address } },
          fresh,
        );
        expect(fetched.status).toBe("fetched");
        expect((await openData(name, { mirror: fresh })).table).toEqual(table);
        expect(await verifyDatasets([name], fresh)).toMatchObject([
          { data: "same values", splits: "none", problem: null },
        ]);
        expect((await fetchDescribed(descriptor, fresh)).status).toBe("present");
        expect(readFileSync(fetched.path).length).toBeGreaterThan(100);
      } finally {
        server.close();
        rmSync(fresh, { recursive: true });
      }
    },
  );
}
