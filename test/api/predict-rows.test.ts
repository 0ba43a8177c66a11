/** Goal: rows of JSON objects get what `predict` gives on a file of the same rows. */
import { expect, test } from "vitest";
import { parseTable } from "../../src/data/index.ts";
import { predict } from "../../src/mixture/index.ts";
import { engine, NUMBERS, sampleBundle, sampleModel, serve } from "./model.ts";

const model = sampleModel();
const { registry, server } = serve(model);
const post = (payload: object) =>
  server.http.inject({ method: "POST", url: "/v1/predict", payload });

test("cells are a JSON file's: texts of numbers, missing words and keys, columns too many", async () => {
  const rows = [{ x: "0.5", kind: " a ", extra: [1] }, { kind: "NA", x: null }, { x: -1e-3 }];
  const file = Buffer.from(JSON.stringify(rows.map(({ x, kind }) => ({ x, kind }))));
  const table = parseTable(file, "json", { types: { x: "number", kind: "category" } });
  const expected = predict(engine, model, table);
  const response = await post({ rows });
  expect(response.statusCode).toBe(200);
  expect(response.json()).toEqual({
    model: "m",
    version: "3",
    predictions: [...expected.values],
  });
});

test("explained, each row says its experts and scores", async () => {
  const { routes } = (await post({ rows: [{ x: 1, kind: "a" }], explain: true })).json();
  const [{ members, degraded }] = routes;
  expect(degraded).toBe(false);
  expect(members[0].scores[0] + members[0].scores[1]).toBeCloseTo(1, 12);
  const weights = members.map(({ weight }: { weight: number }) => weight);
  expect(weights).toEqual(model.members.map(({ weight }) => weight));
  expect(members[0].gateScore).toBe(Math.max(...members[0].scores));
  expect(members[0].expert).toBe(`m0.e${members[0].scores.indexOf(members[0].gateScore)}`);
});

test("no rows give no predictions", async () => {
  expect((await post({ rows: [] })).json().predictions).toEqual([]);
});

test("a model is named where there are several", async () => {
  const both = serve(model);
  both.registry.put("n", [sampleBundle(sampleModel(NUMBERS))]);
  const ask = (payload: object) =>
    both.server.http.inject({ method: "POST", url: "/v1/predict", payload });
  expect((await ask({ rows: [{}] })).json().error).toBe("model must be one of m, n, got nothing");
  const named = await ask({ model: "n", version: 3, rows: [{ f0: 1, f1: 2, f2: 3 }] });
  expect(named.json().model).toBe("n");
  expect(registry.models.size).toBe(1);
});

test.each([
  ["a list", [], 400, "must be an object"],
  ["no rows", {}, 400, "rows must be a list, got nothing"],
  ["a row that is none", { rows: [{}, 3] }, 400, "rows[1] must be an object, got 3"],
  ["a column that no row has", { rows: [{ x: 1 }] }, 422, 'column "kind" must be in at least one'],
  ["a nested cell", { rows: [{ x: 1, kind: {} }] }, 422, "rows[0] holds an object"],
  ["text for a number", { rows: [{ x: "much", kind: "a" }] }, 422, 'row 1 holds "much"'],
  ["a number beyond a double", { rows: [{ x: "1e999", kind: "a" }] }, 422, "finite"],
  ["another model", { model: "z", rows: [] }, 404, 'no model named "z"'],
  ["a flag that is none", { rows: [], explain: "yes" }, 400, "true or false"],
])("refuses %s", async (_name, payload, status, message) => {
  const response = await post(payload);
  expect(response.json().error).toContain(message);
  expect(response.statusCode).toBe(status);
});
