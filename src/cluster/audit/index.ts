export {
  type AuditEvent,
  type AuditLine,
  type AuditLog,
  openAuditLog,
  verifyAuditLog,
} from "./audit-log.ts";
