/**
 * Requests to a Kubernetes API server: plain JSON over HTTPS. Where the server is, its certificate
 * and who asks comes from @kubernetes/client-node, an optional peer. Its watches and informers are
 * not used: they may fall silent and never say so.
 */
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import { StringDecoder } from "node:string_decoder";
import { z } from "zod";
import { BailiwickError } from "../../shared/errors.ts";
import { parseJson } from "../../shared/json.ts";

export interface KubeRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With its query. */
  readonly path: string;
  /** A text is sent as it is. */
  readonly body?: object | string;
  /** Of the body. Default: application/json. */
  readonly type?: string;
}

export interface KubeApi {
  /** @throws KubeFailure if the server refuses; FABRIC_UNAVAILABLE if it cannot be reached. */
  send(request: KubeRequest): Promise<unknown>;
  /**
   * Lines of JSON. Ends when the server ends them, after `limitMs` at the latest, by `signal`, or
   * when `onLine` returns false.
   */
  lines(path: string, options: WatchLimits, onLine: (value: unknown) => boolean): Promise<void>;
}

export interface WatchLimits {
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/** The part of client-node's KubeConfig that is used. */
interface KubeConfig {
  loadFromDefault(): void;
  getCurrentCluster(): { readonly server: string } | null;
  applyToHTTPSOptions(options: RequestOptions): Promise<void>;
}

const PACKAGE = "@kubernetes/client-node";
const REQUEST_MS = 10_000;
const MAX_BYTES = 64e6;

const loaded = z.object({
  KubeConfig: z.custom<new () => KubeConfig>((value) => typeof value === "function"),
});

/** A server's refusal, by its HTTP status. */
export class KubeFailure extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * By the environment: a pod's service account, or a kubeconfig.
 *
 * @param importPackage - How the package is loaded.
 * @throws INVALID_OPTION if client-node is missing or finds no cluster.
 */
export async function connectKube(
  importPackage: (name: string) => Promise<unknown> = (name) => import(/* @vite-ignore */ name),
): Promise<KubeApi> {
  let found: { readonly KubeConfig: new () => KubeConfig };
  try {
    found = loaded.parse(await importPackage(PACKAGE));
  } catch (cause) {
    const message = `${PACKAGE} must be installed: npm install ${PACKAGE}@1.4`;
    throw new BailiwickError("INVALID_OPTION", message, { package: PACKAGE }, cause);
  }
  const config = new found.KubeConfig();
  config.loadFromDefault();
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) {
    throw new BailiwickError("INVALID_OPTION", "a kubeconfig must name a current cluster");
  }
  return createKubeApi(new URL(server), (options) => config.applyToHTTPSOptions(options));
}

/** @param sign - Adds certificates and headers to the options of a request. */
export function createKubeApi(
  server: URL,
  sign: (options: RequestOptions) => Promise<void>,
): KubeApi {
  const open = async (
    { method, path, body, type = "application/json" }: KubeRequest,
    signal: AbortSignal,
  ): Promise<IncomingMessage> => {
    const options: RequestOptions = { method, signal, headers: {} };
    await sign(options);
    options.headers = {
      ...options.headers,
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": type }),
    };
    const url = new URL(path.replace(/^\//, ""), `${server.href.replace(/\/$/, "")}/`);
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const asked = send(url, options, resolve);
      asked.once("error", reject);
      asked.end(typeof body === "object" ? JSON.stringify(body) : body);
    });
  };
  return {
    send: async (request) => {
      const { signal, end } = limited(REQUEST_MS);
      try {
        const answer = await open(request, signal);
        const text = await readText(answer);
        const status = answer.statusCode ?? 0;
        if (status >= 300) throw failureOf(status, text);
        return text === "" ? null : parseJson(text, (cause) => unreachable(server, cause));
      } catch (cause) {
        throw isTold(cause) ? cause : unreachable(server, cause);
      } finally {
        end();
      }
    },
    lines: async (path, limits, onLine) => {
      const { signal, end } = limited(limits.limitMs, limits.signal);
      try {
        const answer = await open({ method: "GET", path }, signal);
        const status = answer.statusCode ?? 0;
        if (status >= 300) throw failureOf(status, await readText(answer));
        await readLines(answer, onLine);
      } catch (cause) {
        if (signal.aborted) return;
        throw isTold(cause) ? cause : unreachable(server, cause);
      } finally {
        end();
      }
    },
  };
}

/** By a timer that is referred to: those of AbortSignal.any may be collected before they end. */
function limited(ms: number, outer?: AbortSignal): { signal: AbortSignal; end: () => void } {
  const limit = new AbortController();
  const abort = (): void => limit.abort();
  const timer = setTimeout(abort, ms);
  outer?.addEventListener("abort", abort);
  if (outer?.aborted === true) abort();
  return {
    signal: limit.signal,
    end: () => {
      clearTimeout(timer);
      outer?.removeEventListener("abort", abort);
    },
  };
}

async function readLines(
  answer: IncomingMessage,
  onLine: (value: unknown) => boolean,
): Promise<void> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for await (const part of answer) {
    const lines = (rest + decoder.write(part)).split("\n");
    rest = lines.pop()!;
    if (rest.length > MAX_BYTES) throw new Error(`a line must be at most ${MAX_BYTES} bytes`);
    for (const line of lines) if (!onLine(parseJson(line, notJson))) return;
  }
}

async function readText(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer) {
    const part: Buffer = chunk;
    bytes += part.length;
    if (bytes > MAX_BYTES) throw new Error(`an answer must be at most ${MAX_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

const refusal = z.object({ message: z.string() });

function failureOf(status: number, text: string): KubeFailure {
  let message = text.slice(0, 500);
  // A proxy's page is no JSON: its text says as much as there is.
  if (text.startsWith("{"))
    message = refusal.safeParse(parseJson(text, notJson)).data?.message ?? message;
  return new KubeFailure(status, `${status} ${message}`);
}

function notJson(cause: unknown): Error {
  return new Error("an answer must be JSON", { cause });
}

function isTold(cause: unknown): boolean {
  return cause instanceof KubeFailure || cause instanceof BailiwickError;
}

function unreachable(server: URL, cause: unknown): BailiwickError {
  const message = `the Kubernetes API must answer at ${server.origin}`;
  return new BailiwickError("FABRIC_UNAVAILABLE", message, { server: server.origin }, cause);
}
