/**
 * Requests of an agent. What comes is bytes that are not trusted: nothing longer than expected is
 * read, no redirect is followed, and a server that stays silent is given up.
 */
import { BailiwickError } from "../../shared/errors.ts";

export interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

export interface Posted {
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
}

interface Asked extends Partial<Posted> {
  readonly method?: "POST";
}

export type Ask = (url: string, asked: Asked, maxBytes: number) => Promise<Got>;

/** A bearer token, or what gives one for each request: one that expires is then replaced. */
export type Token = string | (() => string | Promise<string>);

/**
 * @param silentMs - How long a server may say nothing.
 * @throws REQUEST_REFUSED with the server's words, SERVER_UNAVAILABLE where none answers.
 */
export function createAsk(token: Token | undefined, silentMs: number): Ask {
  return async (url, asked, maxBytes) => {
    const bearer = typeof token === "function" ? await token() : token;
    const authorization = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
    const { signal, heard, stop } = watchSilence(asked.signal, silentMs);
    const init = {
      ...asked,
      signal,
      headers: { ...authorization, ...asked.headers },
      redirect: "error",
      credentials: "omit",
      cache: "no-store",
    } as const;
    let response: Response;
    let bytes: Uint8Array;
    try {
      response = await fetch(url, init);
      bytes = await readAtMost(response, maxBytes, heard);
    } catch (cause) {
      if (cause instanceof BailiwickError) throw cause;
      throw new BailiwickError("SERVER_UNAVAILABLE", unanswered(new URL(url)), {}, cause);
    } finally {
      stop();
    }
    if (response.ok || response.status === 304) {
      return { status: response.status, headers: response.headers, bytes };
    }
    throw refused(response.status, bytes);
  };
}

/** The page's, where there is one; TypeScript has it among the browser's types. */
declare const location: { readonly origin: string } | undefined;

/** A browser tells a page nothing about an answer that the page may not read. */
function unanswered({ host, origin }: URL): string {
  const isForeign = typeof location !== "undefined" && location.origin !== origin;
  const hint = isForeign
    ? `; it must also allow this page (serve --origin ${location.origin})`
    : "";
  return `the server must answer at ${host}, it did not${hint}`;
}

function refused(status: number, bytes: Uint8Array): BailiwickError {
  const passing = status >= 500 || status === 429;
  const said = new TextDecoder().decode(bytes.subarray(0, 400));
  const code = passing ? "SERVER_UNAVAILABLE" : "REQUEST_REFUSED";
  return new BailiwickError(code, `the server answered ${status}: ${said}`, { status });
}

/** A signal that aborts with the caller's, and where nothing was heard for so long. */
function watchSilence(
  callers: AbortSignal | undefined,
  silentMs: number,
): { readonly signal: AbortSignal; heard(): void; stop(): void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  let timer = setTimeout(abort, silentMs);
  if (callers?.aborted === true) abort();
  callers?.addEventListener("abort", abort);
  return {
    signal: controller.signal,
    heard: () => {
      clearTimeout(timer);
      timer = setTimeout(abort, silentMs);
    },
    stop: () => {
      clearTimeout(timer);
      callers?.removeEventListener("abort", abort);
    },
  };
}

/** @throws SERVER_UNAVAILABLE for more bytes. */
async function readAtMost(
  { body }: Response,
  maxBytes: number,
  heard: () => void,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let nBytes = 0;
  const reader = body?.getReader();
  for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) {
    heard();
    chunks.push(next.value);
    nBytes += next.value.length;
    if (nBytes <= maxBytes) continue;
    await reader?.cancel();
    const message = `the server must answer with at most ${maxBytes} bytes`;
    throw new BailiwickError("SERVER_UNAVAILABLE", message);
  }
  const bytes = new Uint8Array(nBytes);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
