/**
 * Goal: slow clients cost others nothing, time-outs close, and every address of a host has the same
 * limits and the same end.
 * Method: servers that listen, and sockets that send a part of a request or nothing.
 */
import { lookup } from "node:dns/promises";
import { connect, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Limits, listen } from "../../src/api/index.ts";
import { sampleModel, serve } from "./model.ts";

const URL_PATH = "/v2/models/m/infer";
const GOOD = JSON.stringify({
  inputs: [
    { name: "x", shape: [1], datatype: "FP64", data: [1] },
    { name: "kind", shape: [1], datatype: "BYTES", data: ["a"] },
  ],
});
const TYPE = { "content-type": "application/json" };
const HEAD = `POST ${URL_PATH} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n`;

async function listening(limits: Partial<Limits> = {}, host = "127.0.0.1") {
  const { server } = serve(sampleModel(), { limits });
  const address = await listen(server, { host, port: 0 });
  onTestFinished(() => server.http.close());
  const port = Number(new URL(address).port);
  const open = (to = "127.0.0.1"): Socket => {
    const socket = connect({ port, host: to, allowHalfOpen: true });
    socket.on("error", () => {});
    onTestFinished(() => void socket.destroy());
    return socket;
  };
  const post = (at = address) =>
    fetch(at + URL_PATH, { method: "POST", headers: TYPE, body: GOOD });
  return { server, address, port, open, post };
}

const connected = (socket: Socket) => new Promise((resolve) => socket.once("connect", resolve));
/** Until the other side has closed: at the end of the data, or by a reset. */
const closed = (socket: Socket) =>
  new Promise<void>((resolve) => {
    socket.resume();
    socket.once("end", resolve);
    socket.once("close", () => resolve());
  });

describe("a slow client", () => {
  test("is closed after its answer although it keeps its side open", async () => {
    const { server, open } = await listening({ headersTimeoutMs: 200, requestTimeoutMs: 300 });
    const [noHead, noBody] = [open(), open()];
    noHead.write("POST /v2");
    noBody.write(`${HEAD}content-length: 100\r\n\r\n{`);
    await Promise.all([closed(noHead), closed(noBody)]);
    const count = () =>
      new Promise<number>((resolve) => {
        server.http.server.getConnections((_error, n) => resolve(n));
      });
    await expect.poll(count).toBe(0);
  });

  test("makes room where connections are at their limit, however many there are", async () => {
    const { open, post } = await listening({ maxConnections: 20 });
    const slow = Array.from({ length: 60 }, () => open());
    for (const socket of slow) socket.write("POST /v2");
    await Promise.all(slow.map(connected));
    for (let turn = 0; turn < 10; turn++) expect((await post()).status).toBe(200);
  });

  test("goes before a connection that was answered", async () => {
    const { open } = await listening({ maxConnections: 3 });
    const proven = open();
    const answered = new Promise((resolve) => proven.once("data", resolve));
    proven.write("GET /v2 HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await answered;
    const slow = [open(), open()];
    await Promise.all(slow.map(connected));
    const [ended, newcomer] = [closed(slow[0]!), open()];
    await connected(newcomer);
    await ended;
    const again = new Promise((resolve) => proven.once("data", resolve));
    proven.write("GET /v2 HTTP/1.1\r\nhost: localhost\r\n\r\n");
    expect(String(await again)).toMatch(/^HTTP\/1.1 200/);
  });

  test("with a large body makes room where bodies are at their limit", async () => {
    const { open, post, server } = await listening({ maxBodyBytesAtWork: 100_000 });
    const used = async (): Promise<number> =>
      Number(/^bailiwick_body_bytes (\d+)/m.exec(await server.metrics.text())![1]);
    const slow = open();
    slow.write(`${HEAD}content-length: 2000000\r\n\r\n${" ".repeat(99_950)}`);
    await expect.poll(used).toBeGreaterThan(99_000);
    // Refused until the other body counts as slow.
    await expect.poll(async () => (await post()).status, { timeout: 20_000 }).toBe(200);
    await closed(slow);
    await expect.poll(used).toBe(0);
  });
});

describe("a host of several addresses", async () => {
  const addresses = [...new Set((await lookup("localhost", { all: true })).map((a) => a.address))];

  test("is served at each, within one limit of connections", async () => {
    const { port, open, post } = await listening({ maxConnections: 2 }, "localhost");
    for (const address of addresses) {
      const at = `http://${address.includes(":") ? `[${address}]` : address}:${port}`;
      expect((await post(at)).status).toBe(200);
      const sockets = [open(address), open(address), open(address)];
      await Promise.race(sockets.map(closed));
    }
  });

  test("has time-outs at each, and ends at each", async () => {
    const { open, server } = await listening({ headersTimeoutMs: 200 }, "localhost");
    for (const address of addresses) {
      const slow = open(address);
      slow.write("POST /v2");
      await closed(slow);
    }
    const idle = addresses.map((address) => open(address));
    await Promise.all(idle.map(connected));
    const ends = idle.map(closed);
    await server.http.close();
    await Promise.all(ends);
    for (const address of addresses) {
      const late = open(address);
      const refused = await new Promise((resolve) => late.once("error", resolve));
      expect(refused).toMatchObject({ code: "ECONNREFUSED" });
    }
  });
});

describe("a stop", () => {
  test("is said by readiness first, and answers close their connections", async () => {
    const { server, address, post } = await listening();
    const kept = await post();
    expect(kept.headers.get("connection")).toBe("keep-alive");
    const stopped = server.stop(500);
    const ready = await fetch(`${address}/v2/health/ready`);
    expect([ready.status, await ready.json()]).toEqual([503, { ready: false }]);
    expect((await fetch(`${address}/v2/models/m/ready`)).status).toBe(503);
    const last = await post();
    expect([last.status, last.headers.get("connection")]).toEqual([200, "close"]);
    await stopped;
    await expect(post()).rejects.toThrow();
  });

  test("does not wait for connections on which nothing is asked", async () => {
    // A browser opens one in advance, and keeps one after an answer.
    const { server, open } = await listening({ drainTimeoutMs: 3_600_000 });
    const [silent, used] = [open(), open()];
    await connected(silent);
    const answered = new Promise((resolve) => used.once("data", resolve));
    used.write("GET /v2 HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await answered;
    const ends = [closed(silent), closed(used)];
    await server.http.close();
    await Promise.all(ends);
  });
});
