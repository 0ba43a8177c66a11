/** Goal: for every optional member, being absent, null and empty are one thing. */
import { expect, test } from "vitest";
import { sampleModel, serve } from "./model.ts";

const { server } = serve(sampleModel());
const INPUTS = [
  { name: "x", shape: [1], datatype: "FP64", data: [1] },
  { name: "kind", shape: [1], datatype: "BYTES", data: ["a"] },
];
const ask = async (url: string, payload: object) => {
  const response = await server.http.inject({ method: "POST", url, payload });
  return { status: response.statusCode, answer: response.json() };
};

test.each([
  { id: null },
  { id: "" },
  { outputs: null },
  { outputs: [] },
  { parameters: null },
  { parameters: {} },
  { parameters: { routing: null, interval: null, binary_data_output: null } },
  { parameters: { class: null } },
  { parameters: { class: "" } },
  { outputs: [{ name: "prediction", parameters: null }] },
  { outputs: [{ name: "prediction", parameters: {} }] },
  { outputs: [{ name: "prediction", parameters: { binary_data: null } }] },
  { inputs: INPUTS.map((input) => ({ ...input, parameters: null })) },
  { inputs: INPUTS.map((input) => ({ ...input, parameters: {} })) },
  { inputs: INPUTS.map((input) => ({ ...input, parameters: { binary_data_size: null } })) },
])("tensors with %j", async (more) => {
  const plain = await ask("/v2/models/m/infer", { inputs: INPUTS });
  expect(plain.status).toBe(200);
  expect(plain.answer.outputs).toHaveLength(1);
  expect(await ask("/v2/models/m/infer", { inputs: INPUTS, ...more })).toEqual(plain);
});

test.each([
  { model: null },
  { model: "" },
  { version: null },
  { version: "" },
  { explain: null },
  { interval: null },
  { class: null },
  { class: "" },
])("rows with %j", async (more) => {
  const rows = [{ x: 1, kind: "a" }];
  const plain = await ask("/v1/predict", { rows });
  expect(plain.status).toBe(200);
  expect(await ask("/v1/predict", { rows, ...more })).toEqual(plain);
});

test("data that is null or empty beside a size is absent", async () => {
  const x = Buffer.from(new Float64Array([1]).buffer);
  const sized = { ...INPUTS[0], parameters: { binary_data_size: 8 } };
  for (const data of [undefined, null, []]) {
    const json = Buffer.from(JSON.stringify({ inputs: [{ ...sized, data }, INPUTS[1]] }));
    const headers = {
      "content-type": "application/octet-stream",
      "inference-header-content-length": String(json.length),
    };
    const payload = Buffer.concat([json, x]);
    const url = "/v2/models/m/infer";
    const { statusCode } = await server.http.inject({ method: "POST", url, payload, headers });
    expect(statusCode).toBe(200);
  }
});
