/**
 * Goal: the client gets from a server what `predict` says, bit for bit, tries again when that may
 * help and only then, and says plainly what went wrong.
 * Method: the real server on a socket; and servers by hand that refuse, hang up, keep silent or
 * speak something else.
 */
import { createServer as createHttpServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { retryAfterMs } from "../../../src/api/client/http.ts";
import { type Client, createClient } from "../../../src/api/client/index.ts";
import { createTokenCheck } from "../../../src/api/index.ts";
import { tableFromRecords } from "../../../src/data/index.ts";
import { calibrate, predict, predictIntervals } from "../../../src/mixture/index.ts";
import { engine, NUMBERS, sampleModel, serve } from "../model.ts";

const model = sampleModel();
const ROWS = [
  { x: 0.1, kind: "a" },
  { x: -2.5, kind: "b" },
  { x: 1 / 3, kind: "other" },
];
const expected = predict(engine, model, tableFromRecords(ROWS, model.preprocessing));
const TOKEN = "correct-horse-battery";

describe("with the real server", () => {
  const { server } = serve(model, { tokens: createTokenCheck([TOKEN]) });
  let client: Client;
  let url: string;
  beforeAll(async () => {
    url = await server.http.listen({ port: 0, host: "127.0.0.1" });
    client = createClient({ url: `${url}/`, token: TOKEN });
  });
  afterAll(() => server.http.close());

  test("rows of JSON get the numbers of predict, and their routes", async () => {
    const plain = await client.predict(ROWS);
    expect(plain).toEqual({ model: "m", version: "3", predictions: [...expected.values] });
    const explained = await client.predict(ROWS, { model: "m", version: "3", explain: true });
    expect(explained.routes!.map(({ members }) => members[0]!.expert)).toEqual(
      [...expected.routes[0]!.experts].map((k) => `m0.e${k}`),
    );
  });

  test("tensors get the same numbers, and outputs by name", async () => {
    const inputs = [
      { name: "x", shape: [3], values: Float64Array.from(ROWS, ({ x }) => x) },
      { name: "kind", shape: [3], values: ROWS.map(({ kind }) => kind) },
    ];
    const outputs = ["prediction", "expert", "scores"];
    const answer = await client.infer("m", { inputs, outputs, id: "é1" });
    expect(answer).toMatchObject({ model: "m", version: "3", id: "é1" });
    expect([...answer.outputs.keys()]).toEqual(outputs);
    expect(answer.outputs.get("prediction")!.values).toEqual(Float64Array.from(expected.values));
    const [route] = expected.routes;
    expect(answer.outputs.get("expert")!.values).toEqual(Int32Array.from(route!.experts));
    expect(answer.outputs.get("scores")).toMatchObject({ shape: [3, 2], values: route!.scores });
  });

  test("tells what a model takes, and whether the server is ready", async () => {
    const facts = await client.metadata("m");
    expect(facts.inputs.map(({ name, datatype }) => [name, datatype])).toEqual([
      ["x", "FP64"],
      ["kind", "BYTES"],
    ]);
    expect(await client.isReady()).toBe(true);
  });

  test("a refusal has the server's words, at once", async () => {
    await expect(client.predict([{ x: 1 }])).rejects.toMatchObject({
      code: "REQUEST_REFUSED",
      message: expect.stringContaining('column "kind" must be in at least one row'),
      details: { status: 422, attempts: 1 },
    });
    await expect(client.metadata("none")).rejects.toThrow("got 404");
    await expect(createClient({ url }).metadata("m")).rejects.toThrow("got 401");
    const inputs = [{ name: "x", shape: [2], values: new Float64Array(3) }];
    await expect(client.infer("m", { inputs })).rejects.toThrow("values.length must be 2, got 3");
  });
});

test("intervals come at the level that is asked for, with rows and with tensors", async () => {
  const errors = Float64Array.from({ length: 50 }, (_, i) => i);
  const told = { ...model, intervals: calibrate(errors, new Int32Array(50), 2) };
  const { server } = serve(told);
  const url = await server.http.listen({ port: 0, host: "127.0.0.1" });
  onTestFinished(async () => void (await server.http.close()));
  const client = createClient({ url });
  const table = tableFromRecords(ROWS, model.preprocessing);
  const { lower, upper } = predictIntervals(engine, told, table, 0.8);
  const rows = await client.predict(ROWS, { interval: 0.8 });
  expect([rows.lower, rows.upper]).toEqual([[...lower], [...upper]]);
  const inputs = [
    { name: "x", shape: [3], values: Float64Array.from(ROWS, ({ x }) => x) },
    { name: "kind", shape: [3], values: ROWS.map(({ kind }) => kind) },
  ];
  const { outputs } = await client.infer("m", { inputs, interval: 0.8 });
  expect([...outputs.keys()]).toEqual(["prediction", "lower", "upper"]);
  expect(outputs.get("upper")!.values).toEqual(Float64Array.from(upper));
  const facts = await client.metadata("m");
  expect(facts.interval_outputs!.map(({ name }) => name)).toEqual(["lower", "upper"]);
  await expect(client.predict(ROWS, { interval: 2 })).rejects.toThrow("above 0 and below 1");
});

test("one tensor of rows, of any number type, gives the bits of its doubles", async () => {
  const numbers = sampleModel(NUMBERS);
  const { server } = serve(numbers);
  const url = await server.http.listen({ port: 0, host: "127.0.0.1" });
  onTestFinished(async () => void (await server.http.close()));
  const doubles = Float64Array.from([1, -2, 3, 4, 5, -6]);
  const answers = await Promise.all(
    [doubles, Float32Array.from(doubles), Int32Array.from(doubles)].map(async (values) => {
      const inputs = [{ name: "rows", shape: [2, 3], values }];
      return (await createClient({ url }).infer("m", { inputs })).outputs.get("prediction")!.values;
    }),
  );
  const records = [0, 1].map((i) => ({
    f0: doubles[3 * i]!,
    f1: doubles[3 * i + 1]!,
    f2: doubles[3 * i + 2]!,
  }));
  const { values } = predict(engine, numbers, tableFromRecords(records, numbers.preprocessing));
  for (const answer of answers) expect(answer).toEqual(Float64Array.from(values));
});

/** A server by hand; its address, and how often it was asked. */
async function serveBy(listener: RequestListener): Promise<{ url: string; asked: () => number }> {
  let count = 0;
  const server = createHttpServer((request, response) => {
    count += 1;
    request.resume();
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked: () => count };
}

const ANSWER = JSON.stringify({ model: "m", version: "1", predictions: [4] });

describe("with a server that is in trouble", () => {
  test("comes again after 503, 429 and a connection that ended", async () => {
    const refusals = [503, 429, 0];
    const { url, asked } = await serveBy((_request, response) => {
      const status = refusals.shift();
      if (status === 0) return response.destroy();
      return status === undefined ? response.end(ANSWER) : response.writeHead(status).end("{}");
    });
    const { predictions } = await createClient({ url }).predict([{ x: 1 }]);
    expect(predictions).toEqual([4]);
    expect(asked()).toBe(4);
  });

  test.each(["0", new Date(Date.now() - 1000).toUTCString()])(
    "comes again at once where Retry-After is %s",
    async (header) => {
      let isFirst = true;
      const { url } = await serveBy((_request, response) => {
        if (isFirst) response.writeHead(503, { "retry-after": header }).end();
        else response.end(ANSWER);
        isFirst = false;
      });
      expect((await createClient({ url }).predict([{ x: 1 }])).predictions).toEqual([4]);
    },
  );

  test("gives up after the given attempts, and reports the last failure", async () => {
    const { url, asked } = await serveBy((_request, response) => {
      response.writeHead(503).end(JSON.stringify({ error: "the queue is full" }));
    });
    await expect(createClient({ url, retries: 1 }).predict([])).rejects.toMatchObject({
      code: "SERVER_UNAVAILABLE",
      message: "POST /v1/predict must be accepted, got 503: the queue is full",
      details: { status: 503, attempts: 2 },
    });
    expect(asked()).toBe(2);
    const silent = await serveBy(() => undefined);
    const hasty = createClient({ url: silent.url, timeoutMs: 50, retries: 0 });
    await expect(hasty.predict([])).rejects.toThrow("nothing came within 50 ms");
    expect(await hasty.isReady()).toBe(false);
    const nobody = createClient({ url: "http://127.0.0.1:9", retries: 0 });
    await expect(nobody.metadata("m")).rejects.toMatchObject({ code: "SERVER_UNAVAILABLE" });
  });

  test("stops when its caller wants to, even while it waits", async () => {
    const { url } = await serveBy((_request, response) => {
      response.writeHead(503, { "retry-after": "20" }).end();
    });
    const signal = AbortSignal.timeout(100);
    await expect(createClient({ url }).predict([], { signal })).rejects.toMatchObject({
      name: "TimeoutError",
    });
    await expect(createClient({ url }).predict([], { signal })).rejects.toBe(signal.reason);
  });

  test("what does not speak the protocol is told apart, and no redirection takes the token", async () => {
    const { url } = await serveBy((_request, response) => void response.end("<html>hello"));
    const client = createClient({ url, retries: 0 });
    await expect(client.predict([])).rejects.toThrow("must answer as bailiwick does");
    const inputs = [{ name: "x", shape: [0], values: new Float64Array(0) }];
    await expect(client.infer("m", { inputs })).rejects.toThrow("must answer as bailiwick does");
    const elsewhere = await serveBy((_request, response) => void response.end(ANSWER));
    const sending = await serveBy((_request, response) => {
      response.writeHead(307, { location: elsewhere.url }).end();
    });
    const told = createClient({ url: sending.url, token: TOKEN, retries: 0 });
    await expect(told.predict([])).rejects.toMatchObject({ code: "SERVER_UNAVAILABLE" });
    expect(elsewhere.asked()).toBe(0);
  });

  test("an address or a limit that cannot be is refused", () => {
    for (const url of ["localhost:8080", "ftp://host", ""]) {
      expect(() => createClient({ url })).toThrow("url must be a web address");
    }
    expect(() => createClient({ url: "http://a/?key=1" })).toThrow("without ? and #");
    expect(() => createClient({ url: "http://a", retries: -1 })).toThrow("retries must be");
    expect(() => createClient({ url: "http://a", timeoutMs: 0 })).toThrow("timeoutMs must be");
  });
});

test.each([
  ["http://user:hunter2@host:8080"],
  ["https://hunter2@host"],
  ["http://user:hunter2@ho st"],
  ["ftp://user:hunter2@host"],
  ["//user:hunter2@host"],
])("an address with credentials is refused, and never shown: %s", async (url) => {
  let error: unknown;
  try {
    createClient({ url });
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ code: "INVALID_OPTION" });
  expect(JSON.stringify([error, String(error), (error as Error).stack])).not.toContain("hunter2");
});

test("Retry-After is read as seconds or as a date, and as nothing else", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  expect(retryAfterMs("2", now)).toBe(2000);
  expect(retryAfterMs("Thu, 01 Jan 2026 00:00:05 GMT", now)).toBe(5000);
  expect(retryAfterMs("Wed, 31 Dec 2025 23:59:00 GMT", now)).toBe(0);
  for (const header of [null, "", "soon", "-1", "1e3"])
    expect(retryAfterMs(header, now)).toBeNull();
});

describe("an answer that does not fit is refused by name", () => {
  test.each([
    ["a number for a list", { model: "m", version: "1", predictions: 4 }],
    ["a text for a number", { model: "m", version: "1", predictions: ["4"] }],
    ["a missing member", { version: "1", predictions: [4] }],
    ["a list", []],
    ["null", null],
  ])("rows: %s", async (_name, answer) => {
    const { url } = await serveBy(
      (_request, response) => void response.end(JSON.stringify(answer)),
    );
    await expect(createClient({ url, retries: 0 }).predict([])).rejects.toMatchObject({
      code: "SERVER_UNAVAILABLE",
    });
  });

  test.each([
    ["a size that the tensor does not have", 8, [2], "FP64"],
    ["more bytes than there are", 800, [100], "FP64"],
    ["a datatype that it never sends", 8, [1], "FP16"],
    ["a negative shape", 8, [-1], "FP64"],
  ])("tensors: %s", async (_name, binary_data_size, shape, datatype) => {
    const parameters = { binary_data_size };
    const outputs = [{ name: "prediction", shape, datatype, parameters }];
    const json = JSON.stringify({ model_name: "m", model_version: "1", outputs });
    const { url } = await serveBy((_request, response) => {
      response.setHeader("inference-header-content-length", json.length);
      response.end(Buffer.concat([Buffer.from(json), Buffer.alloc(8)]));
    });
    const inputs = [{ name: "x", shape: [0], values: new Float64Array(0) }];
    await expect(createClient({ url, retries: 0 }).infer("m", { inputs })).rejects.toMatchObject({
      code: "SERVER_UNAVAILABLE",
    });
  });
});

test("below a path of a proxy, requests go below it", async () => {
  const paths: string[] = [];
  const { url } = await serveBy((request, response) => {
    paths.push(request.url!);
    response.end(ANSWER);
  });
  await createClient({ url: `${url}/models/a/` }).predict([{ x: 1 }]);
  expect(paths).toEqual(["/models/a/v1/predict"]);
});
