/** `bailiwick rollback`: serves an earlier version again. */
import { rollback } from "../update/index.ts";
import { printJson, printLine } from "./output.ts";

export interface RollbackFlags {
  readonly to?: number;
  readonly json?: boolean;
}

export async function rollbackCommand(bundlePath: string, flags: RollbackFlags): Promise<void> {
  const done = await rollback(bundlePath, flags.to);
  if (flags.json === true) printJson(done);
  else printLine(`version ${done.version} is served again, in place of ${done.from}`);
}
