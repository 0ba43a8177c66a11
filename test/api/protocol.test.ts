/**
 * Goal: the server speaks the Open Inference Protocol and answers what `predict` answers.
 * Method: each object of the protocol's text, field by field, by injection; the numbers against
 * `predict` on the same rows.
 */
import { describe, expect, test } from "vitest";
import type { Bundle } from "../../src/bundle/index.ts";
import { tableFromRecords } from "../../src/data/index.ts";
import { predict } from "../../src/mixture/index.ts";
import { engine, NUMBERS, sampleBundle, sampleModel, serve } from "./model.ts";

const model = sampleModel();
const { registry, server } = serve(model);
const ROWS = [
  { x: 0.1, kind: "a" },
  { x: -2.5, kind: "b" },
  { x: null, kind: "other" },
];
const KIND = { name: "kind", shape: [3], datatype: "BYTES", data: ROWS.map(({ kind }) => kind) };
const X = { name: "x", shape: [3, 1], datatype: "FP64", data: ROWS.map(({ x }) => x) };
const INPUTS = [KIND, X];
const expected = predict(engine, model, tableFromRecords(ROWS, model.preprocessing));

const get = (url: string) => server.http.inject({ method: "GET", url });
const infer = (payload: object, url = "/v2/models/m/infer") =>
  server.http.inject({ method: "POST", url, payload });

describe("metadata and health", () => {
  test("$metadata_server_response: name, version, extensions", async () => {
    const response = await get("/v2");
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({
      name: "bailiwick",
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      extensions: ["binary_tensor_data", "parameters"],
    });
    expect((await get("/v2/")).body).toBe(response.body);
  });

  test("$live_server_response, $ready_server_response and $ready_model_response", async () => {
    expect((await get("/v2/health/live")).json()).toEqual({ live: true });
    expect((await get("/v2/health/ready")).json()).toEqual({ ready: true });
    for (const url of ["/v2/models/m/ready", "/v2/models/m/versions/3/ready"]) {
      expect((await get(url)).json()).toEqual({ name: "m", ready: true });
    }
  });

  test("$metadata_model_response: name, versions, platform, inputs, outputs", async () => {
    for (const url of ["/v2/models/m", "/v2/models/m/versions/3"]) {
      expect((await get(url)).json()).toMatchObject({
        name: "m",
        versions: ["3"],
        platform: "bailiwick",
        inputs: [
          { name: "x", datatype: "FP64", shape: [-1] },
          { name: "kind", datatype: "BYTES", shape: [-1] },
        ],
        outputs: [{ name: "prediction", datatype: "FP64", shape: [-1] }],
        rows: { name: "rows", datatype: "BYTES", shape: [-1, 2] },
        routing_outputs: [
          { name: "expert", datatype: "INT32", shape: [-1] },
          { name: "gate_score", datatype: "FP64", shape: [-1] },
          { name: "scores", datatype: "FP64", shape: [-1, 2] },
        ],
      });
    }
  });

  test("errors are {error} with an HTTP status, for each of them", async () => {
    for (const url of ["/v2/models/n", "/v2/models/n/ready", "/v2/models/m/versions/4"]) {
      const response = await get(url);
      expect(response.statusCode).toBe(404);
      expect(Object.keys(response.json())).toEqual(["error"]);
    }
    expect((await get("/v2/models/m/versions/4")).json().error).toContain("version 3");
    expect((await infer({ inputs: INPUTS }, "/v2/models/n/infer")).statusCode).toBe(404);
  });
});

describe("$inference_request", () => {
  test("is answered with the model's own outputs, all of them, and its id", async () => {
    const response = await infer({ id: "r1", inputs: INPUTS });
    expect(response.statusCode).toBe(200);
    expect(response.headers["content-type"]).toContain("application/json");
    expect(response.json()).toEqual({
      model_name: "m",
      model_version: "3",
      id: "r1",
      outputs: [{ name: "prediction", datatype: "FP64", shape: [3], data: [...expected.values] }],
    });
  });

  test("gives the outputs that are asked for, in that order, under a version too", async () => {
    const outputs = [{ name: "scores" }, { name: "expert" }];
    const response = await infer({ inputs: INPUTS, outputs }, "/v2/models/m/versions/3/infer");
    const [scores, expert] = response.json().outputs;
    expect(scores).toMatchObject({ shape: [3, 2], data: [...expected.routes[0]!.scores] });
    expect(expert).toMatchObject({ datatype: "INT32", data: [...expected.routes[0]!.experts] });
  });

  test("parameters it does not know are left aside, at every level", async () => {
    const parameters = { sequence_id: 3, priority: "high" };
    const inputs = INPUTS.map((input) => ({ ...input, parameters }));
    const outputs = [{ name: "prediction", parameters: { classification: 2 } }];
    const response = await infer({ inputs, outputs, parameters });
    expect(response.json().outputs[0].data).toEqual([...expected.values]);
  });

  test("a tensor's data may be flat or nested", async () => {
    const nested = { ...X, data: X.data.map((value) => [value]) };
    expect((await infer({ inputs: [KIND, nested] })).json().outputs[0].data).toEqual([
      ...expected.values,
    ]);
  });

  test("all columns may come as one tensor, in the model's order", async () => {
    const cells = ROWS.flatMap(({ x, kind }) => [x === null ? "" : String(x), kind]);
    const rows = { name: "rows", shape: [3, 2], datatype: "BYTES", data: cells };
    expect((await infer({ inputs: [rows] })).json().outputs[0].data).toEqual([...expected.values]);
  });

  test("no rows give no answers", async () => {
    const inputs = INPUTS.map((input) => ({ ...input, shape: [0, 1], data: [] }));
    expect((await infer({ inputs })).json().outputs[0]).toMatchObject({ shape: [0], data: [] });
  });
});

describe("routing facts", () => {
  test("of one row are parameters, scalars all", async () => {
    const inputs = [
      { ...X, shape: [1], data: [0.1] },
      { ...KIND, shape: [1], data: ["a"] },
    ];
    const { parameters, outputs } = (await infer({ inputs, parameters: { routing: true } })).json();
    const [route] = expected.routes;
    const expert = route!.experts[0]!;
    expect(parameters).toEqual({
      digest: "3".repeat(64),
      degraded: false,
      expert: `m0.e${expert}`,
      expert_version: String(expert).repeat(64),
      gate_score: route!.scores[expert],
    });
    expect(outputs.map(({ name }: { name: string }) => name)).toEqual([
      "prediction",
      "expert",
      "gate_score",
    ]);
  });

  test("of many rows are outputs, of each member and with the novelty where there is one", async () => {
    const twice = sampleModel(undefined, 5, 2);
    // One ball around 0 of radius 2, and no range: the novelty is half the distance from 0.
    const novelty = {
      nFeatures: 4,
      whitening: Float32Array.of(1, 1, 1, 1),
      centroids: Float32Array.of(0, 0, 0, 0),
      radii: Float32Array.of(2),
      least: new Float32Array(4).fill(-100),
      most: new Float32Array(4).fill(100),
      slack: new Float32Array(4).fill(1),
    };
    const members = [0, 1].map(() => ({ experts: [{ novelty }, { novelty }] }));
    const explanation = { members } as unknown as Bundle["explanation"];
    const own = serve(twice, {}, { explanation });
    const payload = { inputs: INPUTS, parameters: { routing: true } };
    const url = "/v2/models/m/infer";
    const response = await own.server.http.inject({ method: "POST", url, payload });
    const { parameters, outputs } = response.json();
    expect(parameters).toEqual({ digest: "3".repeat(64), degraded: false });
    expect(outputs.map(({ name }: { name: string }) => name)).toEqual([
      "prediction",
      "expert",
      "gate_score",
      "novelty",
      "m1.expert",
      "m1.gate_score",
      "m1.novelty",
    ]);
    // x standardised is −0.45, −1.75 and 0 (the median is the mean), beside one level that is 1.
    expect(outputs[3].data[0]).toBeCloseTo(Math.hypot(0.45, 1) / 2, 6);
    expect(outputs[3].data[1]).toBeCloseTo(Math.hypot(1.75, 1) / 2, 6);
    expect(outputs[6].data).toEqual(outputs[3].data);
    // One row a request is judged, another one each time: here row 1, which is novel, then row 2.
    await own.server.http.inject({ method: "POST", url, payload });
    const text = await own.server.metrics.text();
    expect(text).toContain('bailiwick_judged_rows_total{model="m"} 2');
    expect(text).toContain('bailiwick_novel_rows_total{model="m"} 1');
  });
});

describe("refuses", () => {
  test.each([
    ["no inputs", { inputs: [] }, 400, "inputs must be a list of 1"],
    ["a column missing", { inputs: [X] }, 422, 'column "kind" must be given'],
    ["an unknown column", { inputs: [...INPUTS, { ...X, name: "xx" }] }, 422, 'nearest is "x"'],
    ["a column twice", { inputs: [X, X, KIND] }, 400, "must come once"],
    ["a shape that lies", { inputs: [{ ...X, shape: [4] }, KIND] }, 400, "as its shape says"],
    ["a matrix", { inputs: [{ ...X, shape: [1, 3] }, KIND] }, 400, "must have shape"],
    ["three dimensions", { inputs: [{ ...X, shape: [1, 1, 3] }, KIND] }, 400, "have a shape"],
    ["text for a number", { inputs: [{ ...X, data: ["1", "2", "3"] }, KIND] }, 422, "numbers"],
    ["a number for text", { inputs: [X, { ...KIND, datatype: "FP64" }] }, 422, "must hold numbers"],
    ["numbers for a category", { inputs: [X, { ...X, name: "kind" }] }, 422, "must have BYTES"],
    ["an unknown datatype", { inputs: [{ ...X, datatype: "FP8" }, KIND] }, 400, "datatype"],
    ["a fraction for an integer", { inputs: [{ ...X, datatype: "INT8" }, KIND] }, 422, "INT8"],
    [
      "a huge integer",
      { inputs: [{ ...X, datatype: "INT8", data: [1, 2, 128] }, KIND] },
      422,
      "128",
    ],
    [
      "unequal columns",
      { inputs: [{ ...X, shape: [2], data: [1, 2] }, KIND] },
      400,
      "equal length",
    ],
    [
      "an unknown output",
      { inputs: INPUTS, outputs: [{ name: "why" }] },
      400,
      "prediction, expert",
    ],
    ["a flag that is none", { inputs: INPUTS, parameters: { routing: 1 } }, 400, "true or false"],
    ["an id that is no text", { id: 7, inputs: INPUTS }, 400, "id must be a text"],
    [
      "numbers for all of a mixed model",
      { inputs: [{ ...X, name: "rows", shape: [1, 2], data: [1, 2] }] },
      422,
      "BYTES",
    ],
  ])("%s", async (_name, payload, status, message) => {
    const response = await infer(payload);
    expect(Object.keys(response.json())).toEqual(["error"]);
    expect(response.json().error).toContain(message);
    expect(response.statusCode).toBe(status);
  });

  test("a method that a path does not have, naming those it has", async () => {
    for (const [method, url, allow] of [
      ["GET", "/v2/models/m/infer", "POST"],
      ["DELETE", "/v2/models/m/versions/3", "GET, HEAD"],
      ["POST", "/v2/health/live", "GET, HEAD"],
    ] as const) {
      const response = await server.http.inject({ method, url, payload: "x" });
      expect(response.statusCode).toBe(405);
      expect(response.headers.allow).toBe(allow);
    }
  });
});

test("several models and versions are served at once, each under its name", async () => {
  const numbers = sampleModel(NUMBERS);
  registry.put("other", [sampleBundle(numbers, 2), sampleBundle(sampleModel(NUMBERS, 9), 1)]);
  const rows = { name: "rows", shape: [2, 3], datatype: "FP64", data: [0, 1, 2, 3, null, 5] };
  const records = [
    { f0: 0, f1: 1, f2: 2 },
    { f0: 3, f1: null, f2: 5 },
  ];
  const table = tableFromRecords(records, numbers.preprocessing);
  const current = (await infer({ inputs: [rows] }, "/v2/models/other/infer")).json();
  expect(current.model_version).toBe("2");
  expect(current.outputs[0].data).toEqual([...predict(engine, numbers, table).values]);
  const old = (await infer({ inputs: [rows] }, "/v2/models/other/versions/1/infer")).json();
  expect(old.model_version).toBe("1");
  expect(old.outputs[0].data).toEqual([...predict(engine, sampleModel(NUMBERS, 9), table).values]);
  expect((await get("/v2/models/other")).json().versions).toEqual(["2", "1"]);
});
