/**
 * Which expert to fetch next, and which to drop for it: pure, of sizes and uses.
 *
 * An expert's use is the number of rows that went to it, each request counting less than the one
 * after it; before the first request it is its share of the training rows. An expert is worth
 * fetching when the rows that it would answer cost more to ask for than the expert costs to fetch.
 */

/** An expert that may be fetched. */
export interface Part {
  readonly hash: string;
  readonly bytes: number;
}

/** Costs in one unit, for example cents. */
export interface Prices {
  /** Of a millisecond of waiting. Default 1. */
  readonly millisecond: number;
  /** Of a byte over the link. Default 0: the link is not metered. */
  readonly byte: number;
  /** Of a joule of the device. Default 0. */
  readonly joule: number;
}

export const DEFAULT_PRICES: Prices = { millisecond: 1, byte: 0, joule: 0 };

/** What asking costs: measured by the agent, but for the radio. */
export interface Link {
  /** From a request to its answer. */
  readonly askMs: number;
  /** Bytes of a row that is asked for, and of its answer. */
  readonly rowBytes: number;
}

/** Uses of the last requests count, a request 30 requests ago a third. */
const DECAY = Math.fround(0.967);
/**
 * Of a message over LTE, without the radio's tail. Source: Huang et al. 2012, A close examination
 * of performance and power characteristics of 4G LTE networks.
 */
const MESSAGE_JOULES = 0.1;
/** A resident expert goes only for one that is this much more useful per byte. */
const HYSTERESIS = 1.5;

export interface Usage {
  /** Adds a request's rows by expert. */
  add(rows: ReadonlyMap<string, number>): void;
  of(hash: string): number;
}

/** @param shares - Of the training rows, by expert. */
export function createUsage(shares: ReadonlyMap<string, number>): Usage {
  const uses = new Map(shares);
  return {
    add: (rows) => {
      for (const [hash, use] of uses) uses.set(hash, DECAY * use);
      for (const [hash, n] of rows) uses.set(hash, (uses.get(hash) ?? 0) + n);
    },
    of: (hash) => uses.get(hash) ?? 0,
  };
}

export interface Residents {
  readonly parts: readonly Part[];
  readonly mostBytes: number;
}

/** The next expert to fetch; null if none pays or fits. */
export function nextFetch(
  candidates: readonly Part[],
  residents: Residents,
  usage: Usage,
  worth: { readonly prices: Prices; readonly link: Link },
): Part | null {
  const inOrder = candidates
    .filter((part) => pays(part, usage.of(part.hash), worth))
    .sort((a, b) => usage.of(b.hash) / b.bytes - usage.of(a.hash) / a.bytes);
  return inOrder.find((part) => roomFor(part, residents, usage.of) !== null) ?? null;
}

/**
 * What has to go for a part, the least useful for its bytes first; null if it does not fit, or if
 * what would go is as useful. What has infinite use never goes.
 */
export function roomFor(
  { hash, bytes }: Part,
  { parts, mostBytes }: Residents,
  useOf: (hash: string) => number,
): readonly Part[] | null {
  const density = (part: Part): number => useOf(part.hash) / part.bytes;
  const leastFirst = parts
    .filter((part) => Number.isFinite(useOf(part.hash)))
    .sort((a, b) => density(a) - density(b));
  let over = parts.reduce((sum, part) => sum + part.bytes, bytes) - mostBytes;
  let useLost = 0;
  const drop: Part[] = [];
  for (const part of leastFirst) {
    if (over <= 0) break;
    drop.push(part);
    over -= part.bytes;
    useLost += useOf(part.hash);
  }
  return over <= 0 && useOf(hash) >= HYSTERESIS * useLost ? drop : null;
}

function pays(
  { bytes }: Part,
  use: number,
  { prices, link }: { readonly prices: Prices; readonly link: Link },
): boolean {
  const asking =
    use * link.rowBytes * prices.byte +
    link.askMs * prices.millisecond +
    MESSAGE_JOULES * prices.joule;
  return use > 0 && asking > bytes * prices.byte;
}
