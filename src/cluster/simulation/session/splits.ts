/** Ways to divide a model between a device and a server: fixed ones, and the agent's. */
import { createResidency, type OfferedExpert, type Part } from "../../residency/index.ts";
import { expertsOf, type Session, type SessionRequest } from "./session.ts";

export interface Split {
  /** Of a fixed one, how many experts are to be on the device; null if that changes. */
  readonly nFixed: number | null;
  isHere(hash: string): boolean;
  /** Whether rows of an expert that is not here wait for it. Others are asked. */
  isAwaited(hash: string): boolean;
  /** The expert to fetch now; null for none. */
  next(): string | null;
  /** @returns Whether to go on with the next. */
  arrived(hash: string): boolean;
  answered(rows: ReadonlyMap<string, number>): void;
  waited(ms: number): void;
}

/** Those experts are fetched at the start, in that order; all others are always asked. */
export function fixedSplit(experts: readonly Part[]): Split {
  const wanted = experts.map(({ hash }) => hash);
  const all = new Set(wanted);
  const here = new Set<string>();
  return {
    nFixed: experts.length,
    isHere: (hash) => here.has(hash),
    isAwaited: (hash) => all.has(hash),
    next: () => wanted[here.size] ?? null,
    arrived: (hash) => {
      here.add(hash);
      return true;
    },
    answered: () => {},
    waited: () => {},
  };
}

/** As the agent decides: ask now, and fetch behind what pays. */
export function agentSplit(session: Session): Split {
  const experts = expertsOf(session);
  const { prices } = session;
  const byHash = new Map(experts.map((expert) => [expert.hash, expert]));
  const offer = { experts: byHash, rowBytes: 4 * (session.inputs + 1) };
  const mostBytes = 1000 * session.memoryKilobytes;
  const residency = createResidency<Part>(offer, { mostBytes, prices });
  return {
    nFixed: null,
    isHere: (hash) => residency.held.has(hash),
    isAwaited: () => false,
    next: residency.next,
    arrived: (hash) => {
      residency.hold(byHash.get(hash)!);
      return residency.held.has(hash);
    },
    answered: residency.answered,
    waited: residency.waited,
  };
}

/** For each number of experts that fit, the first ones: none is all-remote. */
export function fixedSplits(
  inOrder: readonly OfferedExpert[],
  { memoryKilobytes }: Session,
): readonly Split[] {
  let bytes = 0;
  const fitting = inOrder.filter((expert) => {
    bytes += expert.bytes;
    return bytes <= 1000 * memoryKilobytes;
  });
  return Array.from({ length: fitting.length + 1 }, (_, n) => fixedSplit(fitting.slice(0, n)));
}

/** The experts by the rows that they are going to get, which is not known at the start. */
export function byHindsight(
  session: Session,
  requests: readonly SessionRequest[],
): readonly OfferedExpert[] {
  const totals = new Map<string, number>();
  for (const { rows } of requests) {
    for (const [hash, n] of rows) totals.set(hash, (totals.get(hash) ?? 0) + n);
  }
  const of = ({ hash }: Part): number => totals.get(hash) ?? 0;
  return [...expertsOf(session)].sort((a, b) => of(b) - of(a));
}
