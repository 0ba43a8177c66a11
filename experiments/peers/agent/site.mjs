// The site that the pages of the peer "agent-page" come from: files in gzip, and a proxy before the
// model's server that records what passes. One origin for all, so that CORS plays no part.
import { readFileSync } from "node:fs";
import { request as ask, createServer } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const HERE = new URL(".", import.meta.url).pathname;
const TYPES = {
  html: "text/html",
  js: "text/javascript",
  mjs: "text/javascript",
  wasm: "application/wasm",
};

/**
 * @param agent - The file of `bailiwick/agent` for pages.
 * @param ort - The folder of onnxruntime-web's files.
 * @param model - The exported model, bytes.
 * @param server - The origin of `bailiwick serve`.
 */
export async function startSite({ agent, ort, model, server }) {
  const files = new Map([["/model.onnx", gzipSync(model, { level: 9 })]]);
  const fileOf = (path) => {
    if (!files.has(path)) files.set(path, readZipped(path, { agent, ort }));
    return files.get(path);
  };
  const site = {
    /** Requests that were passed on: text of the head, bytes of the body, and bytes of the answer. */
    passed: [],
    /** Bytes in gzip that were sent, by path. */
    sent: new Map(),
  };
  const http = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://site");
    const file = fileOf(pathname);
    if (file === null) return pass(server, request, response, site.passed);
    site.sent.set(pathname, file.length);
    response.writeHead(200, {
      "content-type":
        TYPES[pathname.split(".").at(-1)] ??
        (pathname.includes(".") ? "application/octet-stream" : "text/html"),
      "content-encoding": "gzip",
      "content-length": file.length,
      "cache-control": "no-store",
    });
    return response.end(file);
  });
  await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
  return { ...site, port: http.address().port, close: () => http.close() };
}

/** null for what the model's server answers. */
function readZipped(path, { agent, ort }) {
  const [, folder, name] = /^\/(?:(ort)\/)?([\w.-]*)$/.exec(path) ?? [];
  if (folder === "ort") return zip(join(ort, name));
  if (name === "agent.js") return zip(agent);
  return PAGES[name] === undefined ? null : zip(join(HERE, PAGES[name]));
}

const PAGES = {
  "": "page.html",
  "page.js": "page.js",
  "first-agent": "first-agent.html",
  "first-ort": "first-ort.html",
};

function zip(file) {
  return gzipSync(readFileSync(file), { level: 9 });
}

async function pass(server, request, response, passed) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const { method, url, headers, rawHeaders } = request;
  const entry = { head: `${method} ${url}\n${rawHeaders.join("\n")}`, body, answerBytes: 0 };
  passed.push(entry);
  const onward = ask(`${server}${url}`, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    entry.answerBytes += answer.rawHeaders.join(": ").length;
    answer.on("data", (chunk) => {
      entry.answerBytes += chunk.length;
      response.write(chunk);
    });
    answer.on("end", () => response.end());
    answer.on("error", () => response.destroy());
  });
  onward.on("error", () => response.destroy());
  onward.end(body);
}
