/**
 * What a device holds of a model's experts, as decisions alone: nothing is loaded, sent or timed
 * here. An agent carries them out (api/agent), and a simulated session plays them.
 */
import {
  createUsage,
  DEFAULT_PRICES,
  nextFetch,
  type OfferedExpert,
  type Part,
  type Prices,
  type Residents,
  roomFor,
} from "./choice.ts";

/** The experts of a version of a model. */
export interface Offer {
  /** By their hash. */
  readonly experts: ReadonlyMap<string, OfferedExpert>;
  /** Bytes of a row that is asked for, and of its answer. */
  readonly rowBytes: number;
}

export interface Residency<P extends Part> {
  readonly held: ReadonlyMap<string, P>;
  useOf(hash: string): number;
  /** Takes note of a request: its rows by expert. */
  answered(rows: ReadonlyMap<string, number>): void;
  /** Takes note of how long an answer from elsewhere took. */
  waited(ms: number): void;
  /** The expert to fetch now; null if none pays or fits. */
  next(): string | null;
  /** Holds what was fetched, unless what would have to go for it is as useful by now. */
  hold(part: P): void;
  /** Goes on with the experts of another version; those of equal hash stay. */
  switchTo(offer: Offer): void;
}

/** Until the first answer has been timed. */
const FIRST_ASK_MS = 200;
/** Of the newest answer, in the mean of how long answers take. */
const NEWEST = 0.2;

export function createResidency<P extends Part>(
  first: Offer,
  limits: { readonly mostBytes: number; readonly prices: Partial<Prices> | undefined },
): Residency<P> {
  const { mostBytes } = limits;
  const prices = { ...DEFAULT_PRICES, ...limits.prices };
  const held = new Map<string, P>();
  const residents = (): Residents => ({ parts: [...held.values()], mostBytes });
  let offer = first;
  let usage = createUsage(offer.experts);
  let askMs = FIRST_ASK_MS;
  return {
    held,
    useOf: (hash) => usage.of(hash),
    answered: (rows) => usage.add(rows),
    waited: (ms) => {
      askMs += NEWEST * (ms - askMs);
    },
    next: () => {
      const { experts, rowBytes } = offer;
      const absent = [...experts.values()].filter(
        ({ hash, mayFetch }) => mayFetch && !held.has(hash),
      );
      return nextFetch(absent, residents(), usage, { prices, askMs, rowBytes })?.hash ?? null;
    },
    hold: (part) => {
      const drop = roomFor(part, residents(), usage.of);
      if (drop === null) return;
      for (const { hash } of drop) held.delete(hash);
      held.set(part.hash, part);
    },
    switchTo: (next) => {
      offer = next;
      usage = createUsage(next.experts);
      for (const hash of held.keys()) if (!next.experts.has(hash)) held.delete(hash);
    },
  };
}
