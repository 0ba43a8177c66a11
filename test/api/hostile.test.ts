/**
 * Goal: no request costs more than its size, lies about its shape unnoticed or sees our insides.
 * Method: each hostile request by injection; what needs a connection over a real socket.
 */
import { connect, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { type Limits, listen } from "../../src/api/index.ts";
import { engine, sampleModel, serve } from "./model.ts";

const { server } = serve(sampleModel());
const URL_PATH = "/v2/models/m/infer";
const X = { name: "x", shape: [2, 1], datatype: "FP64", data: [1, 2] as unknown[] };
const KIND = { name: "kind", shape: [2, 1], datatype: "BYTES", data: ["a", "b"] as unknown[] };
const GOOD = JSON.stringify({ inputs: [X, KIND] });

function post(payload: string, headers: Record<string, string> = {}) {
  const type = { "content-type": "application/json" };
  const all = { ...type, ...headers };
  return server.http.inject({ method: "POST", url: URL_PATH, payload, headers: all });
}

const infer = (body: object) => post(JSON.stringify(body));

/** A server that listens, with limits of its own, and sockets to it. */
async function listening(limits: Partial<Limits> = {}) {
  const own = serve(sampleModel(), { limits });
  const address = await listen(own.server, { host: "127.0.0.1", port: 0 });
  onTestFinished(() => own.server.http.close());
  const port = Number(new URL(address).port);
  const open = (): Socket => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    onTestFinished(() => void socket.destroy());
    return socket;
  };
  return { ...own, address, open };
}

/** Everything that comes until the connection ends. */
function received(socket: Socket): Promise<string> {
  let text = "";
  return new Promise((resolve) => {
    socket.on("data", (chunk) => {
      text += String(chunk);
    });
    socket.on("close", () => resolve(text));
  });
}

const head = (length: number | string, more = ""): string =>
  `POST ${URL_PATH} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n` +
  `content-length: ${length}\r\n${more}\r\n`;

test.each([
  ["rows of unequal length with the right total", { ...X, data: [[1, 2], []] }],
  ["rows beside values", { ...X, data: [[1], 2] }],
  ["values beside rows", { ...X, data: [1, [2]] }],
  ["rows within rows", { ...X, data: [[[1]], [[2]]] }],
])("refuses %s", async (_name, x) => {
  const response = await infer({ inputs: [x, KIND] });
  expect([400, 422]).toContain(response.statusCode);
  expect(response.json().error).toContain('input "x" must hold');
});

test("does not turn texts, yes and no into numbers", async () => {
  for (const cell of ["1", "NaN", true, {}, []]) {
    const response = await infer({ inputs: [{ ...X, data: [2, cell] }, KIND] });
    expect(response.statusCode).toBe(422);
  }
  expect((await infer({ inputs: [{ ...X, shape: ["2", "1"] }, KIND] })).statusCode).toBe(400);
});

test("refuses a number beyond a double's range", async () => {
  const response = await post(GOOD.replace("[1,2]", "[1e999,2]"));
  expect(response.statusCode).toBe(422);
  expect(response.json().error).toContain("finite");
});

test("refuses more rows than its limit, counted or claimed", async () => {
  const many = { ...X, shape: [100_001], data: new Array(100_001).fill(1) };
  for (const x of [many, { ...X, shape: [1e15] }, { ...X, shape: [100_001, 1e300], data: [] }]) {
    const response = await infer({ inputs: [x, KIND] });
    expect(response.statusCode).toBe(413);
    expect(response.json().error).toContain("at most 100000 rows");
  }
});

test("a body of brackets is refused before it is parsed", async () => {
  const deep = await post("[".repeat(2_000_000));
  expect(deep.json()).toEqual({ error: "JSON must nest at most 8 deep" });
  const wide = await post(`[${"{},".repeat(600_000)}{}]`);
  expect(wide.json().error).toMatch(
    /^JSON must hold at most 120000 lists and objects, got 600002$/,
  );
  const text = JSON.stringify({ id: "[".repeat(999), more: '[{\\"'.repeat(30_000) });
  expect((await post(text)).json().error).toContain("inputs must be a list");
});

test("refuses an output that comes twice, so that a small request has a small answer", async () => {
  const response = await infer({
    inputs: [X, KIND],
    outputs: [{ name: "scores" }, { name: "scores" }],
  });
  expect(response.json().error).toContain("once");
});

test("names from the prototype are names like others", async () => {
  for (const name of ["__proto__", "constructor", "toString"]) {
    const response = await post(GOOD.replace('"name":"x"', `"name":"${name}"`));
    expect(response.statusCode).toBe(422);
    expect(response.json().error).toContain(`"${name}" must be a column`);
  }
  const polluted = await post(GOOD.replace("{", '{"__proto__":{"outputs":[]},'));
  expect(polluted.statusCode).toBe(200);
});

test("an error is short, however long the name or however many the mistakes", async () => {
  const long = "x".repeat(900_000);
  const bodies = [
    { inputs: [{ ...X, name: long }] },
    { inputs: [{ ...X, data: [long, 2] }, KIND] },
    { inputs: [X, KIND], outputs: [{ name: long }] },
    { inputs: new Array(900_000).fill(1) },
    { inputs: [{ ...X, shape: new Array(400_000).fill("a") }] },
    { inputs: [{ ...X, shape: [long, { long }] }] },
    { inputs: [{ ...X, datatype: long }] },
  ];
  for (const body of bodies) {
    const response = await infer(body);
    expect([400, 422]).toContain(response.statusCode);
    expect(response.body.length).toBeLessThan(500);
  }
});

test("takes JSON and bytes only, plain, names its limit and answers a broken address", async () => {
  expect((await post(GOOD, { "content-type": "text/plain" })).statusCode).toBe(415);
  expect((await post(GOOD, { "content-type": "; =" })).statusCode).toBe(415);
  expect((await post(GOOD, { "content-encoding": "gzip" })).statusCode).toBe(415);
  const large = await post(`"${"x".repeat(5 << 20)}"`);
  expect(large.statusCode).toBe(413);
  expect(large.json()).toEqual({ error: "a body in JSON must be at most 2097152 bytes" });
  expect((await post("")).json()).toEqual({ error: "the body must be JSON, it cannot be parsed" });
  const broken = await server.http.inject({ method: "GET", url: "/v2/models/%zz" });
  expect(broken.statusCode).toBe(400);
  expect(Object.keys(broken.json())).toEqual(["error"]);
  const long = await server.http.inject({ method: "GET", url: `/v2/models/${"m".repeat(600)}` });
  expect(long.statusCode).toBeLessThan(500);
});

test("does not show its failure, and logs it under the request's id", async () => {
  const lines: string[] = [];
  let works = true;
  const predict: typeof engine.predict = (net, X) => {
    if (works) return engine.predict(net, X);
    throw new Error("secret at /home/someone");
  };
  const log = { level: "info" as const, write: (line: string) => void lines.push(line) };
  const own = serve(sampleModel(), { log }, { engine: { ...engine, predict } });
  works = false;
  const request = { method: "POST" as const, url: `${URL_PATH}?key=1`, payload: JSON.parse(GOOD) };
  const response = await own.server.http.inject({ ...request, headers: { "x-request-id": "r7" } });
  expect(response.statusCode).toBe(500);
  expect(response.json()).toEqual({ error: "the server failed to answer this request" });
  expect(response.headers["x-request-id"]).toBe("r7");
  const [line] = lines.map((text) => JSON.parse(text));
  expect(line).toMatchObject({ reqId: "r7", path: URL_PATH, msg: "failed" });
  expect(line.err.stack).toContain("secret");
});

test("every answer has security headers and an id that cannot break a log", async () => {
  for (const id of ["ok-1", "a b", "x".repeat(200), "{}"]) {
    const { headers } = await post(GOOD, { "x-request-id": id });
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
    expect(headers["x-request-id"] === id).toBe(id === "ok-1");
    expect(headers["x-request-id"]).toMatch(/^[\w-]+$/);
  }
});

test("memory of bodies is bounded over all requests, and given back", async () => {
  const { open, address, server: own } = await listening({ maxBodyBytesAtWork: 100_000 });
  const slow = open();
  slow.write(head(2_000_000) + " ".repeat(90_000));
  const used = async (): Promise<number> =>
    Number(/^bailiwick_body_bytes (\d+)/m.exec(await own.metrics.text())![1]);
  await expect.poll(used).toBeGreaterThan(80_000);
  const body = GOOD.replace("{", `{"more":"${"x".repeat(30_000)}",`);
  const headers = { "content-type": "application/json" };
  const refused = await fetch(address + URL_PATH, { method: "POST", headers, body });
  expect(refused.status).toBe(503);
  expect(refused.headers.get("retry-after")).toBe("1");
  expect((await fetch(address + URL_PATH, { method: "POST", headers, body: GOOD })).status).toBe(
    200,
  );
  slow.destroy();
  await expect.poll(used).toBe(0);
});

test("a client that sends too slowly is cut off, others are served meanwhile", async () => {
  const limits = { headersTimeoutMs: 300, requestTimeoutMs: 600 };
  const { open, address } = await listening(limits);
  const slow = [open(), open(), open()];
  const answers = slow.map(received);
  slow[0]!.write("POST /v2");
  slow[1]!.write(head(100));
  slow[2]!.write("nonsense\r\n\r\n");
  const headers = { "content-type": "application/json" };
  const good = await fetch(address + URL_PATH, { method: "POST", headers, body: GOOD });
  expect(good.status).toBe(200);
  const [noHeaders, noBody, noHttp] = await Promise.all(answers);
  expect(noHeaders).toMatch(/^HTTP\/1.1 408/);
  expect(noBody).toMatch(/^HTTP\/1.1 408[\s\S]*"error":"the request must arrive in time"/);
  expect(noHttp).toMatch(/^HTTP\/1.1 400[\s\S]*"error":"the request must be HTTP"/);
});

test("headers are limited", async () => {
  const { open } = await listening();
  const socket = open();
  const answer = received(socket);
  socket.write(head(0, `x-long: ${"x".repeat(20_000)}\r\n`));
  expect(await answer).toMatch(/^HTTP\/1.1 431/);
});

test("finishes a request in flight when it is closed, and takes no other", async () => {
  const { server: own, open, address } = await listening();
  const socket = open();
  const answer = received(socket);
  socket.write(head(GOOD.length, "expect: 100-continue\r\n"));
  await new Promise((resolve) => socket.once("data", resolve));
  const closed = own.http.close();
  await expect(fetch(`${address}/v2`)).rejects.toThrow();
  socket.write(GOOD);
  await closed;
  expect(await answer).toContain("HTTP/1.1 200 OK");
  expect(await answer).toContain('"name":"prediction"');
});

test("a closing server answers on open connections, and ends those that do not end", async () => {
  const { server: own, open } = await listening({ drainTimeoutMs: 300 });
  const slow = open();
  slow.write(head(GOOD.length, "expect: 100-continue\r\n"));
  const late = open();
  const answer = received(late);
  late.write(`POST ${URL_PATH} HTTP/1.1\r\n`);
  await new Promise((resolve) => slow.once("data", resolve));
  const closed = own.http.close();
  const type = "content-type: application/json\r\n";
  late.write(`host: localhost\r\n${type}content-length: ${GOOD.length}\r\n\r\n${GOOD}`);
  expect(await answer).toMatch(/^HTTP\/1.1 200 OK[\s\S]*connection: close/i);
  await closed;
});
