export {
  type AuditLine,
  type AuditLog,
  type Happened,
  openAuditLog,
  verifyAuditLog,
} from "./audit-log.ts";
