// One kind of `fuzz-files.mjs`: items from FIRST below COUNT, each drawn by SEED and its number.
//
// A line of stdout is { begun }, the number of the next item; { item, unhandled } for an error that is none of the package's; at the end { ended }, how many
// ended how.

import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createDraw, spoilBytes, spoilText, spoilValues } from "./fuzz-spoil.mjs";

const [kind, ...numbers] = process.argv.slice(2);
const [first, count, seed] = numbers.map(Number);
const DIST = numbers[3];
const { BailiwickError, load, openTable, predict } = await import(join(DIST, "index.js"));

const MODEL = fileURLToPath(new URL("../../models/concrete/", import.meta.url));
const ARROWS = fileURLToPath(new URL("../../test/data/arrow/", import.meta.url));
const ROWS = 3;
const ZEROS = "0".repeat(64);
const ended = {};

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** A spoilt copy of the model, whose hashes are right in two of three. @returns What reads it. */
function bundles(folder) {
  const [name] = readdirSync(join(MODEL, "versions"));
  const manifest = JSON.parse(readFileSync(join(MODEL, "versions", name), "utf8"));
  const blobs = new Map(
    readdirSync(join(MODEL, "blobs")).map((hash) => [
      hash,
      readFileSync(join(MODEL, "blobs", hash)),
    ]),
  );
  const hashes = [...blobs.keys()];
  const columns = manifest.preprocessing.features.map((feature) => feature.name);
  const rows = Array.from({ length: ROWS }, (_, i) =>
    Object.fromEntries(columns.map((column, j) => [column, 10 * i + j])),
  );
  cpSync(MODEL, folder, { recursive: true });
  const write = (document) => {
    const blank = `${JSON.stringify({ ...document, checksum: ZEROS }, null, 2)}\n`;
    const text = blank.replace(`"checksum": "${ZEROS}"`, `"checksum": "${sha256(blank)}"`);
    writeFileSync(join(folder, "versions", name), text);
    return text;
  };
  let made = null;
  const restore = () => {
    if (made !== null) {
      rmSync(made);
      for (const [hash, bytes] of blobs) writeFileSync(join(folder, "blobs", hash), bytes);
    }
    made = null;
    return write(manifest);
  };
  const spoilBlob = (text, isNamed, draw) => {
    const hash = hashes[draw(hashes.length)];
    const spoilt = spoilBytes(blobs.get(hash), draw);
    const named = isNamed ? sha256(spoilt) : hash;
    made = join(folder, "blobs", named);
    writeFileSync(made, spoilt);
    write(JSON.parse(text.replaceAll(hash, named)));
  };
  return async (draw) => {
    const text = restore();
    const how = draw(6);
    if (how <= 2) write(spoilValues(JSON.parse(text), draw));
    else if (how === 3) writeFileSync(join(folder, "versions", name), spoilText(text, draw));
    else spoilBlob(text, how === 4, draw);
    const model = await load(folder);
    const { values } = await predict(model, rows);
    if (values.length !== ROWS) throw new Error(`${values.length} predictions`);
  };
}

function tables(folder, ending, make) {
  const path = join(folder, `table.${ending}`);
  return async (draw) => {
    writeFileSync(path, make(draw));
    await openTable(path, {});
  };
}

function arrows(folder) {
  const names = readdirSync(ARROWS).filter((name) => /\.(arrows?|feather)$/.test(name));
  const originals = names.map((name) => readFileSync(join(ARROWS, name)));
  return tables(folder, "arrow", (draw) => spoilBytes(originals[draw(originals.length)], draw));
}

const rowOf = (i) => ({
  id: `r${i}`,
  x: i / 7,
  kind: "abc"[i % 3],
  day: `2024-01-${10 + (i % 20)}`,
});
const LINES = Array.from({ length: 12 }, (_, i) => Object.values(rowOf(i)));
const [COMMAS, SEMICOLONS] = [",", ";"].map(
  (separator) =>
    ["id", "x", "kind", "day"].join(separator) +
    `\n${LINES.map((line) => line.map((cell) => `"${cell}"`).join(separator)).join("\n")}\n`,
);
const DOCUMENT = JSON.stringify(Array.from({ length: 12 }, (_, i) => rowOf(i)));
const DOCUMENTS = [DOCUMENT, DOCUMENT.slice(1, -1).replaceAll("},{", "}\n{")];

const READERS = {
  bundle: bundles,
  arrow: arrows,
  csv: (folder) => tables(folder, "csv", (draw) => spoilText(draw(2) ? COMMAS : SEMICOLONS, draw)),
  json: (folder) =>
    tables(folder, "json", (draw) => {
      if (draw(2)) return spoilText(DOCUMENTS[draw(2)], draw);
      return JSON.stringify(spoilValues(JSON.parse(DOCUMENT), draw));
    }),
};

const folder = mkdtempSync(join(tmpdir(), "bailiwick-fuzz-"));
try {
  const read = READERS[kind](folder);
  for (let item = first; item < count; item++) {
    say({ begun: item });
    let how = "read";
    try {
      await read(createDraw(seed * 1_000_003 + item));
    } catch (error) {
      how = error.code ?? "none";
      const isOurs = error instanceof BailiwickError && !String(error).includes("[BUG]");
      if (!isOurs) say({ item, unhandled: String(error.stack).slice(0, 600) });
    }
    ended[how] = (ended[how] ?? 0) + 1;
  }
  say({ ended });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
