/**
 * Goal: a person learns what may go where and why, and cannot start a server that seals nothing.
 * Method: the commands in this process, on files in a temporary folder.
 */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readBorders } from "../../src/cli/borders-files.ts";
import { passageOfAsking } from "../../src/cluster/borders/index.ts";
import { parseNodeSecret } from "../../src/cluster/seal/index.ts";
import { outcomeOf } from "./call.ts";

const folder = mkdtempSync(join(tmpdir(), "bailiwick-borders-"));
const at = (name: string): string => join(folder, name);
const file = at("borders.json");
writeFileSync(
  file,
  JSON.stringify({
    classes: {
      patients: { rows: { eu: "clear" }, inputs: { "*": "sealed" }, answers: { eu: "sealed" } },
    },
    experts: { gp: { eu: "clear" } },
  }),
);

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe("borders explain", () => {
  test("says what may go, how, by which line, and on which way", async () => {
    const { stdout } = await outcomeOf("borders", "explain", "patients", "us", "--borders", file);
    expect(stdout).toMatch(/rows +never +classes\.patients\.rows does not name it/);
    expect(stdout).toMatch(/inputs +sealed +classes\.patients\.inputs\["\*"\] +a router asks/);
    expect(stdout).toMatch(/experts: gp +never +experts\.gp does not name it/);
    expect(stdout).toMatch(/other experts +never +experts names no other kind/);
  });

  test("prints the same to a program, of rows without a class too", async () => {
    const ask = ["borders", "explain", "*", "eu", "--borders", file, "--json"];
    const { passages, zone } = JSON.parse((await outcomeOf(...ask)).stdout);
    expect([zone, passages[0]]).toEqual([
      "eu",
      {
        what: "rows",
        passage: "clear",
        because: "rows of no class have no borders",
        way: "a request to a server in the zone",
      },
    ]);
  });

  test("refuses a class, a zone and a file that there are not", async () => {
    const explain = (...args: readonly string[]) => outcomeOf("borders", "explain", ...args);
    const unknown = await explain("others", "eu", "--borders", file);
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining("(patients)")]);
    expect((await explain("patients", "e.u", "--borders", file)).stderr).toContain(
      "a zone must be",
    );
    expect((await explain("patients", "eu", "--borders", at("none"))).code).toBe(1);
  });
});

test("node-key writes a key that its zone signed, over no other, and only for its nodes", async () => {
  await outcomeOf("audit", "key", "eu", "--out", at("eu.key"));
  const make = (node: string, out: string) =>
    outcomeOf("node-key", node, "--key", at("eu.key"), "--out", at(out), "--days", "3");
  const { stdout, stderr } = await make("eu.a", "a.key");
  expect([stdout, stderr]).toEqual([
    expect.stringMatching(/^eu\+/),
    expect.stringMatching(/secret/),
  ]);
  expect(parseNodeSecret(readFileSync(at("a.key"), "utf8"), "eu.a").note).toContain("eu.a");
  expect(statSync(at("a.key")).mode & 0o777).toBe(0o600);
  expect((await make("eu.a", "a.key")).stderr).toContain("not written over");
  expect((await make("us.a", "b.key")).stderr).toContain("signs nodes of this zone");
});

describe("a server's borders", () => {
  const none = { pin: new Map(), seal: [], zoneKey: [] };

  test("are those of its file, its pins and its sealed classes", async () => {
    await outcomeOf("audit", "key", "ch", "--out", at("ch.key"));
    const made = await outcomeOf("audit", "key", "us", "--out", at("us.key"));
    const pin = new Map([["staff", ["ch"]]]);
    const flags = { pin, seal: ["staff", "*"], zoneKey: [made.stdout.trim()], borders: file };
    const { classes, experts, zoneKeys } = await readBorders(flags);
    expect([...classes.keys()]).toEqual(["patients", "staff", "*"]);
    expect(passageOfAsking(classes.get("staff")!, "ch", "ch")).toBe("sealed");
    expect([experts.size, zoneKeys.length]).toEqual([1, 1]);
  });

  test("are refused if a class has two, or rows are sealed under no zone's key", async () => {
    const pin = new Map([["patients", ["eu"]]]);
    await expect(readBorders({ ...none, pin, borders: file })).rejects.toThrow(/not in both/);
    await expect(readBorders({ ...none, borders: file })).rejects.toThrow(/need keys of zones/);
    await expect(readBorders({ ...none, seal: ["patients"] })).rejects.toThrow(
      /need keys of zones/,
    );
    await expect(readBorders({ ...none, zoneKey: ["eu"] })).rejects.toMatchObject({
      code: "NOTE_INVALID",
    });
    expect((await readBorders(none)).classes.size).toBe(0);
  });
});
