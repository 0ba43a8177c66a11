/**
 * Every limit of the server by its name, with its default.
 *
 * Memory is bounded by connections, by the bytes of bodies at work and by rows; time by the
 * timeouts and by the slices that long predictions are cut into. What is over a limit is refused
 * at once (413, 429, 503), never queued without end.
 */
import { BailiwickError, checkInteger } from "../shared/errors.ts";

export interface Limits {
  /**
   * Largest JSON, in a body of its own or before binary tensors, and largest texts in binary
   * tensors; while they are parsed, some 10 to 20 ms a MB, no other request is served.
   */
  readonly maxJsonBytes: number;
  /** Largest body with binary tensors. */
  readonly maxBinaryBytes: number;
  /** Bytes of all bodies that are being received or answered. */
  readonly maxBodyBytesAtWork: number;
  /** Rows of one request. */
  readonly maxRows: number;
  /** Elements of all tensors of one request. */
  readonly maxElements: number;
  /** Of these, texts, each of which takes a microsecond. */
  readonly maxTexts: number;
  /** Rows of one request that asks how they were routed: each has an object or many numbers. */
  readonly maxRoutedRows: number;
  /** Rows of one request that asks for contributions, each of which costs milliseconds. */
  readonly maxExplainedRows: number;
  /** Rows of all requests that are waiting for a prediction. */
  readonly maxQueuedRows: number;
  /** Open connections; for a further one, the one that has waited longest for its client goes. */
  readonly maxConnections: number;
  /** Requests a second from one client (a token, else an address); 0 for no limit. */
  readonly maxRequestsPerSecond: number;
  /** Rows that small requests are gathered to before they are predicted together. */
  readonly batchRows: number;
  /** Longest wait for a batch to fill; 0: as long as it takes to read what has arrived already. */
  readonly batchWaitMs: number;
  /** A client must have sent its headers by then. */
  readonly headersTimeoutMs: number;
  /** A client must have sent its whole request by then. */
  readonly requestTimeoutMs: number;
  /** A connection without a request is closed after this. */
  readonly keepAliveTimeoutMs: number;
  /** A server that stops waits this long for requests in flight. */
  readonly drainTimeoutMs: number;
}

export const DEFAULT_LIMITS: Limits = {
  maxJsonBytes: 2 << 20,
  maxBinaryBytes: 32 << 20,
  maxBodyBytesAtWork: 256 << 20,
  maxRows: 100_000,
  maxElements: 4 << 20,
  maxTexts: 100_000,
  maxRoutedRows: 10_000,
  maxExplainedRows: 100,
  maxQueuedRows: 200_000,
  maxConnections: 1000,
  maxRequestsPerSecond: 0,
  batchRows: 1024,
  batchWaitMs: 0,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  keepAliveTimeoutMs: 75_000,
  drainTimeoutMs: 10_000,
};

/** Limits that may be zero. */
const MAY_BE_ZERO: ReadonlySet<string> = new Set(["maxRequestsPerSecond", "batchWaitMs"]);

/** The defaults with some replaced. @throws INVALID_OPTION unless each is a whole number. */
export function limitsWith(given: Partial<Limits> = {}): Limits {
  const limits = { ...DEFAULT_LIMITS, ...given };
  for (const [name, value] of Object.entries(limits)) {
    checkInteger(name, value, MAY_BE_ZERO.has(name) ? 0 : 1);
  }
  return limits;
}

/** @throws DATA_TOO_LARGE for more rows than may ask how they were routed. */
export function checkRoutedRows(nRows: number, { maxRoutedRows }: Limits): void {
  if (nRows <= maxRoutedRows) return;
  const message = `with routes, rows must be at most ${maxRoutedRows}, got ${nRows}`;
  throw new BailiwickError("DATA_TOO_LARGE", message);
}
