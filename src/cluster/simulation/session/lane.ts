/** Transfers over one way of a link, which they share equally. */
import type { Carried } from "./links.ts";

export interface Lane {
  /** @param done - Called when the last byte has been carried. */
  start(bytes: number, done: () => void): Transfer;
  cancel(transfer: Transfer): void;
  /** The moment at which the next transfer ends; Infinity without any. */
  nextEnd(): number;
  /** Goes on to a moment that is not after `nextEnd`. */
  advance(seconds: number): void;
  readonly isBusy: boolean;
  /** Carried so far. */
  readonly bytes: number;
}

export interface Transfer {
  left: number;
  readonly done: () => void;
}

/** Rounding may leave so much of a transfer that has ended. */
const NO_BYTES = 1e-3;

export function createLane(way: Carried): Lane {
  const transfers = new Set<Transfer>();
  let carriedBefore = 0;
  let bytes = 0;
  return {
    start: (size, done) => {
      const transfer = { left: Math.max(size, NO_BYTES), done };
      transfers.add(transfer);
      return transfer;
    },
    cancel: (transfer) => {
      transfers.delete(transfer);
    },
    nextEnd: () => {
      let least = Number.POSITIVE_INFINITY;
      for (const { left } of transfers) least = Math.min(least, left);
      return least === Number.POSITIVE_INFINITY
        ? least
        : way.momentOf(carriedBefore + least * transfers.size);
    },
    advance: (seconds) => {
      const carriedNow = way.by(seconds);
      const each = (carriedNow - carriedBefore) / transfers.size;
      carriedBefore = carriedNow;
      const ended: Transfer[] = [];
      for (const transfer of transfers) {
        bytes += Math.min(each, transfer.left);
        transfer.left -= each;
        if (transfer.left <= NO_BYTES) ended.push(transfer);
      }
      for (const transfer of ended) transfers.delete(transfer);
      for (const { done } of ended) done();
    },
    get isBusy() {
      return transfers.size > 0;
    },
    get bytes() {
      return bytes;
    },
  };
}
