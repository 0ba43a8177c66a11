/**
 * Goal: a request may ask what each column contributes to its predictions.
 * Method: a small model with clusters, served; the library's contributions to the same rows.
 */
import { expect, test } from "vitest";
import { applyPreprocessing, tableFromRecords } from "../../src/data/index.ts";
import { createContributor } from "../../src/explain/index.ts";
import { predictMatrix } from "../../src/mixture/index.ts";
import { clusters } from "../explain/games.ts";
import { engine, sampleBundle, sampleModel, serve } from "./model.ts";

const model = sampleModel();
const explanation = clusters(model, 4);
const { registry, server } = serve(model);
registry.put("m", [{ ...sampleBundle(model), digest: "explained", explanation }]);
registry.put("bare", [sampleBundle(model)]);
const ask = (payload: object) =>
  server.http.inject({ method: "POST", url: "/v1/predict", payload: { model: "m", ...payload } });
const rows = [
  { x: 1, kind: "a" },
  { x: -2, kind: null },
];

test("the answer has the library's contributions, which sum to each prediction", async () => {
  const { contributions, predictions } = (await ask({ rows, contributions: true })).json();
  const X = applyPreprocessing(model.preprocessing, tableFromRecords(rows, model.preprocessing));
  const answers = predictMatrix(engine, model, X).values;
  const expected = createContributor(engine, model, explanation)!(X, answers);
  expect(contributions.columns).toEqual(["x", "kind"]);
  expect(contributions.base).toBe(expected.base);
  expect(contributions.values.flat()).toEqual([...expected.values]);
  expect(contributions.errors).toEqual([
    [0, 0],
    [0, 0],
  ]);
  predictions.forEach((prediction: number, i: number) => {
    const [x, kind] = contributions.values[i];
    expect(contributions.base + x + kind + contributions.limits[i]).toBeCloseTo(prediction, 9);
  });
});

test("without the option there are none, and of no rows there are none to list", async () => {
  expect((await ask({ rows })).json()).not.toHaveProperty("contributions");
  const { contributions } = (await ask({ rows: [], contributions: true })).json();
  expect(contributions).toMatchObject({ columns: ["x", "kind"], values: [], limits: [] });
});

test.each([
  ["too many rows", { rows: Array(101).fill(rows[0]), contributions: true }, 413, "at most 100"],
  ["a flag that is none", { rows, contributions: "yes" }, 400, "true or false"],
  ["a bundle without clusters", { model: "bare", rows, contributions: true }, 400, "fit it again"],
])("%s is refused", async (_name, payload, status, message) => {
  const response = await ask(payload);
  expect(response.statusCode).toBe(status);
  expect(response.json().error).toContain(message);
});
