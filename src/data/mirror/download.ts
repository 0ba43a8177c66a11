/**
 * One file over HTTP, whole or not at all: with limits of size, time and redirects.
 *
 * Failures of the network and the server are READ_FAILED. The caller checks the content.
 */
import { BailiwickError } from "../../shared/errors.ts";

/** The largest origin's archive is below 5 MB. */
const MAX_DOWNLOAD_BYTES = 100_000_000;
const MAX_REDIRECTS = 5;
/** A server that sends no byte for this long counts as dead. */
const STALL_MS = 30_000;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export interface DownloadOptions {
  readonly maxBytes?: number;
  readonly stallMs?: number;
}

/**
 * @throws READ_FAILED without a network, for any answer except 200, after too many redirects or one
 *   that leaves HTTPS, if the server falls silent or hangs up; DATA_TOO_LARGE.
 */
export async function download(
  address: string,
  { maxBytes = MAX_DOWNLOAD_BYTES, stallMs = STALL_MS }: DownloadOptions = {},
): Promise<Uint8Array> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), stallMs);
  const alive = (): unknown => timer.refresh();
  let nBytes = 0;
  try {
    const response = await request(address, abort.signal, alive);
    const chunks: Uint8Array[] = [];
    for await (const chunk of response.body ?? []) {
      alive();
      nBytes += chunk.length;
      if (nBytes > maxBytes) {
        const message = `${address} must be at most ${maxBytes} bytes`;
        throw new BailiwickError("DATA_TOO_LARGE", message, { address, maxBytes });
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, nBytes);
  } catch (error) {
    if (error instanceof BailiwickError) throw error;
    if (abort.signal.aborted) {
      throw failed(address, `must send a byte at least every ${stallMs / 1000} s, it fell silent`);
    }
    throw networkError(address, nBytes, error);
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

/** Follows redirects; the answer's status is 200. */
async function request(address: string, signal: AbortSignal, alive: () => void): Promise<Response> {
  let url = new URL(address);
  for (let nRedirects = 0; nRedirects <= MAX_REDIRECTS; nRedirects++) {
    const headers = { "accept-encoding": "identity", "user-agent": "bailiwick" };
    const response = await fetch(url, { redirect: "manual", signal, headers });
    alive();
    if (response.status === 200) return response;
    await response.body?.cancel();
    const location = response.headers.get("location");
    if (!REDIRECTS.has(response.status) || location === null) {
      throw failed(address, `must be there, its server answered ${response.status}`);
    }
    url = nextUrl(address, url, location);
  }
  throw failed(address, `must be reached within ${MAX_REDIRECTS} redirects, got more`);
}

function nextUrl(address: string, from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : null;
  if (to?.protocol === "https:" || (to?.protocol === "http:" && from.protocol === "http:")) {
    return to;
  }
  throw failed(address, `must not redirect from ${from.protocol} to ${location}`);
}

function failed(address: string, what: string, cause?: unknown): BailiwickError {
  return new BailiwickError("READ_FAILED", `${address} ${what}`, { address }, cause);
}

/** fetch says "fetch failed" or "terminated"; the reason is its cause. */
function networkError(address: string, nBytes: number, error: unknown): BailiwickError {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return nBytes > 0
    ? failed(address, `must arrive whole, the connection ended after ${nBytes} bytes`, cause)
    : failed(address, "must be reachable: is there a network?", cause);
}
