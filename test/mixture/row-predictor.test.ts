/**
 * Goal: one row at a time is answered as a table's rows are (see predict.test.ts), by the expert
 * it is routed to alone, and what cannot be a row is refused.
 */
import { expect, test } from "vitest";
import { createReferenceEngine, type Engine, type Net } from "../../src/experts/index.ts";
import { createRowPredictor } from "../../src/mixture/index.ts";
import { makeContent } from "../bundle/models.ts";

const engine = createReferenceEngine();
const { model } = makeContent({ seed: 3, experts: ["mlp", "mlp", "mlp"], gate: "softmax" });

/** An engine that notes who is asked. */
function listening(): { readonly engine: Engine; readonly asked: Net[] } {
  const asked: Net[] = [];
  const predict: Engine["predict"] = (net, X, into) => {
    asked.push(net);
    return engine.predict(net, X, into);
  };
  return { engine: { ...engine, predict }, asked };
}

test.each([
  ["hard", 2],
  ["smooth", 4],
] as const)("%s recombination asks the gate and the experts it needs: %i nets", (how, nNets) => {
  const ear = listening();
  const [member] = model.members;
  const mixture = { ...member!.mixture, recombination: how };
  const predictRow = createRowPredictor(ear.engine, {
    ...model,
    members: [{ weight: 1, mixture }],
  });
  predictRow([180, "a", 28]);
  expect(new Set(ear.asked).size).toBe(nNets);
  expect(ear.asked).toHaveLength(nNets);
});

test("an answer does not depend on the rows before", () => {
  const predictRow = createRowPredictor(engine, model);
  const first = predictRow([180, "a", 28]);
  const second = predictRow([200, null, null]);
  expect(predictRow([180, "a", 28])).toBe(first);
  expect(predictRow([200, "unheard of", Number.NaN])).toBe(second);
});

test.each([
  [[180, "a"], "SHAPE_MISMATCH"],
  [["180", "a", 28], "COLUMN_TYPE"],
  [[180, "a", Number.NEGATIVE_INFINITY], "VALUE_NOT_FINITE"],
])("the row %j is refused with %s", (cells, code) => {
  const predictRow = createRowPredictor(engine, model);
  expect(() => predictRow(cells)).toThrow(expect.objectContaining({ code }));
});
