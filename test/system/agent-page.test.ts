/// <reference lib="dom" />
/**
 * Goal: in a real browser the agent answers with the server's bits, starts again from the browser's
 * cache without a server, is not spoilt by bad bytes, a full quota or a second tab, and says what
 * is missing where it cannot run; the example page can be used by a person.
 * Method: `serve` in a process, Chromium with pages of another origin, answers changed on the way.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AgentFacts, AgentPrediction, Row } from "../../src/api/agent/index.ts";
import { type ServerProcess, startServer } from "../../src/benches/serving/process.ts";
import { writeBundle } from "../../src/bundle/index.ts";
import { rowsOf } from "../api/agent/relay.ts";
import { buildAgent } from "../build-agent.mjs";
import { makeContent } from "../bundle/models.ts";
import { violationsOf } from "./axe.ts";
import { launchBrowser } from "./chromium.ts";
import { commandLine } from "./command-line.ts";

const ALL = ["mlp", "ridge", "gp", "trees", "mlp"] as const;
const SHIP = "mlp,ridge,gp,trees,forest,svm";
const EXAMPLE = "docs/agent-example.html";
const rows = rowsOf(2000);
/** What a page and a worker load: a function that starts an agent, and asks it once. */
const RUN = `
  import { createAgent } from "/dist/agent.js";

  globalThis.runAgent = async ({ from, rows, stays }) => {
    try {
      const agent = await createAgent({ from, ...(stays && { memoryBytes: 0 }) });
      await agent.settled();
      const { predictions, version, degraded, rowsSent } = await agent.predict(rows);
      await agent.settled();
      const bits = Array.from(new BigUint64Array(predictions.buffer), String);
      return { bits, version, degraded, rowsSent, facts: agent.facts() };
    } catch ({ code, message }) {
      return { code, message };
    }
  };
`;
const WORKER = `
  import "/run.js";

  onmessage = async ({ data }) => postMessage(await runAgent(data));
`;

let pages: Server;
let origin: string;
let browser: Browser;
let folder: string;
let server: ServerProcess;
let from: string;
let context: BrowserContext;

beforeAll(async () => {
  const { text } = await buildAgent("src/api/agent/index.ts", null);
  const files: Readonly<Record<string, readonly [string, string]>> = {
    "/": ["text/html", '<!doctype html><script type="module" src="/run.js"></script>'],
    "/run.js": ["text/javascript", RUN],
    "/worker.js": ["text/javascript", WORKER],
    "/dist/agent.js": ["text/javascript", text],
    [`/${EXAMPLE}`]: ["text/html", readFileSync(EXAMPLE, "utf8")],
  };
  pages = createServer((request, response) => {
    const [type, body] = files[new URL(request.url!, "http://x").pathname] ?? ["text/plain", ""];
    response.writeHead(200, { "content-type": type }).end(body);
  });
  await new Promise<void>((resolve) => pages.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
  folder = mkdtempSync(join(tmpdir(), "bailiwick-agent-page-"));
  await writeBundle(join(folder, "m"), makeContent({ seed: 5, experts: ALL, gate: "svm" }));
  await writeBundle(join(folder, "nets"), netsOf(5));
  server = await startServer(commandLine(), [
    ...["m", "nets"].map((name) => join(folder, name)),
    "models/concrete",
    "--origin",
    origin,
    "--ship",
    SHIP,
  ]);
  from = `${server.origin}/v2/models/m`;
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  pages?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

beforeEach(async () => {
  context = await browser.newContext();
});

afterEach(() => context.close());

function netsOf(seed: number) {
  return makeContent({ seed, experts: ["mlp", "mlp", "mlp", "mlp"], gate: "softmax" });
}

interface Answer extends Pick<AgentPrediction, "version" | "degraded" | "rowsSent"> {
  /** As numbers of 64 bits. */
  readonly bits: readonly string[];
  readonly facts: AgentFacts;
}

declare global {
  var runAgent: (asking: Asking) => Promise<Answer | { code: string; message: string }>;
}

interface Asking {
  readonly from: string;
  readonly rows: readonly Row[];
  /** Whether every expert is to stay on the server. */
  readonly stays?: boolean;
}

async function open(at = origin): Promise<Page> {
  const page = await context.newPage();
  await page.goto(at, { waitUntil: "load" });
  return page;
}

/** What an agent in the page answers, or the error's code and message. */
function ask(page: Page, asking: Asking): Promise<Answer | { code: string; message: string }> {
  return page.evaluate((given) => globalThis.runAgent(given), asking);
}

async function answerOf(page: Page, asking: Asking): Promise<Answer> {
  const answer = await ask(page, asking);
  if ("code" in answer) throw new Error(`${answer.code} ${answer.message}`);
  return answer;
}

async function serverBits(model: string): Promise<readonly string[]> {
  const response = await fetch(`${server.origin}/v1/predict`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, rows }),
  });
  const { predictions } = (await response.json()) as { predictions: number[] };
  return Array.from(new BigUint64Array(Float64Array.from(predictions).buffer), String);
}

/** What the cache holds, each checked by the page's own SHA-256. */
function cached(page: Page): Promise<{ readonly names: number; readonly broken: number }> {
  return page.evaluate(async () => {
    const cache = await caches.open("bailiwick");
    const urls = (await cache.keys()).map(({ url }) => url);
    let broken = 0;
    for (const url of urls.filter((one) => !one.endsWith("/manifest"))) {
      const bytes = await (await cache.match(url))!.arrayBuffer();
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      const hex = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      if (!url.endsWith(hex)) broken += 1;
    }
    return { names: urls.length, broken };
  });
}

describe("an agent in a page", () => {
  test.each([
    ["with every kind of expert and gate in the page", false, 0],
    ["with every expert at the server", true, rows.length],
  ])("has the server's bits %s", async (_how, stays, nSent) => {
    const answer = await answerOf(await open(), { from, rows, stays });
    expect(answer.bits).toEqual(await serverBits("m"));
    expect(answer).toMatchObject({ degraded: false, rowsSent: nSent });
    expect(answer.facts.nResident).toBe(stays ? 0 : 5);
  });

  test("has them on a worker too", async () => {
    const page = await open();
    const bits = await page.evaluate(
      async (asking) => {
        const worker = new Worker("/worker.js", { type: "module" });
        const said = await new Promise<Answer>((resolve, reject) => {
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error(message));
          worker.postMessage(asking);
        });
        return said.bits;
      },
      { from, rows },
    );
    expect(bits).toEqual(await serverBits("m"));
  });

  test("starts from the browser's cache, without a server, in a page that is opened later", async () => {
    await answerOf(await open(), { from, rows });
    await context.route(`${server.origin}/**`, (route) => route.abort());
    const answer = await answerOf(await open(), { from, rows });
    expect(answer.bits).toEqual(await serverBits("m"));
    expect(answer.facts).toMatchObject({ nResident: 5, fetchedBytes: 0 });
  });

  test("says that the server is not there, where nothing is in the cache", async () => {
    await context.route(`${server.origin}/**`, (route) => route.abort());
    expect(await ask(await open(), { from, rows })).toMatchObject({ code: "SERVER_UNAVAILABLE" });
  });

  test("names the origin that the server lacks", async () => {
    const other = origin.replace("127.0.0.1", "localhost");
    const said = await ask(await open(other), { from, rows });
    expect(said).toMatchObject({ code: "SERVER_UNAVAILABLE" });
    expect("message" in said && said.message).toContain(`serve --origin ${other}`);
  });

  test.each([
    ["with one byte changed", (body: Buffer) => Buffer.from(body).fill(1, 60, 61)],
    ["cut", (body: Buffer) => body.subarray(0, body.length >> 1)],
    ["that are HTML", () => Buffer.from("<!doctype html><title>Log in</title>")],
  ])("keeps no blobs %s, and takes whole ones later", async (_what, spoil) => {
    const isBlob = `${server.origin}/v2/models/nets/blobs/**`;
    const asking = { from: `${server.origin}/v2/models/nets`, rows };
    let nBlobs = 0;
    await context.route(isBlob, async (route) => {
      const response = await route.fetch();
      const body = await response.body();
      // The gate comes whole.
      await route.fulfill({ response, body: ++nBlobs === 1 ? body : spoil(body) });
    });
    const page = await open();
    const spoilt = await answerOf(page, asking);
    expect(spoilt.bits).toEqual(await serverBits("nets"));
    expect(spoilt.facts.nResident).toBe(0);
    expect(await cached(page)).toEqual({ names: 2, broken: 0 });
    await context.unroute(isBlob);
    const whole = await answerOf(page, asking);
    expect([whole.bits, whole.facts.nResident]).toEqual([await serverBits("nets"), 4]);
    expect(await cached(page)).toEqual({ names: 6, broken: 0 });
  });

  test("keeps nothing of a blob whose page was left while it came", async () => {
    const asking = { from: `${server.origin}/v2/models/nets`, rows };
    await context.route(`${server.origin}/v2/models/nets/blobs/**`, () => {});
    const page = await open();
    void ask(page, asking).catch(() => {});
    await page.waitForTimeout(300);
    await page.close();
    await context.unroute(`${server.origin}/v2/models/nets/blobs/**`);
    const later = await open();
    expect(await cached(later)).toEqual({ names: 0, broken: 0 });
    expect((await answerOf(later, asking)).bits).toEqual(await serverBits("nets"));
  });

  test("answers where the quota is used up", async () => {
    const page = await open();
    const session = await context.newCDPSession(page);
    await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 1000 });
    const answer = await answerOf(page, { from, rows });
    expect(answer.bits).toEqual(await serverBits("m"));
    expect(answer.facts.refusedWrites).toBeGreaterThan(0);
    expect(answer.facts.nResident).toBe(5);
    await session.send("Storage.overrideQuotaForOrigin", { origin });
  });

  test("shares the cache with another tab, over a switch of versions", async () => {
    const asking = { from: `${server.origin}/v2/models/nets`, rows };
    const tabs = await Promise.all([open(), open()]);
    await Promise.all(tabs.map((tab) => answerOf(tab, asking)));
    const { version } = await writeBundle(join(folder, "nets"), netsOf(6));
    await expect
      .poll(async () => (await fetch(asking.from)).json(), { timeout: 20_000 })
      .toMatchObject({ versions: [String(version)] });
    const both = await Promise.all(tabs.map((tab) => answerOf(tab, asking)));
    const expected = await serverBits("nets");
    for (const answer of both) {
      expect([answer.version, answer.bits]).toEqual([String(version), expected]);
    }
    expect(await cached(tabs[0]!)).toEqual({ names: 6, broken: 0 });
    await context.route(`${server.origin}/**`, (route) => route.abort());
    expect((await answerOf(await open(), asking)).bits).toEqual(expected);
  });
});

test("a browser without SIMD says so", async () => {
  const args = ["--js-flags=--no-enable-sse4-1 --no-enable-ssse3 --no-enable-sse3"];
  const old = await launchBrowser(args);
  const page = await old.newPage();
  await page.goto(origin);
  const said = await ask(page, { from, rows });
  await old.close();
  expect(said).toMatchObject({ code: "ENGINE_UNAVAILABLE" });
  expect("message" in said && said.message).toContain("SIMD");
});

describe("the example page", () => {
  async function openExample(): Promise<{ readonly page: Page; readonly complaints: string[] }> {
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(`${origin}/${EXAMPLE}?from=${server.origin}/v2/models/concrete`);
    await page.getByText("4 of 4 experts are here").waitFor();
    return { page, complaints };
  }

  test("answers each change in the page, also once the server is gone", async () => {
    const { page, complaints } = await openExample();
    const answer = page.locator("#answer");
    const first = await answer.textContent();
    expect(first).toMatch(/^\d\d\.\d MPa$/);
    await context.setOffline(true);
    await page.getByLabel("water", { exact: true }).fill("190.5");
    await expect.poll(() => answer.textContent()).not.toBe(first);
    expect(await answer.textContent()).toMatch(/^\d\d\.\d MPa$/);
    await page.getByLabel("Never send a row").check();
    expect(await page.getByRole("status").last().textContent()).toContain("in this page");
    await page.getByLabel("water", { exact: true }).fill("");
    await page.getByText("Each field takes a number").waitFor();
    await context.setOffline(false);
    expect(await violationsOf(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("fits a phone, and says what to do where no server is", async () => {
    const { page } = await openExample();
    await page.setViewportSize({ width: 360, height: 760 });
    const scrolls = await page.evaluate(
      () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
    );
    expect(scrolls).toBe(false);
    await page.goto(`${origin}/${EXAMPLE}?from=http://127.0.0.1:9/v2/models/concrete`);
    await page.getByText("Is the model served at http://127.0.0.1:9").waitFor();
  });
});
