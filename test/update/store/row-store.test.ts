/**
 * Goal: rows that were stored come back, and those that were forgotten do not; what a killed writer
 * left is not read (test/system/kills.test.ts kills writers).
 * Method: round trips of cells of every kind, and files cut and added to by hand.
 */
import {
  appendFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseTable, type Table } from "../../../src/data/index.ts";
import { sha256 } from "../../../src/shared/hash.ts";
import {
  appendRows,
  countRows,
  countTraining,
  makeStoreFolder,
  moveRows,
  openStore,
  type RowStore,
  readRegime,
  readTraining,
  rowMatcher,
  type StoreState,
  settleJournal,
  tableOf,
  writeSuccessor,
  writeWithout,
} from "../../../src/update/store/index.ts";
import { emptyState } from "../../../src/update/store/state.ts";
import { temporaryFolder } from "../../bundle/models.ts";

const COLUMNS = [
  { name: "x", type: "number" },
  { name: "who", type: "category" },
  { name: "y", type: "number" },
] as const;
const ROWS: Table = {
  nRows: 4,
  columns: [
    { type: "number", name: "x", values: Float64Array.of(0.1 + 0.2, Number.NaN, -1e-300, 4) },
    { type: "category", name: "who", values: ["ann", 'b "o"\nb', null, "ann"] },
    { type: "number", name: "y", values: Float64Array.of(1, 2, 3, 4) },
  ],
};

const NEXT = { digest: sha256("next"), version: 2 };

/** A store of no rows, in place of any that is there. */
async function createStore(
  folder: string,
  shape: Pick<StoreState, "columns" | "target">,
): Promise<RowStore> {
  await makeStoreFolder(folder);
  const state = emptyState(shape);
  const journal = await writeSuccessor(folder, null, { ...NEXT, state });
  return (await settleJournal(folder, journal, true))!;
}

/** Removes rows, as `forget` does; their numbers by regime, and them as a table. */
async function forgetRows(store: RowStore, key: { column: string; value: string }) {
  const isMeant = rowMatcher(store, key);
  const lists = await Promise.all(countRows(store).map((_, k) => readRegime(store, k)));
  const gone = lists.map((rows) => rows.filter(isMeant));
  const state = await writeWithout(store, isMeant);
  const journal = await writeSuccessor(store.folder, store.state, { ...NEXT, state });
  const left = (await settleJournal(store.folder, journal, true))!;
  const counts = gone.map(({ length }) => length);
  return { store: left, counts, rows: tableOf(store.state, gone.flat()) };
}

async function stored(): Promise<RowStore> {
  const folder = join(temporaryFolder(), "model.store");
  const store = await createStore(folder, { columns: COLUMNS, target: "y" });
  return appendRows(store, { table: ROWS, regimes: [0, 1, 1, 2], sha256: sha256("first") });
}

async function allRows(store: RowStore): Promise<Table> {
  const lists = await Promise.all(countRows(store).map((_, k) => readRegime(store, k)));
  return tableOf(store.state, lists.flat());
}

describe("a row store", () => {
  test("gives back what it was given, apart by regime", async () => {
    const { folder } = await stored();
    const store = await openStore(folder);
    expect(countRows(store)).toEqual([1, 2, 1]);
    expect(await allRows(store)).toEqual(ROWS);
    expect((await readTraining(store, 1))!.y).toEqual(Float64Array.of(2, 3));
    expect(await readTraining(store, 7)).toBeNull();
  });

  test("takes a batch once, however often it is given", async () => {
    const store = await appendRows(await stored(), {
      table: ROWS,
      regimes: [0, 0, 0, 0],
      sha256: sha256("first"),
    });
    expect(countRows(store)).toEqual([1, 2, 1]);
    const more = await appendRows(store, {
      table: ROWS,
      regimes: [0, 0, 3, 0],
      sha256: sha256("second"),
    });
    expect(countRows(await openStore(more.folder))).toEqual([4, 2, 1, 1]);
  });

  test("moves rows by a line in its journal, and shards stay as they are", async () => {
    const store = await stored();
    const shards = () =>
      ["0-1", "1-1", "2-1"].map((name) =>
        readFileSync(join(store.folder, `${name}.jsonl`), "utf8"),
      );
    const before = shards();
    const [, second] = await readRegime(store, 1);
    await moveRows(store, [second!], 3);
    const moved = await openStore(store.folder);
    expect(countRows(moved)).toEqual([1, 1, 1, 1]);
    expect(tableOf(moved.state, await readRegime(moved, 3)).columns[2]!.values).toEqual(
      Float64Array.of(3),
    );
    expect(shards()).toEqual(before);
    const back = await moveRows(moved, await readRegime(moved, 3), 1);
    expect(countRows(back)).toEqual([1, 2, 1]);
    expect(await readRegime(back, 1)).toHaveLength(2);
  });

  test("trains on rows of the law that an expert knows, and keeps the others", async () => {
    const laws = [{ regime: 1, row: 1, nEarlier: 0 }];
    const second = { table: ROWS, regimes: [1, 1, 1, 2], sha256: sha256("second"), laws };
    const { folder } = await appendRows(await stored(), second);
    const store = await openStore(folder);
    expect([countRows(store), countTraining(store)]).toEqual([
      [1, 5, 2],
      [1, 2, 2],
    ]);
    expect((await readTraining(store, 1))!.y).toEqual(Float64Array.of(2, 3));
    expect(await readRegime(store, 1)).toHaveLength(5);
    // Another law again, which the last stored row follows already.
    const again = [{ regime: 1, row: 0, nEarlier: 1 }];
    const third = { table: ROWS, regimes: [1, 2, 2, 2], sha256: sha256("third"), laws: again };
    const later = await appendRows(store, third);
    expect((await readTraining(later, 1))!.y).toEqual(Float64Array.of(3, 1));
    const { store: left } = await forgetRows(later, { column: "who", value: "bob" });
    expect(countTraining(await openStore(left.folder))[1]).toBe(
      (await readTraining(left, 1))?.y.length ?? 0,
    );
  });

  test("forgets rows by their key: no file holds them any more, others are the same", async () => {
    const store = await stored();
    const untouched = readFileSync(join(store.folder, "1-1.jsonl"), "utf8");
    const { counts, rows } = await forgetRows(store, { column: "who", value: "ann" });
    expect(counts).toEqual([1, 0, 1]);
    expect(rows.nRows).toBe(2);
    const after = await openStore(store.folder);
    expect(countRows(after)).toEqual([0, 2, 0]);
    const files = readdirSync(store.folder);
    const texts = files.map((name) => readFileSync(join(store.folder, name), "utf8"));
    expect(texts.join("")).not.toContain("ann");
    expect(readFileSync(join(store.folder, "1-1.jsonl"), "utf8")).toBe(untouched);
    await expect(forgetRows(after, { column: "when", value: "1" })).rejects.toMatchObject({
      code: "COLUMN_MISSING",
    });
  });

  test.each(["csv", "jsonl"] as const)(
    "forgets a key by its text in the file, %s",
    async (format) => {
      const ids = ["9007199254740992", "9007199254740993", "9007199254740994"];
      const zips = format === "csv" ? ["01234", "1234", "1.0"] : ["12e1", "120", "120.0"];
      const lines = ids.map((id, i) =>
        format === "csv" ? `${id},${zips[i]},${i}` : `{"id":${id},"zip":${zips[i]},"y":${i}}`,
      );
      const text = `${[...(format === "csv" ? ["id,zip,y"] : []), ...lines].join("\n")}\n`;
      const table = parseTable(Buffer.from(text), format, { keepTexts: "all" });
      const columns = table.columns.map(({ name, type }) => ({ name, type }));
      const empty = await createStore(join(temporaryFolder(), "m.store"), { columns, target: "y" });
      await appendRows(empty, { table, regimes: [0, 1, 0], sha256: sha256(text) });
      const forgotten = async (column: string, value: string): Promise<number[]> => {
        const store = await openStore(empty.folder);
        const isMeant = rowMatcher(store, { column, value });
        const rows = [...(await readRegime(store, 0)), ...(await readRegime(store, 1))];
        return [...tableOf(store.state, rows.filter(isMeant)).columns[2]!.values]
          .map(Number)
          .sort();
      };
      for (const [i, id] of ids.entries()) expect(await forgotten("id", id)).toEqual([i]);
      for (const [i, zip] of zips.entries()) expect(await forgotten("zip", zip)).toEqual([i]);
      expect(await forgotten("id", "9.007199254740992e15")).toEqual([]);
      expect(await forgotten("zip", "0120")).toEqual([]);
    },
  );

  test("refuses a key where numbers were kept that other keys equal", async () => {
    const values = Float64Array.of(2 ** 53, 5, 1, 2);
    const columns = [{ type: "number" as const, name: "id", values }, ROWS.columns[2]!];
    const shape = columns.map(({ name }) => ({ name, type: "number" as const }));
    const folder = join(temporaryFolder(), "model.store");
    const empty = await createStore(folder, { columns: shape, target: "y" });
    const batch = { table: { nRows: 4, columns }, regimes: [0, 0, 0, 0] };
    const store = await appendRows(empty, { ...batch, sha256: sha256("ids") });
    const refused = { code: "COLUMN_TYPE", details: { column: "id" } };
    const key = { column: "id", value: String(2 ** 53 + 1) };
    await expect(forgetRows(store, key)).rejects.toMatchObject(refused);
    expect((await forgetRows(store, { column: "id", value: "5" })).counts).toEqual([1]);
    // A store of an earlier version kept no texts: "05" may have stood where 5 is kept.
    const journal = join(folder, "journal.jsonl");
    writeFileSync(journal, readFileSync(journal, "utf8").replace('"format":2', '"format":1'));
    const earlier = { column: "id", value: "1" };
    await expect(forgetRows(await openStore(folder), earlier)).rejects.toMatchObject(refused);
    // Single precision rounds from 2^24 on: then no key of the column can be told.
    const spelling = { texts: new Map<number, string>(), rounded: "row 1" };
    const table = { ...batch.table, spellings: new Map([["id", spelling]]) };
    const more = await createStore(join(temporaryFolder(), "b.store"), {
      columns: shape,
      target: "y",
    });
    await appendRows(more, { ...batch, table, sha256: sha256("more") });
    await expect(
      forgetRows(await openStore(more.folder), { column: "id", value: "5" }),
    ).rejects.toMatchObject(refused);
  });

  test("does not see what a killed writer left behind, and goes on after it", async () => {
    const { folder } = await stored();
    appendFileSync(join(folder, "0-1.jsonl"), '[9,"half');
    appendFileSync(join(folder, "journal.jsonl"), '{"record":"batch","sha');
    const store = await openStore(folder);
    expect(await allRows(store)).toEqual(ROWS);
    await appendRows(store, { table: ROWS, regimes: [0, 0, 0, 0], sha256: sha256("second") });
    expect(countRows(await openStore(folder))).toEqual([5, 2, 1]);
    expect(await readRegime(await openStore(folder), 0)).toHaveLength(5);
  });

  test("refuses a shard in which a digit is another, and reads lines of earlier versions", async () => {
    const { folder } = await stored();
    const shard = join(folder, "1-1.jsonl");
    const text = readFileSync(shard, "utf8");
    writeFileSync(shard, text.replace("1e-300", "1e-301"));
    const changed = { code: "STORE_CORRUPT", message: expect.stringContaining("changed") };
    await expect(readRegime(await openStore(folder), 1)).rejects.toMatchObject(changed);
    const plain = text.replace(/ [0-9a-f]{8}$/gm, "");
    writeFileSync(shard, plain);
    const journal = join(folder, "journal.jsonl");
    const bytes = (length: number) => `"file":"1-1.jsonl","bytes":${length}`;
    const before = readFileSync(journal, "utf8");
    writeFileSync(journal, before.replace(bytes(text.length), bytes(plain.length)));
    expect(await allRows(await openStore(folder))).toEqual(ROWS);
  });

  test("refuses shards that are cut, and journals that are not", async () => {
    const { folder, ...store } = await stored();
    truncateSync(join(folder, "1-1.jsonl"), 5);
    const corrupt = { code: "STORE_CORRUPT" };
    await expect(readRegime({ folder, ...store }, 1)).rejects.toMatchObject(corrupt);
    writeFileSync(join(folder, "journal.jsonl"), '{"record":"state"}\n');
    await expect(openStore(folder)).rejects.toMatchObject(corrupt);
    const missing = { code: "STORE_MISSING" };
    await expect(openStore(join(folder, "none"))).rejects.toMatchObject(missing);
  });
});

test("a store with a link in it is refused, and what the link points to stays", async () => {
  const { folder } = await stored();
  const outside = join(temporaryFolder(), "notes");
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const content = readFileSync(path);
    writeFileSync(outside, "mine");
    rmSync(path);
    symlinkSync(outside, path);
    const refused = { code: "STORE_CORRUPT", message: expect.stringContaining("symbolic link") };
    await expect(openStore(folder)).rejects.toMatchObject(refused);
    const replaced = createStore(folder, { columns: COLUMNS, target: "y" });
    await expect(replaced).rejects.toMatchObject(refused);
    expect(readFileSync(outside, "utf8")).toBe("mine");
    rmSync(path);
    writeFileSync(path, content);
  }
  expect((await openStore(folder)).state.shards).toHaveLength(3);
});
