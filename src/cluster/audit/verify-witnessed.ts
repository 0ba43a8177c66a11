/**
 * Compares an audit log with what witnesses have signed of it.
 *
 * A log that was written again, with its head and its key, does not have the root that they signed.
 * One that was put back to an earlier state, with the checkpoint of then, does: so the witnesses
 * are asked whether they have seen more. Their answers count as their signatures do: by a quorum.
 */
import { BailiwickError } from "../../shared/errors.ts";
import { readTextFile } from "../../shared/files.ts";
import {
  askWitness,
  type Cosignature,
  type Cosigned,
  createMerkleTree,
  formatNote,
  leafHash,
  MAX_NOTE_BYTES,
  openCosigned,
  type Policy,
} from "../witness/index.ts";
import { checkAgainst, checkpointFile } from "./checkpoints.ts";
import { type AuditLine, broken, scanAuditLog } from "./read-log.ts";

export interface WitnessedLog {
  readonly lines: readonly AuditLine[];
  readonly cosigned: Cosigned;
  /** The witnesses that said, when asked, that they saw no more; null if not asked. */
  readonly confirmed: readonly Cosignature[] | null;
  /** What the other witnesses said. */
  readonly notes: readonly string[];
}

/**
 * @param asks - Whether to ask the witnesses that have an address.
 * @throws AUDIT_BROKEN if the chain does not hold, or the log is not what a quorum of witnesses
 *   signed; NOTE_INVALID if no quorum signed its checkpoint; WITNESS_UNAVAILABLE if no quorum said
 *   that it has seen no more.
 */
export async function verifyWitnessed(
  path: string,
  policy: Policy,
  asks: boolean,
): Promise<WitnessedLog> {
  // Before the log, which may grow meanwhile.
  const note = await readTextFile(checkpointFile(path), { maxBytes: MAX_NOTE_BYTES });
  const lines: AuditLine[] = [];
  const tree = createMerkleTree();
  await scanAuditLog(path, (line, bytes) => {
    lines.push(line);
    tree.add(leafHash(bytes));
  });
  const cosigned = openCosigned(note, policy);
  checkAgainst(tree, cosigned.checkpoint);
  if (!asks) return { lines, cosigned, confirmed: null, notes: [] };
  const asked = await confirm(cosigned, policy, lines.length);
  return { lines, cosigned, ...asked };
}

async function confirm(
  { checkpoint: { size }, text, logLine }: Cosigned,
  policy: Policy,
  nLines: number,
): Promise<{ confirmed: readonly Cosignature[]; notes: readonly string[] }> {
  const asking = { text, note: formatNote(text, [logLine]), size, before: size, proof: [] };
  const answers = await Promise.all(
    policy.witnesses.map(async (witness) => ({ witness, said: await askWitness(witness, asking) })),
  );
  const confirmed = answers.flatMap(({ said }) => (said.kind === "signed" ? said.cosignature : []));
  const notes = answers.flatMap(({ witness: { name }, said }) => {
    if (said.kind === "signed") return [];
    return said.kind === "elsewhere"
      ? `${name} has signed ${said.size} lines, the checkpoint beside the log has ${size}`
      : `${name} did not confirm: ${said.why}`;
  });
  if (policy.isQuorum(new Set(confirmed.map(({ witness }) => witness.name)))) {
    return { confirmed, notes };
  }
  const seen = answers.map(({ said }) => (said.kind === "elsewhere" ? said.size : 0));
  if (Math.max(0, ...seen) > nLines) {
    throw broken(nLines + 1, `must be there: ${notes.join("; ")}`);
  }
  if (answers.some(({ said }) => said.kind === "contradicts")) {
    throw broken(size, `and those before must be what witnesses saw: ${notes.join("; ")}`);
  }
  const must = "a quorum of witnesses must say that it has seen no more lines";
  throw new BailiwickError("WITNESS_UNAVAILABLE", `${must}: ${notes.join("; ")} (--offline)`);
}
