/** The command in this process: quick, and its errors are thrown. */
import { vi } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { exitCodeOf, reportError } from "../../src/cli/report-error.ts";
import type { Outcome } from "./command.ts";

interface Written {
  stdout: string;
  stderr: string;
}

/** Runs a command and gives back what it wrote. */
export async function call(...args: readonly string[]): Promise<Written> {
  return listen(() => parse(args));
}

/** Runs a command and reports its error as the program does: its exit code, and what it wrote. */
export async function outcomeOf(...args: readonly string[]): Promise<Outcome> {
  let code = 0;
  const written = await listen(() =>
    parse(args).catch((error: unknown) => {
      code = exitCodeOf(error);
      reportError(error);
    }),
  );
  return { code, ...written };
}

async function parse(args: readonly string[]): Promise<void> {
  await (await createProgram()).parseAsync(["node", "bailiwick", ...args]);
}

async function listen(act: () => Promise<void>): Promise<Written> {
  const written = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((chunk) => {
      written[name] += String(chunk);
      return true;
    }),
  );
  try {
    await act();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return written;
}
