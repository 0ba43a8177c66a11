/**
 * Work side by side. On one thread it shares the time in which the others wait, for training
 * threads or for nodes; results do not depend on it.
 */

/**
 * The results of `work` on each item, in the order of the items, at most `nLanes` at a time.
 *
 * @throws the first error, once what has begun has ended; nothing begins after an error.
 */
export async function inLanes<T, R>(
  items: readonly T[],
  nLanes: number,
  work: (item: T, place: number) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Array<R>(items.length);
  const queue = [...items.entries()];
  const lane = async (): Promise<void> => {
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [place, item] = next;
        results[place] = await work(item, place);
      }
    } finally {
      queue.length = 0;
    }
  };
  const lanes = Array.from({ length: Math.min(nLanes, items.length) }, lane);
  for (const outcome of await Promise.allSettled(lanes)) {
    if (outcome.status === "rejected") throw outcome.reason;
  }
  return results;
}

/** Both results. @throws the error of the first, or of the second, once both have ended. */
export async function both<A, B>(
  first: () => Promise<A>,
  second: () => Promise<B>,
): Promise<readonly [A, B]> {
  const [a, b] = await Promise.allSettled([first(), second()]);
  if (a.status === "rejected") throw a.reason;
  if (b.status === "rejected") throw b.reason;
  return [a.value, b.value];
}

/** Lets work side by side go on before this thread is busy for long. */
export function othersGoOn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
