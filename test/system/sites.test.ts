/** `site` and `fit --sites` over a NATS server, as people at several places start them. */
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

let server: NatsServer;
let commands: FabricCommands;
beforeAll(async () => {
  server = await startNats();
  commands = installFabricCommands();
  const { table, regimes } = generate("curve", { nRows: 300, seed: 1 });
  for (const name of ["north", "south"]) {
    const own = Int32Array.from(regimes.keys()).filter(
      (i) => regimes[i] === Number(name === "south"),
    );
    const { columns, nRows } = takeTableRows(table, own);
    const lines = Array.from({ length: nRows }, (_, i) => columns.map(({ values }) => values[i]));
    const header = columns.map((column) => column.name);
    const path = join(commands.command.folder, `${name}.csv`);
    writeFileSync(path, `${[header, ...lines].map((line) => line.join(",")).join("\n")}\n`);
  }
});
afterAll(async () => {
  commands.remove();
  await server.stop();
});

async function startSite(name: string): Promise<Started> {
  const data = ["--data", `${name}.csv`, "--target", "y", "--plain"];
  const site = commands.start("site", "--fabric", server.url, "--name", name, ...data);
  await until(() => site.lines.some((line) => line.includes("joined as")), 60_000);
  return site;
}

test("two sites, one of which is killed and started again, give one bundle", async () => {
  const north = await startSite("north");
  const south = await startSite("south");
  const fit = commands.start(
    ...["fit", "--fabric", server.url, "--sites", "north,south", "--out", "model"],
    ...["--experts", "1"],
  );
  await until(
    () => north.lines.some((line) => line.includes("a summed gradient of 1 net,")),
    60_000,
  );
  await end(south.child, "SIGKILL");
  await startSite("south");
  expect(await exitOf(fit.child)).toBe(0);
  const { manifest } = await readBundle(join(commands.command.folder, "model"));
  expect(manifest.provenance).toMatchObject({ preset: "sites", nTrain: 300 });
  const ledger = readFileSync(join(commands.command.folder, "south.ledger.jsonl"), "utf8");
  expect(ledger).toContain("sums for a ridge of degree 1");
  expect(await end(north.child, "SIGTERM")).toBe(0);
});

test("what does not go with --sites is refused before anything is asked", async () => {
  const refused = async (...args: readonly string[]): Promise<string> => {
    const { child, lines } = commands.start("fit", "--sites", "a,b", "--out", "none", ...args);
    expect(await exitOf(child)).toBe(1);
    return lines.join("\n");
  };
  expect(await refused()).toContain("--sites needs --fabric");
  expect(await refused("--fabric", server.url, "north.csv")).toContain("got the data north.csv");
  expect(await refused("--fabric", server.url, "--preset", "fast")).toContain(
    "without the option preset",
  );
  expect(await refused("--fabric", server.url, "--experts", "1", "--sites", "a.b.c")).toContain(
    "a site must be a name or zone.name",
  );
});
