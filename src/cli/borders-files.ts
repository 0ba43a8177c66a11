/** The borders of a server: of its file, its pins and its sealed classes. */
import { type Borders, NO_BORDERS, parseBorders, pinnedTo } from "../cluster/borders/index.ts";
import { parseVerifier } from "../cluster/witness/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { readTextFile } from "../shared/files.ts";

export interface BordersFlags {
  readonly borders?: string;
  readonly pin: ReadonlyMap<string, readonly string[]>;
  /** Classes of rows. */
  readonly seal: readonly string[];
  readonly zoneKey: readonly string[];
}

const MAX_BYTES = 1 << 20;

/** @throws FILE_NOT_FOUND, CONFIG_INVALID, NOTE_INVALID */
export async function readBordersFile(path: string): Promise<Borders> {
  return parseBorders(await readTextFile(path, { maxBytes: MAX_BYTES }));
}

/**
 * @throws as `readBordersFile`; INVALID_OPTION if the file has borders of a class that an option
 *   names too, or rows are to be sealed and no zone has a key.
 */
export async function readBorders(flags: BordersFlags): Promise<Borders> {
  const { pin: pins, seal: seals } = flags;
  const file = flags.borders === undefined ? NO_BORDERS : await readBordersFile(flags.borders);
  const zoneKeys = [...file.zoneKeys, ...flags.zoneKey.map((key) => parseVerifier("log", key))];
  const named = [...new Set([...pins.keys(), ...seals])];
  const twice = named.find((name) => file.classes.has(name));
  if (twice !== undefined) {
    const message = `class ${twice} must be in --borders or in --pin and --seal, not in both`;
    throw new BailiwickError("INVALID_OPTION", message);
  }
  const own = named.map((name) => {
    return [name, pinnedTo(pins.get(name) ?? null, seals.includes(name))] as const;
  });
  const classes = new Map([...file.classes, ...own]);
  const isSealed = [...classes.values()].some(({ inputs, answers }) =>
    [inputs, answers].some((ways) => Object.values(ways).includes("sealed")),
  );
  if (isSealed && zoneKeys.length === 0) {
    const message = "sealed rows need keys of zones: --zone-key, or zoneKeys of --borders";
    throw new BailiwickError("INVALID_OPTION", message);
  }
  return { ...file, zoneKeys, classes };
}
