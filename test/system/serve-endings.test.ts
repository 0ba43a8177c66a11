/**
 * Goal: `serve` ends when it cannot start or is told to stop, and only then.
 * Method: each thing that it needs is refused in turn; its log's reader goes, its log's disk is
 * full; it runs as PID 1, which ignores signals without a handler.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { commandLine } from "./command-line.ts";
import { type Ending, freePort, MODEL, ROW, start, startServed, stop } from "./served.ts";

const folder = mkdtempSync(join(tmpdir(), "bailiwick-endings-"));
afterAll(() => rmSync(folder, { recursive: true }));

const predict = (address: string) =>
  fetch(`${address}/v1/predict`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ rows: [ROW] }),
  });

/** What a command that must fail says, and how it ends. */
async function failing(args: readonly string[]): Promise<Ending & { readonly said: string }> {
  const { child, ended } = start(args);
  let said = "";
  child.stderr!.on("data", (chunk) => {
    said += String(chunk);
  });
  return { ...(await ended), said };
}

describe("a server that cannot start says why, and ends:", () => {
  test("the port is taken", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void taken.close());
    const address = taken.address();
    const port = typeof address === "object" ? String(address?.port) : "";
    const ending = await failing([MODEL, "--port", port]);
    expect(ending).toMatchObject({ exit: 2, said: expect.stringContaining("[PORT_UNAVAILABLE]") });
  });

  const empty = join(folder, "empty");
  writeFileSync(empty, "");
  test.each([
    ["no bundle", 1, "BUNDLE_NOT_FOUND", ["no/such/bundle"]],
    ["a broken bundle beside a whole one", 1, "BUNDLE_NOT_FOUND", [MODEL, "datasets"]],
    ["no token file", 1, "FILE_NOT_FOUND", [MODEL, "--token-file", "none"]],
    ["a token file without tokens", 1, "INVALID_OPTION", [MODEL, "--token-file", empty]],
    ["no such address", 2, "PORT_UNAVAILABLE", [MODEL, "--host", "192.0.2.1", "--token-file", "T"]],
    ["a proxy that is none", 1, "INVALID_OPTION", [MODEL, "--trust-proxy", "x y"]],
    ["an origin that is none", 1, "INVALID_OPTION", [MODEL, "--origin", "x"]],
  ])("%s", async (_name, exit, code, args) => {
    const tokens = join(folder, "tokens");
    writeFileSync(tokens, "correct-horse-battery\n");
    const ending = await failing(args.map((arg) => (arg === "T" ? tokens : arg)));
    expect(ending).toMatchObject({ exit, said: expect.stringContaining(`error [${code}]`) });
  });
});

describe("a server goes on", () => {
  test("when its log's reader is gone", async () => {
    const served = await startServed([MODEL, "--port", "0", "--log-level", "debug"]);
    served.child.stderr!.destroy();
    for (let turn = 0; turn < 20; turn++) expect((await predict(served.address)).status).toBe(200);
    expect(await stop(served)).toEqual({ exit: 0, signal: null });
  });

  test("when its log's disk is full", async () => {
    const port = String(await freePort());
    const full = openSync("/dev/full", "w");
    const args = [MODEL, "--port", port, "--log-level", "debug"];
    const served = start(args, ["ignore", "ignore", full]);
    closeSync(full);
    const at = `http://127.0.0.1:${port}`;
    const status = () =>
      predict(at).then(
        (answer) => answer.status,
        () => 0,
      );
    await expect.poll(status, { timeout: 60_000 }).toBe(200);
    for (let turn = 0; turn < 20; turn++) expect(await status()).toBe(200);
    expect(await stop(served)).toEqual({ exit: 0, signal: null });
  });
});

test.each(["while it starts", "while it serves"])(
  "as PID 1 of a namespace it ends at SIGTERM %s",
  async (when) => {
    const [program, main] = commandLine();
    const args = [program!, main!, "serve", MODEL, "--port", "0", "--drain-seconds", "0"];
    const child = spawn("unshare", ["--pid", "--fork", ...args], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const ended = once(child, "close");
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += String(chunk);
    });
    if (when === "while it serves") {
      await expect.poll(() => said.includes("/v2"), { timeout: 60_000 }).toBe(true);
    } else {
      // Its handlers are there when its modules are loaded: a signal before is ignored by PID 1.
      const isLoading = () => firstChild(child.pid!) !== null;
      await expect.poll(isLoading, { timeout: 60_000 }).toBe(true);
    }
    const again = setInterval(() => {
      const first = firstChild(child.pid!);
      if (first !== null) process.kill(first, "SIGTERM");
    }, 500);
    const [exit] = await ended;
    clearInterval(again);
    expect([0, 143]).toContain(exit);
  },
);

/** The process that another one has started; null if there is none. */
function firstChild(pid: number): number | null {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return children === "" ? null : Number(children.split(" ")[0]);
}
