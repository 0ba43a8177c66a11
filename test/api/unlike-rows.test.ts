/**
 * Goal: a client is told in what its rows differ from the training rows, the log says it once, and
 * no identifier is rounded.
 */
import { expect, test } from "vitest";
import type { LogTarget } from "../../src/api/index.ts";
import { sampleModel, serve } from "./model.ts";

const LONG = "9007199254740993";
const NUMBER = {
  type: "number",
  name: "x",
  median: 7,
  mean: 7,
  scale: 1,
  indicator: false,
} as const;
const CONSTANT = { ...NUMBER, constant: "one value" } as const;
const FEATURES = [CONSTANT, { type: "category", name: "kind", levels: ["a", LONG] }] as const;

function open() {
  const lines: string[] = [];
  const log: LogTarget = { level: "warn", write: (line) => lines.push(line) };
  const { server } = serve(sampleModel(FEATURES), { log });
  const post = async (url: string, payload: string | object) => {
    const headers = { "content-type": "application/json" };
    return (await server.http.inject({ method: "POST", url, payload, headers })).json();
  };
  return { lines, rows: (body: string | object) => post("/v1/predict", body), post };
}

test("rows are told of a constant that moved and of unknown levels, and the log once", async () => {
  const { lines, rows } = open();
  expect((await rows({ rows: [{ x: 7, kind: "a" }] })).warnings).toBeUndefined();
  expect((await rows({ rows: [{ x: null, kind: null }] })).warnings).toBeUndefined();
  for (let turn = 0; turn < 3; turn++) {
    const answer = await rows({
      rows: [
        { x: 8, kind: "a secret" },
        { x: 7, kind: "z" },
      ],
    });
    expect(answer.warnings).toEqual([
      'column "x" was 7 in all training rows, and 1 of 2 rows have another value, which has no effect',
      expect.stringContaining('column "kind": 2 of 2 cells hold levels that training did not have'),
    ]);
  }
  const logged = lines.map((line) => JSON.parse(line));
  expect(logged).toMatchObject([
    { model: "m", version: "3", column: "x", what: "a constant moved" },
    { model: "m", version: "3", column: "kind", what: "unknown levels" },
  ]);
  expect(lines.join()).not.toContain("secret");
});

test("tensors are told too, in lines of one parameter, beside the routing", async () => {
  const { post } = open();
  const infer = (x: number, kind: string, parameters = {}) =>
    post("/v2/models/m/infer", {
      parameters,
      inputs: [
        { name: "x", shape: [1], datatype: "FP64", data: [x] },
        { name: "kind", shape: [1], datatype: "BYTES", data: [kind] },
      ],
    });
  expect((await infer(7, "a")).parameters).toBeUndefined();
  const { warnings } = (await infer(8, "z")).parameters;
  expect(warnings.split("\n")).toHaveLength(2);
  const routed = (await infer(8, "a", { routing: true })).parameters;
  expect(routed).toMatchObject({ degraded: false, warnings: expect.stringContaining('"x" was 7') });
});

test("one tensor of numbers for all columns is told too", async () => {
  const others = ["y", "z", "w"].map((name) => ({ ...NUMBER, name }));
  const { server } = serve(sampleModel([CONSTANT, ...others]));
  const payload = {
    inputs: [{ name: "rows", shape: [1, 4], datatype: "FP64", data: [9, 1, 2, 3] }],
  };
  const answer = await server.http.inject({ method: "POST", url: "/v2/models/m/infer", payload });
  expect(answer.json().parameters.warnings).toContain('column "x" was 7 in all training rows');
});

test("a number that a double rounds is the level that it spells, others stay numbers", async () => {
  const { rows } = open();
  const ask = (cell: string, rest = "") => rows(`{"rows": [{"x": 7, "kind": ${cell}}]${rest}}`);
  const right = await ask(`"${LONG}"`);
  expect(await ask(LONG)).toEqual(right);
  expect((await ask(LONG, ', "version": 3, "interval": null')).predictions).toEqual(
    right.predictions,
  );
  for (const other of ["9007199254740992", "9007199254740994"]) {
    expect((await ask(other)).warnings).toHaveLength(1);
  }
  const numbers = await rows(`{"rows": [{"x": 7.00000000000000000001, "kind": ${LONG}}]}`);
  expect(numbers.predictions).toEqual(right.predictions);
});
