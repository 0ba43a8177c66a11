/**
 * Goal: the server adds to its answers the intervals of `predictIntervals`, each request's at its
 * own level, in lists and in bytes, and refuses what no interval can be.
 * Method: a model by hand whose two regimes erred by 1 … 150 and by 1001 … 1150; requests alone and
 * together; experts elsewhere that stand in for another.
 */
import { describe, expect, test } from "vitest";
import { tableFromRecords } from "../../src/data/index.ts";
import { calibrate, type Model, predictIntervals, predictMatrix } from "../../src/mixture/index.ts";
import { binaryBody, bytesTensor, engine, sampleModel, serve } from "./model.ts";

const errors = Float64Array.from({ length: 300 }, (_, i) => (i < 150 ? i + 1 : 851 + i));
const regimes = errors.map((_, i) => (i < 150 ? 0 : 1));
const model: Model = { ...sampleModel(), intervals: calibrate(errors, regimes, 2) };
const { server } = serve(model);
const ROWS = [-8, -2.5, 0.1, 3, 9].map((x, i) => ({ x, kind: i % 2 === 0 ? "a" : "b" }));
const expected = (level: number) => {
  const table = tableFromRecords(ROWS, model.preprocessing);
  return predictIntervals(engine, model, table, level);
};
const INPUTS = [
  { name: "x", shape: [5], datatype: "FP64", data: ROWS.map(({ x }) => x) },
  { name: "kind", shape: [5], datatype: "BYTES", data: ROWS.map(({ kind }) => kind) },
];

type Http = typeof server.http;
const ask = async (url: string, payload: object, http: Http = server.http) => {
  const response = await http.inject({ method: "POST", url, payload });
  return { status: response.statusCode, ...response.json() };
};
const rows = (interval: unknown, http?: Http) => ask("/v1/predict", { rows: ROWS, interval }, http);
const infer = (interval: unknown, more: object = {}, http?: Http) =>
  ask("/v2/models/m/infer", { inputs: INPUTS, parameters: { interval }, ...more }, http);

test("both regimes are asked for, or nothing here would tell them apart", () => {
  expect(new Set(expected(0.9).routes[0]!.experts)).toEqual(new Set([0, 1]));
});

describe("/v1/predict", () => {
  test("gives lower and upper a row", async () => {
    const { values, lower, upper } = expected(0.9);
    expect(await rows(0.9)).toEqual({
      status: 200,
      model: "m",
      version: "3",
      predictions: [...values],
      lower: [...lower],
      upper: [...upper],
    });
  });

  test("gives none where none is asked for", async () => {
    for (const none of [undefined, null]) expect(await rows(none)).not.toHaveProperty("lower");
  });
});

describe("/v2/models/m/infer", () => {
  test("adds the outputs lower and upper", async () => {
    const { values, lower, upper } = expected(0.8);
    const { outputs } = await infer(0.8);
    const fact = { datatype: "FP64", shape: [5] };
    expect(outputs).toEqual([
      { name: "prediction", ...fact, data: [...values] },
      { name: "lower", ...fact, data: [...lower] },
      { name: "upper", ...fact, data: [...upper] },
    ]);
  });

  test("gives them in the wanted order beside others, and once", async () => {
    const outputs = [{ name: "upper" }, { name: "expert" }];
    const answer = await infer(0.8, { outputs });
    expect(answer.outputs.map(({ name }: { name: string }) => name)).toEqual([
      "upper",
      "expert",
      "lower",
    ]);
    const routed = await infer(undefined, { parameters: { interval: 0.8, routing: true } });
    expect(routed.outputs.map(({ name }: { name: string }) => name)).toEqual([
      "prediction",
      "lower",
      "upper",
      "expert",
      "gate_score",
    ]);
  });

  test("gives them as bytes too", async () => {
    const [x, kind] = INPUTS;
    const kinds = bytesTensor(ROWS.map((row) => row.kind));
    const numbers = new Uint8Array(Float64Array.from(ROWS, (row) => row.x).buffer);
    const sized = (tensor: object, { length }: Uint8Array) => {
      const { data, ...facts } = tensor as { data: unknown };
      return { ...facts, parameters: { binary_data_size: length } };
    };
    const parameters = { interval: 0.95, binary_data_output: true };
    const inputs = [sized(x!, numbers), sized(kind!, kinds)];
    const body = binaryBody({ inputs, parameters }, numbers, kinds);
    const url = "/v2/models/m/infer";
    const response = await server.http.inject({ method: "POST", url, ...body });
    const start = Number(response.headers["inference-header-content-length"]);
    const tail = Uint8Array.from(response.rawPayload.subarray(start));
    const { values, lower, upper } = expected(0.95);
    const wanted = [...values, ...lower, ...upper];
    expect([...new Float64Array(tail.buffer)]).toEqual(wanted);
  });

  test("metadata says what there is, and up to which level", async () => {
    const { http } = server;
    const facts = (await http.inject({ method: "GET", url: "/v2/models/m" })).json();
    expect(facts.outputs).toHaveLength(1);
    expect(facts.interval_outputs).toEqual([
      { name: "lower", datatype: "FP64", shape: [-1] },
      { name: "upper", datatype: "FP64", shape: [-1] },
    ]);
    expect(facts.highest_interval).toBe(300 / 301);
    expect((await infer(facts.highest_interval)).status).toBe(200);
  });
});

test("requests of many levels that are predicted together keep their levels", async () => {
  const levels = [0.5, undefined, 0.9, 0.6, undefined, 0.95, 0.7];
  const answers = await Promise.all(levels.map((level) => rows(level)));
  for (const [r, level] of levels.entries()) {
    const { lower, upper } = answers[r]!;
    if (level === undefined) expect([lower, upper]).toEqual([undefined, undefined]);
    else expect([lower, upper]).toEqual([[...expected(level).lower], [...expected(level).upper]]);
  }
});

describe("what cannot be is refused with 400", () => {
  test.each([
    [0, "must be above 0 and below 1, got 0"],
    [1, "must be above 0 and below 1, got 1"],
    [-3, "must be above 0"],
    ["0.9", 'interval must be a number above 0 and below 1, got "0.9"'],
    [[0.9], "got a list of 1"],
    [true, "got true"],
    [0.999, "needs at least 999 held-out errors (level / (1 - level)), the model has 300"],
  ])("a level of %j", async (level, message) => {
    for (const answer of [await rows(level), await infer(level)]) {
      expect(answer.error).toContain(message);
      expect(answer.status).toBe(400);
    }
  });

  test("bounds without a level, or asked for twice", async () => {
    const bounds = await infer(undefined, { outputs: [{ name: "lower" }] });
    expect(bounds).toMatchObject({
      status: 400,
      error: expect.stringMatching(/takes .* interval/),
    });
    const twice = await infer(0.9, { outputs: [{ name: "lower" }, { name: "lower" }] });
    expect(twice).toMatchObject({ status: 400, error: expect.stringMatching(/once/) });
  });

  test("a model that keeps no held-out errors", async () => {
    const { http } = serve(sampleModel()).server;
    for (const answer of [await rows(0.9, http), await infer(0.9, {}, http)]) {
      expect(answer).toMatchObject({ status: 400, error: expect.stringMatching(/fit it again/) });
    }
    const facts = (await http.inject({ method: "GET", url: "/v2/models/m" })).json();
    expect(facts).not.toHaveProperty("interval_outputs");
  });
});

describe("experts elsewhere", () => {
  const elsewhere = (degraded: boolean) =>
    serve(
      model,
      {},
      { elsewhere: async (_bundle, X) => ({ ...predictMatrix(engine, model, X), degraded }) },
    );

  test("that all answer give the same intervals", async () => {
    const { http } = elsewhere(false).server;
    expect((await rows(0.9, http)).lower).toEqual([...expected(0.9).lower]);
  });

  test("of which some stand in for another give predictions and no intervals", async () => {
    const { http } = elsewhere(true).server;
    const nothing = [null, null, null, null, null];
    const answer = await rows(0.9, http);
    expect(answer).toMatchObject({ degraded: true, lower: nothing, upper: nothing });
    expect(answer.predictions).toEqual([...expected(0.9).values]);
    const { outputs, parameters } = await infer(0.9, {}, http);
    expect(parameters).toEqual({ degraded: true });
    expect(outputs[1]).toMatchObject({ name: "lower", data: nothing });
  });
});
