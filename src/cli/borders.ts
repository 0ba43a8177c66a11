/** `bailiwick borders explain`: what of a class of rows may go to a zone, and by which line. */
import {
  type Borders,
  type ClassBorders,
  type Passage,
  type Passages,
  passageTo,
  THINGS,
  type Thing,
} from "../cluster/borders/index.ts";
import { checkName } from "../cluster/fabric/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { readBordersFile } from "./borders-files.ts";
import { formatTable, printJson, printLine } from "./output.ts";

/** Where a thing leaves a process today. */
const WAYS: Readonly<Record<Thing, string>> = {
  rows: "a request to a server in the zone",
  inputs: "a router asks a node in the zone",
  activations: "nothing sends them",
  answers: "a node answers a router in the zone",
  sums: "a site answers them, and does not ask this table yet",
};
const EXPERTS_WAY = "the placer puts them on a node in the zone";

interface Explained {
  readonly what: string;
  readonly passage: Passage;
  readonly because: string;
  readonly way: string;
}

export async function bordersExplainCommand(
  rowClass: string,
  zone: string,
  { borders: path, json }: { readonly borders: string; readonly json?: boolean },
): Promise<void> {
  checkName("a zone", zone);
  const borders = await readBordersFile(path);
  const lines = [...explainClass(borders, rowClass, zone), ...explainExperts(borders, zone)];
  if (json === true) return printJson({ class: rowClass, zone, passages: lines });
  const rows = lines.map(({ what, passage, because, way }) => [what, passage, because, way]);
  printLine(formatTable(["what", `to ${zone}`, "because", "way"], rows));
}

function explainClass(borders: Borders, rowClass: string, zone: string): readonly Explained[] {
  const own = borders.classes.get(rowClass);
  if (own === undefined && rowClass !== "*") {
    const known = [...borders.classes.keys()].join(", ") || "none";
    const message = `a class must be one that has borders (${known}), got "${rowClass}"`;
    throw new BailiwickError("INVALID_OPTION", message);
  }
  return THINGS.map((thing) => ({
    what: thing,
    ...explainPassage(own, thing, { rowClass, zone }),
    way: WAYS[thing],
  }));
}

type Why = Pick<Explained, "passage" | "because">;

function explainPassage(
  own: ClassBorders | undefined,
  thing: Thing,
  { rowClass, zone }: { readonly rowClass: string; readonly zone: string },
): Why {
  if (own === undefined) return { passage: "clear", because: "rows of no class have no borders" };
  return because(own[thing], `classes.${rowClass}.${thing}`, zone);
}

function explainExperts({ experts }: Borders, zone: string): readonly Explained[] {
  if (experts.size === 0) {
    const why: Why = { passage: "clear", because: "experts have no borders" };
    return [{ what: "experts", ...why, way: EXPERTS_WAY }];
  }
  const named = [...experts].map(([kind, passages]) => ({
    what: kind === "*" ? "other experts" : `experts: ${kind}`,
    ...because(passages, `experts.${kind}`, zone),
    way: EXPERTS_WAY,
  }));
  const others: Why = { passage: "never", because: "experts names no other kind" };
  return experts.has("*")
    ? named
    : [...named, { what: "other experts", ...others, way: EXPERTS_WAY }];
}

function because(passages: Passages, path: string, zone: string): Why {
  const passage = passageTo(passages, zone);
  const name = [zone, "*"].find((one) => passages[one] !== undefined);
  const because = name === undefined ? `${path} does not name it` : `${path}["${name}"]`;
  return { passage, because };
}
