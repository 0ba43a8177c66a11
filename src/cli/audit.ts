/** `bailiwick audit`: checks logs of placement, proves their lines, and signs them as a witness. */
import {
  checkLineProof,
  proveLine,
  verifyAnchors,
  verifyAuditLog,
  verifyWitnessed,
  type WitnessedLog,
} from "../cluster/audit/index.ts";
import {
  createSigner,
  formatSigner,
  formatVerifier,
  MAX_NOTE_BYTES,
  openWitness,
  parseVerifier,
  serveWitness,
} from "../cluster/witness/index.ts";
import { unixSeconds } from "../shared/clock.ts";
import { readFileChecked, readTextFile, writeFileAtomic } from "../shared/files.ts";
import { makeFolder } from "../shared/folders.ts";
import { takeLock } from "../shared/lock.ts";
import { readPolicy, readSigner } from "./audit-files.ts";
import { note, printJson, printLine } from "./output.ts";
import { writeSecret } from "./secret-file.ts";
import { firstStopSignal } from "./stop-signals.ts";

const MAX_LINE_BYTES = 1 << 20;

export interface AuditVerifyFlags {
  readonly json?: boolean;
  readonly anchor?: string;
  readonly witnesses?: string;
  readonly offline?: boolean;
}

export async function auditVerifyCommand(path: string, flags: AuditVerifyFlags): Promise<void> {
  const { json, anchor, witnesses, offline = false } = flags;
  const seen =
    witnesses === undefined
      ? null
      : await verifyWitnessed(path, await readPolicy(witnesses), !offline);
  const lines = seen?.lines ?? (await verifyAuditLog(path));
  const nHeads = anchor === undefined ? null : await verifyAnchors(lines, anchor);
  const [first, last] = [lines[0], lines.at(-1)];
  if (json === true) {
    printJson({
      lines: lines.length,
      from: first?.at,
      to: last?.at,
      hash: last?.hash ?? null,
      anchors: nHeads,
      witnessed: seen === null ? null : witnessedJson(seen),
    });
    return;
  }
  const span = first === undefined ? "" : `, ${first.at} to ${last!.at}, hash ${last!.hash}`;
  printLine(`${path} holds: ${lines.length} lines${span}`);
  if (nHeads !== null) printLine(`it matches the ${nHeads} hashes of ${anchor}`);
  if (seen !== null) printWitnessed(seen);
}

function witnessedJson({ cosigned, confirmed, notes }: WitnessedLog) {
  return {
    origin: cosigned.checkpoint.origin,
    lines: cosigned.checkpoint.size,
    signed: cosigned.cosignatures.map(signatureJson),
    confirmed: confirmed?.map(signatureJson) ?? null,
    notes,
  };
}

function signatureJson({ witness, atSeconds }: WitnessedLog["cosigned"]["cosignatures"][number]) {
  return { name: witness.name, at: timeOf(atSeconds) };
}

function printWitnessed({ cosigned, confirmed, notes, lines }: WitnessedLog): void {
  const { checkpoint, cosignatures } = cosigned;
  printLine(`${checkpoint.size} lines are those that witnesses signed: ${signers(cosignatures)}`);
  if (checkpoint.size < lines.length) {
    printLine(`${lines.length - checkpoint.size} lines after them are not signed yet`);
  }
  for (const told of notes) printLine(`witness ${told}`);
  printLine(
    confirmed === null
      ? "the witnesses were not asked: a log that was put back does not show"
      : `asked now, they saw no more: ${confirmed.map(({ witness }) => witness.name).join(", ")}`,
  );
}

function signers(signatures: WitnessedLog["cosigned"]["cosignatures"]): string {
  return signatures
    .map(({ witness, atSeconds }) => `${witness.name} at ${timeOf(atSeconds)}`)
    .join(", ");
}

/** ISO 8601; of a time that no calendar has, the seconds. */
function timeOf(seconds: number): string {
  const date = new Date(1000 * seconds);
  return Number.isNaN(date.getTime()) ? `${seconds} s` : date.toISOString();
}

export async function auditProveCommand(
  log: string,
  number: number,
  { out }: { readonly out: string },
): Promise<void> {
  const { line, proof } = await proveLine(log, number);
  await writeFileAtomic(out, proof);
  note(`wrote ${out}: line ${number} is proven by it`);
  process.stdout.write(Buffer.concat([line, Buffer.from("\n")]));
}

export async function auditCheckCommand(
  proof: string,
  line: string,
  { witnesses, json }: { readonly witnesses: string; readonly json?: boolean },
): Promise<void> {
  const policy = await readPolicy(witnesses);
  const proven = checkLineProof(
    await readTextFile(proof, { maxBytes: 2 * MAX_NOTE_BYTES }),
    await readFileChecked(line, { maxBytes: MAX_LINE_BYTES }),
    policy,
  );
  const { checkpoint, cosignatures } = proven.cosigned;
  if (json === true) {
    const signed = cosignatures.map(signatureJson);
    return printJson({ origin: checkpoint.origin, lines: checkpoint.size, signed, ...proven.line });
  }
  const { number, what, why, at } = proven.line;
  printLine(`line ${number} of ${checkpoint.origin} is what ${signers(cosignatures)} signed`);
  printLine(`${at} ${what}: ${why}`);
}

export async function auditKeyCommand(
  name: string,
  { out, witness = false }: { readonly out: string; readonly witness?: boolean },
): Promise<void> {
  const signer = createSigner(witness ? "witness" : "log", name);
  await writeSecret(out, `${formatSigner(signer)}\n`);
  note(`wrote ${out}, which is secret; others check by this:`);
  printLine(formatVerifier(signer.verifier));
}

export interface AuditWitnessFlags {
  readonly key: string;
  readonly folder: string;
  readonly log: readonly string[];
  readonly host: string;
  readonly port: number;
}

export async function auditWitnessCommand(flags: AuditWitnessFlags): Promise<void> {
  const { folder, host, port } = flags;
  const stopped = firstStopSignal();
  const key = await readSigner("witness", flags.key);
  const logs = flags.log.map((text) => parseVerifier("log", text));
  await makeFolder(folder);
  const lock = await takeLock(`${folder}/.lock`, `the folder ${folder}`);
  try {
    const witness = await openWitness({ folder, key, logs, nowSeconds: unixSeconds });
    const server = await serveWitness(witness, { host, port, log: note });
    note(`witness ${formatVerifier(key.verifier)} at ${server.url}`);
    note(`${await stopped}: leaving`);
    await server.close();
  } finally {
    await lock.release();
  }
}
