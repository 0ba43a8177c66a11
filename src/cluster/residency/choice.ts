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

interface Used<P extends Part> {
  readonly part: P;
  readonly use: number;
  readonly perByte: number;
}

function withUse<P extends Part>(parts: readonly P[], useOf: UseOf): Used<P>[] {
  return parts.map((part) => {
    const use = useOf(part.hash);
    return { part, use, perByte: use / part.bytes };
  });
}

/** What a device holds, in the order in which it goes: the least useful for its bytes first. */
interface Leaving {
  readonly parts: readonly Used<Part>[];
  /** That are left of the device's storage; below zero where it holds more than it may. */
  readonly freeBytes: number;
}

function leaving({ parts, mostBytes }: Residents, useOf: UseOf): Leaving {
  return {
    parts: withUse(parts, useOf).sort((a, b) => a.perByte - b.perByte),
    freeBytes: parts.reduce((left, { bytes }) => left - bytes, mostBytes),
  };
}

/** The next expert to fetch; null if none pays or fits. */
export function nextFetch(
  candidates: readonly Part[],
  residents: Residents,
  { of: useOf }: Usage,
  worth: Worth,
): Part | null {
  const held = leaving(residents, useOf);
  let best: Used<Part> | null = null;
  for (const own of withUse(candidates, useOf)) {
    const isBetter = best === null || own.perByte > best.perByte;
    if (isBetter && pays(own, worth) && whatGoes(own, held) !== null) best = own;
  }
  return best?.part ?? null;
}

/**
 * What has to go for a part, the least useful for its bytes first; null if it does not fit, or if
 * what would go is as useful. What has infinite use never goes.
 */
export function roomFor(part: Part, residents: Residents, useOf: UseOf): readonly Part[] | null {
  return whatGoes(withUse([part], useOf)[0]!, leaving(residents, useOf));
}

function whatGoes(
  { part: { bytes }, use }: Used<Part>,
  { parts, freeBytes }: Leaving,
): readonly Part[] | null {
  let over = bytes - freeBytes;
  let useLost = 0;
  let nDropped = 0;
  for (const own of parts) {
    if (over <= 0 || own.use === Number.POSITIVE_INFINITY) break;
    nDropped++;
    over -= own.part.bytes;
    useLost += own.use;
    if (use < HYSTERESIS * useLost) return null;
  }
  return over <= 0 ? parts.slice(0, nDropped).map(({ part }) => part) : null;
}

function pays({ part: { bytes }, use }: Used<Part>, { prices, askMs, rowBytes }: Worth): boolean {
  const asking =
    use * rowBytes * prices.byte + askMs * prices.millisecond + MESSAGE_JOULES * prices.joule;
  return use > 0 && asking > bytes * prices.byte;
}
