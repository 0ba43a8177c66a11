/** Bytes of values that must be nowhere any more: searched for in every file of folders. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

export interface Trace {
  readonly what: string;
  readonly bytes: Uint8Array;
}

/** A text; a number as text and in 32 and 64 bits, little-endian. */
export function tracesOf(value: string | number): readonly Trace[] {
  const text = { what: String(value), bytes: Buffer.from(String(value)) };
  if (typeof value === "string") return [text];
  const [single, double] = [Buffer.alloc(4), Buffer.alloc(8)];
  single.writeFloatLE(value);
  double.writeDoubleLE(value);
  return [
    text,
    { what: `${value} in 32 bits`, bytes: single },
    { what: `${value} in 64 bits`, bytes: double },
  ];
}

/** What of the traces is in a file at or below the paths, each as "what in file". */
export function tracesIn(paths: readonly string[], traces: readonly Trace[]): readonly string[] {
  return paths.flatMap(filesAt).flatMap((path) => {
    const bytes = bytesAt(path);
    return traces
      .filter((trace) => bytes.includes(Buffer.from(trace.bytes)))
      .map(({ what }) => `${what} in ${path}`);
  });
}

/** None if the file is gone since it was listed: a running node removes files. */
function bytesAt(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0);
    throw error;
  }
}

function filesAt(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .map((name) => join(path, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true);
}
