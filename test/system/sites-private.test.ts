/** A private fit over a NATS server: three sites with a limit of ε, one of which has none left. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readBundle } from "../../src/bundle/index.ts";
import { generate, takeTableRows } from "../../src/data/index.ts";
import { until } from "../cluster/fabric/conformance.ts";
import { type NatsServer, startNats } from "../cluster/fabric/nats-server.ts";
import {
  end,
  exitOf,
  type FabricCommands,
  installFabricCommands,
  type Started,
} from "./fabric-process.ts";

const NAMES = ["north", "south", "west"];
const BOUNDS = { target: { y: [-4, 4] }, columns: { x1: [-2, 2], x2: [-2, 2] } };

let server: NatsServer;
let commands: FabricCommands;
beforeAll(async () => {
  server = await startNats();
  commands = installFabricCommands();
  const { table } = generate("curve", { nRows: 9000, seed: 1 });
  const { folder } = commands.command;
  for (const [s, name] of NAMES.entries()) {
    const own = Int32Array.from({ length: 3000 }, (_, i) => 3 * i + s);
    const { columns, nRows } = takeTableRows(table, own);
    const lines = Array.from({ length: nRows }, (_, i) => columns.map(({ values }) => values[i]));
    const header = columns.map((column) => column.name);
    const text = [header, ...lines].map((line) => line.join(",")).join("\n");
    writeFileSync(join(folder, `${name}.csv`), `${text}\n`);
  }
  writeFileSync(join(folder, "bounds.json"), JSON.stringify(BOUNDS));
});
afterAll(async () => {
  commands.remove();
  await server.stop();
});

async function startSite(name: string): Promise<Started> {
  const data = ["--data", `${name}.csv`, "--target", "y", "--epsilon-limit", "4"];
  const site = commands.start("site", "--fabric", server.url, "--name", name, ...data);
  await until(() => site.lines.some((line) => line.includes("joined as")), 60_000);
  return site;
}

function fitRows(...args: readonly string[]): Started {
  const sites = ["--fabric", server.url, "--sites", NAMES.join()];
  return commands.start("fit", ...sites, "--bounds", "bounds.json", ...args);
}

test("its bundle states ε, its sites count it, and a second fit is refused by their limit", async () => {
  const sites = await Promise.all(NAMES.map(startSite));
  const first = fitRows("--epsilon", "3", "--out", "model");
  expect(await exitOf(first.child)).toBe(0);
  const { folder } = commands.command;
  const { manifest } = await readBundle(join(folder, "model"));
  expect(manifest.provenance.privacy).toMatchObject({ unit: "row", delta: 1e-6, sums: 3 });
  expect(readFileSync(join(folder, "model", "README.md"), "utf8")).toContain("## Privacy");
  for (const name of NAMES) {
    const lines = readFileSync(join(folder, `${name}.ledger.jsonl`), "utf8")
      .trim()
      .split("\n");
    expect(lines).toHaveLength(3);
    expect(JSON.parse(lines.at(-1)!).epsilon).toBeCloseTo(3, 6);
  }
  // Started again, a site goes on counting from its ledger.
  expect(await end(sites[0]!.child, "SIGTERM")).toBe(0);
  await startSite("north");
  const second = fitRows("--epsilon", "3", "--out", "second");
  expect(await exitOf(second.child)).toBe(1);
  expect(second.lines.join("\n")).toContain("beyond its limit of epsilon 4");
  const few = fitRows("--epsilon", "0.05", "--out", "few");
  expect(await exitOf(few.child)).toBe(1);
  expect(few.lines.join("\n")).toContain("not worth it: of about");
});

test("what a private fit does not take is refused before anything is asked", async () => {
  const refused = async ({ child, lines }: Started): Promise<string> => {
    expect(await exitOf(child)).toBe(1);
    return lines.join("\n");
  };
  expect(await refused(fitRows("--epsilon", "3", "--experts", "2"))).toContain(
    "--sites with --epsilon goes without the option experts",
  );
  expect(await refused(fitRows("--out", "none"))).toContain("--bounds needs --epsilon");
  const unbound = commands.start(
    ...["fit", "--fabric", server.url, "--sites", "a,b,c", "--epsilon", "3"],
  );
  expect(await refused(unbound)).toContain("--epsilon needs --bounds");
  expect(await refused(commands.start("fit", "north.csv", "--epsilon", "3"))).toContain(
    "--epsilon needs --sites",
  );
});
