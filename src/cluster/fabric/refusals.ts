/**
 * Messages that were refused because they do not fit: counted by name, the first of a name logged.
 */
import { BailiwickError } from "../../shared/errors.ts";

export interface Refusals {
  /** Counts the error if it is MESSAGE_INVALID. @returns Whether it is. */
  count(error: unknown): boolean;
  /**
   * What `read` gives; null if it throws MESSAGE_INVALID, which is counted.
   *
   * @throws Any other error of `read`.
   */
  accept<T>(read: () => T): T | null;
  /** Refused messages by name, for example "an announcement". */
  counts(): ReadonlyMap<string, number>;
  total(): number;
  /** Calls `listener` with a line for the log: the first refusal of each name. */
  onFirst(listener: (line: string) => void): void;
}

export function createRefusals(): Refusals {
  const counts = new Map<string, number>();
  const listeners: ((line: string) => void)[] = [];
  const count = (error: unknown): boolean => {
    if (!(error instanceof BailiwickError) || error.code !== "MESSAGE_INVALID") return false;
    const what = String(error.details["what"] ?? "a message");
    const before = counts.get(what) ?? 0;
    counts.set(what, before + 1);
    if (before > 0) return true;
    for (const listener of listeners) listener(`refused: ${error.message} (said once, counted)`);
    return true;
  };
  return {
    count,
    accept: (read) => {
      try {
        return read();
      } catch (error) {
        if (count(error)) return null;
        throw error;
      }
    },
    counts: () => counts,
    total: () => [...counts.values()].reduce((sum, n) => sum + n, 0),
    onFirst: (listener) => {
      listeners.push(listener);
    },
  };
}
