/**
 * Goal: no request costs more than its size, lies about its shape unnoticed or sees our insides.
 * Method: each hostile request by injection; what needs a connection over a real socket.
 */
import { connect } from "node:net";
import { expect, test } from "vitest";
import { createServer, listen } from "../../src/api/index.ts";
import { createReferenceEngine } from "../../src/experts/index.ts";
import { sampleBundle, sampleModel } from "./model.ts";

const engine = createReferenceEngine();
const served = [{ name: "m", bundle: sampleBundle(sampleModel()) }];
const server = createServer(served, { engine });
const URL_PATH = "/v2/models/m/infer";

const X = { name: "x", shape: [2, 1], datatype: "FP64", data: [1, 2] as unknown[] };
const KIND = { name: "kind", shape: [2, 1], datatype: "BYTES", data: ["a", "b"] as unknown[] };

function post(payload: string, type = "application/json") {
  const headers = { "content-type": type };
  return server.inject({ method: "POST", url: URL_PATH, payload, headers });
}

const infer = (body: object) => post(JSON.stringify(body));

test("a column of shape [n, 1] may come as n rows of one value", async () => {
  const flat = await infer({ inputs: [X, KIND] });
  const nested = await infer({ inputs: [{ ...X, data: [[1], [2]] }, KIND] });
  expect(flat.statusCode).toBe(200);
  expect(nested.body).toBe(flat.body);
});

test.each([
  ["rows of unequal length with the right total", { ...X, data: [[1, 2], []] }],
  ["rows beside values", { ...X, data: [[1], 2] }],
  ["rows in a column of shape [n]", { ...X, shape: [2], data: [[1], [2]] }],
])("refuses %s", async (_name, x) => {
  const response = await infer({ inputs: [x, KIND] });
  expect([400, 422]).toContain(response.statusCode);
  expect(response.json().error).toContain('input "x" must hold');
});

test("no rows give no answers", async () => {
  const inputs = [X, KIND].map((input) => ({ ...input, shape: [0, 1], data: [] }));
  expect((await infer({ inputs })).json().outputs[0]).toMatchObject({ shape: [0], data: [] });
});

test("does not turn texts, yes and no into numbers", async () => {
  for (const cell of ["1", "NaN", true]) {
    const response = await infer({ inputs: [{ ...X, data: [cell, 2] }, KIND] });
    expect(response.statusCode).toBe(422);
  }
  const shape = ["2", "1"];
  expect((await infer({ inputs: [{ ...X, shape }, KIND] })).statusCode).toBe(400);
});

test("refuses a number beyond a double's range", async () => {
  const body = JSON.stringify({ inputs: [X, KIND] }).replace("[1,2]", "[1e999,2]");
  const response = await post(body);
  expect(response.statusCode).toBe(422);
  expect(response.json().error).toContain("finite");
});

test("refuses more rows than its limit, counted or claimed", async () => {
  const many = { ...X, shape: [100_001], data: new Array(100_001).fill(1) };
  for (const x of [many, { ...X, shape: [1e15] }]) {
    const response = await infer({ inputs: [x, KIND] });
    expect(response.statusCode).toBe(413);
    expect(response.json().error).toContain("at most 100000 rows");
  }
});

test("refuses a cell nested too deep to be printed", async () => {
  const deep = "[".repeat(200_000) + "]".repeat(200_000);
  const inputs = JSON.stringify({ inputs: [{ ...X, shape: [2] }, KIND] });
  const response = await post(inputs.replace("[1,2]", `[${deep},2]`));
  expect(response.statusCode).toBe(422);
  expect(response.json().error).toContain("a list of 1");
});

test("refuses an output that comes twice, so that a small request has a small answer", async () => {
  const outputs = new Array(1000).fill({ name: "scores" });
  const response = await infer({ inputs: [X, KIND], outputs });
  expect(response.statusCode).toBe(400);
  expect(response.json().error).toContain("once");
});

test("an error is short, however long the name or however many the mistakes", async () => {
  const long = "x".repeat(1_000_000);
  const bodies = [
    { inputs: [{ ...X, name: long }] },
    { inputs: [{ ...X, data: [long, 2] }, KIND] },
    { inputs: [X, KIND], outputs: [{ name: long }] },
    { inputs: new Array(1_000_000).fill(1) },
    { inputs: [{ ...X, shape: new Array(1_000_000).fill("a") }] },
  ];
  for (const body of bodies) {
    const response = await infer(body);
    expect([400, 422]).toContain(response.statusCode);
    expect(response.body.length).toBeLessThan(500);
  }
});

test("takes JSON only, names its limit and answers a broken address in one form", async () => {
  const text = await post(JSON.stringify({ inputs: [X, KIND] }), "text/plain");
  expect(text.statusCode).toBe(415);
  const large = await post(`"${"x".repeat(17 << 20)}"`);
  expect(large.json()).toEqual({ error: "a request must be at most 16777216 bytes" });
  const broken = await server.inject({ method: "GET", url: "/v2/models/%zz" });
  expect(broken.statusCode).toBe(400);
  expect(Object.keys(broken.json())).toEqual(["error"]);
});

test("shows nothing of its own failure, and logs it", async () => {
  const lines: string[] = [];
  const predict = (): never => {
    throw new Error("secret at /home/someone");
  };
  const failing = createServer(served, {
    engine: { ...engine, predict },
    log: (text) => lines.push(text),
  });
  const payload = { inputs: [X, KIND] };
  const response = await failing.inject({ method: "POST", url: `${URL_PATH}?key=1`, payload });
  expect(response.statusCode).toBe(500);
  expect(response.json()).toEqual({ error: "the server failed to answer this request" });
  expect(response.headers["x-content-type-options"]).toBe("nosniff");
  expect(lines.join("")).toMatch(/^POST \/v2\/models\/m\/infer failed: Error: secret/);
});

test("finishes a request in flight when it is closed", async () => {
  const own = createServer(served, { engine });
  const { port } = new URL(await listen(own, { host: "127.0.0.1", port: 0 }));
  const body = JSON.stringify({ inputs: [X, KIND] });
  const headers = [
    `POST ${URL_PATH} HTTP/1.1`,
    "host: localhost",
    "content-type: application/json",
    `content-length: ${body.length}`,
    "expect: 100-continue",
  ];
  const socket = connect(Number(port), "127.0.0.1");
  const answer: string[] = [];
  const continued = new Promise<void>((resolve) => {
    socket.on("data", (chunk) => {
      answer.push(String(chunk));
      resolve();
    });
  });
  socket.write(`${headers.join("\r\n")}\r\n\r\n`);
  await continued;
  const ended = new Promise((resolve) => socket.on("close", resolve));
  const closed = own.close();
  socket.write(body);
  await Promise.all([closed, ended]);
  expect(answer.join("")).toContain("HTTP/1.1 200 OK");
  expect(answer.join("")).toContain('"name":"prediction"');
});

test("an address that is not this machine's is a refusal that says so", async () => {
  await expect(
    listen(createServer([], { engine }), { host: "192.0.2.1", port: 0 }),
  ).rejects.toThrow("192.0.2.1:0 must be an address of this machine");
});
