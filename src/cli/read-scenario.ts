/** A scenario's file, with the file of recorded demand that it names. */
import { readdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import {
  type Demand,
  demandOf,
  parseScenario,
  type Scenario,
  withDemand,
} from "../cluster/simulation/index.ts";
import { momentsOf, readTable } from "../data/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { readTextFile } from "../shared/files.ts";

const MAX_FILE_BYTES = 10_000_000;
const MAX_DEMAND_BYTES = 100_000_000;
const TIME = "time";

/**
 * @param path - The scenario's; a demand's file is named relative to it.
 * @throws FILE_NOT_FOUND, CONFIG_INVALID, and as `readDemand`.
 */
export async function readScenario(path: string): Promise<Scenario> {
  const limits = {
    maxBytes: MAX_FILE_BYTES,
    missing: "FILE_NOT_FOUND",
    tooLarge: "DATA_TOO_LARGE",
  } as const;
  const scenario = parseScenario(await readTextFile(path, limits));
  if (scenario.demandFile === null) return scenario;
  return withDemand(scenario, await readDemand(resolve(dirname(path), scenario.demandFile)));
}

/** All scenarios of a folder, in the order of their files' names. @throws as `readScenario` */
export async function readScenarios(folder: string, option: string): Promise<readonly Scenario[]> {
  const names = await namesIn(folder, option, ".json");
  return Promise.all(names.map((name) => readScenario(join(folder, `${name}.json`))));
}

/**
 * The files of a folder with that ending, without it, in alphabetical order.
 *
 * @throws FILE_NOT_FOUND naming the option that must be a folder.
 */
export async function namesIn(
  folder: string,
  option: string,
  ending: string,
): Promise<readonly string[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    const message = `${option} must be a folder, "${folder}" cannot be read`;
    throw new BailiwickError("FILE_NOT_FOUND", message, { folder }, cause);
  });
  const files = names.filter((name) => name.endsWith(ending)).sort();
  return files.map((name) => name.slice(0, -ending.length));
}

/**
 * Recorded demand from a file of rows: a column `time` and one column of requests for each model.
 *
 * @throws as `readTable` and `demandOf`; COLUMN_MISSING without a column `time`, COLUMN_TYPE for
 *   cells that are no times or no numbers.
 */
export async function readDemand(path: string): Promise<Demand> {
  const types = { [TIME]: "date" } as const;
  const { table } = await readTable(path, { types, maxBytes: MAX_DEMAND_BYTES });
  const name = basename(path);
  const stray = table.strays?.[0];
  if (stray !== undefined) {
    const { text, place } = stray.cells[0]!;
    refuseCell(name, stray.column, `${place} holds "${text}"`);
  }
  const [times] = table.columns.filter((column) => column.name === TIME);
  const models = table.columns
    .filter((column) => column !== times)
    .map((column) => {
      if (column.type === "number") return { name: column.name, requests: column.values };
      const found = column.values.find((value) => value !== null) ?? "";
      return refuseCell(name, column.name, `it holds "${found}"`);
    });
  const demand = demandOf({ name, times: momentsOf(times!), models });
  return { ...demand, notes: [...(table.notes ?? []), ...demand.notes] };
}

function refuseCell(file: string, column: string, found: string): never {
  const must = column === TIME ? "times" : "numbers of requests";
  const message = `${file}: column "${column}" must hold ${must}, ${found}`;
  throw new BailiwickError("COLUMN_TYPE", message, { column });
}
