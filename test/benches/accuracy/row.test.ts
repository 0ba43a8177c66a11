/** Goal: finished splits are read back whole, and nothing else is taken for one. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseResultRows, parseRow } from "../../../src/benches/index.ts";

const text = readFileSync("experiments/uci/result.json", "utf8");

test("the committed result's rows come back as they were written, one by one too", () => {
  const { rows } = JSON.parse(text).measurements;
  expect(parseResultRows(text)).toEqual(rows);
  expect(parseRow(JSON.stringify(rows[0]))).toEqual(rows[0]);
});

test.each([
  ["{", "a line of splits.jsonl must be JSON"],
  ["{}", "a line of splits.jsonl does not fit"],
  ['{"run": 1}', "expected string, received number"],
])("the line %s is refused", (line, message) => {
  expect(() => parseRow(line)).toThrow(message);
  expect(() => parseRow(line)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
});
