/** What routers publish and placers write: messages that fit, and refusals of those that do not. */
import { expect, test } from "vitest";
import { modelKey, parseHomes, parseModel } from "../../../src/cluster/router/index.ts";
import { parseTelemetry } from "../../../src/cluster/router/telemetry.ts";
import { describeMessage, HASH } from "../nonsense.ts";

describeMessage({
  what: "the homes of experts",
  parse: parseHomes,
  valid: { term: 2, homes: { [HASH]: ["z.a"] }, streamed: [HASH] },
  unfit: [
    { term: "x" },
    { homes: { a: ["z.a"] } },
    { homes: { [HASH]: [1] } },
    { homes: { [HASH]: ["a"] } },
    { homes: { [HASH]: ["z.>"] } },
    { streamed: HASH },
  ],
});

const size = { id: "m0.e0", hash: HASH, bytes: 1, flopsPerRow: 1, bytesPerRow: 4 };
const expert = { ...size, share: 1, zones: null };
describeMessage({
  what: "a model's record",
  parse: parseModel,
  valid: {
    name: "m",
    experts: [expert],
    replicas: 1,
    zoneLists: [["eu"]],
    classes: { patients: ["eu"], others: null },
  },
  unfit: [
    { name: 3 },
    { experts: [{ ...expert, hash: "x" }] },
    { experts: [{ ...expert, bytes: -1 }] },
    { experts: [{ ...expert, flopsPerRow: null }] },
    { experts: [{ ...expert, zones: ["a b"] }] },
    { experts: [{ hash: HASH, bytes: 1 }] },
    { replicas: 0 },
    { replicas: 0.5 },
    { zoneLists: ["eu"] },
    { zoneLists: [[]] },
    { zoneLists: [["a b"]] },
    { classes: { patients: "eu" } },
  ],
});

const answers = { nAnswers: 1, meanMs: 0.5, nFailures: 0 };
describeMessage({
  what: "a router's report",
  parse: parseTelemetry,
  valid: {
    router: "r",
    seconds: 1,
    rows: { [HASH]: 3 },
    nodes: { "z.a": answers },
    refused: 0,
    models: ["bQ"],
  },
  unfit: [
    { rows: { [HASH]: -1 } },
    { rows: { [HASH]: "3" } },
    { rows: { x: 1 } },
    { rows: [] },
    { nodes: { "z.a": null } },
    { nodes: { "z.a": { nAnswers: 1 } } },
    { nodes: { a: answers } },
    { seconds: null },
    { models: [1] },
  ],
});

test("a model's key may be a key of a bucket, for every name", () => {
  expect(modelKey("a model, with: anything")).toMatch(/^[A-Za-z0-9_-]+$/);
});
