export { type Anchor, openAnchor } from "./anchor.ts";
export { type AuditLog, type AuditLogOptions, openAuditLog } from "./audit-log.ts";
export { type Checkpoints, openCheckpoints } from "./checkpoints.ts";
export { checkLineProof, type LineProof, type ProvenLine, proveLine } from "./line-proof.ts";
export {
  type AuditEvent,
  type AuditHead,
  type AuditLine,
  verifyAnchors,
  verifyAuditLog,
} from "./read-log.ts";
export { verifyWitnessed, type WitnessedLog } from "./verify-witnessed.ts";
