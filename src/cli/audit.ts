/** `bailiwick audit verify`: checks that a placement log is complete and unchanged. */
import { verifyAuditLog } from "../cluster/audit/index.ts";
import { printJson, printLine } from "./output.ts";

export async function auditVerifyCommand(
  path: string,
  { json }: { readonly json?: boolean },
): Promise<void> {
  const lines = await verifyAuditLog(path);
  const [first, last] = [lines[0], lines.at(-1)];
  if (json === true) {
    printJson({ lines: lines.length, from: first?.at, to: last?.at, hash: last?.hash ?? null });
    return;
  }
  const span = first === undefined ? "" : `, ${first.at} to ${last!.at}, hash ${last!.hash}`;
  printLine(`${path} holds: ${lines.length} lines${span}`);
}
