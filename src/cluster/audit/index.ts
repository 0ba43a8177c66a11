export { type Anchor, openAnchor } from "./anchor.ts";
export {
  type AuditEvent,
  type AuditHead,
  type AuditLine,
  type AuditLog,
  openAuditLog,
  verifyAnchors,
  verifyAuditLog,
} from "./audit-log.ts";
