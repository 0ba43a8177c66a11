/**
 * Goal: the server speaks the Open Inference Protocol and answers what `predict` answers.
 * Method: every endpoint and error by injection, then one round over a real socket, then requests
 * made at random, none of which may be the server's failure.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createServer, listen } from "../../src/api/index.ts";
import { tableFromRecords } from "../../src/data/index.ts";
import { createReferenceEngine } from "../../src/experts/index.ts";
import { predict } from "../../src/mixture/index.ts";
import { sampleBundle, sampleModel } from "./model.ts";

const engine = createReferenceEngine();
const model = sampleModel();
const server = createServer([{ name: "m", bundle: sampleBundle(model) }], { engine });
const ROWS = [
  { x: 0.1, kind: "a" },
  { x: -2.5, kind: "b" },
  { x: null, kind: "other" },
];
const INPUTS = [
  { name: "kind", shape: [3], datatype: "BYTES", data: ROWS.map(({ kind }) => kind) },
  { name: "x", shape: [3, 1], datatype: "FP64", data: ROWS.map(({ x }) => x) },
];
const expected = predict(engine, model, tableFromRecords(ROWS, model.preprocessing));

const get = (url: string) => server.inject({ method: "GET", url });
const infer = (payload: object, url = "/v2/models/m/infer") =>
  server.inject({ method: "POST", url, payload });

describe("metadata and health", () => {
  test("of the server and the model", async () => {
    expect((await get("/v2")).json()).toMatchObject({ name: "bailiwick", extensions: [] });
    expect((await get("/v2/health/live")).json()).toEqual({ live: true });
    expect((await get("/v2/health/ready")).json()).toEqual({ ready: true });
    expect((await get("/v2/models/m/ready")).json()).toEqual({ name: "m", ready: true });
    for (const url of ["/v2/models/m", "/v2/models/m/versions/3"]) {
      expect((await get(url)).json()).toEqual({
        name: "m",
        versions: ["3"],
        platform: "bailiwick",
        inputs: [
          { name: "x", datatype: "FP64", shape: [-1] },
          { name: "kind", datatype: "BYTES", shape: [-1] },
        ],
        outputs: [
          { name: "prediction", datatype: "FP64", shape: [-1] },
          { name: "expert", datatype: "INT32", shape: [-1] },
          { name: "scores", datatype: "FP64", shape: [-1, 2] },
        ],
      });
    }
  });
});

describe("infer", () => {
  test("answers what predict answers, to the last bit, and echoes the id", async () => {
    const response = await infer({ id: "r1", inputs: INPUTS });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({
      model_name: "m",
      model_version: "3",
      id: "r1",
      outputs: [{ name: "prediction", datatype: "FP64", shape: [3], data: [...expected.values] }],
    });
  });

  test("gives the outputs that are asked for, under a version too", async () => {
    const outputs = [{ name: "scores" }, { name: "expert" }];
    const response = await infer({ inputs: INPUTS, outputs }, "/v2/models/m/versions/3/infer");
    const [scores, expert] = response.json().outputs;
    expect(scores).toMatchObject({ shape: [3, 2], data: [...expected.routes[0]!.scores] });
    expect(expert).toMatchObject({ datatype: "INT32", data: [...expected.routes[0]!.experts] });
  });

  test("over a real socket gives the same numbers", async () => {
    const own = createServer([{ name: "m", bundle: sampleBundle(model) }], { engine });
    const address = await listen(own, { host: "127.0.0.1", port: 0 });
    const taken = createServer([], { engine });
    const port = Number(new URL(address).port);
    await expect(listen(taken, { host: "127.0.0.1", port })).rejects.toMatchObject({
      code: "PORT_UNAVAILABLE",
    });
    const response = await fetch(`${address}/v2/models/m/infer`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ inputs: INPUTS }),
    });
    const { outputs } = (await response.json()) as { outputs: [{ data: number[] }] };
    expect(outputs[0].data).toEqual([...expected.values]);
    await own.close();
  });

  const x = INPUTS[1]!;
  const kind = INPUTS[0]!;
  test.each([
    ["no inputs", { inputs: [] }, 400, "inputs"],
    ["a column missing", { inputs: [x] }, 422, 'column "kind" must be given'],
    ["an unknown column", { inputs: [...INPUTS, { ...x, name: "xx" }] }, 422, 'the nearest is "x"'],
    ["a column twice", { inputs: [x, x, kind] }, 400, "must come once"],
    ["a shape that lies", { inputs: [{ ...x, shape: [4] }, kind] }, 400, "n values"],
    ["a matrix", { inputs: [{ ...x, shape: [1, 3] }, kind] }, 400, "must have shape"],
    ["text for a number", { inputs: [{ ...x, data: ["1", "2", "3"] }, kind] }, 422, "hold numbers"],
    ["a number for text", { inputs: [x, { ...kind, datatype: "FP64" }] }, 422, "must have BYTES"],
    ["an unknown datatype", { inputs: [{ ...x, datatype: "FP8" }, kind] }, 400, "datatype"],
    [
      "columns of unequal length",
      { inputs: [{ ...x, shape: [2], data: [1, 2] }, kind] },
      400,
      "equal length",
    ],
    [
      "an unknown output",
      { inputs: INPUTS, outputs: [{ name: "why" }] },
      400,
      "prediction, expert",
    ],
  ])("refuses %s", async (_name, payload, status, message) => {
    const response = await infer(payload);
    expect(response.statusCode).toBe(status);
    expect(Object.keys(response.json())).toEqual(["error"]);
    expect(response.json().error).toContain(message);
  });

  test("refuses unknown models, versions and endpoints, other types and broken JSON", async () => {
    expect((await infer({ inputs: INPUTS }, "/v2/models/n/infer")).statusCode).toBe(404);
    expect((await get("/v2/models/m/versions/4")).json().error).toContain("version 3");
    expect((await get("/v3?token=secret")).json().error).toBe("no such endpoint: GET /v3");
    const url = "/v2/models/m/infer";
    const text = {
      method: "POST" as const,
      url,
      payload: "a=1",
      headers: { "content-type": "x/y" },
    };
    expect((await server.inject(text)).statusCode).toBe(415);
    const json = { "content-type": "application/json" };
    const broken = await server.inject({ method: "POST", url, payload: "{", headers: json });
    expect(broken.statusCode).toBe(400);
    const huge = {
      method: "POST" as const,
      url,
      payload: `"${"x".repeat(17 << 20)}"`,
      headers: json,
    };
    expect((await server.inject(huge)).statusCode).toBe(413);
    const proto = '{"inputs": [], "__proto__": {"x": 1}}';
    const polluted = await server.inject({ method: "POST", url, payload: proto, headers: json });
    expect(polluted.statusCode).toBe(400);
  });

  test("never fails on what a request holds", async () => {
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.record({
        inputs: fc.array(
          fc.record({
            name: fc.constantFrom("x", "kind", "__proto__", "constructor"),
            shape: fc.array(fc.integer({ min: -1, max: 4 }), { maxLength: 3 }),
            datatype: fc.constantFrom("FP64", "BYTES", "INT64", "BOOL", "?"),
            data: fc.array(fc.jsonValue(), { maxLength: 4 }),
          }),
        ),
      }),
    );
    await fc.assert(
      fc.asyncProperty(anything, async (body) => {
        const response = await server.inject({
          method: "POST",
          url: "/v2/models/m/infer",
          payload: JSON.stringify(body),
          headers: { "content-type": "application/json" },
        });
        expect(response.statusCode).toBeLessThan(500);
      }),
      { numRuns: 300 },
    );
  });
});
