/** The tables of the accuracy bench as text, for the terminal and the documents. */
import {
  type AccuracyMeasurements,
  type AccuracyTable,
  accuracyTables,
  type BenchDocument,
} from "../../benches/index.ts";
import { formatTable } from "../output.ts";
import { renderFigures } from "./figures-text.ts";

/** The width of notes, in characters. */
const WIDTH = 100;

/** All tables that have rows, then the figures. */
export function renderAccuracy({
  measurements,
  figures,
}: Pick<BenchDocument<AccuracyMeasurements>, "measurements" | "figures">): string {
  const tables = notedOnce(accuracyTables(measurements));
  return [...tables.map(renderTable), renderFigures(figures)].join("\n\n");
}

/** Each note follows the first table that it belongs to. */
function notedOnce(tables: readonly AccuracyTable[]): readonly AccuracyTable[] {
  const said = new Set<string>();
  return tables.map((table) => {
    const notes = table.notes.filter((note) => !said.has(note));
    for (const note of notes) said.add(note);
    return { ...table, notes };
  });
}

function renderTable({ title, header, rows, notes }: AccuracyTable): string {
  const below = notes.length === 0 ? [] : ["", ...notes.flatMap(wrap)];
  return [title, "", formatTable(header, rows), ...below].join("\n");
}

/** Lines of at most WIDTH characters, broken between words. */
function wrap(text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= WIDTH) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}
