/**
 * A session played from event to event: requests of a user, a device with some experts, a recorded
 * link, and a server with all of them.
 *
 * Messages under way in one direction share the link equally, as connections do. Slow start, loss
 * and the radio's waking are not imitated.
 */
import { createRadio } from "./energy.ts";
import { createLane, type Lane, type Transfer } from "./lane.ts";
import type { RecordedLink } from "./links.ts";
import { roundTripOf, type Session, type SessionRequest } from "./session.ts";
import type { Split } from "./splits.ts";
import { createTimers } from "./timers.ts";

export interface Played {
  /** Of each request, in the order in which they ended. */
  readonly ms: Float64Array;
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** Of the radio, and of the experts on the device. */
  readonly joules: number;
  readonly nFetched: number;
}

/** A message's head, and what a message of asking or answering has for each expert. */
const [HEAD_BYTES, EXPERT_BYTES] = [400, 145];
const NUMBER_BYTES = 4;

export interface PlayOptions {
  readonly session: Session;
  readonly link: RecordedLink;
  readonly requests: readonly SessionRequest[];
  readonly split: Split;
}

export function play({ session, link, requests, split }: PlayOptions): Played {
  const wire = createWire(link, roundTripOf(session, link.name), session.serverMs);
  const { at, now } = wire;
  const radio = createRadio();
  const times: number[] = [];
  /** What waits for an expert to arrive. */
  let arrivals: (() => void)[] = [];
  let [nFetched, isFetching, rowsHere] = [0, false, 0];
  const fetchNext = (): void => {
    const hash = isFetching ? null : split.next();
    if (hash === null) return;
    isFetching = true;
    wire.exchange(HEAD_BYTES, HEAD_BYTES + 1000 * session.experts.kilobytes, () => {
      isFetching = false;
      nFetched += 1;
      const goesOn = split.arrived(hash);
      const waiting = arrivals;
      arrivals = [];
      for (const look of waiting) look();
      if (goesOn) fetchNext();
    });
  };
  const begin = ({ atSeconds, rows }: SessionRequest): void => {
    const away = [...rows].filter(([hash]) => !split.isHere(hash));
    const asked = away.filter(([hash]) => !split.isAwaited(hash));
    const awaited = away.filter(([hash]) => split.isAwaited(hash));
    const sum = (of: typeof asked): number => of.reduce((total, [, n]) => total + n, 0);
    rowsHere += sum([...rows]) - sum(asked);
    let isAnswered = asked.length === 0;
    let isEnded = false;
    const end = (ms: number): void => {
      if (isEnded) return;
      isEnded = true;
      times.push(Math.min(ms, session.deadlineMs));
      split.answered(rows);
      if (asked.length > 0) split.waited(ms);
      fetchNext();
    };
    const look = (): void => {
      if (isEnded || !isAnswered) return;
      if (awaited.some(([hash]) => !split.isHere(hash))) arrivals.push(look);
      else at(now(), () => end(1000 * (now() - atSeconds) + session.deviceMs));
    };
    let cancel = (): void => {};
    if (asked.length > 0) {
      const perRow = NUMBER_BYTES * sum(asked);
      const heads = HEAD_BYTES + EXPERT_BYTES * asked.length;
      const sent = heads + perRow * (session.inputs + 1);
      cancel = wire.exchange(sent, heads + perRow, () => {
        isAnswered = true;
        look();
      });
    }
    at(atSeconds + session.deadlineMs / 1000, () => {
      if (!isEnded) cancel();
      end(session.deadlineMs);
    });
    look();
  };
  for (const request of requests) at(request.atSeconds, () => begin(request));
  at(0, fetchNext);
  while (times.length < requests.length) wire.step(radio.pass);
  const { bytesUp, bytesDown } = wire.carried();
  const here = (rowsHere * session.experts.microjoulesPerRow) / 1e6;
  const joules = radio.joules({ bytesUp, bytesDown }) + here;
  return { ms: Float64Array.from(times), bytesUp, bytesDown, joules, nFetched };
}

interface Wire {
  now(): number;
  at(seconds: number, call: () => void): void;
  /** A message there and one back. @returns What ends it without an answer. */
  exchange(bytesUp: number, bytesDown: number, done: () => void): () => void;
  /** Goes on to the next event. */
  step(passed: (seconds: number, isBusy: boolean) => void): void;
  carried(): { readonly bytesUp: number; readonly bytesDown: number };
}

function createWire(link: RecordedLink, roundTripMs: number, serverMs: number): Wire {
  const [up, down] = [createLane(link.up), createLane(link.down)];
  const timers = createTimers();
  const oneWay = roundTripMs / 2000;
  let now = 0;
  const at = (seconds: number, call: () => void): void => timers.add(Math.max(now, seconds), call);
  return {
    now: () => now,
    at,
    exchange: (bytesUp, bytesDown, done) => {
      let isCancelled = false;
      let under: { readonly lane: Lane; readonly transfer: Transfer } | null = null;
      const later = (seconds: number, call: () => void): void => {
        at(now + seconds, () => {
          if (!isCancelled) call();
        });
      };
      const send = (lane: Lane, bytes: number, then: () => void): void => {
        under = { lane, transfer: lane.start(bytes, then) };
      };
      send(up, bytesUp, () => {
        later(oneWay + serverMs / 1000, () => {
          send(down, bytesDown, () => later(oneWay, done));
        });
      });
      return () => {
        isCancelled = true;
        under?.lane.cancel(under.transfer);
      };
    },
    step: (passed) => {
      const next = Math.max(now, Math.min(timers.nextAt(), up.nextEnd(), down.nextEnd()));
      passed(next - now, up.isBusy || down.isBusy);
      now = next;
      up.advance(now);
      down.advance(now);
      timers.run(now);
    },
    carried: () => ({ bytesUp: up.bytes, bytesDown: down.bytes }),
  };
}
