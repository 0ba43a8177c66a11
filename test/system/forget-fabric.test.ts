/**
 * Goal: after `forget --fabric` no byte of the rows of fifty persons is left in the bundle, its
 * store, the nodes' folders, the NATS server's files or any log, however often it was killed.
 * Method: the persons' texts and numbers (also scaled, as experts keep them) and pieces of the
 * experts that were trained with them are searched for in every byte; all are there before. The
 * command is killed before operations on files, then before writes to the server, and run again.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readBundle } from "../../src/bundle/index.ts";
import { applyPreprocessing } from "../../src/data/index.ts";
import { openTable } from "../../src/index.ts";
import { createRng } from "../../src/shared/rng.ts";
import type { Outcome } from "../cli/command.ts";
import { until } from "../cluster/fabric/conformance.ts";
import { type NatsServer, startNats } from "../cluster/fabric/nats-server.ts";
import { type Trace, tracesIn, tracesOf } from "../traces.ts";
import {
  ask,
  type FabricCommands,
  installFabricCommands,
  type Served,
  type Started,
} from "./fabric-process.ts";

const PRELOAD = new URL("kills/preload.mjs", import.meta.url).href;
/** Operations on files between kills, and writes to the server; FORGET_STEP=1 takes each. */
const [FILE_STEP, WRITE_STEP] = [40, 12].map((n) => Number(process.env["FORGET_STEP"] ?? n)) as [
  number,
  number,
];
/** A kill takes about ten seconds. */
const LIMIT_MS = (40 / FILE_STEP) * 900_000;
const NOWHERE = "nats://127.0.0.1:1";
const STUDY = "Kleinkuchen-withdrawn";
const PIECE_BYTES = 32;
/** Of a safetensors file: its head's length comes first. */
const HEAD_AT = 8;
const PIECES = 20;

interface Row {
  readonly id: string;
  readonly study: string;
  readonly town: string;
  readonly height: number;
  readonly width: number;
  readonly price: number;
}

/**
 * Every fifth of 250 is of a person who leaves, with numbers of no other row, of many digits: the
 * bytes of short ones also lie within other numbers.
 */
function makeRows(): readonly Row[] {
  const rng = createRng(11);
  return Array.from({ length: 250 }, (_, i): Row => {
    const isMarked = i % 5 === 0;
    const unusual = isMarked ? 0.01 + 0.04 * rng.uniform() : 0;
    const height = (isMarked ? 145 + i / 6 : 140 + Math.round(240 * rng.uniform()) / 4) + unusual;
    const width = (isMarked ? 2 + i / 64 : Math.round(40 * rng.uniform()) / 4) + unusual;
    const price = (height < 170 ? 3 * height : 850 - 2 * height) + width / 2 + rng.normal();
    const town = ["Aach", "Berg", "Chur"][i % 3]!;
    return isMarked
      ? { id: `Marke-${i}-Hinterzarten`, study: STUDY, town, height, width, price }
      : { id: `p${i}`, study: "open", town, height, width, price };
  });
}

const rows = makeRows();
const marked = rows.filter(({ study }) => study === STUDY);
let server: NatsServer;
let commands: FabricCommands;
let served: readonly Served[];
let nodes: readonly Started[];
const at = (...names: readonly string[]): string => join(commands.command.folder, ...names);
beforeAll(async () => {
  // Experts take several messages each.
  server = await startNats("max_payload: 32KB");
  commands = installFabricCommands();
  await fitRows();
  nodes = [
    await commands.startNode(server.url, "a", "--folder", at("nodes", "a")),
    await commands.startNode(server.url, "b", "--zone", "eu", "--folder", at("nodes", "b")),
  ];
  mkdirSync(at("logs"));
  // Both put the same experts at the same time.
  const serve = (log: string): Promise<Served> =>
    commands.serveBundle("out/model", server.url, `logs/${log}`, "--pin", "patients=eu");
  served = await Promise.all([serve("first.jsonl"), serve("second.jsonl")]);
});
afterAll(async () => {
  commands.remove();
  await server.stop();
});

async function fitRows(): Promise<void> {
  const lines = [Object.keys(rows[0]!), ...rows.map((row) => Object.values(row))];
  const csv = `${lines.map((line) => line.join(",")).join("\n")}\n`;
  writeFileSync(at("rows.csv"), csv);
  const tuning = { steps: [60], extendTo: 60, learningRates: [0.01], weightDecays: [0] };
  const drop = ["id", "study"];
  const config = { data: "rows.csv", target: "price", drop, preset: "accurate", tuning };
  writeFileSync(at("fit.json"), JSON.stringify({ ...config, keepRows: true }));
  const fitted = await commands.command.run("fit", "--config", "fit.json", "--out", "out/model");
  expect(fitted).toMatchObject({ code: 0 });
  rmSync(at("rows.csv"));
}

/** Columns and target as they were given, and, of each person, one after the other as scaled. */
async function tracesOfPersons(): Promise<readonly Trace[]> {
  const numbers = marked.flatMap(({ height, width, price }) => [height, width, price]);
  const texts = [STUDY, ...marked.map(({ id }) => id)];
  const { table } = await openTable(
    marked.map(({ town, height, width }) => ({ town, height, width })),
  );
  const { model } = await readBundle(at("out/model"));
  const { values, nColumns } = applyPreprocessing(model.preprocessing, table);
  const scaled = marked.map(({ id }, i): Trace => {
    const row = values.slice(i * nColumns, (i + 1) * nColumns);
    return { what: `the inputs of ${id}`, bytes: new Uint8Array(row.buffer) };
  });
  return [...[...texts, ...numbers].flatMap(tracesOf), ...scaled];
}

/** Pieces of the served experts' numbers, evenly spread; constant ones say nothing. */
async function tracesOfExperts(): Promise<readonly Trace[]> {
  const { manifest } = await readBundle(at("out/model"));
  const hashes = manifest.members.flatMap(({ experts }) => experts.map(({ blob }) => blob));
  return hashes.flatMap((hash) => {
    const blob = readFileSync(at("out/model/blobs", hash));
    const start = HEAD_AT + Number(blob.readBigUInt64LE(0));
    const step = Math.ceil((blob.length - start) / PIECES);
    const pieces = Array.from({ length: PIECES }, (_, i) => {
      return blob.subarray(start + i * step, start + i * step + PIECE_BYTES);
    });
    return pieces
      .filter((piece) => new Set(piece).size > PIECE_BYTES / 2)
      .map((bytes, i) => ({ what: `piece ${i} of ${hash}`, bytes: Uint8Array.from(bytes) }));
  });
}

/** What is left where. By chance four bytes lie anywhere: random ones overwrite what is erased. */
function left(traces: readonly Trace[]): Readonly<Record<string, readonly string[]>> {
  const said = [...served, ...nodes].map(({ lines }) => lines.join("\n"));
  writeFileSync(at("logs/processes"), said.join("\n"));
  const long = traces.filter(({ bytes }) => bytes.length > 4);
  return {
    bundle: tracesIn([at("out")], traces),
    nodes: tracesIn([at("nodes")], traces),
    logs: tracesIn([at("logs")], traces),
    server: tracesIn([server.store], long),
  };
}

/** Without a server it ends when the bundle and its store are done. */
type Kill = "KILL_AT" | "KILL_AT_WRITE" | null;

function forget(url: string, kill: Kill = null, moment = 0): Promise<Outcome> {
  const env = kill === null ? {} : { [kill]: String(moment) };
  const options = ["--key", `study=${STUDY}`, "--fabric", url, "--threads", "1"];
  const withKill = { ...env, NODE_OPTIONS: `--import ${PRELOAD}` };
  return commands.command.runWith(withKill, "forget", "out/model", ...options);
}

/** Runs it, killed a little later each time, until it ends by itself. @returns Also the kills. */
async function forgetUntilDone(
  url: string,
  kill: Kill,
  step: number,
): Promise<readonly [Outcome, number]> {
  for (let nKills = 0; ; nKills++) {
    const outcome = await forget(url, kill, 1 + step * nKills);
    if (outcome.code !== null) return [outcome, nKills];
  }
}

test(
  "the rows of fifty persons leave every file of a fabric, after kills at many steps",
  async () => {
    const predictions = await until(async () => {
      const answers = await Promise.all(served.map(({ origin }) => ask(origin, { rows: marked })));
      const isWhole = answers.every(({ json }) => json.degraded === undefined);
      return isWhole && answers[0]!.json.predictions;
    });
    expect(predictions).toHaveLength(50);
    const traces = [...(await tracesOfPersons()), ...(await tracesOfExperts())];
    const before = left(traces);
    for (const where of ["bundle", "nodes", "server"]) {
      expect(before[where]!.some((one) => one.startsWith("the inputs of Marke"))).toBe(true);
      expect(before[where]!.some((one) => one.startsWith("piece"))).toBe(true);
    }
    const [alone, nFileKills] = await forgetUntilDone(NOWHERE, "KILL_AT", FILE_STEP);
    expect(alone.stderr).toMatch(/FABRIC_UNAVAILABLE/);
    expect(left(traces)["bundle"]).toEqual([]);
    const [, nWriteKills] = await forgetUntilDone(server.url, "KILL_AT_WRITE", WRITE_STEP);
    process.stdout.write(`forget: killed ${nFileKills} + ${nWriteKills} times\n`);
    expect(Math.min(nFileKills, nWriteKills)).toBeGreaterThan(2);
    const done = await forget(server.url);
    expect(done).toMatchObject({ code: 0, stderr: "" });
    expect(done.stdout).toMatch(/^not reached: copies [^;]*; snapshots [^;]*$/m);
    expect(left(traces)).toEqual({ bundle: [], nodes: [], logs: [], server: [] });
    // It is served on, by what has not learnt from them.
    for (const { origin } of served) {
      const { status, json } = await ask(origin, { rows: marked });
      expect([status, json.degraded, json.predictions?.length]).toEqual([200, undefined, 50]);
      expect(json.predictions).not.toEqual(predictions);
    }
    const kept = ["a", "b"].flatMap((node) => readdirSync(at("nodes", node)));
    expect(kept.length).toBeGreaterThan(0);
  },
  LIMIT_MS,
);
