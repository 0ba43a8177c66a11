/**
 * Goal: what witnesses sign of a log of `serve` can be checked by others' programs, and no history
 * that was written again passes a witness that others wrote.
 * Method: `serve` with two witnesses, torchwood's litewitness and `audit witness`; the proof that
 * `audit prove` writes is opened by Go's sumdb/note and sumdb/tlog; then a hundred forgeries of all
 * files at once, the key included.
 */
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type AuditEvent,
  type AuditLine,
  openAuditLog,
  openCheckpoints,
  verifyAuditLog,
} from "../../src/cluster/audit/index.ts";
import { createMerkleTree, parsePolicy, parseSigner } from "../../src/cluster/witness/index.ts";
import { createRng } from "../../src/shared/rng.ts";
import { until } from "../cluster/fabric/conformance.ts";
import { type NatsServer, startNats } from "../cluster/fabric/nats-server.ts";
import { end, type FabricCommands, installFabricCommands } from "./fabric-process.ts";
import {
  findTlogTools,
  type Litewitness,
  readByGo,
  startLitewitness,
  type TlogTools,
} from "./tlog-tools.ts";

const FORGERIES = 100;
const NAME = "plant-a.example/audit";

let tools: TlogTools;
let server: NatsServer;
let commands: FabricCommands;
let lite: Litewitness;
let logKey: string;
let ourKey: string;
beforeAll(async () => {
  tools = findTlogTools();
  [server, commands] = [await startNats(), installFabricCommands()];
  const { folder, run } = commands.command;
  logKey = (await run("audit", "key", NAME, "--out", "audit.key")).stdout.trim();
  const made = await run("audit", "key", "w2.example", "--witness", "--out", "w2.key");
  ourKey = made.stdout.trim();
  lite = await startLitewitness(tools, join(folder, "lite"), logKey);
  const args = ["--key", "w2.key", "--folder", "w2", "--log", logKey, "--port", "0"];
  const ours = commands.start("audit", "witness", ...args);
  const url = await until(
    () => ours.lines.map((line) => /at (http:\S+)$/.exec(line)?.[1]).find(Boolean),
    30_000,
  );
  writeFileSync(
    join(folder, "policy"),
    `log ${logKey}\nwitness lite ${lite.key} ${lite.url}\nwitness ours ${ourKey} ${url}\n` +
      "group both all lite ours\nquorum both\n",
  );
});
afterAll(async () => {
  lite.stop();
  commands.remove();
  await server.stop();
});

/** What a line says, without its place in the log. */
function eventOf({ what, why, device, zone, before, after, term }: AuditLine): AuditEvent {
  return { what, why, device, zone, before, after, term };
}

test("a log of serve is signed by litewitness and ours, and Go's packages open its proofs", async () => {
  const { folder, run } = commands.command;
  const path = join(folder, "audit.jsonl");
  const options = ["--audit-witnesses", "policy", "--audit-key", "audit.key"];
  const node = await commands.startNode(server.url, "a");
  const served = await commands.serve(server.url, "audit.jsonl", ...options);
  const nLines = await until(async () => {
    const lines = await verifyAuditLog(path);
    return lines.some(({ what }) => what === "table") ? lines.length : 0;
  }, 60_000);
  const gauge = async (): Promise<string> => {
    const text = await (await fetch(`${served.origin}/metrics`)).text();
    return /^bailiwick_audit_unwitnessed_lines (\d+)$/m.exec(text)![1]!;
  };
  await until(async () => (await gauge()) === "0", 30_000);
  await end(served.child, "SIGTERM");
  await end(node.child, "SIGTERM");

  const verified = await run("audit", "verify", "audit.jsonl", "--witnesses", "policy", "--json");
  const { lines, witnessed } = JSON.parse(verified.stdout);
  expect([verified.code, lines >= nLines, witnessed.lines]).toEqual([0, true, lines]);
  expect(witnessed.confirmed.map(({ name }: { name: string }) => name)).toEqual(["lite", "ours"]);

  for (const number of [1, 2, lines]) {
    const proven = await run("audit", "prove", "audit.jsonl", `${number}`, "--out", "proof");
    expect([proven.code, proven.stdout]).toEqual([
      0,
      expect.stringContaining(`"number":${number},`),
    ]);
    const proof = readFileSync(join(folder, "proof"), "utf8");
    const keys = [logKey, lite.key, ourKey];
    const [head, ...names] = readByGo(tools, folder, { keys, proof, line: proven.stdout });
    expect(head).toBe(`${NAME} ${lines} ${number - 1}`);
    expect(names.sort()).toEqual([NAME, "lite.example/w1", "w2.example"].sort());
    const line = proven.stdout.replace('"term"', '"Term"');
    expect(() => readByGo(tools, folder, { keys, proof, line })).toThrow();
    writeFileSync(join(folder, "line"), proven.stdout);
    const checked = await run("audit", "check", "proof", "line", "--witnesses", "policy");
    expect([checked.code, checked.stdout]).toEqual([
      0,
      expect.stringContaining(`line ${number} of ${NAME} is what lite at `),
    ]);
    writeFileSync(join(folder, "line"), line);
    const refused = await run("audit", "check", "proof", "line", "--witnesses", "policy");
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("AUDIT_BROKEN")]);
  }
});

test(`${FORGERIES} histories written again, with head, checkpoint and key: none passes litewitness`, async () => {
  const { folder, run } = commands.command;
  const path = join(folder, "audit.jsonl");
  const kept = await verifyAuditLog(path);
  const rng = createRng(11);
  const key = parseSigner("log", readFileSync(join(folder, "audit.key"), "utf8").trim());
  const alone = parsePolicy(`log ${logKey}\nwitness lite ${lite.key} ${lite.url}\nquorum lite\n`);
  const files = ["", ".head", ".checkpoint"];
  for (const ending of files) copyFileSync(`${path}${ending}`, `${path}${ending}.true`);
  for (let forgery = 0; forgery < FORGERIES; forgery++) {
    const forged = join(folder, `forged-${forgery}.jsonl`);
    const changed = Math.floor(kept.length * rng.uniform());
    const nLines = kept.length + Math.floor(4 * rng.uniform()) - 1;
    const tree = createMerkleTree();
    const log = await openAuditLog(forged, () => "2026-01-01T00:00:00.000Z", { tree });
    for (let i = 0; i < nLines; i++) {
      const event = eventOf(kept[i] ?? kept[0]!);
      await log.append(i === changed ? { ...event, why: `forged ${forgery}` } : event);
    }
    const said: string[] = [];
    const say = (line: string): void => void said.push(line);
    const checkpoints = await openCheckpoints({ path: forged, tree, key, policy: alone, say });
    await checkpoints.close();
    expect([said.length, checkpoints.unwitnessed()]).toEqual([1, nLines]);
    expect(said[0]).toMatch(
      /lite (did not sign: it has seen another history|has signed \d+ lines)/,
    );
    expect(existsSync(`${forged}.checkpoint`)).toBe(false);
    for (const ending of files) rmSync(`${forged}${ending}`, { force: true });
  }
  // With the checkpoint that was signed, `audit verify` finds it.
  rmSync(path);
  rmSync(`${path}.head`);
  const log = await openAuditLog(path, () => "2026-01-01T00:00:00.000Z");
  for (const line of kept) await log.append({ ...eventOf(line), why: `${line.why}!` });
  expect((await run("audit", "verify", "audit.jsonl")).code).toBe(0);
  const found = await run("audit", "verify", "audit.jsonl", "--witnesses", "policy", "--offline");
  expect([found.code, found.stderr]).toEqual([1, expect.stringContaining("AUDIT_BROKEN")]);
  for (const ending of files) copyFileSync(`${path}${ending}.true`, `${path}${ending}`);
  expect((await run("audit", "verify", "audit.jsonl", "--witnesses", "policy")).code).toBe(0);
});

test("a key is not written over, a witness's key is none of a log, and both options go together", async () => {
  const { run } = commands.command;
  const again = await run("audit", "key", NAME, "--out", "audit.key");
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("OUTPUT_OCCUPIED")]);
  const fabric = ["serve", "models/concrete", "--fabric", server.url, "--audit", "other.jsonl"];
  const wrong = await run(...fabric, "--audit-witnesses", "policy", "--audit-key", "w2.key");
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining("NOTE_INVALID")]);
  const half = await run(...fabric, "--audit-key", "audit.key");
  expect([half.code, half.stderr]).toEqual([1, expect.stringContaining("INVALID_OPTION")]);
});
