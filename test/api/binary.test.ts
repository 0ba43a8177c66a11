/**
 * Goal: tensors as bytes say what the same tensors in JSON say, both ways, and a length that lies
 * is found.
 * Method: each datatype encoded by hand; answers in bytes against answers in JSON.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { binaryBody, bytesTensor, NUMBERS, sampleModel, serve } from "./model.ts";

const { server } = serve(sampleModel(NUMBERS));
const mixed = serve(sampleModel());
const URL_PATH = "/v2/models/m/infer";

type Body = ReturnType<typeof binaryBody>;
const post = (body: Body, to = server) =>
  to.http.inject({ method: "POST", url: URL_PATH, ...body });
const inJson = async (payload: object, to = server) =>
  (await to.http.inject({ method: "POST", url: URL_PATH, payload })).json();

/** A tensor `rows` and what it says of its bytes. */
function rowsOf(datatype: string, values: ArrayBufferView, nRows = 2): Body {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const parameters = { binary_data_size: bytes.length };
  const input = { name: "rows", shape: [nRows, 3], datatype, parameters };
  return binaryBody({ inputs: [input] }, bytes);
}

/** Doubles from an answer's bytes, wherever they start. */
function doubles(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(8 * i));
}

test.each([
  ["FP64", new Float64Array([1, -2, 3.25, 4, 5, 6e300])],
  ["FP32", new Float32Array([1, -2, 3.25, 4, 5, 6])],
  ["INT64", new BigInt64Array([1n, -2n, 3n, 4n, 5n, 6n])],
  ["INT32", new Int32Array([1, -2, 3, 4, 5, 6])],
  ["INT16", new Int16Array([1, -2, 3, 4, 5, 6])],
  ["INT8", new Int8Array([1, -2, 3, 4, 5, 6])],
  ["UINT64", new BigUint64Array([1n, 2n, 3n, 4n, 5n, 6n])],
  ["UINT32", new Uint32Array([1, 2, 3, 4, 5, 6])],
  ["UINT16", new Uint16Array([1, 2, 3, 4, 5, 6])],
  ["UINT8", new Uint8Array([1, 2, 3, 4, 5, 6])],
])("%s in bytes is %s in JSON", async (datatype, values) => {
  const response = await post(rowsOf(datatype, values));
  const data = Array.from(values as Iterable<number | bigint>, Number);
  const same = await inJson({ inputs: [{ name: "rows", shape: [2, 3], datatype, data }] });
  expect(response.statusCode).toBe(200);
  expect(response.json()).toEqual(same);
});

test("FP16 and BOOL are read bit by bit", async () => {
  // 1, −2, 0.5, the smallest positive number, 65504, 0.333251953125
  const halves = new Uint16Array([0x3c00, 0xc000, 0x3800, 0x0001, 0x7bff, 0x3555]);
  const data = [1, -2, 0.5, 2 ** -24, 65504, 0.333251953125];
  const same = await inJson({
    inputs: [{ name: "rows", shape: [2, 3], datatype: "FP64", data }],
  });
  expect((await post(rowsOf("FP16", halves))).json()).toEqual(same);
  const flags = (await post(rowsOf("BOOL", new Uint8Array([1, 0, 1, 0, 0, 1])))).json();
  const booleans = [true, false, true, false, false, true];
  const inputs = [{ name: "rows", shape: [2, 3], datatype: "BOOL", data: booleans }];
  expect(flags).toEqual(await inJson({ inputs }));
});

test("NaN is a missing value, an infinity is refused", async () => {
  const missing = await post(rowsOf("FP32", new Float32Array([1, NaN, 3, NaN, 5, 6])));
  const data = [1, null, 3, null, 5, 6];
  const same = await inJson({ inputs: [{ name: "rows", shape: [2, 3], datatype: "FP32", data }] });
  expect(missing.json()).toEqual(same);
  const infinite = await post(rowsOf("FP32", new Float32Array([1, Infinity, 3, 4, 5, 6])));
  expect(infinite.statusCode).toBe(422);
  expect(infinite.json().error).toBe(
    'input "rows" must hold finite numbers, element 1 is Infinity',
  );
});

describe("named columns", () => {
  const texts = ["a", "ä, 日本", ""];
  const kind = bytesTensor(texts);
  const x = Buffer.from(new Float32Array([1, 2, 3]).buffer);
  const document = {
    inputs: [
      {
        name: "kind",
        shape: [3],
        datatype: "BYTES",
        parameters: { binary_data_size: kind.length },
      },
      { name: "x", shape: [3, 1], datatype: "FP32", parameters: { binary_data_size: x.length } },
    ],
  };
  const same = {
    inputs: [
      { name: "kind", shape: [3], datatype: "BYTES", data: texts },
      { name: "x", shape: [3, 1], datatype: "FP32", data: [1, 2, 3] },
    ],
  };

  test("come one after another, texts with their lengths", async () => {
    const response = await post(binaryBody(document, kind, x), mixed.server);
    expect(response.json()).toEqual(await inJson(same, mixed.server));
  });

  test("may come in bytes and in JSON side by side", async () => {
    const inputs = [document.inputs[0], same.inputs[1]];
    const response = await post(binaryBody({ inputs }, kind), mixed.server);
    expect(response.json()).toEqual(await inJson(same, mixed.server));
  });
});

describe("answers in bytes", () => {
  const inputs = [{ name: "rows", shape: [2, 3], datatype: "FP64", data: [1, 2, 3, 4, 5, 6] }];
  const outputs = ["prediction", "expert", "scores"].map((name) => ({ name }));

  test("follow the JSON in the order of the outputs, which say their sizes", async () => {
    const body = binaryBody({ inputs, outputs, parameters: { binary_data_output: true } });
    const response = await post(body);
    expect(response.headers["content-type"]).toBe("application/octet-stream");
    const length = Number(response.headers["inference-header-content-length"]);
    const raw = response.rawPayload;
    const answer = JSON.parse(raw.subarray(0, length).toString());
    const sizes = answer.outputs.map(
      (output: { parameters: { binary_data_size: number } }) => output.parameters.binary_data_size,
    );
    expect(sizes).toEqual([16, 8, 32]);
    expect(raw.length).toBe(length + 56);
    const plain = await inJson({ inputs, outputs });
    expect(doubles(raw.subarray(length, length + 16))).toEqual(plain.outputs[0].data);
    expect(raw.readInt32LE(length + 16)).toBe(plain.outputs[1].data[0]);
    expect(doubles(raw.subarray(length + 24))).toEqual(plain.outputs[2].data);
  });

  test("an output's own wish goes before the request's", async () => {
    const own = [{ name: "prediction", parameters: { binary_data: false } }, { name: "expert" }];
    const parameters = { binary_data_output: true };
    const response = await post(binaryBody({ inputs, outputs: own, parameters }));
    const length = Number(response.headers["inference-header-content-length"]);
    const answer = JSON.parse(response.rawPayload.subarray(0, length).toString());
    expect(answer.outputs[0].data).toHaveLength(2);
    expect(answer.outputs[1].parameters).toEqual({ binary_data_size: 8 });
  });
});

describe("a length that lies is a 400 that says so", () => {
  const good = rowsOf("FP64", new Float64Array(6));
  const cases: [string, Body, string][] = [
    [
      "header beyond the body",
      { ...good, headers: { ...good.headers, "inference-header-content-length": "9999" } },
      "must be 0 to the body's",
    ],
    [
      "header that is no number",
      { ...good, headers: { ...good.headers, "inference-header-content-length": "-1" } },
      "must be 0 to the body's",
    ],
    [
      "header amid the JSON",
      { ...good, headers: { ...good.headers, "inference-header-content-length": "20" } },
      "must be JSON",
    ],
    [
      "bytes cut",
      { ...good, payload: good.payload.subarray(0, -1) },
      "must be 48 bytes or more, got 47",
    ],
    [
      "bytes left over",
      { ...good, payload: Buffer.concat([good.payload, Buffer.alloc(1)]) },
      "must be 48 bytes by the inputs' sizes, got 49",
    ],
    [
      "size of another shape",
      rowsOf("FP64", new Float64Array(5)),
      "must have 6 elements of 8 bytes, got 40 bytes",
    ],
    [
      "size below zero",
      binaryBody({
        inputs: [
          { name: "rows", shape: [0, 3], datatype: "FP64", parameters: { binary_data_size: -8 } },
        ],
      }),
      "number of bytes",
    ],
    [
      "data and a size",
      binaryBody({
        inputs: [
          {
            name: "rows",
            shape: [1, 3],
            datatype: "FP64",
            data: [1, 2, 3],
            parameters: { binary_data_size: 0 },
          },
        ],
      }),
      "got both",
    ],
  ];
  test.each(cases)("%s", async (_name, body, message) => {
    const response = await post(body);
    expect(response.json().error).toContain(message);
    expect(response.statusCode).toBe(400);
  });

  test("texts whose lengths lead out", async () => {
    const kind = bytesTensor(["a"]);
    kind.writeUInt32LE(0xffffffff);
    const parameters = { binary_data_size: kind.length };
    const input = { name: "kind", shape: [1], datatype: "BYTES", parameters };
    const response = await post(binaryBody({ inputs: [input] }, kind), mixed.server);
    expect(response.json().error).toContain("must have 1 texts");
  });
});

test("any doubles come through to the bit", async () => {
  const finite = fc.double({ noDefaultInfinity: true });
  await fc.assert(
    fc.asyncProperty(fc.array(finite, { minLength: 3, maxLength: 3 }), async (row) => {
      const inBytes = (await post(rowsOf("FP64", new Float64Array(row), 1))).json();
      const data = row.map((value) => (Number.isNaN(value) ? null : value));
      const input = { name: "rows", shape: [1, 3], datatype: "FP64", data };
      expect(inBytes).toEqual(await inJson({ inputs: [input] }));
    }),
    { numRuns: 100 },
  );
});
