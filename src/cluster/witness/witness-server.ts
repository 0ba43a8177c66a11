/** A witness as an HTTP server with one path: POST /add-checkpoint. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { BailiwickError } from "../../shared/errors.ts";
import { visible } from "../../shared/visible.ts";
import { MAX_NOTE_BYTES } from "./signed-note.ts";
import type { WitnessReply, WitnessState } from "./witness.ts";

export interface WitnessServer {
  /** Without a slash at its end. */
  readonly url: string;
  close(): Promise<void>;
}

export interface WitnessServerOptions {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly log: (line: string) => void;
}

/** A note, and 64 lines of a proof. */
const MAX_BODY_BYTES = MAX_NOTE_BYTES + (1 << 13);
const REQUEST_MS = 5000;
const MAX_CONNECTIONS = 200;
const TYPES = { size: "text/x.tlog.size", text: "text/plain; charset=utf-8" } as const;

/** @throws PORT_UNAVAILABLE */
export async function serveWitness(
  witness: WitnessState,
  { host, port, log }: WitnessServerOptions,
): Promise<WitnessServer> {
  const server = createServer(
    { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, connectionsCheckingInterval: 1000 },
    (request, response) => {
      void reply(witness, request, response, log);
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, host, port);
  const address = server.address();
  const bound = isAddress(address) ? address.port : port;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function isAddress(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === "object" && address !== null;
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      const message = `${host}:${port} must be free to listen on`;
      reject(new BailiwickError("PORT_UNAVAILABLE", message, { host, port }, cause));
    });
    server.listen(port, host, resolve);
  });
}

async function reply(
  witness: WitnessState,
  request: IncomingMessage,
  response: ServerResponse,
  log: (line: string) => void,
): Promise<void> {
  try {
    const path = (request.url ?? "").split("?")[0];
    if (request.method !== "POST" || path !== "/add-checkpoint") {
      return send(response, 404, "POST /add-checkpoint is all there is\n");
    }
    const body = await receive(request);
    if (body === null) return send(response, 413, `at most ${MAX_BODY_BYTES} bytes\n`);
    const answer = await witness.addCheckpoint(body);
    log(lineOf(answer, body));
    send(response, answer.status, answer.body);
  } catch (error) {
    log(`the request failed: ${error instanceof Error ? error.message : String(error)}`);
    send(response, 500, "the checkpoint was not signed\n");
  }
}

/** null if it is too long. */
async function receive(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let nBytes = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    nBytes += bytes.length;
    if (nBytes > MAX_BODY_BYTES) return null;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString();
}

function send(response: ServerResponse, status: number, body: string): void {
  if (response.headersSent || response.destroyed) return;
  const type = status === 409 ? TYPES.size : TYPES.text;
  const close = status === 413 ? { connection: "close" } : {};
  response.writeHead(status, { "content-type": type, ...close }).end(body);
}

/** What a person sees: the log and its size by name, as far as the request has them. */
function lineOf({ status, body }: WitnessReply, request: string): string {
  const [, origin, size] = /\n\n([^\s+]{1,200})\n(\d{1,16})\n/.exec(request) ?? [];
  const of = origin === undefined ? "a request" : `${visible(origin)}, ${size} lines`;
  if (status === 200) return `signed ${of}`;
  const why = status === 409 ? `it has signed ${body.trim()} lines` : body.trim();
  return `did not sign ${of}: ${status}, ${why}`;
}
