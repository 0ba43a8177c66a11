// The peer "fuzz": requests made at random, most of them broken, over real connections; good ones
// run beside them and must not notice.
//
// { origin, nRequests, seed, good }, good the { path, body } of a request that is right. Asked is a
// model `m` of a number `x` and a category `kind`. The answer is { requests, byStatus, nUnhandled,
// unhandled, good }: by status how many, 0 where the connection was closed without one; unhandled
// is what must not be, some of it shown: an answer of 5xx but 503, an error that says nothing, a
// right request that is not answered; of the good ones how many were sent, failed, the slowest.
import { connect } from "node:net";
import fc from "fast-check";
import { answerLines } from "./lines.mjs";

const LANES = 16;
const GOOD_LANES = 2;
const MAX_SHOWN = 10;

const name = fc.constantFrom("x", "kind", "rows", "y", "__proto__", "constructor", "");
const datatype = fc.constantFrom("FP64", "FP32", "FP16", "BYTES", "INT64", "UINT8", "BOOL", "?", 3);
const cell = fc.oneof(
  fc.double(),
  fc.constantFrom(1, 2, null, "a", "b", true, 1e308, -0),
  fc.jsonValue({ maxDepth: 2 }),
);
const extent = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom(-1, 0.5, 1e15, 1e300, "2"));

const input = fc.record(
  {
    name,
    shape: fc.oneof(fc.array(extent, { maxLength: 3 }), fc.jsonValue()),
    datatype,
    data: fc.oneof(
      fc.array(cell, { maxLength: 5 }),
      fc.array(fc.array(cell, { maxLength: 3 }), { maxLength: 3 }),
      fc.jsonValue(),
    ),
    parameters: fc.record(
      { binary_data_size: fc.oneof(fc.integer({ min: -1, max: 40 }), fc.jsonValue()) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ["name"] },
);

const body = fc.oneof(
  fc.record(
    {
      id: fc.oneof(fc.string(), fc.jsonValue()),
      inputs: fc.oneof(fc.array(input, { maxLength: 3 }), fc.jsonValue()),
      outputs: fc.oneof(
        fc.array(fc.record({ name: fc.constantFrom("prediction", "scores", "zz") })),
        fc.jsonValue(),
      ),
      rows: fc.array(fc.dictionary(fc.constantFrom("x", "kind", "z"), cell), { maxLength: 4 }),
      parameters: fc.dictionary(fc.constantFrom("routing", "binary_data_output"), cell),
    },
    { requiredKeys: [] },
  ),
  fc.jsonValue(),
);

/** The text of JSON, and what becomes of it on the way. */
const text = fc
  .tuple(body, fc.constantFrom("whole", "cut", "deep", "huge number", "noise"), fc.nat(200))
  .map(([value, harm, at]) => {
    const json = JSON.stringify(value);
    if (harm === "cut") return json.slice(0, at);
    if (harm === "deep") return `${json.slice(0, -1)}${"[".repeat(at * 50)}`;
    if (harm === "huge number") return json.replace(/\d+/, "1e99999");
    return harm === "noise" ? `${json.slice(0, at)}\u0000\uffff${json.slice(at)}` : json;
  });

/** A whole request, its lengths true or not. */
const broken = fc.record({
  valid: fc.constant(false),
  path: fc.constantFrom("/v2/models/m/infer", "/v1/predict", "/v2/models/m/versions/9/infer"),
  method: fc.constantFrom("POST", "POST", "POST", "GET", "PUT", "BREW"),
  type: fc.constantFrom("application/json", "application/octet-stream", "text/plain", "", "a/b;="),
  json: text,
  tail: fc.uint8Array({ maxLength: 50 }),
  jsonLength: fc.constantFrom("true", "true", "none", "-1", "99999999", "3", "1e3", "x"),
  length: fc.constantFrom("true", "true", "true", "short", "long", "none", "huge", "-5", "chunked"),
  slow: fc.boolean(),
});

/** Rows that a model of a number `x` and a category `kind` must answer. */
const rows = fc.array(
  fc.record({
    x: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null)),
    kind: fc.oneof(fc.string(), fc.constant(null)),
  }),
  { minLength: 1, maxLength: 20 },
);

const valid = fc.record({ rows, slow: fc.boolean(), plain: fc.boolean() }).map((drawn) => {
  const column = (name, datatype) => ({
    name,
    datatype,
    shape: [drawn.rows.length],
    data: drawn.rows.map((row) => row[name]),
  });
  const inputs = [column("x", "FP64"), column("kind", "BYTES")];
  return {
    valid: true,
    path: drawn.plain ? "/v1/predict" : "/v2/models/m/infer",
    method: "POST",
    type: "application/json",
    json: JSON.stringify(drawn.plain ? { rows: drawn.rows } : { inputs }),
    tail: new Uint8Array(0),
    jsonLength: "none",
    length: "true",
    slow: drawn.slow,
  };
});

const request = fc.oneof(broken, broken, broken, valid);

function bytesOf(asked) {
  const json = Buffer.from(asked.json);
  const content = Buffer.concat([json, asked.tail]);
  const lines = [`${asked.method} ${asked.path} HTTP/1.1`, "host: localhost", "connection: close"];
  if (asked.type !== "") lines.push(`content-type: ${asked.type}`);
  if (asked.jsonLength !== "none") {
    const claimed = asked.jsonLength === "true" ? json.length : asked.jsonLength;
    lines.push(`inference-header-content-length: ${claimed}`);
  }
  const claims = {
    true: content.length,
    short: Math.max(0, content.length - 3),
    long: content.length + 9,
    huge: 1e12,
    "-5": -5,
  };
  if (asked.length === "chunked") lines.push("transfer-encoding: chunked");
  else if (asked.length !== "none") lines.push(`content-length: ${claims[asked.length]}`);
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), content]);
}

/** Sends bytes on a new connection; returns everything received before it ends. */
function exchange(port, bytes, slow) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(answer));
    const half = slow ? bytes.length >> 1 : bytes.length;
    socket.write(bytes.subarray(0, half));
    setTimeout(() => socket.end(bytes.subarray(half)), slow ? 5 : 0);
  });
}

/** Why an answer must not be; null if it may. */
function complaint(answer, asked) {
  if (answer === "" && !asked.valid) return null;
  const status = Number(/^HTTP\/1.1 (\d{3})/.exec(answer)?.[1]);
  const shown = `${JSON.stringify(asked).slice(0, 500)} → ${answer.slice(0, 500)}`;
  if (status === 200) return null;
  if (asked.valid) return shown;
  if (!(status >= 400 && status < 500) && status !== 503) return shown;
  const says = errorOf(answer);
  return says.length > 10 && !/node_modules|\.[tj]s:|\n {4}at /.test(says) ? null : shown;
}

/** The error that an answer states, in as many bytes as it says; nothing if it states none. */
function errorOf(answer) {
  const [head = "", ...rest] = answer.split("\r\n\r\n");
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
  const body = rest.join("\r\n\r\n").slice(0, length);
  return body.startsWith('{"error":') ? String(JSON.parse(body).error) : "";
}

/** Asks for all that is drawn, 16 at once. */
async function sendBroken(port, asked) {
  const byStatus = {};
  const unhandled = [];
  let next = 0;
  const lane = async () => {
    for (let i = next++; i < asked.length; i = next++) {
      const answer = await exchange(port, bytesOf(asked[i]), asked[i].slow);
      const status = Number(/^HTTP\/1.1 (\d{3})/.exec(answer)?.[1] ?? 0);
      byStatus[status] = (byStatus[status] ?? 0) + 1;
      const wrong = complaint(answer, asked[i]);
      if (wrong !== null) unhandled.push(wrong);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return { byStatus, unhandled };
}

/** Sends a valid request until stopped; every answer must equal the first. */
async function askGood({ origin, path, body }, isDone) {
  const good = { sent: 0, failed: 0, slowestMs: 0 };
  const headers = { "content-type": "application/json" };
  const ask = async () => {
    const before = performance.now();
    const response = await fetch(origin + path, { method: "POST", headers, body });
    const answer = `${response.status} ${await response.text()}`;
    good.slowestMs = Math.max(good.slowestMs, performance.now() - before);
    return answer;
  };
  const first = await ask();
  const lane = async () => {
    while (!isDone()) {
      good.sent++;
      if ((await ask()) !== first || !first.startsWith("200 ")) good.failed++;
    }
  };
  await Promise.all(Array.from({ length: GOOD_LANES }, lane));
  return good;
}

await answerLines(async ({ origin, nRequests, seed, good }) => {
  const asked = fc.sample(request, { numRuns: nRequests, seed });
  let done = false;
  const beside = askGood({ origin, ...good }, () => done);
  const { byStatus, unhandled } = await sendBroken(Number(new URL(origin).port), asked);
  done = true;
  const report = {
    byStatus,
    nUnhandled: unhandled.length,
    unhandled: unhandled.slice(0, MAX_SHOWN),
  };
  return { requests: asked.length, ...report, good: await beside };
});
