/** Goal: who may not ask is refused, whatever the path, and a server is not exposed by accident. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { createTokenCheck, listen, readTokens } from "../../src/api/index.ts";
import { sampleModel, serve } from "./model.ts";

const TOKEN = "correct-horse-battery";
const OTHER = "staple-staple-staple";
const { server } = serve(sampleModel(), { tokens: createTokenCheck([OTHER, TOKEN]) });

const get = (url: string, headers: Record<string, string> = {}) =>
  server.http.inject({ method: "GET", url, headers });

describe("tokens", () => {
  test("are asked for by all but health and the pages without facts", async () => {
    for (const url of ["/v2", "/v2/models/m", "/v1/overview", "/metrics", "/nothing"]) {
      const response = await get(url);
      expect(response.statusCode).toBe(401);
      expect(response.headers["www-authenticate"]).toBe("Bearer");
    }
    const posted = { method: "POST" as const, url: "/v2/models/m/infer", payload: {} };
    expect((await server.http.inject(posted)).statusCode).toBe(401);
    for (const url of ["/v2/health/live", "/v2/health/ready", "/openapi.json", "/docs"]) {
      expect((await get(url)).statusCode).toBe(200);
    }
  });

  test("that are right let in, any of them, by any host's name", async () => {
    for (const token of [TOKEN, OTHER]) {
      const headers = { authorization: `Bearer ${token}`, host: "models.example.org" };
      expect((await get("/v2", headers)).statusCode).toBe(200);
    }
  });

  test.each([
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(0, -1)}`,
    `Basic ${TOKEN}`,
    TOKEN,
    "Bearer",
    "Bearer  ",
    `Bearer ${TOKEN} ${TOKEN}`,
  ])("that are wrong do not: %s", async (authorization) => {
    const response = await get("/v2", { authorization });
    expect(response.statusCode).toBe(401);
    expect(response.body).not.toContain(TOKEN.slice(0, -1));
  });

  test("are read from a file, a line each, and must be long", async () => {
    const folder = mkdtempSync(join(tmpdir(), "bailiwick-tokens-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "tokens");
    writeFileSync(path, `# of the plant\n${TOKEN}\r\n\n  ${OTHER}\n`);
    expect(await readTokens(path)).toEqual([TOKEN, OTHER]);
    await expect(readTokens(join(folder, "none"))).rejects.toThrow("must exist");
    expect(() => createTokenCheck([])).toThrow("at least one token");
    expect(() => createTokenCheck(["short"])).toThrow("at least 16 visible ASCII characters");
    expect(() => createTokenCheck([`${TOKEN} ä`])).toThrow("visible ASCII");
  });
});

test("a token may be kept by its SHA-256, and the hash is no token", () => {
  const hashOf = (token: string) => createHash("sha256").update(token).digest("hex");
  const check = createTokenCheck([
    `sha256:${hashOf(TOKEN)}`,
    `SHA256:${hashOf(OTHER).toUpperCase()}`,
  ]);
  expect([TOKEN, OTHER].map(check)).toEqual([true, true]);
  const wrong = [hashOf(TOKEN), `sha256:${hashOf(TOKEN)}`, TOKEN.slice(1), ""];
  expect(wrong.map(check)).toEqual([false, false, false, false]);
  for (const broken of ["sha256:", "sha256:0123456789abcdef", `sha256:${"g".repeat(64)}`]) {
    expect(() => createTokenCheck([broken])).toThrow("64 hexadecimal digits");
  }
});

describe("without tokens", () => {
  const open = serve(sampleModel()).server;

  test("a server binds to this machine only", async () => {
    for (const host of ["0.0.0.0", "::", "192.0.2.1", "example.org", "127.evil.example"]) {
      await expect(listen(open, { host, port: 0 })).rejects.toMatchObject({
        code: "INVALID_OPTION",
        message: expect.stringContaining("must have tokens"),
      });
    }
  });

  test("it answers to this machine's names only, so that no page can rebind a name to it", async () => {
    const statusFor = async (host: string): Promise<number> =>
      (await open.http.inject({ method: "GET", url: "/v2", headers: { host } })).statusCode;
    for (const host of ["localhost", "localhost:8080", "127.0.0.1:1", "[::1]:8080", "LOCALHOST"]) {
      expect(await statusFor(host)).toBe(200);
    }
    for (const host of ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80"]) {
      expect(await statusFor(host)).toBe(421);
    }
  });

  test("no page of another origin may ask", async () => {
    const headers = { origin: "https://evil.example", host: "localhost" };
    const response = await open.http.inject({ method: "OPTIONS", url: "/v1/predict", headers });
    expect(response.statusCode).toBe(403);
    expect(response.headers["access-control-allow-origin"]).toBeUndefined();
  });
});

test("an address that is not this machine's is a refusal that says so", async () => {
  await expect(listen(server, { host: "192.0.2.1", port: 0 })).rejects.toMatchObject({
    code: "PORT_UNAVAILABLE",
    message: "192.0.2.1:0 must be an address of this machine",
  });
});

test("a port that is taken is a refusal that says so", async () => {
  const first = serve(sampleModel()).server;
  onTestFinished(() => first.http.close());
  const port = Number(new URL(await listen(first, { host: "127.0.0.1", port: 0 })).port);
  const second = serve(sampleModel()).server;
  await expect(listen(second, { host: "127.0.0.1", port })).rejects.toMatchObject({
    code: "PORT_UNAVAILABLE",
  });
});

test("more requests a second than the limit get a 429 and when to come again", async () => {
  const own = serve(sampleModel(), { limits: { maxRequestsPerSecond: 3 } }).server;
  const ask = (url: string) => own.http.inject({ method: "GET", url });
  const statuses: number[] = [];
  for (let i = 0; i < 5; i++) statuses.push((await ask("/v2")).statusCode);
  expect(statuses).toEqual([200, 200, 200, 429, 429]);
  const refused = await ask("/v2");
  expect(refused.json()).toEqual({ error: "a client must ask at most 3 times a second" });
  expect(refused.headers["retry-after"]).toBe("1");
  expect((await ask("/v2/health/live")).statusCode).toBe(200);
});

test("refused requests count too: those without a token, and for a path that is none", async () => {
  const tokens = createTokenCheck([TOKEN]);
  const own = serve(sampleModel(), { tokens, limits: { maxRequestsPerSecond: 2 } }).server;
  const ask = async (
    url: string,
    headers: Record<string, string> = {},
    remoteAddress = "10.0.0.1",
  ) => (await own.http.inject({ method: "GET", url, headers, remoteAddress })).statusCode;
  const right = { authorization: `Bearer ${TOKEN}` };
  const wrong = { authorization: `Bearer ${OTHER}` };
  expect([await ask("/v2"), await ask("/v2", wrong), await ask("/v2", wrong)]).toEqual([
    401, 401, 429,
  ]);
  expect([await ask("/none", right), await ask("/none", right), await ask("/v2", right)]).toEqual([
    404, 404, 429,
  ]);
  // A token is one client wherever it comes from; a client without one is its address.
  expect(await ask("/v2", right, "10.0.0.2")).toBe(429);
  expect(await ask("/v2", {}, "10.0.0.2")).toBe(401);
  const network = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::2", "2001:db8:1:2::3"];
  const answers: number[] = [];
  for (const address of network) answers.push(await ask("/v2", {}, address));
  expect(answers).toEqual([401, 401, 429]);
});

test("behind a proxy that is trusted, the client is the one it names; else the proxy", async () => {
  const limits = { maxRequestsPerSecond: 1 };
  const ask = async (to: typeof server, client: string) =>
    (
      await to.http.inject({
        method: "GET",
        url: "/v2",
        headers: { "x-forwarded-for": client },
        remoteAddress: "10.1.2.3",
      })
    ).statusCode;
  const trusting = serve(sampleModel(), { limits, trustProxy: ["10.0.0.0/8"] }).server;
  expect([await ask(trusting, "1.1.1.1"), await ask(trusting, "1.1.1.2")]).toEqual([200, 200]);
  expect(await ask(trusting, "1.1.1.1")).toBe(429);
  for (const trustProxy of [[], ["192.168.0.0/16"]]) {
    const wary = serve(sampleModel(), { limits, trustProxy }).server;
    expect([await ask(wary, "1.1.1.1"), await ask(wary, "1.1.1.2")]).toEqual([200, 429]);
  }
  expect(() => serve(sampleModel(), { trustProxy: ["everybody"] })).toThrow(
    'proxies must be addresses or networks, got "everybody"',
  );
});
