/** What is told of Models and NodePools, from what is there. */
import { expect, test } from "vitest";
import {
  desiredOfPool,
  newConditions,
  pinsCondition,
  readModel,
  readPod,
  readPool,
  readWorkload,
  readyCondition,
  sizeOf,
} from "../../../src/cluster/kubernetes/index.ts";

const metadata = { name: "eu", namespace: "default", uid: "1" };
const poolOf = (spec: object) => readPool({ metadata, spec: { memory: "256MB", ...spec } })!;
const podOf = (restartCount: number, ready: boolean, reason?: string) =>
  readPod({
    metadata,
    status: {
      phase: "Running",
      containerStatuses: [
        { restartCount, ready, state: reason === undefined ? {} : { waiting: { reason } } },
      ],
    },
  })!;
const setOf = (readyReplicas: number, observedGeneration = 1) =>
  readWorkload({
    metadata: { ...metadata, generation: 1 },
    status: { readyReplicas, observedGeneration },
  })!;

test("a pool's size is what an autoscaler asks for, within its limits", () => {
  expect(sizeOf(poolOf({ min: 2, max: 5 }))).toBe(2);
  expect(sizeOf(poolOf({ min: 2, max: 5, replicas: 4 }))).toBe(4);
  expect(sizeOf(poolOf({ min: 2, max: 5, replicas: 9 }))).toBe(5);
  expect(sizeOf(poolOf({ min: 2, max: 5, replicas: 0 }))).toBe(2);
});

test("nodes of a zone are on its machines", () => {
  const settings = { image: "i", fabric: "nats://n", bundles: "b", tokens: "t" };
  const [set] = desiredOfPool(poolOf({ min: 1, max: 1, zone: "eu" }), settings);
  expect(JSON.stringify(set!.body)).toContain('"topology.kubernetes.io/zone":"eu"');
  const [anywhere] = desiredOfPool(poolOf({ min: 1, max: 1 }), settings);
  expect(JSON.stringify(anywhere!.body)).not.toContain("nodeSelector");
});

test.each([
  ["no workload yet", undefined, [], "False", "Starting"],
  ["its generation not seen yet", setOf(2, 0), [], "False", "Starting"],
  ["too few ready", setOf(1), [podOf(0, false)], "False", "Starting"],
  ["enough ready", setOf(2), [podOf(0, true)], "True", "Ready"],
  ["an image that is not there", setOf(0), [podOf(0, false, "ErrImagePull")], "False", "Broken"],
  ["a pod that flaps", setOf(1), [podOf(3, false)], "False", "Broken"],
  ["a pod that has flapped", setOf(2), [podOf(3, true)], "True", "Ready"],
  ["a broken next one", setOf(2), [podOf(5, false)], "True", "Broken"],
])("ready with %s", (_, workload, pods, status, reason) => {
  expect(readyCondition(2, workload, pods, 1)).toMatchObject({ status, reason });
});

test("pins to zones without nodes are told of", () => {
  const spec = { bundle: "m", pins: [{ class: "patients", zones: ["eu"] }] };
  const model = readModel({ metadata, spec })!;
  expect(pinsCondition(model, [])).toMatchObject({ status: "False", reason: "NoNodesInZones" });
  expect(pinsCondition(model, [poolOf({ min: 0, max: 1, zone: "eu" })]).status).toBe("False");
  expect(pinsCondition(model, [poolOf({ min: 1, max: 1, zone: "eu" })]).status).toBe("True");
});

test("a condition keeps the time of its last change, and nothing new is not written", () => {
  const told = readyCondition(2, setOf(2), [], 1);
  const first = newConditions([], [told], "2026-01-01T00:00:00Z")!;
  expect(newConditions(first, [told], "2026-01-02T00:00:00Z")).toBeNull();
  const again = newConditions(first, [{ ...told, message: "x" }], "2026-01-02T00:00:00Z")!;
  expect(again[0]!.lastTransitionTime).toBe("2026-01-01T00:00:00Z");
  const other = newConditions(first, [{ ...told, status: "False" }], "2026-01-02T00:00:00Z")!;
  expect(other[0]!.lastTransitionTime).toBe("2026-01-02T00:00:00Z");
});

test("a bundle that leaves its volume is not read, whatever the server let pass", () => {
  for (const bundle of ["../x", "/x", "a/../b", "a//b", "--token-file", ""]) {
    expect(readModel({ metadata, spec: { bundle } })).toBeUndefined();
  }
});
