/**
 * Which expert to fetch next, and which to drop for it: pure, of sizes and uses.
 *
 * An expert's use is the number of rows that may be expected to go to it over some requests; before
 * the first request it is its share of the training rows. An expert is worth
 * fetching when the rows that it would answer cost more to ask for than the expert costs to fetch.
 */

export interface Part {
  readonly hash: string;
  readonly bytes: number;
}

/** An expert of a model. */
export interface OfferedExpert extends Part {
  /** Of the training rows. */
  readonly share: number;
  readonly mayFetch: boolean;
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
interface Worth {
  readonly prices: Prices;
  /** From a request to its answer. */
  readonly askMs: number;
  /** Bytes of a row that is asked for, and of its answer. */
  readonly rowBytes: number;
}

/** Uses of the last requests count, a request 30 requests ago a third. */
const DECAY = 0.967;
/** Of all requests, one a thousand requests ago counts a third. */
const SLOW_DECAY = 0.999;
/** What shares of the training rows count as, among all rows. */
const PRIOR_ROWS = 1000;
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

/**
 * The mean of what the last requests and what all of them foretell: the last alone are few rows for
 * most experts, so that which of these are useful would change by chance (the equal mean of two
 * forecasts: Bates & Granger 1969, The combination of forecasts).
 *
 * @param experts - By their hash.
 */
export function createUsage(experts: ReadonlyMap<string, Pick<OfferedExpert, "share">>): Usage {
  type Counts = [last: number, all: number];
  const countsOf = (share: number): Counts => [share, PRIOR_ROWS * share];
  const add = (counts: Counts, n: number): void => {
    counts[0] = DECAY * counts[0] + n;
    counts[1] = SLOW_DECAY * counts[1] + n;
  };
  const uses = new Map([...experts].map(([hash, { share }]) => [hash, countsOf(share)]));
  const total = countsOf(1);
  return {
    add: (rows) => {
      let nRows = 0;
      for (const [hash, counts] of uses) {
        const n = rows.get(hash) ?? 0;
        add(counts, n);
        nRows += n;
      }
      add(total, nRows);
    },
    of: (hash) => {
      const [last, all] = uses.get(hash) ?? countsOf(0);
      return (last + all * (total[0] / total[1])) / 2;
    },
  };
}

export interface Residents {
  readonly parts: readonly Part[];
  readonly mostBytes: number;
}

type UseOf = (hash: string) => number;

/** Orders by use for their bytes, the least useful first. */
const byUse =
  (useOf: UseOf) =>
  (a: Part, b: Part): number =>
    useOf(a.hash) / a.bytes - useOf(b.hash) / b.bytes;

/** The next expert to fetch; null if none pays or fits. */
export function nextFetch(
  candidates: readonly Part[],
  { parts, mostBytes }: Residents,
  { of: useOf }: Usage,
  worth: Worth,
): Part | null {
  const compare = byUse(useOf);
  const residents = { parts: [...parts].sort(compare), mostBytes };
  const inOrder = candidates
    .filter((part) => pays(part, useOf(part.hash), worth))
    .sort((a, b) => compare(b, a));
  return inOrder.find((part) => whatGoes(part, residents, useOf)) ?? null;
}

/**
 * What has to go for a part, the least useful for its bytes first; null if it does not fit, or if
 * what would go is as useful. What has infinite use never goes.
 */
export function roomFor(
  part: Part,
  { parts, mostBytes }: Residents,
  useOf: UseOf,
): readonly Part[] | null {
  return whatGoes(part, { parts: [...parts].sort(byUse(useOf)), mostBytes }, useOf);
}

/** @param residents - Their parts in the order in which they go. */
function whatGoes(
  { hash, bytes }: Part,
  { parts, mostBytes }: Residents,
  useOf: UseOf,
): readonly Part[] | null {
  let over = parts.reduce((sum, part) => sum + part.bytes, bytes) - mostBytes;
  let useLost = 0;
  const drop: Part[] = [];
  for (const part of parts) {
    const use = useOf(part.hash);
    if (over <= 0 || use === Number.POSITIVE_INFINITY) break;
    drop.push(part);
    over -= part.bytes;
    useLost += use;
  }
  return over <= 0 && useOf(hash) >= HYSTERESIS * useLost ? drop : null;
}

function pays({ bytes }: Part, use: number, { prices, askMs, rowBytes }: Worth): boolean {
  const asking =
    use * rowBytes * prices.byte + askMs * prices.millisecond + MESSAGE_JOULES * prices.joule;
  return use > 0 && asking > bytes * prices.byte;
}
