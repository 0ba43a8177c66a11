/** `bailiwick audit verify`: checks that a placement log is complete and unchanged. */
import { verifyAnchors, verifyAuditLog } from "../cluster/audit/index.ts";
import { printJson, printLine } from "./output.ts";

export async function auditVerifyCommand(
  path: string,
  { json, anchor }: { readonly json?: boolean; readonly anchor?: string },
): Promise<void> {
  const lines = await verifyAuditLog(path);
  const nHeads = anchor === undefined ? null : await verifyAnchors(lines, anchor);
  const [first, last] = [lines[0], lines.at(-1)];
  if (json === true) {
    printJson({
      lines: lines.length,
      from: first?.at,
      to: last?.at,
      hash: last?.hash ?? null,
      anchors: nHeads,
    });
    return;
  }
  const span = first === undefined ? "" : `, ${first.at} to ${last!.at}, hash ${last!.hash}`;
  printLine(`${path} holds: ${lines.length} lines${span}`);
  if (nHeads !== null) printLine(`it matches the ${nHeads} hashes of ${anchor}`);
}
