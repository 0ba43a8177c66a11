/**
 * Goal: a device gets a manifest and the blobs that may leave the server, whole or in part, and
 * nothing else; and experts' answers with the bits that the server itself adds up.
 * Method: the server of a written bundle; what comes is checked by its hash, put together to the
 * model, and recombined.
 */
import { describe, expect, test } from "vitest";
import { createRegistry, createServer } from "../../src/api/index.ts";
import { readRange } from "../../src/api/range.ts";
import { readBundle, readManifest, writeBundle } from "../../src/bundle/index.ts";
import { createWasmEngine } from "../../src/experts/index.ts";
import {
  combineMembers,
  predictMatrix,
  recombine,
  routeRows,
  rowsAsked,
  standardRange,
} from "../../src/mixture/index.ts";
import { matrix } from "../../src/shared/matrix.ts";
import { createRng } from "../../src/shared/rng.ts";
import { sha256 } from "../../src/shared/sha256.ts";
import { makeContent, N_INPUTS, temporaryFolder } from "../bundle/models.ts";
import { binaryBody } from "./model.ts";

const engine = await createWasmEngine();
const KINDS = ["mlp", "ridge", "gp", "trees"] as const;

async function startModel(gate: "softmax" | "svm" = "softmax", options = {}) {
  const folder = temporaryFolder();
  await writeBundle(folder, makeContent({ seed: 5, experts: KINDS, gate, nMembers: 2 }));
  const bundle = await readBundle(folder);
  const registry = createRegistry({ engine });
  registry.put("m", [bundle]);
  const { http } = createServer(registry, options);
  const get = (path: string, headers = {}) =>
    http.inject({ method: "GET", url: `/v2/models/m${path}`, headers });
  return { folder, bundle, http, get, registry };
}

describe("manifest", () => {
  test("is one that can be read, with its version and the kinds that may leave", async () => {
    const { bundle, get } = await startModel();
    const answer = await get("/manifest");
    expect(readManifest(answer.rawPayload, "it")).toEqual(bundle.manifest);
    expect(answer.headers).toMatchObject({
      "bailiwick-version": "1",
      "bailiwick-ship": "mlp,ridge",
      "cache-control": "private, no-cache",
    });
    const again = await get("/versions/1/manifest", { "if-none-match": answer.headers.etag });
    expect([again.statusCode, again.payload]).toEqual([304, ""]);
    expect((await get("/versions/2/manifest")).statusCode).toBe(404);
  });
});

describe("blobs", () => {
  test("of nets, ridges and gates come with their hash; others are not there", async () => {
    const { bundle, get } = await startModel();
    const [{ gate, experts }] = bundle.manifest.members as [(typeof bundle.manifest.members)[0]];
    for (const { kind, blob } of [...experts, { kind: "gate", blob: gate!.blob }]) {
      const answer = await get(`/blobs/${blob}`);
      const ships = ["mlp", "ridge", "gate"].includes(kind);
      expect([kind, answer.statusCode]).toEqual([kind, ships ? 200 : 404]);
      if (!ships) continue;
      expect(sha256(answer.rawPayload)).toBe(blob);
      expect(answer.headers["cache-control"]).toContain("immutable");
    }
    expect((await get(`/blobs/${"0".repeat(64)}`)).statusCode).toBe(404);
    expect((await get("/blobs/..%2f..%2fCURRENT")).statusCode).toBe(404);
  });

  test("ship by name: trees if they are named, no SVM gate unless it is, nothing for none", async () => {
    const svm = await startModel("svm", { ship: ["trees"] });
    const [{ gate, experts }] = svm.bundle.manifest.members as [
      (typeof svm.bundle.manifest.members)[0],
    ];
    const statusOf = async (hash: string) => (await svm.get(`/blobs/${hash}`)).statusCode;
    expect(await Promise.all(experts.map(({ blob }) => statusOf(blob)))).toEqual([
      404, 404, 404, 200,
    ]);
    expect(await statusOf(gate!.blob)).toBe(404);
    const named = await startModel("svm", { ship: ["svm"] });
    const blob = named.bundle.manifest.members[0]!.gate!.blob;
    expect((await named.get(`/blobs/${blob}`)).statusCode).toBe(200);
    const none = await startModel("softmax", { ship: [] });
    const first = none.bundle.manifest.members[0]!;
    expect((await none.get(`/blobs/${first.gate!.blob}`)).statusCode).toBe(404);
    expect((await none.get(`/blobs/${first.experts[0]!.blob}`)).statusCode).toBe(404);
  });

  test("come in parts, which are the bytes of the whole", async () => {
    const { bundle, get } = await startModel();
    const hash = bundle.manifest.members[0]!.experts[0]!.blob;
    const whole = (await get(`/blobs/${hash}`)).rawPayload;
    const parts = await Promise.all(
      ["bytes=0-9", "bytes=10-", "bytes=-7"].map((range) => get(`/blobs/${hash}`, { range })),
    );
    expect(parts.map(({ statusCode }) => statusCode)).toEqual([206, 206, 206]);
    expect(Buffer.concat([parts[0]!.rawPayload, parts[1]!.rawPayload])).toEqual(whole);
    expect(parts[2]!.rawPayload).toEqual(whole.subarray(-7));
    expect(parts[0]!.headers["content-range"]).toBe(`bytes 0-9/${whole.length}`);
    const outside = await get(`/blobs/${hash}`, { range: `bytes=${whole.length}-` });
    expect([outside.statusCode, outside.headers["content-range"]]).toEqual([
      416,
      `bytes */${whole.length}`,
    ]);
    const other = { range: "bytes=0-9", "if-range": '"other"' };
    expect((await get(`/blobs/${hash}`, other)).rawPayload).toEqual(whole);
    expect((await get(`/blobs/${hash}`, { "if-none-match": `"${hash}"` })).statusCode).toBe(304);
  });

  test("that an update has removed from the folder are not there", async () => {
    const { folder, bundle, get } = await startModel();
    await writeBundle(folder, makeContent({ seed: 6, experts: KINDS, gate: "softmax" }));
    expect((await get(`/blobs/${bundle.manifest.members[0]!.experts[0]!.blob}`)).statusCode).toBe(
      404,
    );
  });
});

test.each([
  [undefined, null],
  ["bytes=0-0", { start: 0, end: 1 }],
  ["bytes=5-99", { start: 5, end: 10 }],
  ["bytes=-3", { start: 7, end: 10 }],
  ["bytes=-0", "outside"],
  ["bytes=10-", "outside"],
  ["bytes=-", null],
  ["bytes=3-2", null],
  ["bytes=0-1,4-5", null],
  ["rows=0-1", null],
])("the range %s of 10 bytes is %j", (header, expected) => {
  expect(readRange(header, 10)).toEqual(expected);
});

describe("experts", () => {
  test("answer by expert, so that a device adds up the server's bits", async () => {
    const { bundle, http } = await startModel();
    const rng = createRng(2);
    const nRows = 50;
    const X = matrix(Float32Array.from({ length: nRows * N_INPUTS }, rng.normal), nRows, N_INPUTS);
    const { model } = bundle;
    const range = standardRange(model.preprocessing.target);
    const answers = [];
    for (const [m, { mixture }] of model.members.entries()) {
      const route = routeRows(engine, mixture, X);
      const asked = bundle.manifest.members[m]!.experts.map(({ blob }, k) => ({
        blob,
        rows: rowsAsked(mixture, route, k),
      }));
      const inputs = asked.map(({ blob, rows }) => ({
        name: blob,
        datatype: "INT32",
        shape: [rows.length],
        parameters: { binary_data_size: 4 * rows.length },
      }));
      const first = {
        name: "X",
        datatype: "FP32",
        shape: [nRows, N_INPUTS],
        parameters: { binary_data_size: X.values.byteLength },
      };
      const body = binaryBody(
        { inputs: [first, ...inputs], parameters: { binary_data_output: true } },
        ...[X.values, ...asked.map(({ rows }) => rows)].map(
          ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
        ),
      );
      const answer = await http.inject({ method: "POST", url: "/v2/models/m/experts", ...body });
      expect(answer.statusCode, answer.payload).toBe(200);
      let at = Number(answer.headers["inference-header-content-length"]);
      const said = asked.map(({ rows }) => {
        const bytes = answer.rawPayload.subarray(at, at + 4 * rows.length);
        at += bytes.length;
        return new Float32Array(Uint8Array.from(bytes).buffer);
      });
      answers.push({ values: recombine(mixture, route, said, range), route });
    }
    const { values } = combineMembers(model, answers, nRows);
    expect(values).toEqual(predictMatrix(engine, model, X).values);
  });

  const ask = async (change: (inputs: Record<string, unknown>[]) => void) => {
    const { bundle, http } = await startModel();
    const X = { name: "X", datatype: "FP32", shape: [1, N_INPUTS], data: Array(N_INPUTS).fill(0) };
    const hash = bundle.manifest.members[0]!.experts[0]!.blob;
    const inputs: Record<string, unknown>[] = [
      X,
      { name: hash, datatype: "INT32", shape: [1], data: [0] },
    ];
    change(inputs);
    const headers = { "content-type": "application/json" };
    const payload = JSON.stringify({ inputs });
    return http.inject({ method: "POST", url: "/v2/models/m/experts", headers, payload });
  };

  test("answer in JSON too", async () => {
    const answer = await ask(() => {});
    expect(answer.json().outputs[0]).toMatchObject({ datatype: "FP32", shape: [1] });
  });

  test.each<[string, RegExp, (inputs: Record<string, unknown>[]) => void]>([
    ["without X", /named "X"/, (inputs) => inputs.shift()],
    ["with X twice", /named "X"/, (inputs) => inputs.push(inputs[0]!)],
    ["of another width", /columns/, (inputs) => Object.assign(inputs[0]!, { shape: [2, 3] })],
    [
      "of an unknown expert",
      /an expert of the version/,
      (i) => Object.assign(i[1]!, { name: "e" }),
    ],
    ["of one expert twice", /once/, (inputs) => inputs.push(inputs[1]!)],
    ["of a row that is not there", /rows from 0/, (i) => Object.assign(i[1]!, { data: [1] })],
    ["of a negative row", /rows from 0/, (i) => Object.assign(i[1]!, { data: [-1] })],
    ["of texts", /numbers/, (i) => Object.assign(i[1]!, { datatype: "BYTES", data: ["0"] })],
    [
      "of a missing value",
      /finite/,
      (i) => Object.assign(i[0]!, { data: Array(N_INPUTS).fill(null) }),
    ],
  ])("refuse a request %s", async (_what, message, change) => {
    const answer = await ask(change);
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(answer.statusCode).toBeLessThan(423);
    expect(answer.json().error).toMatch(message);
  });

  test("on a fabric are not asked by name", async () => {
    const folder = temporaryFolder();
    await writeBundle(folder, makeContent({ seed: 5, experts: KINDS, gate: "softmax" }));
    const elsewhere = async () => Promise.reject(new Error("not asked"));
    const registry = createRegistry({ engine, elsewhere });
    registry.put("m", [await readBundle(folder)]);
    const { http } = createServer(registry);
    const headers = { "content-type": "application/json" };
    const X = { name: "X", datatype: "FP32", shape: [1, 1], data: [0] };
    const payload = JSON.stringify({ inputs: [X] });
    const answer = await http.inject({
      method: "POST",
      url: "/v2/models/m/experts",
      headers,
      payload,
    });
    expect(answer.statusCode).toBe(409);
  });
});
