/**
 * Goal: one value is one level, however a format spells it; and only the marks that a user names
 * are missing values.
 * Method: the same values in CSV, JSON, Arrow and from a program, through a fitted preprocessing.
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  applyPreprocessing,
  canonicalLevel,
  createRowPreprocessing,
  describeOddities,
  describeUnlikeTraining,
  fitPreprocessing,
  type Preprocessing,
  parseTable,
  schemaOptions,
  selectTarget,
  type Table,
  tableFromRecords,
  unknownLevels,
} from "../../src/data/index.ts";

const ARROW = new URL("arrow/", import.meta.url);

function learn(table: Table): Preprocessing {
  const rows = Int32Array.from({ length: table.nRows }, (_, i) => i);
  return fitPreprocessing(table, Float64Array.from(rows), rows, "t");
}

function csv(text: string, types: Record<string, "number" | "category"> = {}): Table {
  return parseTable(Buffer.from(text), "csv", { types });
}

describe("a level's canonical spelling", () => {
  test.each([
    ["True", "true"],
    ["FALSE", "false"],
    ["3.0", "3"],
    ["3.", "3"],
    ["+3", "3"],
    ["-3.000", "-3"],
    ["-0.0", "0"],
    ["01234", "01234"],
    ["9007199254740993.0", "9007199254740993"],
    ["1.50", "1.50"],
    ["3.0.1", "3.0.1"],
    ["1e3", "1e3"],
    ["Truely", "Truely"],
    ["2024-01-01", "2024-01-01"],
    ["2024-01-01 00:00:00", "2024-01-01"],
    ["2024-01-01T00:00:00.000Z", "2024-01-01"],
    ["2024-01-01T00:00:00+00:00", "2024-01-01"],
    ["2024-01-01 12:30", "2024-01-01T12:30:00Z"],
    ["2024-01-01T12:30:00.500000", "2024-01-01T12:30:00.5Z"],
    ["2024-01-01T12:30:00.123456789Z", "2024-01-01T12:30:00.123456789Z"],
    ["2024-01-01T01:30:00+01:30", "2024-01-01"],
    ["2024-01-01T22:00:00-0200", "2024-01-02"],
    ["0099-03-01", "0099-03-01"],
    ["2024-02-30", "2024-02-30"],
    ["2024-13-01", "2024-13-01"],
    ["2024-01-01T25:00", "2024-01-01T25:00"],
    ["01/02/2024", "01/02/2024"],
  ])("of %s is %s", (text, expected) => {
    expect(canonicalLevel(text)).toBe(expected);
    expect(canonicalLevel(expected)).toBe(expected);
  });

  test("is its own canonical spelling, of any text", () => {
    const date = fc.date({ noInvalidDate: true }).map((at) => at.toISOString());
    const text = fc.oneof(
      fc.string(),
      date,
      fc.double().map(String),
      fc.stringMatching(/^[+-]?0*\d*\.?0*$/),
    );
    fc.assert(
      fc.property(text, (level) => {
        expect(canonicalLevel(canonicalLevel(level))).toBe(canonicalLevel(level));
      }),
    );
  });
});

describe("a category learnt from CSV", () => {
  const text =
    "flag,code,day\nTrue,3.0,2020-02-29 00:00:00\nFalse,4,1969-12-31\nTrue,3,2020-02-29\n";
  const learnt = learn(csv(text, { code: "category" }));
  const expected = applyPreprocessing(learnt, csv(text, { code: "category" }));

  test("knows JSON's booleans and numbers", () => {
    const rows = [
      { flag: true, code: 3, day: "2020-02-29T00:00:00Z" },
      { flag: false, code: 4.0, day: "1969-12-31" },
      { flag: "TRUE", code: "3.0", day: "2020-02-29" },
    ];
    const table = parseTable(Buffer.from(JSON.stringify(rows)), "json", schemaOptions(learnt));
    expect(applyPreprocessing(learnt, table)).toEqual(expected);
    expect(applyPreprocessing(learnt, tableFromRecords(rows, learnt))).toEqual(expected);
  });

  test("knows Arrow's booleans and days", () => {
    const only = ["flag", "day"];
    const table = parseTable(readFileSync(new URL("plain.arrow", ARROW)), "arrow", { only });
    const two = { ...learnt, features: [learnt.features[0]!, learnt.features[2]!] };
    expect([...applyPreprocessing(two, table, Int32Array.of(0)).values]).toEqual([
      0, 1, 0, 0, 1, 0,
    ]);
    expect(unknownLevels(two, table)).toEqual([]);
  });

  test("of an earlier bundle, which holds the file's own spelling, knows them too", () => {
    const old: Preprocessing = {
      ...learnt,
      features: [{ type: "category", name: "flag", levels: ["False", "True"] }],
    };
    const X = applyPreprocessing(old, parseTable(Buffer.from('[{"flag": true}]'), "json"));
    expect([...X.values]).toEqual([0, 1, 0]);
    const out = new Float32Array(3);
    createRowPreprocessing(old).write(["TRUE"], out);
    expect([...out]).toEqual([0, 1, 0]);
  });
});

describe("levels that training did not have", () => {
  const levels = (values: readonly string[]): Table => ({
    nRows: values.length,
    columns: [{ type: "category", name: "c", values }],
  });

  test("are reported where they are most of a column", () => {
    const learnt = learn(levels(["a", "b", "a", "b"]));
    expect(describeUnlikeTraining(learnt, levels(["x", "y", "a"]))).toEqual([
      'column "c": 2 of 3 cells hold levels that training did not have, "x" for example; they count as unknown',
    ]);
    expect(describeUnlikeTraining(learnt, levels(["x", "a"]))).toEqual([]);
    expect(
      describeUnlikeTraining(learnt, {
        nRows: 2,
        columns: [{ type: "category", name: "c", values: [null, null] }],
      }),
    ).toEqual([expect.stringContaining("rows 1, 2 have no value")]);
  });

  test("are not where most were rare in training, as names are", () => {
    const names = Array.from({ length: 200 }, (_, i) => `name ${i}`);
    const learnt = learn(levels(names));
    expect(learnt.features[0]).toMatchObject({ rare: 0.75 });
    expect(describeUnlikeTraining(learnt, levels(["x", "y"]))).toEqual([]);
  });
});

test("rows without a value in any column of the model are named once", () => {
  const learnt = learn(csv("n,c\n1,a\n2,b\n"));
  const rows = csv("c,n,other\na,,1\n,,2\n?,NA,3\nb,5,\n");
  expect(describeUnlikeTraining(learnt, rows)).toEqual([
    "rows 2, 3 have no value in any column that the model reads: such a prediction is a guess",
  ]);
});

describe("marks of missing values", () => {
  const text = "country,n\nNA,1\nDE,-\n,-9999.0\n?,3\n";
  const read = (missing?: string[]): Table => parseTable(Buffer.from(text), "csv", { missing });

  test("are the default words, or those that the user names and nothing else", () => {
    expect(read().columns[0]!.values).toEqual([null, "DE", null, null]);
    const { columns } = read(["-", "-9999"]);
    expect(columns[0]!.values).toEqual(["NA", "DE", null, "?"]);
    expect(columns[1]!.values).toEqual(Float64Array.of(1, Number.NaN, Number.NaN, 3));
  });

  test("go into the preprocessing, and with it to rows of a program", () => {
    const learnt = learn(read(["-", "-9999"]));
    expect(learnt.missing).toEqual(["-", "-9999"]);
    const { columns } = tableFromRecords(
      [
        { country: "NA", n: "-" },
        { country: "-", n: -9999 },
      ],
      learnt,
    );
    expect(columns[0]!.values).toEqual(["NA", null]);
    expect(columns[1]!.values).toEqual(Float64Array.of(Number.NaN, Number.NaN));
    expect(learn(read()).missing).toBeUndefined();
  });

  test("one cell that is no number in a column of numbers is named with its line", () => {
    const rows = Array.from({ length: 20 }, (_, i) => `${i === 7 ? "off" : i},${i}`).join("\n");
    const table = csv(`a,t\n${rows}\n`);
    expect(describeOddities(selectTarget(table, "t").features)).toEqual([
      'column "a" is read as numbers; 1 cell is none and counts as missing: ' +
        'line 9 "off"; --types "a=category" reads levels instead',
    ]);
    expect(selectTarget(table, "a").rows).toHaveLength(19);
    expect(csv(`a,t\n${rows}\n`, { a: "category" }).columns[0]!.values[7]).toBe("off");
    expect(csv("a\n1\n-\n", {}).strays).toBeUndefined();
  });
});
