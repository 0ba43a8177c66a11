/** `node`, `serve`, `run` and `audit` over a NATS server, as a person starts them. */
import type { ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readBundle } from "../../src/bundle/index.ts";
import { openData } from "../../src/data/index.ts";
import { createWasmEngine } from "../../src/experts/index.ts";
import { predict } from "../../src/mixture/index.ts";
import { type Command, installCommand } from "../cli/command.ts";
import { until } from "../cluster/fabric/conformance.ts";
import { type NatsServer, startNats } from "../cluster/fabric/nats-server.ts";

let server: NatsServer;
let command: Command;
const running = new Set<ChildProcess>();
beforeAll(async () => {
  server = await startNats();
  command = installCommand();
});
afterAll(async () => {
  for (const child of running) child.kill("SIGKILL");
  await server.stop();
  command.remove();
});

interface Started {
  readonly child: ChildProcess;
  readonly lines: string[];
}

function start(...args: readonly string[]): Started {
  const child = command.start(...args);
  running.add(child);
  const lines: string[] = [];
  createInterface({ input: child.stderr! }).on("line", (line) => lines.push(line));
  return { child, lines };
}

async function startNode(name: string, ...more: readonly string[]): Promise<Started> {
  const node = start("node", "--fabric", server.url, "--name", name, ...more);
  await until(() => node.lines.some((line) => line.includes("joined as")));
  return node;
}

async function serve(audit: string): Promise<Started & { readonly origin: string }> {
  const own = ["--fabric", server.url, "--audit", audit, "--replicas", "2", "--port", "0"];
  const started = start("serve", "models/concrete", ...own);
  const line = await until(() => started.lines.find((one) => /serving .* at http/.test(one)));
  return { ...started, origin: /at (http:\/\/[^/"]+)\/v2/.exec(line)![1]! };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const gone = new Promise<number | null>((resolve) => child.once("exit", resolve));
  child.kill(signal);
  const code = await gone;
  running.delete(child);
  return code;
}

/** Rows of concrete as JSON, and what one process says of them. */
async function rowsAndAnswers(n: number) {
  const { table } = await openData("concrete", {});
  const { model } = await readBundle(join(command.folder, "models/concrete"));
  const columns = table.columns.map((column) => ({
    ...column,
    values: column.values.slice(0, n),
  })) as typeof table.columns;
  const engine = await createWasmEngine();
  const { values } = predict(engine, model, { nRows: n, columns });
  const rows = Array.from({ length: n }, (_, i) =>
    Object.fromEntries(columns.map(({ name, values: own }) => [name, own[i]])),
  );
  return { rows, values: [...values] };
}

async function ask(origin: string, body: object): Promise<{ status: number; json: Answer }> {
  const answer = await fetch(`${origin}/v1/predict`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: answer.status, json: (await answer.json()) as Answer };
}

interface Answer {
  readonly predictions?: readonly number[];
  readonly degraded?: boolean;
  readonly error?: string;
}

test("two servers and two nodes: kills of a node, of the placer and of the server", async () => {
  const a = await startNode("a");
  await startNode("b");
  const [first, second] = [await serve("first.jsonl"), await serve("second.jsonl")];
  const { rows, values } = await rowsAndAnswers(30);
  for (const { origin } of [first, second]) {
    await until(async () => {
      const { json } = await ask(origin, { rows });
      return json.predictions?.join() === values.join() && json.degraded === undefined;
    });
  }
  // A node: nobody notices.
  await until(async () => (await metric(first.origin, "whole_seconds")) !== null);
  await end(a.child, "SIGKILL");
  for (let i = 0; i < 20; i++) {
    const { status, json } = await ask(second.origin, { rows });
    expect([status, json]).toMatchObject([200, { predictions: values }]);
    expect(json.degraded).toBeUndefined();
  }
  // The placer: the other takes over, with a later term.
  const term = await until(() => metric(first.origin, "term"));
  await end(first.child, "SIGKILL");
  const next = await until(() => metric(second.origin, "term"));
  expect(next).toBeGreaterThan(term);
  await startNode("a");
  const { status, json } = await ask(second.origin, { rows });
  expect([status, json]).toMatchObject([200, { predictions: values }]);
  // The server: refused while it is gone, right again soon after.
  await server.kill();
  const refused = await ask(second.origin, { rows });
  expect([refused.status, refused.json.error]).toEqual([503, expect.stringMatching(/must answer/)]);
  await server.start();
  await until(async () => {
    const again = await ask(second.origin, { rows });
    return again.json.predictions?.join() === values.join();
  });
  expect(await end(second.child, "SIGTERM")).toBe(0);
  const verified = await command.run("audit", "verify", "second.jsonl");
  expect(verified).toMatchObject({ code: 0, stdout: expect.stringMatching(/holds: \d+ lines/) });
  const log = join(command.folder, "second.jsonl");
  writeFileSync(log, readFileSync(log, "utf8").replace('"what":"lease"', '"what":"peace"'));
  const broken = await command.run("audit", "verify", "second.jsonl");
  expect(broken).toMatchObject({ code: 1, stderr: expect.stringMatching(/AUDIT_BROKEN.*line 1 /) });
});

async function metric(origin: string, name: string): Promise<number | null> {
  const text = await fetch(`${origin}/metrics`).then((own) => own.text());
  const value = new RegExp(`^bailiwick_placer_${name} ([\\d.]+)`, "m").exec(text)?.[1];
  return value === undefined ? null : Number(value);
}

test("a run whose trainer is killed leaves the bundle of one process", async () => {
  const config = join(command.folder, "config.json");
  const tuning = { steps: [600], extendTo: 600 };
  const protocol = { kind: "k-fold", folds: 2 };
  writeFileSync(
    config,
    JSON.stringify({ name: "k", data: "cars", protocol, seed: 3, experts: [4], tuning }),
  );
  await startNode("c");
  const trainer = await startNode("d");
  const alone = await command.run("run", "config.json", "--out", "alone");
  expect(alone.code).toBe(0);
  const remote = command.run("run", "config.json", "--out", "remote", "--fabric", server.url);
  await new Promise((resolve) => setTimeout(resolve, 2500));
  await end(trainer.child, "SIGKILL");
  const { code, stderr } = await remote;
  expect([code, stderr]).toEqual([0, expect.stringMatching(/tasks on the fabric/)]);
  const digest = (out: string): string =>
    JSON.parse(readFileSync(join(command.folder, out, "result.json"), "utf8")).bundleDigest;
  expect(digest("remote")).toBe(digest("alone"));
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
