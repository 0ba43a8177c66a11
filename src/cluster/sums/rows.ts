/**
 * The rows that a site holds, and what of them takes part in a sum.
 *
 * A row's side and its draws follow from a hash of the row, so they do not depend on where it lies,
 * and copies of a row stay together.
 */

import type { Table } from "../../data/index.ts";
import { applyPreprocessing, type Preprocessing, scaleTarget } from "../../data/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { type Matrix, takeRows } from "../../shared/matrix.ts";
import { childSeed } from "../../shared/rng.ts";
import type { Side } from "./query.ts";

/** As `selectTarget` gives them. */
export interface SiteRows {
  readonly features: Table;
  readonly targetName: string;
  /** Finite. Shape (features.nRows,). */
  readonly y: Float64Array;
}

/** Rows in standardised units. */
export interface PreparedRows {
  readonly X: Matrix;
  readonly y: Float32Array;
  /** A hash of each row. */
  readonly keys: Int32Array;
}

const HELD_OUT_SHARE = 0.2;

/** The last preprocessing's rows are kept: one fit asks with one preprocessing. */
export function createPreparer(rows: SiteRows): (preprocessing: Preprocessing) => PreparedRows {
  let last: { readonly text: string; readonly prepared: PreparedRows } | null = null;
  return (preprocessing) => {
    const text = JSON.stringify(preprocessing);
    if (last?.text !== text) last = { text, prepared: prepareRows(rows, preprocessing) };
    return last.prepared;
  };
}

/** @throws COLUMN_MISSING as `applyPreprocessing`; COLUMN_TYPE, which says nothing of a cell. */
export function prepareRows({ features, y }: SiteRows, preprocessing: Preprocessing): PreparedRows {
  checkTypes(features, preprocessing);
  const X = applyPreprocessing(preprocessing, features);
  const targets = scaleTarget(y, preprocessing.target);
  return { X, y: targets, keys: keysOf(X, targets) };
}

/** The message of `applyPreprocessing` shows a cell, and this one leaves the site. */
function checkTypes({ columns }: Table, { features }: Preprocessing): void {
  for (const { name, type } of features) {
    const column = columns.find((own) => own.name === name);
    if (type === "category" || column === undefined || column.type === "number") continue;
    if (column.values.every((cell) => cell === null)) continue;
    throw new BailiwickError("COLUMN_TYPE", `column "${name}" must be of numbers at every site`, {
      column: name,
    });
  }
}

export function takePrepared({ X, y, keys }: PreparedRows, rows: Int32Array): PreparedRows {
  return {
    X: takeRows(X, rows),
    y: Float32Array.from(rows, (i) => y[i]!),
    keys: Int32Array.from(rows, (i) => keys[i]!),
  };
}

/** The rows of one side. */
export function sideOf(rows: PreparedRows, side: Side, seed: number): PreparedRows {
  if (side === "all") return rows;
  const isHeldOut = chance(childSeed(seed, "held-out"), HELD_OUT_SHARE);
  const wanted = side === "held-out";
  return takePrepared(
    rows,
    Int32Array.from(rows.keys.keys()).filter((i) => isHeldOut(rows.keys[i]!) === wanted),
  );
}

/** The rows that one step's draw takes. */
export function drawRows(
  rows: PreparedRows,
  { share, step }: { readonly share: number; readonly step: number },
  seed: number,
): PreparedRows {
  if (share >= 1) return rows;
  const isDrawn = chance(childSeed(seed, `step ${step}`), share);
  return takePrepared(
    rows,
    Int32Array.from(rows.keys.keys()).filter((i) => isDrawn(rows.keys[i]!)),
  );
}

/** A number from 0 to n − 1 for each row. */
export function rowNumbers({ keys }: PreparedRows, n: number, seed: number): Int32Array {
  const own = childSeed(seed, "labels");
  return keys.map((key) => Math.floor((mixed(key, own) / 2 ** 32) * n));
}

function chance(seed: number, share: number): (key: number) => boolean {
  return (key) => mixed(key, seed) < share * 2 ** 32;
}

/** FNV-1a over the words of a row's numbers, each word mixed. */
function keysOf({ values, nRows, nColumns }: Matrix, y: Float32Array): Int32Array {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length);
  const targets = new Int32Array(y.buffer, y.byteOffset, y.length);
  const keys = new Int32Array(nRows);
  for (let i = 0; i < nRows; i++) {
    let key = mixed(targets[i]!, 0x811c9dc5);
    for (let j = 0; j < nColumns; j++) key = mixed(words[i * nColumns + j]!, key);
    keys[i] = key;
  }
  return keys;
}

/** 32 bits of both numbers (the finaliser of MurmurHash3, Appleby 2011). */
function mixed(word: number, seed: number): number {
  let hash = Math.imul(word ^ Math.imul(seed, 0x9e3779b1), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 16), 0xc2b2ae35);
  hash ^= seed;
  hash = Math.imul(hash ^ (hash >>> 13), 0x85ebca6b);
  return (hash ^ (hash >>> 16)) >>> 0;
}
