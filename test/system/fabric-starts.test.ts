/**
 * Goal: a command that cannot start says why in one line and ends; one that runs ends when it is
 * told to, and outlives the reader of its log.
 * Method: each resource that it needs is refused to it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectNats, type Fabric } from "../../src/cluster/fabric/index.ts";
import { type Lock, takeLock } from "../../src/shared/lock.ts";
import { until } from "../cluster/fabric/conformance.ts";
import { type NatsServer, startNats } from "../cluster/fabric/nats-server.ts";
import { end, exitOf, type FabricCommands, installFabricCommands } from "./fabric-process.ts";

let server: NatsServer;
let commands: FabricCommands;
let fabric: Fabric;
/** Takes connections and never says anything. */
let silent: Server;
const children = new Set<ChildProcess>();
beforeAll(async () => {
  server = await startNats();
  commands = installFabricCommands();
  fabric = await connectNats({ url: server.url, name: "test" });
  silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  silent.close();
  await fabric.close();
  commands.remove();
  await server.stop();
});

const inFolder = (name: string): string => join(commands.command.folder, name);
const portOf = (own: Server): number => {
  const address = own.address();
  return typeof address === "object" && address !== null ? address.port : 0;
};
const silentUrl = (): string => `nats://127.0.0.1:${portOf(silent)}`;

interface Refusal {
  readonly what: string;
  /** After the address of the server, which comes last where it is given. */
  readonly args: () => readonly string[];
  readonly words: RegExp;
  /** Makes the refusal; returns what ends it. */
  readonly refuse?: () => Promise<() => Promise<void>>;
}

const SERVE = ["serve", "models/concrete", "--port", "0"];
const overServer = (): readonly string[] => ["--fabric", server.url];

async function holdAudit(): Promise<() => Promise<void>> {
  const lock: Lock = await takeLock(inFolder("busy.jsonl.lock"), "the test's log");
  return () => lock.release();
}

async function breakAudit(): Promise<() => Promise<void>> {
  writeFileSync(inFolder("broken.jsonl"), "{}\n");
  return async () => undefined;
}

const SERVE_REFUSALS: readonly Refusal[] = [
  {
    what: "whose audit log another process writes",
    args: () => [...SERVE, "--audit", "busy.jsonl", ...overServer()],
    words: /BUNDLE_BUSY.*busy\.jsonl/,
    refuse: holdAudit,
  },
  {
    what: "whose audit log has no folder",
    args: () => [...SERVE, "--audit", "nowhere/audit.jsonl", ...overServer()],
    words: /FILE_NOT_FOUND.*nowhere/,
  },
  {
    what: "whose audit log may not be written",
    args: () => [...SERVE, "--audit", "/proc/audit.jsonl", ...overServer()],
    words: /(WRITE_FAILED|FILE_NOT_FOUND).*\/proc\/audit/,
  },
  {
    what: "whose audit log is broken",
    args: () => [...SERVE, "--audit", "broken.jsonl", ...overServer()],
    words: /AUDIT_BROKEN.*line 1/,
    refuse: breakAudit,
  },
  {
    what: "whose port is taken",
    args: () => [
      ...["serve", "models/concrete", "--port", String(portOf(silent))],
      ...["--audit", "port.jsonl", ...overServer()],
    ],
    words: /PORT_UNAVAILABLE/,
  },
  {
    what: "without its bundle",
    args: () => ["serve", "nothing", "--port", "0", "--audit", "none.jsonl", ...overServer()],
    words: /BUNDLE_NOT_FOUND/,
  },
  {
    what: "without a NATS server",
    args: () => [...SERVE, "--audit", "a.jsonl", "--fabric", "nats://127.0.0.1:1"],
    words: /FABRIC_UNAVAILABLE.*127\.0\.0\.1:1/,
  },
  {
    what: "whose NATS server says nothing",
    args: () => [...SERVE, "--audit", "a.jsonl", "--fabric", silentUrl()],
    words: /FABRIC_UNAVAILABLE/,
  },
  {
    what: "without its credentials",
    args: () => [...SERVE, "--audit", "a.jsonl", "--credentials", "none.creds", ...overServer()],
    words: /FILE_NOT_FOUND.*none\.creds/,
  },
];

const NODE_REFUSALS: readonly Refusal[] = [
  {
    what: "without a NATS server",
    args: () => ["node", "--name", "x", "--fabric", "nats://127.0.0.1:1"],
    words: /FABRIC_UNAVAILABLE/,
  },
  {
    what: "whose NATS server says nothing",
    args: () => ["node", "--name", "x", "--fabric", silentUrl()],
    words: /FABRIC_UNAVAILABLE/,
  },
  {
    what: "whose folder is a file",
    args: () => ["node", "--name", "x", "--folder", "package.json/x", ...overServer()],
    words: /(WRITE_FAILED|OUTPUT_OCCUPIED).*package\.json/,
  },
  {
    what: "whose folder may not be made",
    args: () => ["node", "--name", "x", "--folder", "/proc/x", ...overServer()],
    words: /(WRITE_FAILED|FILE_NOT_FOUND).*\/proc\/x/,
  },
  {
    what: "without its certificate",
    args: () => ["node", "--name", "x", "--tls-ca", "none.pem", ...overServer()],
    words: /FILE_NOT_FOUND.*none\.pem/,
  },
];

describe.each([
  ["serve", SERVE_REFUSALS],
  ["node", NODE_REFUSALS],
] as const)("%s", (_, refusals) => {
  test.each(refusals)("$what says so in one line, and ends", async ({ args, words, refuse }) => {
    const undo = await refuse?.();
    try {
      const { code, stderr } = await commands.command.run(...args());
      expect([code === 1 || code === 2, stderr]).toEqual([true, expect.stringMatching(words)]);
      const errors = stderr.split("\n").filter((line) => line.startsWith("error ["));
      expect(errors).toHaveLength(1);
    } finally {
      await undo?.();
    }
  });
});

test("a server that could not start has left nothing locked, and no lease", async () => {
  const port = String(portOf(silent));
  const args = ["serve", "models/concrete", "--port", port, "--audit", "again.jsonl"];
  expect((await commands.command.run(...args, ...overServer())).code).toBe(2);
  const lock = await takeLock(inFolder("again.jsonl.lock"), "the test's log");
  await lock.release();
  const leases = await fabric.bucket("leases");
  expect(await leases.get("placer")).toBeNull();
});

test("a second node of a name says so, and ends; the first goes on", async () => {
  const first = await commands.startNode(server.url, "twin");
  const { code, stderr } = await commands.command.run(
    ...["node", "--name", "twin", ...overServer()],
  );
  expect([code, stderr]).toEqual([1, expect.stringMatching(/INVALID_OPTION.*default\.twin/)]);
  expect(await end(first.child, "SIGTERM")).toBe(0);
});

describe("as process 1 of a container", () => {
  const startAsFirst = (...args: readonly string[]): { child: ChildProcess; lines(): string } => {
    const main = inFolder("dist/cli/main.js");
    const unshare = ["-pf", "--kill-child", process.execPath, main, ...args];
    const child = spawn("unshare", unshare, {
      cwd: commands.command.folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
    children.add(child);
    let text = "";
    child.stderr!.on("data", (chunk: Buffer) => {
      text += chunk;
    });
    return { child, lines: () => text };
  };
  /** The process that `unshare` has made the first of its namespace. */
  const firstOf = (child: ChildProcess): number => {
    const path = `/proc/${child.pid}/task/${child.pid}/children`;
    const pid = Number(readFileSync(path, "utf8").trim());
    // A signal to process 0 would end the tests themselves.
    if (!(pid > 0)) throw new Error(`${path} must name a process`);
    return pid;
  };

  test.each([
    ["a node", () => ["node", "--name", "first"], /joined as/],
    ["a server", () => [...SERVE, "--audit", "first.jsonl", "--drain-seconds", "0"], /serving/],
  ] as const)("%s ends by SIGTERM, and starts again after a SIGKILL", async (_, args, ready) => {
    for (const signal of ["SIGKILL", "SIGTERM"] as const) {
      const { child, lines } = startAsFirst(...args(), ...overServer());
      await until(() => ready.test(lines()), 120_000);
      const gone = exitOf(child);
      process.kill(firstOf(child), signal);
      const code = await gone;
      if (signal === "SIGTERM") expect([code, lines()]).toEqual([0, expect.any(String)]);
    }
  });

  test.each([
    ["node", () => ["node", "--name", "waiting"]],
    ["serve", () => [...SERVE, "--audit", "waiting.jsonl"]],
  ] as const)("%s ends by SIGTERM while it still waits for its server", async (_, args) => {
    const { child } = startAsFirst(...args(), "--fabric", silentUrl());
    const connected = new Promise((resolve) => silent.once("connection", resolve));
    await connected;
    const gone = exitOf(child);
    process.kill(firstOf(child), "SIGTERM");
    await gone;
  });
});

describe("a node whose log", () => {
  /** Returns when the node has announced itself, and once more after that. */
  const announcesAgain = async (key: string): Promise<void> => {
    const nodes = await fabric.bucket("nodes");
    const before = await until(() => nodes.get(key));
    await until(async () => ((await nodes.get(key))?.revision ?? 0) > before.revision);
  };

  test("loses its reader goes on", async () => {
    const { child } = await commands.startNode(server.url, "unread");
    child.stderr!.destroy();
    await reconnectAll();
    await announcesAgain("default.unread");
    expect(await end(child, "SIGTERM")).toBe(0);
  });

  test("is on a full disk goes on", async () => {
    const full = openSync("/dev/full", "w");
    const main = inFolder("dist/cli/main.js");
    const args = [main, "node", "--name", "full", "--fabric", server.url];
    const child = spawn(process.execPath, args, { stdio: ["ignore", full, full] });
    children.add(child);
    closeSync(full);
    const nodes = await fabric.bucket("nodes");
    await until(() => nodes.get("default.full"), 60_000);
    await reconnectAll();
    await announcesAgain("default.full");
    expect(await end(child, "SIGTERM")).toBe(0);
  });

  /** Makes every process write a line: its connection is lost, and there again. */
  async function reconnectAll(): Promise<void> {
    let isBack = false;
    fabric.onConnection((isConnected) => {
      isBack = isConnected;
    });
    await server.kill();
    await server.start();
    await until(() => isBack);
  }
});
