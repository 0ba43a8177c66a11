// The peer "agent-page": the agent in headless Chromium beside onnxruntime-web.
//
// The first line is { agent, server, model, chromium }: the agent's file for pages, the origin of
// `bailiwick serve`, the exported model as base64, and the browser's path or null for the one on
// the PATH. The answer is { versions, sizes } with bytes in gzip, or { unavailable: why }.
// Further lines:
//   { run, args }                 a function of agent/page.js in one page that stays; its answer
//   { passed: true }              { requests, bytes } that passed to the server since the last such line
//   { find: [values], mean, scale }
//                                 { requests, posts, found }: how many of the values are in what
//                                 passed since then: as text, as numbers of 32 and 64 bits, as such
//                                 and standardised
//   { first, args, link }         { ms, prediction } of the first answer of "agent" or "ort" in a
//                                 new browser, over a link { bitsPerSecond, roundTripMs }
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { startLink } from "./agent/link.mjs";
import { startSite } from "./agent/site.mjs";
import { answerLines } from "./lines.mjs";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "chrome"];
const FIRST_LIMIT_MS = 120_000;

let site;
let browser;
let page;

await answerLines(async (request) => {
  if (site === undefined) return start(request);
  if (request.run !== undefined) return page.evaluate(callInPage, request);
  if (request.first !== undefined) return firstAnswer(request);
  const passed = site.passed.splice(0);
  if (request.find !== undefined) return find(passed, request);
  const bytes = passed.reduce((sum, { answerBytes }) => sum + answerBytes, 0);
  return { requests: passed.length, bytes };
});

function callInPage({ run, args }) {
  return globalThis.run[run](args);
}

async function start({ agent, server, model, chromium: path }) {
  const playwright = await import("playwright-core").catch(() => null);
  const ort = ortFolder();
  const executablePath = path ?? browserOnPath();
  if (playwright === null || ort === null) {
    return { unavailable: "playwright-core and onnxruntime-web must be installed" };
  }
  if (executablePath === undefined) {
    return { unavailable: `one of ${NAMES.join(", ")} must be on the PATH` };
  }
  if (!existsSync(agent)) return { unavailable: `${agent} must be there: npm run build` };
  const bytes = Buffer.from(model, "base64");
  site = await startSite({ agent, ort, model: bytes, server });
  browser = await playwright.chromium.launch({ executablePath, args: ["--no-sandbox"] });
  page = await (await browser.newContext()).newPage();
  await page.goto(`http://127.0.0.1:${site.port}/`, { waitUntil: "load" });
  await page.evaluate(callInPage, { run: "openOrt", args: null });
  const sizeOf = (prefix) =>
    [...site.sent].reduce((sum, [name, size]) => sum + (name.startsWith(prefix) ? size : 0), 0);
  const sizes = { agent: sizeOf("/agent.js"), ort: sizeOf("/ort/"), model: statSync(agent).size };
  return { versions: { chromium: browser.version() }, sizes };
}

/** A new browser context has no cache. */
async function firstAnswer({ first, args, link }) {
  const slow = await startLink(site.port, link);
  const context = await browser.newContext();
  try {
    const cold = await context.newPage();
    const hash = encodeURIComponent(JSON.stringify(args));
    await cold.goto(`http://127.0.0.1:${slow.port}/first-${first}#${hash}`, {
      timeout: FIRST_LIMIT_MS,
    });
    const answered = await cold.waitForFunction("globalThis.first", undefined, {
      timeout: FIRST_LIMIT_MS,
    });
    return await answered.jsonValue();
  } finally {
    await context.close();
    slow.close();
  }
}

function find(passed, { find: values, mean, scale }) {
  const heads = passed.map(({ head }) => head).join("\n");
  const bodies = Buffer.concat(passed.map(({ body }) => body));
  const texts = heads + bodies.toString("latin1");
  const words = wordsOf(bodies);
  const found = values.filter((value) => {
    const standard = (value - mean) / scale;
    const numbers = [value, standard].flatMap((number) => [
      hexOf(Float32Array.of(number)),
      hexOf(Float64Array.of(number)).slice(4),
    ]);
    return texts.includes(String(value)) || numbers.some((hex) => words.has(hex));
  });
  const posts = passed.filter(({ head }) => !head.startsWith("GET ")).length;
  return { requests: passed.length, posts, found: found.length };
}

/** All runs of 4 and of 6 bytes, in hexadecimal. */
function wordsOf(bytes) {
  const words = new Set();
  for (let i = 0; i + 4 <= bytes.length; i++) {
    words.add(bytes.toString("hex", i, i + 4));
    if (i + 6 <= bytes.length) words.add(bytes.toString("hex", i, i + 6));
  }
  return words;
}

function hexOf(numbers) {
  return Buffer.from(numbers.buffer).toString("hex");
}

function ortFolder() {
  try {
    return dirname(fileURLToPath(import.meta.resolve("onnxruntime-web/wasm")));
  } catch {
    return null;
  }
}

function browserOnPath() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.flatMap((path) => NAMES.map((name) => join(path, name))).find(canRun);
}

function canRun(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
