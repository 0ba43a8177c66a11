/** What the placer does while nodes do not answer or its log cannot be written. */
import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openAuditLog, verifyAuditLog } from "../../../src/cluster/audit/index.ts";
import { openHub } from "../../../src/cluster/fabric/index.ts";
import { createFleet } from "../../../src/cluster/orchestration/fleet.ts";
import { temporaryFolder } from "../../bundle/models.ts";
import { until } from "../fabric/conformance.ts";
import { type ClusterOptions, makeBundle, openCluster } from "../router/cluster.ts";

async function open(options: ClusterOptions = {}) {
  const hub = await openHub();
  const cluster = await openCluster(async () => hub.connect(), options);
  onTestFinished(async () => {
    await cluster.close();
    await hub.close();
  });
  return cluster;
}

test("a node that fails rests while another of its zone is there, and not if none is", async () => {
  const { node, fabric, router } = await open();
  for (const name of ["a", "b"]) await node(name);
  const fleet = createFleet(fabric, router.directory);
  const names = (): readonly string[] => fleet.devices().map(({ name }) => name);
  await until(async () => {
    await fleet.look(new Set());
    return names().length === 2;
  });
  const fail = async (key: string): Promise<void> => {
    for (let i = 0; i < 3; i++) await fleet.look(new Set([key]));
  };
  await fail("default.a");
  expect(names()).toEqual(["default.b"]);
  await fail("default.b");
  expect(names()).toEqual(["default.a", "default.b"]);
});

test("no expert is loaded anywhere while the audit log cannot be written", async () => {
  const folder = join(temporaryFolder(), "log");
  mkdirSync(folder);
  const path = join(folder, "audit.jsonl");
  const audit = await openAuditLog(path, () => "2026-01-01T00:00:00.000Z");
  const said: string[] = [];
  const { node, router } = await open({ placer: { audit, log: (line) => said.push(line) } });
  const nodes = [await node("a"), await node("b")];
  await until(async () => (await verifyAuditLog(path)).length > 0);
  renameSync(folder, `${folder}-away`);
  const bundle = await makeBundle({ seed: 31 });
  expect(await router.publish("m", [bundle], 2000)).toBe(false);
  expect(said.some((line) => /placing failed: .*audit.jsonl/.test(line))).toBe(true);
  expect(nodes.flatMap(({ cache }) => cache.held())).toEqual([]);
  expect(router.directory.homes()).toEqual({});
  renameSync(`${folder}-away`, folder);
  await until(() => router.isWhole());
  const lines = (await verifyAuditLog(path)).map(({ what }) => what);
  expect(lines.slice(0, lines.indexOf("load"))).toEqual(["lease", "gap", "plan"]);
});

test("as many nodes are wanted as an expert has replicas, also while none is there", async () => {
  const { node, placer, router } = await open({ router: { replicas: 2 } });
  expect(placer.wantedNodes()).toBeNull();
  void router.publish("m", [await makeBundle({ seed: 32 })], 2000);
  await until(() => placer.wantedNodes() === 2);
  await node("a");
  await until(() => router.isWhole());
  expect(placer.wantedNodes()).toBe(2);
});
