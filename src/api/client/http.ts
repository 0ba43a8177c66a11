/** One request to the server, sent again while another attempt may succeed. */
import { z } from "zod";
import { BailiwickError } from "../../shared/errors.ts";

export interface Transport {
  /** The server's address, without a slash at the end. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** For one attempt, its answer's body included. */
  readonly timeoutMs: number;
  /** Attempts after the first. */
  readonly retries: number;
}

export interface Sent {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** The caller's wish to stop, waits included. */
  readonly signal?: AbortSignal | undefined;
}

export interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Statuses that pass: too many requests, a server that stops, a proxy without a server. */
const PASSING = [429, 502, 503, 504];
const FIRST_WAIT_MS = 100;
/** No wait is longer, whatever the server asks for. */
const LONGEST_WAIT_MS = 30_000;

/**
 * Every request here asks and changes nothing, so it may be sent twice.
 *
 * @throws REQUEST_REFUSED with the server's words, SERVER_UNAVAILABLE when the last attempt
 *   failed; the signal's reason if the caller stops it.
 */
export async function send(transport: Transport, sent: Sent): Promise<Received> {
  for (let attempt = 0; ; attempt++) {
    const outcome = await attemptOnce(transport, sent);
    if ("status" in outcome && outcome.status < 400) return outcome;
    const last = attempt >= transport.retries;
    if (last || ("status" in outcome && !PASSING.includes(outcome.status))) {
      throw failure(transport, sent, outcome, attempt + 1);
    }
    await pause(waitMs(outcome, attempt), sent.signal);
  }
}

/** A server's answer whatever its status, or why there was none. */
type Outcome = Received | { readonly cause: unknown };

async function attemptOnce({ url, headers, timeoutMs }: Transport, sent: Sent): Promise<Outcome> {
  const { method, path, body, signal } = sent;
  signal?.throwIfAborted();
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url + path, {
      method,
      headers: { ...headers, ...sent.headers },
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
      redirect: "error",
      ...(body === undefined ? {} : { body }),
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    return { status: response.status, headers: response.headers, bytes };
  } catch (cause) {
    signal?.throwIfAborted();
    return { cause };
  }
}

/** As the server asks, else twice as long each time, half of it random. */
function waitMs(outcome: Outcome, attempt: number): number {
  const asked = "status" in outcome ? retryAfterMs(outcome.headers.get("retry-after")) : null;
  const backOff = FIRST_WAIT_MS * 2 ** attempt * (0.5 + 0.5 * Math.random());
  return Math.min(LONGEST_WAIT_MS, asked ?? backOff);
}

/**
 * The header Retry-After, a number of seconds or a date; null if it is neither.
 * Source: RFC 9110, section 10.2.3.
 */
export function retryAfterMs(header: string | null, now: number = Date.now()): number | null {
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header.trim())) return 1000 * Number(header);
  const date = header.endsWith("GMT") ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

function failure(
  { url, timeoutMs }: Transport,
  { method, path }: Sent,
  outcome: Outcome,
  attempts: number,
): BailiwickError {
  const asked = `${method} ${path}`;
  if (!("status" in outcome)) {
    const { cause } = outcome;
    const timedOut = cause instanceof Error && cause.name === "TimeoutError";
    const found = timedOut ? `nothing came within ${timeoutMs} ms` : reasonOf(cause);
    const message = `the server at ${url} must answer ${asked}, ${found}`;
    return new BailiwickError("SERVER_UNAVAILABLE", message, { attempts }, cause);
  }
  const { status, bytes } = outcome;
  const code = PASSING.includes(status) ? "SERVER_UNAVAILABLE" : "REQUEST_REFUSED";
  const message = `${asked} must be accepted, got ${status}: ${errorText(bytes)}`;
  return new BailiwickError(code, message, { status, attempts });
}

/** The innermost cause: fetch itself says only that it failed. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error ? reasonOf(cause.cause) : cause.message;
}

const LONGEST_TEXT = 500;
const errorSchema = z.object({ error: z.string() });

/** The protocol's error text; the body's beginning where there is none. */
function errorText(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(0, 10 * LONGEST_TEXT));
  try {
    const parsed = errorSchema.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data.error;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  return text.slice(0, LONGEST_TEXT);
}
