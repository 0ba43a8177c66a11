/**
 * Goal: `predict` copies columns of the data as they stand there, writes the format that is asked
 * for, and refuses what contradicts itself.
 * Method: a bundle by hand; files with identifiers that a double would change; the program in this
 * process, its streams captured.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeBundle } from "../../src/bundle/index.ts";
import { parseTable } from "../../src/data/index.ts";
import { calibrated } from "../bundle/calibrations.ts";
import { explained } from "../bundle/explanations.ts";
import { makeContent } from "../bundle/models.ts";
import { call } from "./call.ts";

const CONTENT = calibrated(makeContent({ seed: 3, experts: ["ridge", "mlp"], gate: "softmax" }));
const CSV = `plant,water,2020,mill | *type*,age,serial,note
007,180,1,a,28,9007199254740993,"a ""q"", b"
A12,150,2,<b>,3,9223372036854775807, x 
,160,3,a,90,,NA
`;

let folder: string;
let bundle: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "bailiwick-columns-"));
  bundle = join(folder, "bundle");
  await writeBundle(bundle, { ...explained(CONTENT), model: CONTENT.model });
  writeFileSync(path("rows.csv"), CSV);
});
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string): string => join(folder, name);

async function predicted(...flags: string[]): Promise<string> {
  return (await call("predict", bundle, path("rows.csv"), ...flags)).stdout;
}

describe("identifiers and kept columns", () => {
  test("come first, in the order of the options, as they stand in the file", async () => {
    const flags = ["--id", "serial", "--id", "plant", "--keep", "note,2020,age"];
    const [header, ...rows] = (await predicted(...flags)).trim().split("\n");
    expect(header).toBe("serial,plant,note,2020,age,prediction");
    const plain = (await predicted()).trim().split("\n").slice(1);
    expect(rows).toEqual([
      `9007199254740993,007,"a ""q"", b",1,28,${plain[0]}`,
      `9223372036854775807,A12, x ,2,3,${plain[1]}`,
      `,,NA,3,90,${plain[2]}`,
    ]);
  });

  test("are texts and numbers in JSON, in the same order", async () => {
    const stdout = await predicted(
      "--id",
      "plant",
      "--keep",
      "serial,2020",
      "--digits",
      "1",
      "--json",
    );
    expect(stdout.split("\n")[1]).toMatch(
      /^\{"plant": "007", "serial": 9007199254740993, "2020": 1, "prediction": -?[\d.]+\},$/,
    );
    const rows = JSON.parse(stdout);
    expect(rows).toHaveLength(3);
    expect(rows[2]).toMatchObject({ plant: null, serial: null, "2020": 3 });
  });

  test("are those of a JSON file, whose numbers stay numbers", async () => {
    const row = '{"water": 180, "mill | *type*": "a", "age": 28, "n": 1.50, "id": 12, "x": "7"}';
    writeFileSync(path("rows.json"), `[${row}]`);
    const { stdout } = await call("predict", bundle, path("rows.json"), "--id", "id,x,n", "--json");
    expect(stdout).toContain('{"id": 12, "x": "7", "n": "1.50", "prediction": ');
  });

  test.each([
    [["--id", "plnt"], 'column "plnt" must exist, the nearest is "plant"'],
    [["--id", "plant", "--keep", "plant"], '"plant" is named twice'],
    [["--id", ""], 'column "" must exist'],
  ])("%j are refused", async (flags, message) => {
    await expect(predicted(...flags)).rejects.toThrow(message);
  });

  test("must not have the name of a column of the predictions", async () => {
    writeFileSync(path("rows.csv"), CSV.replace("note", "lower"));
    try {
      expect((await predicted("--keep", "lower")).split("\n")[0]).toBe("lower,prediction");
      const both = predicted("--keep", "lower", "--interval", "0.9");
      await expect(both).rejects.toThrow('must not name "lower", a column of the pred');
    } finally {
      writeFileSync(path("rows.csv"), CSV);
    }
  });
});

test("--digits rounds what is predicted, and nothing that is copied", async () => {
  writeFileSync(path("fine.csv"), "water,mill | *type*,age,depth\n180,a,28,0.123456789\n");
  const flags = ["--keep", "depth", "--explain", "--interval", "0.9"];
  const cells = async (...more: string[]): Promise<string[]> => {
    const { stdout } = await call("predict", bundle, path("fine.csv"), ...flags, ...more);
    return stdout.trim().split("\n")[1]!.split(",");
  };
  const [exact, rounded] = [await cells(), await cells("--digits", "2")];
  expect(rounded[0]).toBe("0.123456789");
  expect(rounded.slice(1)).toEqual(
    exact
      .slice(1)
      .map((cell) => (/\d/.test(cell) ? String(Number(Number(cell).toFixed(2))) : cell)),
  );
  expect(rounded).not.toEqual(exact);
  for (const digits of ["-1", "16", "1.5", "two"]) {
    await expect(predicted("--digits", digits)).rejects.toThrow("must be an integer, 0 to 15");
  }
});

describe("the format", () => {
  test("is that of the file's ending, or of the option", async () => {
    const written = async (name: string, ...flags: string[]): Promise<Buffer> => {
      expect(await predicted("--out", path(name), ...flags)).toBe("");
      return readFileSync(path(name));
    };
    const csv = await written("p.csv", "--interval", "0.9", "--keep", "note");
    expect(String(csv)).toMatch(/^note,prediction,lower,upper\n/);
    expect(JSON.parse(String(await written("p.json")))).toHaveLength(3);
    expect(JSON.parse(String(await written("p.txt", "--json")))).toHaveLength(3);
    for (const name of ["p.arrow", "p.feather"]) {
      const table = parseTable(await written(name, "--keep", "age"), "arrow");
      expect(table.columns.map((column) => column.name)).toEqual(["age", "prediction"]);
    }
    expect(await predicted("--out", "-")).toBe(await predicted());
  });

  test.each([
    [["--json", "--arrow"], "--json and --arrow must not be given together"],
    [["--csv", "--json"], "--csv and --json must not be given together"],
    [["--arrow", "--out", "p.csv"], "--arrow must not be given with --out p.csv"],
    [["--out", "p.parquet"], "--out must end in .csv, .json, .arrow or .feather"],
    [["--out", "p.csv.gz"], "--out must end in .csv, .json, .arrow or .feather"],
  ])("%j is refused before the data is read", async (flags, message) => {
    const refused = call("predict", bundle, path("absent.csv"), ...flags);
    await expect(refused).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining(message),
    });
  });
});
