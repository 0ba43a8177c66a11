/**
 * Checkpoints of an audit log: whoever can write the log, its head and its key is found by a
 * witness; witnesses that are down, forget or lie cost no line and prove nothing.
 */
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  checkLineProof,
  openAuditLog,
  openCheckpoints,
  proveLine,
  verifyWitnessed,
} from "../../../src/cluster/audit/index.ts";
import { createMerkleTree, createSigner, type Policy } from "../../../src/cluster/witness/index.ts";
import { temporaryFolder } from "../../bundle/models.ts";
import { until } from "../fabric/conformance.ts";
import { policyOf, startWitness, type TestWitness } from "../witness/logs.ts";

const EVENT = { what: "load", why: "w", device: "eu.a", zone: "eu", before: null, after: "ab" };
const key = createSigner("log", "plant-a.example/audit");

/** A log that is written and signed as `serve` does it. */
async function openLog(path: string, policy: Policy, signer = key) {
  const tree = createMerkleTree();
  const said: string[] = [];
  let send = (): void => undefined;
  const onHead = (): void => send();
  const log = await openAuditLog(path, () => "2026-01-01T00:00:00.000Z", { onHead, tree });
  const say = (line: string): void => void said.push(line);
  const checkpoints = await openCheckpoints({ path, tree, key: signer, policy, say, pauseMs: 50 });
  send = checkpoints.send;
  return {
    said,
    unwitnessed: checkpoints.unwitnessed,
    close: checkpoints.close,
    append: async (n: number) => {
      for (let i = 0; i < n; i++) await log.append({ ...EVENT, term: i });
    },
    signed: () => until(() => checkpoints.unwitnessed() === 0),
  };
}

/** Writes the whole log again, as one who has all of its files: with other words, as many lines. */
async function writeAgain(path: string, n: number): Promise<void> {
  for (const ending of ["", ".head"]) rmSync(`${path}${ending}`, { force: true });
  const log = await openAuditLog(path, () => "2026-01-01T00:00:00.000Z");
  for (let i = 0; i < n; i++) await log.append({ ...EVENT, why: "forged", term: i });
}

async function withWitnesses(
  n: number,
  least: number,
  use: (path: string, policy: Policy, witnesses: readonly TestWitness[]) => Promise<void>,
): Promise<void> {
  const folder = temporaryFolder();
  const names = Array.from({ length: n }, (_, i) => `w${i + 1}`);
  const witnesses = await Promise.all(
    names.map((name) => startWitness(folder, name, [key.verifier])),
  );
  try {
    await use(join(folder, "audit.jsonl"), policyOf(key.verifier, witnesses, least), witnesses);
  } finally {
    for (const witness of witnesses) await witness.stop();
  }
}

const broken = { code: "AUDIT_BROKEN" };

test("every line is signed by a quorum, and proven without the log", async () => {
  await withWitnesses(3, 2, async (path, policy) => {
    const log = await openLog(path, policy);
    await log.append(20);
    await log.signed();
    await log.close();
    expect(log.said).toEqual([]);
    const seen = await verifyWitnessed(path, policy, true);
    expect([seen.lines.length, seen.cosigned.checkpoint.size]).toEqual([20, 20]);
    expect(seen.confirmed).toHaveLength(3);
    for (let number = 1; number <= 20; number++) {
      const { line, proof } = await proveLine(path, number);
      const proven = checkLineProof(proof, line, policy);
      expect(proven.line).toMatchObject({ number, what: "load", term: number - 1 });
      const other = Buffer.from(line.toString().replace("eu.a", "us.a"));
      expect(() => checkLineProof(proof, other, policy)).toThrow(expect.objectContaining(broken));
    }
    await expect(proveLine(path, 21)).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });
});

test("a proof is the same without the tree's file, and with one that is spoilt", async () => {
  await withWitnesses(1, 1, async (path, policy) => {
    const log = await openLog(path, policy);
    await log.append(40);
    await log.signed();
    await log.close();
    const right = await proveLine(path, 23);
    const tree = readFileSync(`${path}.tree`);
    for (const spoilt of [tree.map((byte) => byte ^ 1), tree.subarray(0, 500), null]) {
      if (spoilt === null) rmSync(`${path}.tree`);
      else writeFileSync(`${path}.tree`, spoilt);
      expect(await proveLine(path, 23)).toEqual(right);
    }
    // The next start makes it again.
    const next = await openLog(path, policy);
    await next.append(1);
    await next.signed();
    await next.close();
    expect(readFileSync(`${path}.tree`).subarray(0, tree.length)).toEqual(tree);
  });
});

test("a log that was written again, with head, checkpoint and key, is found by a witness", async () => {
  await withWitnesses(2, 2, async (path, policy) => {
    const log = await openLog(path, policy);
    await log.append(9);
    await log.signed();
    await log.close();
    const first = readFileSync(`${path}.checkpoint`);
    await writeAgain(path, 9);
    await expect(verifyWitnessed(path, policy, false)).rejects.toMatchObject(broken);
    // Nothing is added to it,
    await expect(openLog(path, policy)).rejects.toMatchObject(broken);
    // and without the checkpoint no witness signs it.
    rmSync(`${path}.checkpoint`);
    const forger = await openLog(path, policy);
    await forger.append(2);
    await until(() => forger.said.length === 2);
    await forger.close();
    expect(forger.said.join()).toMatch(/w1 did not sign: .*another history.*w2 did not sign/);
    expect([forger.unwitnessed(), existsSync(`${path}.checkpoint`)]).toEqual([11, false]);
    writeFileSync(`${path}.checkpoint`, first);
    await expect(verifyWitnessed(path, policy, false)).rejects.toMatchObject(broken);
  });
});

test("a log that was put back, with its checkpoint of then, is found by asking", async () => {
  await withWitnesses(3, 2, async (path, policy, witnesses) => {
    const log = await openLog(path, policy);
    await log.append(5);
    await log.signed();
    const files = ["", ".head", ".checkpoint"];
    for (const ending of files) copyFileSync(`${path}${ending}`, `${path}${ending}.then`);
    await log.append(5);
    await log.signed();
    await log.close();
    for (const ending of files) copyFileSync(`${path}${ending}.then`, `${path}${ending}`);
    expect((await verifyWitnessed(path, policy, false)).confirmed).toBeNull();
    await expect(verifyWitnessed(path, policy, true)).rejects.toMatchObject({
      ...broken,
      details: { line: 6 },
    });
    const again = await openLog(path, policy);
    await until(() => again.said.length === 3);
    await again.close();
    expect(again.said.join()).toMatch(/w1 has signed 10 lines, the log has 5: it was cut/);
    // Two of three that are down can say nothing.
    await witnesses[0]!.stop();
    await witnesses[1]!.stop();
    await expect(verifyWitnessed(path, policy, true)).rejects.toMatchObject(broken);
    await witnesses[2]!.stop();
    await expect(verifyWitnessed(path, policy, true)).rejects.toMatchObject({
      code: "WITNESS_UNAVAILABLE",
    });
  });
});

test("a witness that is down costs no line, and signs all once it is there", async () => {
  await withWitnesses(2, 2, async (path, policy, [first]) => {
    await first!.stop();
    const log = await openLog(path, policy);
    await log.append(7);
    await until(() => log.said.length === 1);
    expect([log.unwitnessed(), log.said[0]]).toEqual([7, expect.stringMatching(/w1 did not sign/)]);
    await first!.start();
    await log.signed();
    await log.close();
    expect(log.said[1]).toBe("the witness w1 signs again");
    expect((await verifyWitnessed(path, policy, true)).confirmed).toHaveLength(2);
  });
});

test("a witness that was put back is said, and learns again; the other keeps the log honest", async () => {
  await withWitnesses(2, 2, async (path, policy, [first]) => {
    const log = await openLog(path, policy);
    await log.append(4);
    await log.signed();
    const kept = join(first!.folder, readdirSync(first!.folder)[0]!);
    const then = readFileSync(kept);
    await log.append(4);
    await log.signed();
    await first!.stop();
    writeFileSync(kept, then);
    await first!.start();
    await log.append(1);
    await log.signed();
    await log.close();
    expect(log.said.join()).toMatch(/w1 has forgotten: it had signed 8 lines, now it says 4/);
    // Without memory of one of two, a history from its beginning has no quorum.
    await first!.stop();
    rmSync(kept);
    await first!.start();
    rmSync(`${path}.checkpoint`);
    await writeAgain(path, 9);
    const forger = await openLog(path, policy);
    await forger.append(1);
    await until(() => forger.said.length > 0);
    await forger.close();
    expect([forger.unwitnessed(), forger.said.join()]).toEqual([
      10,
      expect.stringMatching(/w2 did not sign: .*another history/),
    ]);
  });
});

const HOSTILE: readonly (readonly [string, number, string])[] = [
  ["a signature of another key", 200, "— w2.example AAAAAAAAAAAAAAAA\n"],
  ["nothing", 200, ""],
  ["no signature", 200, "signed, trust me\n"],
  ["very much", 200, `${"x".repeat(1 << 20)}\n`],
  ["a negative size", 409, "-4\n"],
  ["a size that no number holds", 409, `${"9".repeat(400)}\n`],
  ["a size as text", 409, "four\n"],
  ["the size that it was asked for", 409, "0\n"],
  ["another size each time", 409, "1\n"],
  ["a status of its own", 299, "fine\n"],
  ["a redirect", 307, ""],
];

test.each(HOSTILE)(
  "a witness that answers with %s is said, once, and proves nothing",
  async (_, status, body) => {
    await withWitnesses(1, 1, async (path, _policy, [honest]) => {
      const lying = await startLiar(status, body);
      const liar = { key: createSigner("witness", "w2.example").verifier, url: urlOf(lying) };
      const policy = policyOf(key.verifier, [honest!, liar], 1);
      const log = await openLog(path, policy);
      await log.append(3);
      await log.signed();
      await until(() => log.said.length > 0);
      await log.append(1);
      await log.signed();
      await log.close();
      expect(log.said).toEqual([...new Set(log.said)]);
      const seen = await verifyWitnessed(path, policy, true);
      expect(seen.confirmed?.map(({ witness }) => witness.name)).toEqual(["w1"]);
      expect(seen.notes).toEqual([expect.stringMatching(/^w2 /)]);
      lying.close();
      lying.closeAllConnections();
    });
  },
);

test("a false signature of a witness's own name is not kept", async () => {
  await withWitnesses(1, 1, async (path, _policy, [honest]) => {
    const liar = createSigner("witness", "w2.example").verifier;
    const bytes = Buffer.concat([liar.id, Buffer.alloc(72, 1)]).toString("base64");
    const lying = await startLiar(200, `— w2.example ${bytes}\n`);
    const policy = policyOf(key.verifier, [honest!, { key: liar, url: urlOf(lying) }], 1);
    const log = await openLog(path, policy);
    await log.append(3);
    await log.signed();
    await until(() => log.said.length > 0);
    await log.close();
    expect(log.said).toEqual([expect.stringMatching(/w2 did not sign: .*false/)]);
    expect(readFileSync(`${path}.checkpoint`, "utf8")).not.toContain("w2.example");
    lying.close();
    lying.closeAllConnections();
  });
});

test("a line that a kill has cut is in no checkpoint, one without its head is", async () => {
  await withWitnesses(1, 1, async (path, policy) => {
    const log = await openLog(path, policy);
    await log.append(3);
    const head = readFileSync(`${path}.head`);
    await log.append(1);
    await log.signed();
    await log.close();
    writeFileSync(`${path}.head`, head);
    appendFileSync(path, '{"number":5,"at"');
    const next = await openLog(path, policy);
    expect(next.unwitnessed()).toBe(0);
    await next.append(1);
    await next.signed();
    await next.close();
    expect((await verifyWitnessed(path, policy, true)).cosigned.checkpoint.size).toBe(5);
  });
});

test("a policy without the log's key is refused, and a checkpoint of another key", async () => {
  await withWitnesses(1, 1, async (path, policy, witnesses) => {
    const other = createSigner("log", "plant-b.example/audit");
    await expect(openLog(path, policy, other)).rejects.toMatchObject({ code: "INVALID_OPTION" });
    const log = await openLog(path, policy);
    await log.append(1);
    await log.signed();
    await log.close();
    const others = policyOf(other.verifier, witnesses, 1);
    await expect(openLog(path, others, other)).rejects.toMatchObject({ code: "NOTE_INVALID" });
  });
});

test.each([
  ["without its first line", (proof: string) => proof.slice(proof.indexOf("\n") + 1)],
  ["with another place", (proof: string) => proof.replace("index 2", "index 1")],
  [
    "with a place beyond the log",
    (proof: string) => proof.replace("index 2", "index 9007199254740991"),
  ],
  ["with a hash less", (proof: string) => proof.replace(/(index 2\n).*\n/, "$1")],
  [
    "with a hash more",
    (proof: string) => proof.replace("index 2\n", `index 2\n${"A".repeat(43)}=\n`),
  ],
  ["with another size", (proof: string) => proof.replace("\n5\n", "\n6\n")],
  ["without witnesses", (proof: string) => proof.replace(/— w.*\n/g, "")],
  ["that is empty", () => ""],
])("a proof %s is refused", async (_, spoil) => {
  await withWitnesses(1, 1, async (path, policy) => {
    const log = await openLog(path, policy);
    await log.append(5);
    await log.signed();
    await log.close();
    const { line, proof } = await proveLine(path, 3);
    expect(checkLineProof(proof, line, policy).line.number).toBe(3);
    expect(() => checkLineProof(spoil(proof), line, policy)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/NOTE_INVALID|AUDIT_BROKEN/) }),
    );
  });
});

async function startLiar(status: number, body: string): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status, { location: "/elsewhere" }).end(body);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return server;
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}
