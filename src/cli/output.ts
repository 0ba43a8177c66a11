/**
 * Output: results go to stdout, everything else to stderr. Names come from users' files, so that
 * no control character of theirs reaches a terminal.
 */
import { visible } from "../shared/visible.ts";

/** One JSON document on stdout. */
export function printJson(document: unknown): void {
  process.stdout.write(`${visible(JSON.stringify(document, null, 2))}\n`);
}

export function printLine(line = ""): void {
  process.stdout.write(`${visible(line)}\n`);
}

/** How much a command writes on stderr beside errors. */
export interface Verbosity {
  /** No progress, remarks or warnings. */
  readonly quiet?: boolean;
  /** Also versions, settings and times. */
  readonly verbose?: boolean;
}

let verbosity: Verbosity = {};

/** Sets the verbosity of the command that begins: one process runs one command at a time. */
export function setVerbosity(wanted: Verbosity): void {
  verbosity = wanted;
}

export function isQuiet(): boolean {
  return verbosity.quiet === true;
}

export function isVerbose(): boolean {
  return verbosity.verbose === true;
}

/** A remark that is not a result. */
export function note(line: string): void {
  if (!isQuiet()) process.stderr.write(`${visible(line)}\n`);
}

/** A remark that --verbose adds. */
export function detail(line: string): void {
  if (isVerbose()) note(line);
}

/** A time as "1.25 s". */
export function secondsOf(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

export function warn(line: string): void {
  note(`warning: ${line}`);
}

/**
 * JSON with one line per object member and one line per list element, so that the difference
 * between two such files is readable, however long their lists are.
 */
export function jsonByLines(value: unknown, indent = ""): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const inner = `${indent}  `;
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const parts = Array.isArray(value)
    ? value.map((element) => JSON.stringify(element))
    : Object.entries(value)
        .filter(([, entry]) => entry !== undefined)
        .map(([key, entry]) => `${JSON.stringify(key)}: ${jsonByLines(entry, inner)}`);
  if (parts.length === 0) return `${open}${close}`;
  return `${open}\n${parts.map((part) => `${inner}${part}`).join(",\n")}\n${indent}${close}`;
}

/** Rows as aligned columns: the first column to the left, the others to the right. */
export function formatTable(
  header: readonly string[],
  given: readonly (readonly string[])[],
  align: "left" | "right" = "right",
): string {
  const rows = given.map((row) => row.map(visible));
  const widths = header.map((name, c) =>
    Math.max(name.length, ...rows.map((row) => row[c]!.length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, c) =>
        c === 0 || align === "left" ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!),
      )
      .join("  ")
      .trimEnd();
  const rule = widths.map((width) => "─".repeat(width)).join("  ");
  return [line(header), rule, ...rows.map(line)].join("\n");
}
