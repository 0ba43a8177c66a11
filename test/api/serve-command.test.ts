/** Goal: what `serve` is told is checked before anything listens. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createProgram } from "../../src/cli/program.ts";

const serve = async (...args: string[]) =>
  (await createProgram()).parseAsync(["node", "bailiwick", "serve", "models/concrete", ...args]);

test("a host that others reach needs tokens, and good ones", async () => {
  await expect(serve("--host", "0.0.0.0")).rejects.toMatchObject({
    code: "INVALID_OPTION",
    message: expect.stringContaining("must have tokens (--token-file FILE, or BAILIWICK_TOKEN)"),
  });
  const folder = mkdtempSync(join(tmpdir(), "bailiwick-serve-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "tokens");
  writeFileSync(path, "short\n");
  const short = serve("--host", "0.0.0.0", "--token-file", path);
  await expect(short).rejects.toThrow("a token must be at least 16");
  writeFileSync(path, "# none yet\n");
  await expect(serve("--token-file", path)).rejects.toThrow("at least one token, got none");
  const missing = serve("--token-file", join(folder, "no"));
  await expect(missing).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
});

test("flags that cannot be are refused", async () => {
  for (const [flag, value] of [
    ["--rate-limit", "-1"],
    ["--max-rows", "0"],
    ["--versions", "99"],
    ["--log-level", "loud"],
  ] as const) {
    await expect(serve(flag, value)).rejects.toThrow(flag);
  }
});
