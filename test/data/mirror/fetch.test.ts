/**
 * Goal: a fetch leaves the whole, checked table or nothing, and says in one line what went wrong.
 * Method: a server here that answers well, wrongly, by halves, never, elsewhere and not at all.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { strToU8, zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type MirrorDescriptor,
  mirrorDescriptors,
  openData,
  parseTable,
  type Recipe,
  valuesSha256,
} from "../../../src/data/index.ts";
import { download, fetchDataset, fetchDescribed } from "../../../src/data/mirror/index.ts";

const RAW = "1;a;1.50\r\n2;b;2.0\r\n3;a;-3e-1\r\n";
const WRONG = RAW.replace("1.50", "1.51");
const TABLE = parseTable(strToU8("kind,t\na,1.5\nb,2\na,-0.3\n"), "csv");
const CUT_AFTER = 7;

const ANSWERS: Readonly<Record<string, RequestListener>> = {
  "/good": (_, response) => response.end(RAW),
  "/wrong": (_, response) => response.end(WRONG),
  "/zip": (_, response) =>
    response.end(zipSync({ "in/raw.txt": strToU8(RAW), other: strToU8("x") })),
  "/space": (_, response) => response.end(" 1  a\n1.5\n2 b 2\n 3 a -.3\n\n"),
  "/gzip": (_, response) => response.end(gzipSync(RAW)),
  "/ragged": (_, response) => response.end("1;a;1.5\n2;b\n"),
  "/moved": (_, response) => response.writeHead(302, { location: "/good" }).end(),
  "/loop": (_, response) => response.writeHead(302, { location: "/loop" }).end(),
  "/file": (_, response) => response.writeHead(302, { location: "file:///etc/hosts" }).end(),
  "/large": (_, response) => response.end("x".repeat(3_000_000)),
  "/silent": () => undefined,
  "/stalls": (_, response) => response.write(RAW.slice(0, CUT_AFTER)),
  "/cut": (_, response) => {
    response.writeHead(200, { "content-length": RAW.length });
    response.write(RAW.slice(0, CUT_AFTER), () => setTimeout(() => response.destroy(), 50));
  },
  "/cut-chunked": (_, response) => {
    response.write(RAW.slice(0, CUT_AFTER), () => setTimeout(() => response.destroy(), 50));
  },
};

let server: Server;
let origin: string;
const folder = mkdtempSync(join(tmpdir(), "bailiwick-fetch-"));
beforeAll(async () => {
  server = createServer((request, response) => {
    const answer = ANSWERS[request.url ?? ""];
    if (answer === undefined) response.writeHead(404).end("no");
    else answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

let nMirrors = 0;
const newMirror = (): string => join(folder, `mirror-${nMirrors++}`);

function described(path: string, more: Partial<Recipe> = {}): MirrorDescriptor {
  return {
    name: "yacht",
    title: "three rows",
    origin: "made here",
    licence: "none",
    address: origin,
    target: "t",
    group: null,
    categorical: [],
    nRows: 3,
    nFeatures: 1,
    note: "",
    sha256: "0".repeat(64),
    valuesSha256: valuesSha256(TABLE),
    splits: { sha256: "0".repeat(64) },
    fetch: {
      address: `${origin}${path}`,
      separator: ";",
      skip: 0,
      width: 3,
      columns: ["kind", "t"],
      places: [2, 3],
      ...more,
    },
  };
}

describe("a good origin", () => {
  test.each([
    ["/good", {}],
    ["/zip", { member: "in/raw.txt" }],
    ["/gzip", { gzip: true }],
    ["/moved", {}],
  ])("%s becomes the described table", async (path, more) => {
    const mirror = newMirror();
    const fetched = await fetchDescribed(described(path, more), mirror);
    expect(fetched).toMatchObject({ status: "fetched", path: join(mirror, "yacht/data.csv.gz") });
    const { table } = await openData(fetched.path);
    expect(table).toEqual(TABLE);
    expect(readdirSync(join(mirror, "yacht"))).toEqual(["data.csv.gz"]);
  });

  test("cells apart by space may go over several lines", async () => {
    const mirror = newMirror();
    const recipe = { separator: "space" } as const;
    expect((await fetchDescribed(described("/space", recipe), mirror)).status).toBe("fetched");
  });
});

describe("a bad origin leaves nothing", () => {
  test.each([
    ["/wrong", {}, "CHECKSUM_MISMATCH", "nothing was written"],
    ["/good", { places: [2, 1] }, "CHECKSUM_MISMATCH", "3 rows of 3"],
    ["/cut", {}, "READ_FAILED", "the connection ended after 7 bytes"],
    ["/cut-chunked", {}, "READ_FAILED", "the connection ended after 7 bytes"],
    ["/silent", {}, "READ_FAILED", "it fell silent"],
    ["/stalls", {}, "READ_FAILED", "it fell silent"],
    ["/missing", {}, "READ_FAILED", "its server answered 404"],
    ["/loop", {}, "READ_FAILED", "must be reached within 5 redirects"],
    ["/file", {}, "READ_FAILED", "must not redirect from http: to file:///etc/hosts"],
    ["/large", {}, "DATA_TOO_LARGE", "at most 1000000 bytes"],
    ["/ragged", {}, "DATA_MALFORMED", 'must have 3 cells in every row, got 2 in "2;b"'],
    ["/good", { member: "raw.txt" }, "DATA_MALFORMED", "must be a zip archive"],
    ["/zip", { member: "raw.txt" }, "DATA_MALFORMED", "must hold raw.txt"],
    ["/good", { gzip: true }, "DATA_MALFORMED", "must be gzipped"],
  ])("%s %j", async (path, more, code, message) => {
    const mirror = newMirror();
    const limits = { stallMs: 300, maxBytes: 1_000_000 };
    const fetching = fetchDescribed(described(path, more), mirror, limits);
    await expect(fetching).rejects.toMatchObject({ code });
    await expect(fetching).rejects.toThrow(message);
    expect(existsSync(mirror)).toBe(false);
  });

  test("without a network it says so, with the system's reason", async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    await expect(download(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({
      code: "READ_FAILED",
      message: `http://127.0.0.1:${port}/ must be reachable: is there a network?`,
      cause: expect.objectContaining({ code: "ECONNREFUSED" }),
    });
  });
});

describe("by name", () => {
  test("a set of the package needs no fetch; an unknown one and one without a recipe say so", async () => {
    expect(await fetchDataset("cars", newMirror())).toMatchObject({ status: "package" });
    await expect(fetchDataset("carz", newMirror())).rejects.toMatchObject({
      code: "DATASET_UNKNOWN",
    });
    await expect(fetchDataset("king-county", newMirror())).rejects.toThrow(
      "king-county cannot be fetched: its origin asks for an account",
    );
  });

  test("a folder that cannot be written to is WRITE_FAILED or OUTPUT_OCCUPIED", async () => {
    const file = join(folder, "a-file");
    writeFileSync(file, "");
    await expect(fetchDescribed(described("/good"), file)).rejects.toMatchObject({
      code: expect.stringMatching(/WRITE_FAILED|OUTPUT_OCCUPIED|FILE_NOT_FOUND/),
    });
  });

  test("every recipe names its target last and as many places as columns", async () => {
    for (const { name, target, fetch } of await mirrorDescriptors()) {
      if ("impossible" in fetch) continue;
      const { columns, places = columns.map((_, c) => c + 1), width } = fetch;
      expect([name, columns.at(-1), places.length]).toEqual([name, target, columns.length]);
      expect(Math.max(...places)).toBeLessThanOrEqual(width);
      expect(new Set(places).size).toBe(places.length);
    }
  });
});
