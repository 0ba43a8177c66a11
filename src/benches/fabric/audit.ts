/**
 * What witnesses of the audit log cost and find: appends beside those without a witness, proofs of
 * a long log, histories that were written again, and what programs of others say of them.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, copyFileSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import {
  type AuditEvent,
  type AuditLog,
  checkLineProof,
  openAuditLog,
  openCheckpoints,
  proveLine,
} from "../../cluster/audit/index.ts";
import {
  createMerkleTree,
  createSigner,
  formatVerifier,
  openWitness,
  type Policy,
  parsePolicy,
  serveWitness,
} from "../../cluster/witness/index.ts";
import { nowMs, today, unixSeconds } from "../../shared/clock.ts";
import { sha256 } from "../../shared/hash.ts";
import { createRng } from "../../shared/rng.ts";

export interface AuditSizes {
  readonly nLines: number;
  readonly nRounds: number;
  readonly nForgeries: number;
  readonly nProofs: number;
}

export const FULL_AUDIT: AuditSizes = {
  nLines: 1_000_000,
  nRounds: 7,
  nForgeries: 100,
  nProofs: 100,
};

export interface AuditMeasurements {
  readonly nLines: number;
  /** Milliseconds for each append, one value a round: without and with a witness, in turns. */
  readonly appendMs: readonly { readonly plain: number; readonly witnessed: number }[];
  readonly proof: {
    /** The line's place and path, without the checkpoint. */
    readonly bytes: number;
    /** With the checkpoint and its signatures. */
    readonly fileBytes: number;
    readonly makeMs: readonly number[];
    readonly checkMs: readonly number[];
  };
  readonly forged: { readonly nTried: number; readonly nFound: number };
  /** null where no programs of others were given. */
  readonly others: { readonly isSigned: boolean; readonly isOpened: boolean } | null;
}

const APPENDS = 40;
const EVENT: AuditEvent = {
  what: "load",
  why: "an expert without a home: the node that held it is gone",
  device: "default.a",
  zone: "default",
  before: null,
  after: sha256("an expert"),
  term: 3,
};

/**
 * @param tools - A folder with the programs that test/system/tlog-tools.ts builds; null for none.
 * Cost: a minute and 2 GB for a million lines.
 */
export async function runAudit(
  { nLines, nRounds, nForgeries, nProofs }: AuditSizes,
  tools: string | null,
): Promise<AuditMeasurements> {
  const folder = await mkdtemp(join(tmpdir(), "bailiwick-audit-"));
  try {
    const witness = await startWitness(folder);
    const [plain, path] = [join(folder, "plain.jsonl"), join(folder, "audit.jsonl")];
    writeChain(path, nLines);
    for (const ending of ["", ".head"]) copyFileSync(`${path}${ending}`, `${plain}${ending}`);
    const appendMs = await measureAppends({ plain, path, nRounds }, witness);
    const proof = await measureProofs(path, nProofs, witness.policy);
    for (const ending of ["", ".tree"]) rmSync(`${path}${ending}`, { force: true });
    rmSync(plain);
    const nFound = await forge(folder, nForgeries, witness);
    await witness.close();
    const others = tools === null ? null : await askOthers(folder, tools);
    return { nLines, appendMs, proof, forged: { nTried: nForgeries, nFound }, others };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface BenchWitness {
  readonly policy: Policy;
  readonly key: ReturnType<typeof createSigner>;
  close(): Promise<void>;
}

async function startWitness(folder: string): Promise<BenchWitness> {
  const key = createSigner("log", "plant-a.example/audit");
  const own = createSigner("witness", "w1.example");
  const state = await openWitness({
    folder,
    key: own,
    logs: [key.verifier],
    nowSeconds: unixSeconds,
  });
  const server = await serveWitness(state, { host: "127.0.0.1", port: 0, log: () => undefined });
  const policy = policyOf(key, formatVerifier(own.verifier), server.url);
  return { policy, key, close: server.close };
}

function policyOf(log: BenchWitness["key"], witness: string, url: string): Policy {
  const own = formatVerifier(log.verifier);
  return parsePolicy(`log ${own}\nwitness w1 ${witness} ${url}\nquorum w1\n`);
}

const CHUNK_LINES = 10_000;

/** A log of that many lines, as `openAuditLog` writes them. */
function writeChain(path: string, nLines: number): void {
  writeFileSync(path, "");
  let previous = "0".repeat(64);
  let texts: string[] = [];
  for (let number = 1; number <= nLines; number++) {
    const open = { number, at: "2026-01-01T00:00:00.000Z", ...EVENT, previous };
    previous = sha256(JSON.stringify(open));
    texts.push(`${JSON.stringify({ ...open, hash: previous })}\n`);
    if (texts.length < CHUNK_LINES && number < nLines) continue;
    appendFileSync(path, texts.join(""));
    texts = [];
  }
  writeFileSync(`${path}.head`, `${nLines} ${previous}\n`);
}

/** A log whose lines a witness signs, as `serve` writes it. */
async function openWitnessed(path: string, policy: Policy, key: BenchWitness["key"]) {
  const tree = createMerkleTree();
  const said: string[] = [];
  let send = (): void => undefined;
  const log = await openAuditLog(path, today, { tree, onHead: () => send() });
  const checkpoints = await openCheckpoints({
    path,
    tree,
    key,
    policy,
    say: (line) => said.push(line),
  });
  send = checkpoints.send;
  return { log, checkpoints, said };
}

async function measureAppends(
  { plain, path, nRounds }: { plain: string; path: string; nRounds: number },
  { policy, key }: BenchWitness,
): Promise<AuditMeasurements["appendMs"]> {
  const without = await openAuditLog(plain, today);
  const { log, checkpoints } = await openWitnessed(path, policy, key);
  const append = async (to: AuditLog): Promise<number> => {
    // The last round's checkpoint may be on its way; the first writes the tree's file as a whole.
    while (checkpoints.unwitnessed() > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const start = nowMs();
    for (let i = 0; i < APPENDS; i++) await to.append(EVENT);
    return (nowMs() - start) / APPENDS;
  };
  const rounds: { plain: number; witnessed: number }[] = [];
  for (let round = 0; round < nRounds; round++) {
    const first = await append(round % 2 === 0 ? without : log);
    const second = await append(round % 2 === 0 ? log : without);
    rounds.push(
      round % 2 === 0 ? { plain: first, witnessed: second } : { plain: second, witnessed: first },
    );
  }
  await checkpoints.close();
  return rounds;
}

async function measureProofs(
  path: string,
  nProofs: number,
  policy: Policy,
): Promise<AuditMeasurements["proof"]> {
  const rng = createRng(5);
  const [makeMs, checkMs]: [number[], number[]] = [[], []];
  let [bytes, fileBytes] = [0, 0];
  const { size } = (await proveLine(path, 1)).checkpoint;
  for (let i = 0; i < nProofs; i++) {
    const start = nowMs();
    const { line, proof } = await proveLine(path, 1 + Math.floor(size * rng.uniform()));
    const made = nowMs();
    checkLineProof(proof, line, policy);
    makeMs.push(made - start);
    checkMs.push(nowMs() - made);
    bytes = Math.max(bytes, proof.indexOf("\n\n") + 1);
    fileBytes = Math.max(fileBytes, Buffer.byteLength(proof));
  }
  return { bytes, fileBytes, makeMs, checkMs };
}

const FORGED_LINES = 40;

/** Writes a log again with all of its files and its key. @returns how often it was found. */
async function forge(
  folder: string,
  nForgeries: number,
  { policy, key }: BenchWitness,
): Promise<number> {
  const rng = createRng(6);
  let nFound = 0;
  for (let i = 0; i < nForgeries; i++) {
    const path = join(folder, `forged-${i}.jsonl`);
    writeChain(path, 1 + Math.floor(FORGED_LINES * rng.uniform()));
    const { checkpoints, said } = await openWitnessed(path, policy, key);
    await checkpoints.close();
    const isFound = said.some((line) => /another history|it was cut/.test(line));
    if (isFound && !existsSync(`${path}.checkpoint`)) nFound += 1;
  }
  return nFound;
}

/** A log signed by litewitness, its proof opened by Go's sumdb/note and sumdb/tlog. */
async function askOthers(
  folder: string,
  tools: string,
): Promise<NonNullable<AuditMeasurements["others"]>> {
  const key = createSigner("log", "plant-b.example/audit");
  const [program, path] = [join(tools, "tlog-tools"), join(folder, "others.jsonl")];
  const [db, socket] = [join(folder, "db"), join(folder, "agent")];
  execFileSync(program, ["add-log", db, formatVerifier(key.verifier)]);
  const agent = spawn(program, ["agent", socket], { stdio: ["ignore", "pipe", "ignore"] });
  const [print] = await once(createInterface({ input: agent.stdout }), "line");
  const address = `127.0.0.1:${await freePort()}`;
  const named = ["-db", db, "-name", "lite.example/w1", "-key", String(print)];
  const lite = spawn(
    join(tools, "litewitness"),
    [...named, "-ssh-agent", socket, "-listen", address],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  try {
    const witness = await keyOf(lite.stderr);
    writeChain(path, FORGED_LINES);
    const policy = policyOf(key, witness, `http://${address}`);
    const { checkpoints } = await openWitnessed(path, policy, key);
    await checkpoints.close();
    const isSigned = checkpoints.unwitnessed() === 0;
    if (!isSigned) return { isSigned, isOpened: false };
    const { line, proof } = await proveLine(path, FORGED_LINES / 2);
    const files = ["keys", "proof", "line"].map((name) => join(folder, name));
    const texts = [`${formatVerifier(key.verifier)}\n${witness}\n`, proof, line];
    files.forEach((file, i) => {
      writeFileSync(file, texts[i]!);
    });
    const read = execFileSync(program, ["read", ...files], { encoding: "utf8" });
    return { isSigned, isOpened: read.split("\n").includes("lite.example/w1") };
  } finally {
    lite.kill();
    agent.kill();
  }
}

/** The key that litewitness prints, once it listens. */
async function keyOf(stderr: NodeJS.ReadableStream): Promise<string> {
  let said = "";
  for await (const line of createInterface({ input: stderr })) {
    said += `${line}\n`;
    const [, key] = /vkey="?([^\s"]+)[\s\S]*listening/.exec(said) ?? [];
    if (key !== undefined) return key;
  }
  throw new Error(`litewitness ended: ${said}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
