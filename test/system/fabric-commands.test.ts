/** `node`, `serve`, `run` and `audit` over a NATS server, as a person starts them. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectNats } from "../../src/cluster/fabric/index.ts";
import type { Command } from "../cli/command.ts";
import { until } from "../cluster/fabric/conformance.ts";
import { type NatsServer, startNats } from "../cluster/fabric/nats-server.ts";
import {
  ask,
  end,
  type FabricCommands,
  installFabricCommands,
  metric,
  rowsAndAnswers,
  type Served,
  type Started,
} from "./fabric-process.ts";

let server: NatsServer;
let commands: FabricCommands;
let command: Command;
beforeAll(async () => {
  server = await startNats();
  commands = installFabricCommands();
  command = commands.command;
});
afterAll(async () => {
  commands.remove();
  await server.stop();
});

const startNode = (name: string): Promise<Started> => commands.startNode(server.url, name);
const serve = (audit: string): Promise<Served> =>
  commands.serve(server.url, audit, "--replicas", "2");

test("two servers and two nodes: kills of a node, of the placer and of the server", async () => {
  const a = await startNode("a");
  await startNode("b");
  const [first, second] = [await serve("first.jsonl"), await serve("second.jsonl")];
  const { rows, values } = await rowsAndAnswers(command.folder, 30);
  for (const { origin } of [first, second]) {
    await until(async () => {
      const { json } = await ask(origin, { rows });
      return json.predictions?.join() === values.join() && json.degraded === undefined;
    });
  }
  // A node is killed: no answer changes.
  await until(async () => (await metric(first.origin, "placer_whole_seconds")) !== null);
  await end(a.child, "SIGKILL");
  for (let i = 0; i < 20; i++) {
    const { status, json } = await ask(second.origin, { rows });
    expect([status, json]).toMatchObject([200, { predictions: values }]);
    expect(json.degraded).toBeUndefined();
  }
  // The placer is killed: the other server places, with a later term.
  const term = await until(() => metric(first.origin, "placer_term"));
  await end(first.child, "SIGKILL");
  const next = await until(() => metric(second.origin, "placer_term"));
  expect(next).toBeGreaterThan(term);
  const restarted = await startNode("a");
  const { status, json } = await ask(second.origin, { rows });
  expect([status, json]).toMatchObject([200, { predictions: values }]);
  // The NATS server is killed: requests are refused meanwhile, and right again soon after.
  await server.kill();
  const refused = await ask(second.origin, { rows });
  expect([refused.status, refused.json.error]).toEqual([503, expect.stringMatching(/must answer/)]);
  await server.start();
  await until(async () => {
    const again = await ask(second.origin, { rows });
    return again.json.predictions?.join() === values.join();
  });
  // As many nodes are wanted as an expert has homes; one that ends has others take its place.
  await until(async () => (await metric(second.origin, "placer_wanted_nodes")) === 2);
  await startNode("f");
  let hasEnded = false;
  const ending = end(restarted.child, "SIGTERM").finally(() => {
    hasEnded = true;
  });
  while (!hasEnded) expect((await ask(second.origin, { rows })).json.degraded).toBeUndefined();
  expect([await ending, restarted.lines.join("\n")]).toEqual([
    0,
    expect.not.stringMatching(/no other node has taken/),
  ]);
  expect(await end(second.child, "SIGTERM")).toBe(0);
  const verified = await command.run("audit", "verify", "second.jsonl");
  expect(verified).toMatchObject({ code: 0, stdout: expect.stringMatching(/holds: \d+ lines/) });
  const log = join(command.folder, "second.jsonl");
  writeFileSync(log, readFileSync(log, "utf8").replace('"what":"lease"', '"what":"peace"'));
  const broken = await command.run("audit", "verify", "second.jsonl");
  expect(broken).toMatchObject({ code: 1, stderr: expect.stringMatching(/AUDIT_BROKEN.*line 1 /) });
});

describe("a run over the fabric leaves the bundle of one process", () => {
  beforeAll(async () => {
    const tuning = { steps: [600], extendTo: 600 };
    const protocol = { kind: "k-fold", folds: 2 };
    const config = { name: "k", data: "cars", protocol, seed: 3, experts: [4], tuning };
    writeFileSync(join(command.folder, "config.json"), JSON.stringify(config));
    const alone = await command.run("run", "config.json", "--out", "alone");
    expect(alone.code).toBe(0);
  });

  const digest = (out: string): string =>
    JSON.parse(readFileSync(join(command.folder, out, "result.json"), "utf8")).bundleDigest;

  /** Acts when the trainer has asked for rows. */
  async function runWhile(out: string, trainer: string, act: () => Promise<unknown>) {
    const listener = await connectNats({ url: server.url, name: "listener" });
    let hasRows = false;
    await listener.listen(`bailiwick.run.*.default.${trainer}.rows`, () => {
      hasRows = true;
    });
    const remote = command.run("run", "config.json", "--out", out, "--fabric", server.url);
    await until(() => hasRows, 120_000);
    await act();
    const { code, stderr } = await remote;
    await listener.close();
    expect([code, stderr]).toEqual([0, expect.stringMatching(/tasks on the fabric/)]);
    expect(digest(out)).toBe(digest("alone"));
  }

  test("when a trainer is killed", async () => {
    await startNode("c");
    const { child } = await startNode("d");
    await runWhile("killed", "d", () => end(child, "SIGKILL"));
  });

  test("when the server's store is wiped, and trainers go on with the next tasks", async () => {
    await runWhile("wiped", "c", async () => {
      await server.kill();
      await server.forgetAll();
      await server.start();
    });
    const said = await command.run("run", "config.json", "--out", "next", "--fabric", server.url);
    expect(said).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/[1-9]\d* tasks on the fabric/),
    });
  });
});

test("Ctrl-C ends a node at once, and it has left", async () => {
  const node = await startNode("e");
  expect(await end(node.child, "SIGINT")).toBe(0);
  const again = await startNode("e");
  await end(again.child, "SIGTERM");
});

test("what a person gets wrong is said in one line", async () => {
  const cases: readonly [readonly string[], RegExp][] = [
    [["node", "--fabric", "nats://127.0.0.1:1", "--name", "x"], /FABRIC_UNAVAILABLE/],
    [["node", "--fabric", "http://x", "--name", "x"], /INVALID_OPTION.*nats:\/\//],
    [["node", "--fabric", server.url, "--name", "a b"], /INVALID_OPTION.*letters/],
    [["node", "--fabric", server.url, "--name", "x", "--memory", "much"], /512MB/],
    [["audit", "verify", "nothing.jsonl"], /FILE_NOT_FOUND/],
    [["serve", "models/concrete", "--pin", "eu"], /class=zone/],
  ];
  for (const [args, words] of cases) {
    const { code, stderr } = await command.run(...args);
    expect([args.join(" "), code === 1 || code === 2]).toEqual([args.join(" "), true]);
    expect(stderr).toMatch(words);
    expect(stderr.trim().split("\n").length).toBeLessThan(4);
  }
});
