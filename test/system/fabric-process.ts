/** `node` and `serve` as processes over a NATS server, and what their users see of them. */
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { readBundle } from "../../src/bundle/index.ts";
import { openData } from "../../src/data/index.ts";
import { createWasmEngine } from "../../src/experts/index.ts";
import { predict } from "../../src/mixture/index.ts";
import { type Command, installCommand } from "../cli/command.ts";
import { until } from "../cluster/fabric/conformance.ts";

export interface Started {
  readonly child: ChildProcess;
  /** Of its standard error, as they come. */
  readonly lines: string[];
}

export interface Served extends Started {
  readonly origin: string;
}

export interface Answer {
  readonly predictions?: readonly number[];
  readonly degraded?: boolean;
  readonly error?: string;
}

export interface FabricCommands {
  readonly command: Command;
  start(...args: readonly string[]): Started;
  /** Returns when it has joined. */
  startNode(url: string, name: string, ...more: readonly string[]): Promise<Started>;
  /** `serve` of concrete; returns when it listens. */
  serve(url: string, audit: string, ...more: readonly string[]): Promise<Served>;
  /** As `serve`, with a bundle. */
  serveBundle(
    bundle: string,
    url: string,
    audit: string,
    ...more: readonly string[]
  ): Promise<Served>;
  /** Kills what still runs, and removes the folder. */
  remove(): void;
}

export function installFabricCommands(): FabricCommands {
  const command = installCommand();
  const running = new Set<ChildProcess>();
  const start = (...args: readonly string[]): Started => {
    const child = command.start(...args);
    running.add(child);
    child.once("exit", () => running.delete(child));
    const lines: string[] = [];
    createInterface({ input: child.stderr! }).on("line", (line) => lines.push(line));
    return { child, lines };
  };
  const serveBundle: FabricCommands["serveBundle"] = async (bundle, url, audit, ...more) => {
    const options = ["--fabric", url, "--audit", audit, "--port", "0", "--drain-seconds", "0"];
    const started = start("serve", bundle, ...options, ...more);
    const line = await until(
      () => started.lines.find((one) => /serving .* at http/.test(one)),
      60_000,
    );
    return { ...started, origin: /at (http:\/\/[^/"]+)\/v2/.exec(line)![1]! };
  };
  return {
    command,
    start,
    serve: (...args) => serveBundle("models/concrete", ...args),
    serveBundle,
    startNode: async (url, name, ...more) => {
      const node = start("node", "--fabric", url, "--name", name, ...more);
      await until(() => node.lines.some((line) => line.includes("joined as")), 60_000);
      return node;
    },
    remove: () => {
      for (const child of running) child.kill("SIGKILL");
      command.remove();
    },
  };
}

/** @returns Its exit code; null if the signal ended it. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const gone = exitOf(child);
  child.kill(signal);
  return gone;
}

export function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once("exit", resolve));
}

/** Rows of concrete as JSON, and what one process predicts of them. */
export async function rowsAndAnswers(folder: string, n: number) {
  const { table } = await openData("concrete", {});
  const { model } = await readBundle(join(folder, "models/concrete"));
  const columns = table.columns.map((column) => ({
    ...column,
    values: column.values.slice(0, n),
  })) as typeof table.columns;
  const engine = await createWasmEngine();
  const { values } = predict(engine, model, { nRows: n, columns });
  await engine.close();
  const rows = Array.from({ length: n }, (_, i) =>
    Object.fromEntries(columns.map(({ name, values: cells }) => [name, cells[i]])),
  );
  return { rows, values: [...values] };
}

export async function ask(
  origin: string,
  body: object,
): Promise<{ readonly status: number; readonly json: Answer }> {
  const answer = await fetch(`${origin}/v1/predict`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: answer.status, json: (await answer.json()) as Answer };
}

/** A number of /metrics; null where it is not shown. */
export async function metric(origin: string, name: string): Promise<number | null> {
  const text = await fetch(`${origin}/metrics`).then((answer) => answer.text());
  const value = new RegExp(`^bailiwick_${name} ([\\d.]+)`, "m").exec(text)?.[1];
  return value === undefined ? null : Number(value);
}

export async function isReady(origin: string): Promise<boolean> {
  const answer = await fetch(`${origin}/v2/health/ready`);
  const { ready } = (await answer.json()) as { readonly ready: boolean };
  return ready && answer.status === 200;
}
