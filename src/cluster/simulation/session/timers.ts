/** Calls at moments to come, in order; those of one moment in the order of adding. */
export interface Timers {
  add(seconds: number, call: () => void): void;
  /** Infinity without any. */
  nextAt(): number;
  /** Calls all that are due. */
  run(now: number): void;
}

interface Timer {
  readonly at: number;
  readonly call: () => void;
}

export function createTimers(): Timers {
  /** The latest first. */
  const waiting: Timer[] = [];
  return {
    add: (at, call) => {
      let [low, high] = [0, waiting.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (waiting[middle]!.at > at) low = middle + 1;
        else high = middle;
      }
      waiting.splice(low, 0, { at, call });
    },
    nextAt: () => waiting.at(-1)?.at ?? Number.POSITIVE_INFINITY,
    run: (now) => {
      while (waiting.length > 0 && waiting.at(-1)!.at <= now) waiting.pop()!.call();
    },
  };
}
