/**
 * Goal: a file is read as it was meant, or refused with the reason.
 * Method: files written here and read back; a property for values; each documented error once.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import {
  type ColumnTypes,
  formatRows,
  type OutputColumn,
  openData,
  parseTable,
  readTable,
  selectFrom,
  selectTarget,
  type Table,
} from "../../src/data/index.ts";

const folder = mkdtempSync(join(tmpdir(), "bailiwick-table-"));
afterAll(() => rmSync(folder, { recursive: true }));

function csvOf(...columns: [string, OutputColumn["type"], OutputColumn["cells"]][]): string {
  return String(
    formatRows(
      "csv",
      columns.map(([name, type, cells]) => ({ name, type, cells })),
    ),
  );
}

async function read(name: string, content: string | Buffer, types?: ColumnTypes): Promise<Table> {
  const path = join(folder, name);
  writeFileSync(path, content);
  return (await readTable(path, { types })).table;
}

async function refused(name: string, content: string | Buffer, code: string): Promise<void> {
  await expect(read(name, content)).rejects.toMatchObject({ code });
}

const EXPECTED = [
  { type: "number", name: "a", values: Float64Array.of(1, Number.NaN, -2.5e-3) },
  { type: "category", name: "b", values: ["x", "y, z", null] },
];

describe("reading", () => {
  test.each([
    ["plain", 'a,b\n1,x\n,"y, z"\n-2.5e-3,NA\n'],
    ["with CRLF and no last line break", 'a,b\r\n1,x\r\n,"y, z"\r\n-2.5e-3,NA'],
    ["with a byte order mark and blank lines", '\uFEFFa,b\n1,x\n,"y, z"\n-2.5e-3,NA\n\n\n'],
    ["with blank lines before the header", '\n \na,b\n1,x\n,"y, z"\n-2.5e-3,NA\n'],
    ["with a quoted header", '"a","b"\n1,"x"\n,"y, z"\n-2.5e-3,\n'],
  ])("CSV %s", async (_name, text) => {
    expect((await read("t.csv", text)).columns).toEqual(EXPECTED);
    expect((await read("t.csv.gz", gzipSync(text))).columns).toEqual(EXPECTED);
  });

  test("JSON by rows and by columns", async () => {
    const rows = [{ a: 1, b: "x" }, { b: "y, z" }, { a: -2.5e-3, b: null }];
    const columns = { a: [1, null, -2.5e-3], b: ["x", "y, z", null] };
    expect((await read("t.json", JSON.stringify(rows))).columns).toEqual(EXPECTED);
    expect((await read("u.json", JSON.stringify(columns))).columns).toEqual(EXPECTED);
  });

  test("TSV, with commas and quoted tabs in cells", async () => {
    const text = 'a\tb\n1\tx\n\t"y, z"\n-2.5e-3\tNA\n';
    expect((await read("t.tsv", text)).columns).toEqual(EXPECTED);
    expect((await read("t.tsv.gz", gzipSync(text))).columns).toEqual(EXPECTED);
    expect((await read("t.tsv", 'a\tb\n1\t"p\tq"\n')).columns[1]!.values).toEqual(["p\tq"]);
  });

  test("JSON lines, with blank lines, CRLF and keys that a row lacks", async () => {
    const text = '\uFEFF{"a": 1, "b": "x"}\r\n\n{"b": "y, z"}\n{"b": null, "a": -2.5e-3}';
    expect((await read("t.jsonl", text)).columns).toEqual(EXPECTED);
    expect((await read("t.ndjson.gz", gzipSync(text))).columns).toEqual(EXPECTED);
  });

  test("types can be told; booleans and hexadecimal are categories", async () => {
    const table = await read("t.csv", "a,b,c\n1,true,0x10\n2,false,0x11\n", { a: "category" });
    expect(table.columns.map(({ type }) => type)).toEqual(["category", "category", "category"]);
    expect(table.columns[0]!.values).toEqual(["1", "2"]);
  });

  test("inherited names, quotes inside cells and blank lines are nothing special", async () => {
    const text = 'a 5",__proto__,toString\n1,2,say "so"\n\n3,4,"a\n""b"""';
    expect((await read("t.csv", text)).columns).toEqual([
      { type: "number", name: 'a 5"', values: Float64Array.of(1, 3) },
      { type: "number", name: "__proto__", values: Float64Array.of(2, 4) },
      { type: "category", name: "toString", values: ['say "so"', 'a\n"b"'] },
    ]);
    const json = await read("t.json", '[{"__proto__": 1, "b": 2}, {"b": 3}]');
    expect(json.columns.map(({ name, values }) => [name, ...values])).toEqual([
      ["__proto__", 1, Number.NaN],
      ["b", 2, 3],
    ]);
  });

  test("in one column a blank line is a missing cell, but not at the end", async () => {
    const [column] = (await read("t.csv", "a\n1\n\n2\n\n\n")).columns;
    expect([...column!.values]).toEqual([1, Number.NaN, 2]);
  });

  test("numbers written as CSV read back to the same value", async () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 20 }), (values) => {
        const bytes = new TextEncoder().encode(csvOf(["v", "number", values]));
        const [column] = parseTable(bytes, "csv").columns;
        expect([...(column!.values as Float64Array)].map((v) => v + 0)).toEqual(
          values.map((v) => v + 0),
        );
      }),
    );
  });

  test("text written as CSV reads back, commas, quotes and line breaks included", () => {
    const cell = fc
      .string({ unit: fc.constantFrom(..."ab,\"\n\r;'# "), minLength: 1, maxLength: 8 })
      .map((text) => `<${text}>`);
    const rows = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(rows, fc.boolean(), (pairs, cut) => {
        const columns = [pairs.map(([a]) => a), pairs.map(([, b]) => b)] as const;
        const text = csvOf(['x "1"', "text", columns[0]], ["y,\n2", "text", columns[1]]);
        const bytes = new TextEncoder().encode(cut ? text.slice(0, -1) : text);
        expect(parseTable(bytes, "csv").columns).toEqual([
          { type: "category", name: 'x "1"', values: columns[0] },
          { type: "category", name: "y,\n2", values: columns[1] },
        ]);
      }),
    );
  });
});

describe("refusing", () => {
  test("files that are not there, not text, not whole, or of another kind", async () => {
    await expect(readTable(join(folder, "none.csv"))).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
    });
    await refused("t.xlsx", "PK", "DATA_MALFORMED");
    await refused("t.csv", Buffer.from("a,b\n1,2\n\0\u0001\u0002,3\n"), "DATA_MALFORMED");
    await refused("t.csv.gz", gzipSync("a\n1\n2\n").subarray(0, 15), "DATA_MALFORMED");
    await refused("t.json", "[{", "DATA_MALFORMED");
    await refused("t.json", "[1, 2]", "DATA_MALFORMED");
    await refused("t.json", '{"a": 1}', "DATA_MALFORMED");
  });

  test("empty files, headers alone and columns of unequal length", async () => {
    await refused("t.csv", "", "DATA_EMPTY");
    await refused("t.csv", "a,b\n", "DATA_EMPTY");
    await refused("t.json", "[]", "DATA_EMPTY");
    await refused("t.json", '{"a": [1, 2], "b": [1]}', "DATA_RAGGED");
  });

  test("rows of another length, naming line and counts", async () => {
    const short = read("t.csv", 'a,b\n"1\n",2\n\n3\n');
    await expect(short).rejects.toMatchObject({
      code: "DATA_RAGGED",
      message: "t.csv: every row must have 2 cells like the header, line 5 has 1",
      details: { line: 5, expected: 2, found: 1 },
    });
    await expect(read("t.csv", "a,b\n1,2\n5,6,7\n")).rejects.toThrow("line 3 has 3");
  });

  test.each([
    ["a quote that is not closed", 'a,b\n1,"2\n3,4\n', "line 2 is not"],
    ["text after a closing quote", 'a,b\n"1"x\n', 'line 2 comes "x"'],
    ["a column without a name", "a,\n1,2\n", "column 2 of 2 has none"],
  ])("CSV with %s", async (_name, text, message) => {
    await refused("t.csv", text, "DATA_MALFORMED");
    await expect(read("t.csv", text)).rejects.toThrow(message);
  });

  test("TSV and JSON lines that are not, naming the line", async () => {
    await expect(read("t.tsv", "a\tb\n1\t2\n1,2\n")).rejects.toThrow("line 3 has 1");
    await refused("t.jsonl", "\n\n", "DATA_EMPTY");
    await refused("t.jsonl", "[1, 2]\n", "DATA_MALFORMED");
    await expect(read("t.jsonl", '{"a": 1}\n\n{"a": \n')).rejects.toThrow(
      't.jsonl: every line must be a JSON object, line 3 holds {"a":',
    );
    await expect(read("t.jsonl", '{"a": 1}\n\n{"a": 1e999}\n')).rejects.toThrow(
      'column "a" must hold finite numbers, line 3 holds',
    );
  });

  test("lists and objects in cells, naming the place", async () => {
    await refused("t.json", '[{"a": 1}, {"a": [1]}]', "COLUMN_TYPE");
    await expect(read("t.jsonl", '{"a": 1}\n{"a": {"b": 1}}')).rejects.toThrow(
      'column "a" must hold numbers or texts, line 2 holds an object',
    );
  });

  test("files above the limit, as they are or unpacked", async () => {
    const bomb = join(folder, "bomb.csv.gz");
    writeFileSync(bomb, gzipSync(`a\n${"1\n".repeat(50_000)}`));
    const code = "DATA_TOO_LARGE";
    await expect(readTable(bomb, { maxBytes: 10_000 })).rejects.toMatchObject({ code });
    await expect(readTable(bomb, { maxBytes: 10 })).rejects.toMatchObject({ code });
  });

  test("no name, infinities and a number that is none", async () => {
    await refused("t.json", '{"a": [1], "": [2]}', "DATA_MALFORMED");
    await refused("t.csv", "a\n1\n1e999\n", "VALUE_NOT_FINITE");
    await refused("t.csv", "a\n1\n-inf\n", "VALUE_NOT_FINITE");
    await expect(read("t.csv", "a\n1\nx\n", { a: "number" })).rejects.toThrow('line 3 holds "x"');
    await refused("t.json", '[{"a": 1}, {"a": 1e999}]', "VALUE_NOT_FINITE");
    await expect(read("t.csv", "alpha\n1\n", { alpa: "number" })).rejects.toThrow(
      'the nearest is "alpha"',
    );
  });
});

describe("the target", () => {
  const values = Float64Array.from({ length: 12 }, (_, i) => (i === 3 ? Number.NaN : i));
  const table: Table = {
    nRows: 12,
    columns: [
      { type: "number", name: "t", values },
      { type: "number", name: "x", values: new Float64Array(12).fill(1) },
      { type: "category", name: "g", values: new Array(12).fill("h") },
    ],
  };

  test("comes apart with its rows; group and dropped columns are no features", () => {
    const selected = selectTarget(table, "t", { group: "g", drop: [] });
    expect(selected.nDropped).toBe(1);
    expect(selected.y).toHaveLength(11);
    expect(selected.rows[3]).toBe(4);
    expect(selected.features.columns.map(({ name }) => name)).toEqual(["x"]);
    expect(selected.groups).toEqual(new Array(11).fill("h"));
    const names = selectTarget(table, "t", { drop: ["x"] }).features.columns.map((c) => c.name);
    expect(names).toEqual(["g"]);
  });

  test.each([
    ["a name that is none", "tt", {}, "COLUMN_MISSING"],
    ["text", "g", {}, "TARGET_NOT_NUMERIC"],
    ["a constant", "x", {}, "TARGET_CONSTANT"],
    ["too few rows", "t", { minRows: 20 }, "TOO_FEW_ROWS"],
    ["a dropped column that is none", "t", { drop: ["y"] }, "COLUMN_MISSING"],
  ])("is refused: %s", (_name, target, options, code) => {
    expect(() => selectTarget(table, target, options)).toThrow(expect.objectContaining({ code }));
  });

  test("is refused if every row lacks it, or if it is not named", () => {
    const empty: Table = {
      nRows: 3,
      columns: [{ type: "number", name: "t", values: new Float64Array(3).fill(Number.NaN) }],
    };
    const code = "TARGET_MISSING";
    expect(() => selectTarget(empty, "t")).toThrow(expect.objectContaining({ code }));
    const data = { name: "f", sha256: "", table, dataset: null };
    expect(() => selectFrom(data, {})).toThrow(expect.objectContaining({ code }));
  });
});

test("data can be a path or a name; an unknown name gets the nearest", async () => {
  writeFileSync(join(folder, "own.csv"), "a,b\n1,2\n");
  const file = await openData("own.csv", { baseFolder: folder });
  expect(file).toMatchObject({ name: "own.csv", dataset: null });
  const named = await openData("concrete");
  expect(named.table.nRows).toBe(1030);
  mkdirSync(join(folder, "diabetes"));
  expect((await openData("diabetes", { baseFolder: folder })).name).toBe("diabetes");
  await expect(openData("concrete.csv", { baseFolder: folder })).rejects.toMatchObject({
    code: "FILE_NOT_FOUND",
  });
  await expect(openData("concret")).rejects.toThrow('the nearest name is "concrete"');
});
