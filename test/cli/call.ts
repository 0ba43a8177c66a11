/** The command in this process: quick, and its errors are thrown. */
import { vi } from "vitest";
import { createProgram } from "../../src/cli/program.ts";

/** Runs a command and gives back what it wrote. */
export async function call(
  ...args: readonly string[]
): Promise<{ stdout: string; stderr: string }> {
  const written = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((chunk) => {
      written[name] += String(chunk);
      return true;
    }),
  );
  try {
    await (await createProgram()).parseAsync(["node", "bailiwick", ...args]);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return written;
}
