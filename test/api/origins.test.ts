/**
 * Goal: no page of another site makes the server answer, by any method and content type, but those
 * that it was started with; and paths say their methods.
 */
import { connect } from "node:net";
import { afterAll, describe, expect, test } from "vitest";
import { createTokenCheck, listen } from "../../src/api/index.ts";
import { sampleModel, serve } from "./model.ts";

const APP = "https://app.example.org";
const EVIL = "https://evil.example";
const PAGE = { path: "/", type: "text/html", body: "<p>hello</p>" };
const ROWS = { rows: [{ x: 1, kind: "a" }] };
const { server } = serve(sampleModel(), { origins: [APP], pages: [PAGE] });
const PATHS = ["/", "/docs", "/openapi.json", "/v2", "/v2/health/live", "/v1/overview", "/metrics"];

type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";
const ask = (method: Method, url: string, headers: Record<string, string>, to = server) =>
  to.http.inject({ method, url, headers: { host: "localhost:8080", ...headers } });

describe("a page of another site is refused", () => {
  const foreign: Record<string, string>[] = [
    { origin: EVIL },
    { origin: "null" },
    { origin: "http://localhost:3000" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" },
    { "sec-fetch-site": "cross-site", origin: EVIL },
  ];
  test.each(foreign)("%j", async (headers) => {
    for (const url of PATHS) {
      for (const method of ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"] as const) {
        expect((await ask(method, url, headers)).statusCode).toBe(403);
      }
    }
    for (const type of ["application/json", "text/plain", "application/x-www-form-urlencoded"]) {
      const response = await server.http.inject({
        method: "POST",
        url: "/v1/predict",
        headers: { host: "localhost:8080", "content-type": type, ...headers },
        payload: JSON.stringify(ROWS),
      });
      expect(response.statusCode).toBe(403);
      expect(response.headers["access-control-allow-origin"]).toBeUndefined();
      expect(response.json().error).toContain("must be this server's or of an --origin");
    }
  });
});

describe("others are answered", () => {
  test.each<Record<string, string>>([
    {},
    { origin: "http://localhost:8080" },
    { "sec-fetch-site": "same-origin" },
    { "sec-fetch-site": "none", "sec-fetch-mode": "navigate" },
  ])("%j", async (headers) => {
    for (const url of PATHS) expect((await ask("GET", url, headers)).statusCode).toBe(200);
  });

  test("a page of an allowed origin, which may read the answer", async () => {
    const headers = { origin: APP, "sec-fetch-site": "cross-site" };
    const response = await ask("GET", "/v2", headers);
    expect(response.statusCode).toBe(200);
    expect(response.headers).toMatchObject({
      "access-control-allow-origin": APP,
      vary: "Origin",
      "access-control-expose-headers": expect.stringContaining("inference-header-content-length"),
    });
  });

  test("its preflight, before a token is asked for", async () => {
    const tokens = createTokenCheck(["correct-horse-battery"]);
    const guarded = serve(sampleModel(), { origins: [APP], tokens }).server;
    const headers = { origin: APP, "access-control-request-method": "POST" };
    const response = await ask("OPTIONS", "/v1/predict", headers, guarded);
    expect(response.statusCode).toBe(204);
    expect(response.headers).toMatchObject({
      "access-control-allow-origin": APP,
      "access-control-allow-methods": "GET, HEAD, POST",
      "access-control-allow-headers": expect.stringContaining("content-type"),
    });
    const evil = await ask("OPTIONS", "/v1/predict", { ...headers, origin: EVIL }, guarded);
    expect(evil.statusCode).toBe(403);
  });

  test("a link elsewhere to a page without facts, where tokens guard the rest", async () => {
    const tokens = createTokenCheck(["correct-horse-battery"]);
    const guarded = serve(sampleModel(), { tokens, pages: [PAGE] }).server;
    const headers = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    expect((await ask("GET", "/", headers, guarded)).statusCode).toBe(200);
    expect((await ask("GET", "/v1/overview", headers, guarded)).statusCode).toBe(403);
  });
});

test.each(["app.example.org", "https://app.example.org/", "*", "https://a b", ""])(
  "the origin %j is refused at the start",
  (origin) => {
    expect(() => serve(sampleModel(), { origins: [origin] })).toThrow("an origin must read as");
  },
);

describe("a method that a path does not take is a 405 with Allow", () => {
  test.each([
    ["/v2", "GET, HEAD"],
    ["/v2/models/m/infer", "POST"],
    ["/v2/models/m/versions/3/infer/", "POST"],
    ["/v2/models/m/ready", "GET, HEAD"],
    ["/v1/predict?x=1", "POST"],
    ["/metrics", "GET, HEAD"],
    ["/", "GET, HEAD"],
  ])("%s", async (url, allow) => {
    const address = await addressOfServer();
    for (const method of ["TRACE", "PROPFIND", "PURGE", "M-SEARCH", "FOO", "get", "DELETE"]) {
      const answer = await raw(address, `${method} ${url} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1.1 405 Method Not Allowed/);
      expect(answer.toLowerCase()).toContain(`\r\nallow: ${allow.toLowerCase()}\r\n`);
      expect(answer).toContain('{"error":"the method must be');
    }
  });

  test("CONNECT too", async () => {
    const answer = await raw(await addressOfServer(), "CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1.1 405[\s\S]*allow: GET, HEAD, POST/);
  });

  test("a path that is none is a 404 by every method", async () => {
    const address = await addressOfServer();
    for (const method of ["GET", "POST", "TRACE", "PROPFIND"]) {
      const request = `${method} /v3 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`;
      expect(await raw(address, request)).toMatch(/^HTTP\/1.1 404/);
    }
  });
});

afterAll(() => server.http.close());

let port: Promise<number> | null = null;

function addressOfServer(): Promise<number> {
  port ??= listen(server, { host: "127.0.0.1", port: 0 }).then((url) => Number(new URL(url).port));
  return port;
}

/** Sends bytes and gives what comes until a first answer is whole. */
function raw(to: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(to, "127.0.0.1");
    let text = "";
    socket.on("error", reject);
    socket.on("data", (chunk) => {
      text += String(chunk);
      if (text.endsWith("}")) socket.destroy();
    });
    socket.on("close", () => resolve(text));
    socket.write(bytes);
  });
}
