/**
 * Goal: whatever refuses an append or kills its writer, the audit log holds what was acknowledged,
 * `audit verify` accepts it, and `serve` starts with it; a log that was written again from its
 * beginning shows by its anchor.
 * Method: appends whose folder or head file is taken away at random, and what a kill leaves at each
 * step of an append: a part of a line, a line without its head, with and without a head before.
 */
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type AuditEvent,
  type AuditHead,
  type AuditLog,
  openAnchor,
  openAuditLog,
  verifyAnchors,
  verifyAuditLog,
} from "../../src/cluster/audit/index.ts";
import { createRng } from "../../src/shared/rng.ts";
import { temporaryFolder } from "../bundle/models.ts";
import { until } from "../cluster/fabric/conformance.ts";
import { type NatsServer, startNats } from "../cluster/fabric/nats-server.ts";
import { end, type FabricCommands, installFabricCommands } from "./fabric-process.ts";

const ROUNDS = 300;
const EVENT = { what: "load", why: "w", device: "eu.a", zone: "eu", before: null, after: "ab" };

let server: NatsServer;
let commands: FabricCommands;
beforeAll(async () => {
  server = await startNats();
  commands = installFabricCommands();
});
afterAll(async () => {
  commands.remove();
  await server.stop();
});

const eventOf = (term: number): AuditEvent => ({ ...EVENT, term });
const open = (path: string, onHead?: (head: AuditHead) => void): Promise<AuditLog> =>
  openAuditLog(path, () => "2026-01-01T00:00:00.000Z", onHead === undefined ? {} : { onHead });

/** Takes the log's folder away, or puts a folder in the place of its head, while `act` runs. */
async function refused(folder: string, path: string, kind: number, act: () => Promise<void>) {
  const [away, head] = [`${folder}-away`, `${path}.head`];
  const kept = kind === 0 ? null : readFileSync(head);
  if (kept === null) renameSync(folder, away);
  else {
    rmSync(head);
    mkdirSync(head);
  }
  try {
    await act();
  } finally {
    if (kept === null) renameSync(away, folder);
    else {
      rmSync(head, { recursive: true });
      writeFileSync(head, kept);
    }
  }
}

test(`${ROUNDS} faults at random: the log holds every acknowledged line, opens, and serve starts`, async () => {
  const folder = join(temporaryFolder(), "log");
  mkdirSync(folder);
  const path = join(folder, "audit.jsonl");
  const rng = createRng(7);
  let log = await open(path);
  const acknowledged: number[] = [];
  const append = async (term: number): Promise<void> => {
    await log.append(eventOf(term));
    acknowledged.push(term);
  };
  await append(0);
  for (let round = 1; round <= ROUNDS; round++) {
    const kind = Math.floor(6 * rng.uniform());
    if (kind <= 1) {
      await refused(folder, path, kind, async () => {
        await expect(log.append(eventOf(-round))).rejects.toThrow();
      });
    } else if (kind === 2) {
      // A kill within a line: the next process takes its rest away.
      const text = JSON.stringify({ number: round, at: "x", previous: "0".repeat(64) });
      appendFileSync(path, text.slice(0, 1 + Math.floor(text.length * rng.uniform())));
      log = await open(path);
    } else if (kind === 3) {
      // Two kills between a line and its head.
      for (let kill = 0; kill < 2; kill++) {
        const head = readFileSync(`${path}.head`);
        await append(round);
        writeFileSync(`${path}.head`, head);
        log = await open(path);
      }
    }
    await log.ensure(round);
    await append(round);
    const lines = await verifyAuditLog(path);
    const said = lines.filter(({ what, term }) => what === "load" && term >= 0);
    expect(said.map(({ term }) => term)).toEqual(acknowledged);
    if (kind <= 1) expect(lines.at(-2)).toMatchObject({ what: "gap", term: round });
  }
  const served = await commands.serve(server.url, path);
  await until(async () => (await verifyAuditLog(path)).some(({ what }) => what === "lease"));
  await end(served.child, "SIGKILL");
  const verified = await commands.command.run("audit", "verify", path);
  expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining("holds")]);
});

test("an anchor gets each line's hash, after a failure too, and shows a log that was written again", async () => {
  const folder = temporaryFolder();
  const [path, file] = [join(folder, "audit.jsonl"), join(folder, "missing", "anchor")];
  const got: unknown[] = [];
  let status = 503;
  const http = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += String(chunk);
    });
    request.on("end", () => {
      if (status === 200) got.push([request.headers.authorization, JSON.parse(body)]);
      response.writeHead(status).end();
    });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => http.once("listening", resolve));
  const { port } = http.address() as { port: number };
  const said: string[] = [];
  const anchors = [`http://me:secret@127.0.0.1:${port}/heads?key=secret`, file].map((target) =>
    openAnchor(target, path, (line) => said.push(line)),
  );
  const log = await open(path, (head) => {
    for (const anchor of anchors) anchor.send(head);
  });
  await log.append(eventOf(1));
  await until(() => said.length === 2);
  mkdirSync(join(folder, "missing"));
  status = 200;
  await log.append(eventOf(2));
  await until(() => said.length === 4);
  for (const anchor of anchors) await anchor.close();
  http.close();
  expect(said.join()).not.toContain("secret");
  const lines = await verifyAuditLog(path);
  const login = `Basic ${Buffer.from("me:secret").toString("base64")}`;
  expect(got).toEqual(
    lines.map(({ number, hash }) => [login, { log: "audit.jsonl", number, hash }]),
  );
  expect(await verifyAnchors(lines, file)).toBe(2);
  // The whole log is written again, its head too: only the anchor tells.
  rmSync(path);
  rmSync(`${path}.head`);
  const forged = await open(path);
  await forged.append(eventOf(1));
  await forged.append(eventOf(3));
  expect((await commands.command.run("audit", "verify", path)).code).toBe(0);
  const found = await commands.command.run("audit", "verify", path, "--anchor", file);
  expect([found.code, found.stderr]).toEqual([1, expect.stringContaining("line 2 of the log")]);
  await expect(verifyAnchors(lines.slice(0, 1), file)).rejects.toMatchObject({
    code: "AUDIT_BROKEN",
  });
});

test("--audit-anchor takes what serve writes", async () => {
  const anchor = join(commands.command.folder, "heads");
  const served = await commands.serve(server.url, "anchored.jsonl", "--audit-anchor", anchor);
  await until(() => readFileSync(anchor, "utf8").trim().length > 0);
  await end(served.child, "SIGTERM");
  const path = join(commands.command.folder, "anchored.jsonl");
  expect(await verifyAnchors(await verifyAuditLog(path), anchor)).toBeGreaterThan(0);
});
