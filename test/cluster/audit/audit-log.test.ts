/** The audit log: whatever is done to it is found, and a kill leaves it whole. */
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type AuditEvent, openAuditLog, verifyAuditLog } from "../../../src/cluster/audit/index.ts";
import { sha256 } from "../../../src/shared/hash.ts";
import { temporaryFolder } from "../../bundle/models.ts";

const moved: AuditEvent = {
  what: "load",
  why: "it was missing",
  device: "eu.a",
  zone: "eu",
  before: null,
  after: "ab",
  term: 3,
};

async function writeLog(n: number): Promise<string> {
  const path = join(temporaryFolder(), "audit.jsonl");
  const log = await openAuditLog(path, () => "2026-01-01T00:00:00.000Z");
  await Promise.all(Array.from({ length: n }, (_, i) => log.append({ ...moved, term: i })));
  return path;
}

test("lines are in their order, each names the hash of the one before, by the hash of others", async () => {
  const lines = await verifyAuditLog(await writeLog(5));
  expect(lines.map(({ number, term }) => [number, term])).toEqual([
    [1, 0],
    [2, 1],
    [3, 2],
    [4, 3],
    [5, 4],
  ]);
  const { hash, ...open } = lines[4]!;
  expect(sha256(JSON.stringify(open))).toBe(hash);
  expect(open.previous).toBe(lines[3]!.hash);
});

test("goes on where it was", async () => {
  const path = await writeLog(2);
  const log = await openAuditLog(path, () => "2026-01-02T00:00:00.000Z");
  await log.append(moved);
  expect(await verifyAuditLog(path)).toHaveLength(3);
});

test.each([
  ["changed", (lines: string[]) => lines.with(2, lines[2]!.replace("eu.a", "us.a")), 3],
  ["missing", (lines: string[]) => lines.toSpliced(1, 1), 2],
  ["missing at the end", (lines: string[]) => lines.slice(0, -1), 6],
  ["missing at the start", (lines: string[]) => lines.slice(1), 1],
  ["two that changed places", (lines: string[]) => [lines[1]!, lines[0]!, ...lines.slice(2)], 1],
  ["one that comes twice", (lines: string[]) => [...lines, lines[5]!], 7],
  ["none at all", () => [], 1],
  ["no JSON", (lines: string[]) => lines.with(0, "{"), 1],
] as const)("finds a line that is %s", async (_, spoil, line) => {
  const path = await writeLog(6);
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  const spoilt = spoil(lines);
  writeFileSync(path, spoilt.map((own) => `${own}\n`).join(""));
  await expect(verifyAuditLog(path)).rejects.toMatchObject({
    code: "AUDIT_BROKEN",
    details: { line },
  });
});

test("a line that was changed with its hash breaks the one after it", async () => {
  const path = await writeLog(3);
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  const { hash: _hash, ...open } = JSON.parse(lines[1]!);
  const forged = { ...open, why: "nothing" };
  lines[1] = JSON.stringify({ ...forged, hash: sha256(JSON.stringify(forged)) });
  writeFileSync(path, `${lines.join("\n")}\n`);
  await expect(verifyAuditLog(path)).rejects.toMatchObject({ details: { line: 3 } });
});

test("a line that a kill has cut is taken away, and the log goes on", async () => {
  const path = await writeLog(2);
  appendFileSync(path, '{"number":3,"at"');
  await expect(verifyAuditLog(path)).rejects.toMatchObject({ code: "AUDIT_BROKEN" });
  const log = await openAuditLog(path, () => "2026-01-02T00:00:00.000Z");
  await log.append(moved);
  expect(await verifyAuditLog(path)).toHaveLength(3);
});

test("nothing is added to a log that does not hold", async () => {
  const path = await writeLog(3);
  writeFileSync(path, readFileSync(path, "utf8").replace("eu.a", "us.a"));
  await expect(openAuditLog(path, () => "")).rejects.toMatchObject({ code: "AUDIT_BROKEN" });
});

test("any change of any character is found", async () => {
  const path = await writeLog(3);
  const text = readFileSync(path, "utf8");
  await fc.assert(
    fc.asyncProperty(
      fc.nat(text.length - 1),
      fc.constantFrom("a", "0", " ", "}"),
      async (at, to) => {
        fc.pre(text[at] !== to);
        writeFileSync(path, text.slice(0, at) + to + text.slice(at + 1));
        await expect(verifyAuditLog(path)).rejects.toThrow();
      },
    ),
    { numRuns: 100 },
  );
});

test("a line that names one thing twice is found, though JSON reads the last of them", async () => {
  const path = await writeLog(2);
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.replace('{"number":1,', '{"number":1,"why":"another","number":1,'));
  await expect(verifyAuditLog(path)).rejects.toMatchObject({ details: { line: 1 } });
});

test("an append that fails says so, and the next one is written", async () => {
  const folder = join(temporaryFolder(), "log");
  mkdirSync(folder);
  const path = join(folder, "audit.jsonl");
  const log = await openAuditLog(path, () => "2026-01-01T00:00:00.000Z");
  await log.append(moved);
  renameSync(folder, `${folder}-away`);
  await expect(log.append(moved)).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  renameSync(`${folder}-away`, folder);
  await log.append({ ...moved, term: 7 });
  expect((await verifyAuditLog(path)).map(({ number, term }) => [number, term])).toEqual([
    [1, 3],
    [2, 7],
  ]);
});

test("kills between a line and its head leave a log that opens, each time", async () => {
  const path = await writeLog(1);
  for (let kill = 0; kill < 3; kill++) {
    const log = await openAuditLog(path, () => "2026-01-02T00:00:00.000Z");
    const head = readFileSync(`${path}.head`, "utf8");
    await log.append(moved);
    // The line is there, its head is not.
    writeFileSync(`${path}.head`, head);
  }
  expect(await verifyAuditLog(path)).toHaveLength(4);
});
