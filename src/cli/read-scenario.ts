/** A scenario's file, with the file of recorded demand that it names. */
import { basename, dirname, resolve } from "node:path";
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
