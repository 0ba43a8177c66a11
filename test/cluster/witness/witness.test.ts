/**
 * A witness signs a log that only grows, answers all else as c2sp.org/tlog-witness says, and
 * forgets nothing that it signed.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  createMerkleTree,
  createSigner,
  formatCheckpoint,
  formatNote,
  leafHash,
  type MerkleTree,
  openWitness,
  parseNote,
  proveGrowth,
  signText,
  treeRoot,
} from "../../../src/cluster/witness/index.ts";
import { signaturesOf } from "../../../src/cluster/witness/signed-note.ts";
import { temporaryFolder } from "../../bundle/models.ts";
import { startWitness } from "./logs.ts";

const log = createSigner("log", "plant-a.example/audit");
const other = createSigner("log", "plant-b.example/audit");

function treeOf(n: number, leaf = (i: number): string => `line ${i}`): MerkleTree {
  const tree = createMerkleTree();
  for (let i = 0; i < n; i++) tree.add(leafHash(Buffer.from(leaf(i))));
  return tree;
}

const tree = treeOf(50);
const forged = treeOf(50, (i) => (i === 3 ? "forged" : `line ${i}`));

function textOf(size: number, from = tree): string {
  return formatCheckpoint({ origin: log.verifier.name, size, root: treeRoot(from, size) });
}

function requestOf(before: number, size: number, from = tree, signer = log): string {
  const text = textOf(size, from);
  const proof = proveGrowth(from, before, size).map((hash) => `${hash.toString("base64")}\n`);
  return `old ${before}\n${proof.join("")}\n${formatNote(text, [signText(signer, text)])}`;
}

async function openAt(folder: string) {
  const key = createSigner("witness", "w1.example");
  const witness = await openWitness({ folder, key, logs: [log.verifier], nowSeconds: () => 77 });
  return { key, ...witness };
}

test("signs a log as it grows, with the time, and the same size again", async () => {
  const { key, addCheckpoint } = await openAt(temporaryFolder());
  for (const [before, size] of [
    [0, 10],
    [10, 10],
    [10, 50],
  ] as const) {
    const { status, body } = await addCheckpoint(requestOf(before, size));
    expect(status).toBe(200);
    const note = parseNote(`${textOf(size)}\n${body}`);
    expect(signaturesOf(note, [key.verifier])).toMatchObject([{ atSeconds: 77 }]);
  }
});

test.each([
  ["another history", requestOf(10, 50, forged), 422, /proof/],
  ["another history of the same size", requestOf(10, 10, forged), 409, /^10\n$/],
  ["a log that was cut", requestOf(9, 9), 409, /^10\n$/],
  ["a log from its beginning", requestOf(0, 50), 409, /^10\n$/],
  ["more before than after", requestOf(10, 10).replace("old 10", "old 11"), 400, /old size/],
  [
    "another key of the log",
    requestOf(10, 50, tree, createSigner("log", log.verifier.name)),
    403,
    /signature/,
  ],
  ["another log", requestOf(10, 50).replaceAll("plant-a", "plant-b"), 404, /unknown/],
  ["a log's key for another log", requestOf(10, 50, tree, other), 403, /signature/],
  ["a proof that is cut", requestOf(10, 50).replace(/\n.*\n/, "\n"), 422, /proof/],
  [
    "a proof of 64 lines",
    requestOf(10, 50).replace("\n", `\n${`${"A".repeat(43)}=\n`.repeat(64)}`),
    400,
    /request/,
  ],
  ["a proof that is no base64", requestOf(10, 50).replace("\n", "\nxyz\n"), 400, /request/],
  [
    "a proof from nothing",
    requestOf(0, 50).replace("\n", `\n${"A".repeat(43)}=\n`),
    400,
    /request/,
  ],
  ["a size before that is none", requestOf(10, 50).replace("old 10", "old 1e1"), 400, /request/],
  ["a size that is none", requestOf(10, 50).replace("\n50\n", "\n-50\n"), 403, /signature/],
  ["nothing", "", 400, /request/],
  ["a note alone", requestOf(0, 10).slice(requestOf(0, 10).indexOf("\n\n") + 2), 400, /request/],
] as const)("does not sign %s, and goes on", async (_, request, status, body) => {
  const { addCheckpoint } = await openAt(temporaryFolder());
  await addCheckpoint(requestOf(0, 10));
  const answered = await addCheckpoint(request);
  expect(answered).toEqual({ status, body: expect.stringMatching(body) });
  expect((await addCheckpoint(requestOf(10, 20))).status).toBe(200);
});

test("of requests at once that begin at one size, one is signed", async () => {
  const { addCheckpoint } = await openAt(temporaryFolder());
  const sizes = [20, 30, 40, 25, 35];
  const answers = await Promise.all(sizes.map((size) => addCheckpoint(requestOf(0, size))));
  expect(answers.map(({ status }) => status)).toEqual([200, 409, 409, 409, 409]);
});

test("what it signed is kept: after a start it signs no other history", async () => {
  const folder = temporaryFolder();
  const witness = await startWitness(folder, "w1", [log.verifier]);
  const post = async (body: string) => {
    const answer = await fetch(`${witness.url}/add-checkpoint`, { method: "POST", body });
    return [answer.status, answer.headers.get("content-type"), await answer.text()];
  };
  expect((await post(requestOf(0, 10)))[0]).toBe(200);
  await witness.stop();
  await witness.start();
  expect(await post(requestOf(0, 50, forged))).toEqual([409, "text/x.tlog.size", "10\n"]);
  expect((await post(requestOf(10, 50, forged)))[0]).toBe(422);
  expect((await post("x".repeat(1 << 18)))[0]).toBe(413);
  expect((await fetch(witness.url)).status).toBe(404);
  await witness.stop();
});

test("a checkpoint that cannot be kept is not signed", async () => {
  const folder = join(temporaryFolder(), "gone");
  const { addCheckpoint } = await openAt(folder);
  await expect(addCheckpoint(requestOf(0, 10))).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
});

test("a witness whose memory is damaged does not start", async () => {
  const folder = temporaryFolder();
  const key = createSigner("witness", "w1.example");
  const options = { folder, key, logs: [log.verifier], nowSeconds: () => 77 };
  await (await openWitness(options)).addCheckpoint(requestOf(0, 10));
  const [name] = readdirSync(folder);
  const path = join(folder, name!);
  const kept = readFileSync(path, "utf8");
  const damages = [kept.replace("\n10\n", "\n11\n"), kept.slice(0, 60), "", `${textOf(5)}\n`];
  for (const damage of damages) {
    writeFileSync(path, damage);
    await expect(openWitness(options)).rejects.toMatchObject({ code: "NOTE_INVALID" });
  }
  writeFileSync(path, kept);
  expect((await (await openWitness(options)).addCheckpoint(requestOf(10, 20))).status).toBe(200);
  rmSync(path);
});
