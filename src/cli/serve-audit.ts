/** The audit log of a server that places: its lock, its anchor, its witnesses. */
import type { ExtraGauge } from "../api/index.ts";
import {
  type AuditHead,
  type AuditLog,
  type Checkpoints,
  openAnchor,
  openAuditLog,
  openCheckpoints,
} from "../cluster/audit/index.ts";
import { createMerkleTree } from "../cluster/witness/index.ts";
import { today } from "../shared/clock.ts";
import { BailiwickError } from "../shared/errors.ts";
import { takeLock } from "../shared/lock.ts";
import { readPolicy, readSigner } from "./audit-files.ts";

export interface ServedAuditFlags {
  readonly audit: string;
  readonly auditAnchor?: string;
  readonly auditWitnesses?: string;
  readonly auditKey?: string;
}

export interface ServedAudit {
  readonly log: AuditLog;
  readonly gauges: readonly ExtraGauge[];
}

type Say = (line: string) => void;

/**
 * @param opened - Gets what is to be closed, in reverse order.
 * @throws BUNDLE_BUSY if another process writes the log; AUDIT_BROKEN, WRITE_FAILED; as the files
 *   of the key and the policy.
 */
export async function openServedAudit(
  flags: ServedAuditFlags,
  opened: (() => Promise<unknown>)[],
  say: Say,
): Promise<ServedAudit> {
  const { audit: path, auditAnchor } = flags;
  const witnessing = await readWitnessing(flags);
  const lock = await takeLock(`${path}.lock`, `the audit log ${path}`);
  opened.push(() => lock.release());
  const anchor = auditAnchor === undefined ? null : openAnchor(auditAnchor, path, say);
  if (anchor !== null) opened.push(anchor.close);
  const tree = createMerkleTree();
  let checkpoints: Checkpoints | null = null;
  const onHead = (head: AuditHead): void => {
    anchor?.send(head);
    checkpoints?.send();
  };
  if (witnessing === null) return { log: await openAuditLog(path, today, { onHead }), gauges: [] };
  const log = await openAuditLog(path, today, { onHead, tree });
  const opening = await openCheckpoints({ path, tree, ...witnessing, say });
  checkpoints = opening;
  opened.push(opening.close);
  return { log, gauges: [unwitnessedGauge(opening)] };
}

/** null without witnesses. @throws INVALID_OPTION if one of the two options is missing. */
async function readWitnessing({ auditWitnesses, auditKey }: ServedAuditFlags) {
  if (auditWitnesses === undefined && auditKey === undefined) return null;
  if (auditWitnesses === undefined || auditKey === undefined) {
    const message = "--audit-witnesses and --audit-key must be given together";
    throw new BailiwickError("INVALID_OPTION", message);
  }
  const policy = await readPolicy(auditWitnesses);
  return { policy, key: await readSigner("log", auditKey) };
}

function unwitnessedGauge({ unwitnessed }: Checkpoints): ExtraGauge {
  return {
    name: "bailiwick_audit_unwitnessed_lines",
    help: "Lines of the audit log that no quorum of witnesses has signed yet.",
    read: unwitnessed,
  };
}
