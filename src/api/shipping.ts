/**
 * `GET …/manifest` and `GET …/blobs/{sha256}`: what a device needs to answer rows itself.
 *
 * A blob is named by its content, so it may be kept for ever; a manifest may be replaced, so it is
 * asked for again with its digest as ETag. Only the kinds that `--ship` names leave the server.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { manifestText, readBlob, type Shipping, shippedBlobs } from "../bundle/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { SHIP_HEADER, VERSION_HEADER } from "../shared/http-headers.ts";
import { readRange } from "./range.ts";
import { Refusal, shorten } from "./refusal.ts";
import type { LoadedVersion, Registry } from "./registry.ts";

const IMMUTABLE = "private, max-age=31536000, immutable";
const modelParams = z.object({ model: z.string(), version: z.string().optional() });
const blobParams = z.object({ model: z.string(), hash: z.string() });

export interface ShippingOptions {
  readonly registry: Registry;
  readonly ship: Shipping;
}

export function addShipping(server: FastifyInstance, options: ShippingOptions): void {
  const { registry, ship } = options;
  for (const prefix of ["/v2/models/:model", "/v2/models/:model/versions/:version"]) {
    server.get(`${prefix}/manifest`, (request, reply) => {
      const { model, version } = modelParams.parse(request.params);
      return sendManifest(registry.find(model, version), ship, request, reply);
    });
  }
  server.get("/v2/models/:model/blobs/:hash", async (request, reply) => {
    const { model, hash } = blobParams.parse(request.params);
    const { bundle } = holderOf(registry, { model, hash, ship });
    return sendBlob(await readStored(bundle.folder, hash), hash, request, reply);
  });
}

function sendManifest(
  { bundle, version }: LoadedVersion,
  ship: Shipping,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  reply.headers({
    etag: `"${bundle.digest}"`,
    "cache-control": "private, no-cache",
    [VERSION_HEADER]: version,
    [SHIP_HEADER]: [...ship].join(","),
  });
  if (isSame(request, bundle.digest)) return reply.status(304).send();
  return reply.type("application/json").send(manifestText(bundle.manifest));
}

/** A served version that has the blob and may ship it. */
function holderOf(
  { models, find }: Registry,
  { model, hash, ship }: { readonly model: string; readonly hash: string; readonly ship: Shipping },
): LoadedVersion {
  find(model);
  const versions = [...models.get(model)!.versions.values()];
  const holder = versions.find(({ bundle }) => shippedBlobs(bundle.manifest, ship).has(hash));
  if (holder !== undefined) return holder;
  throw new Refusal(404, `no blob "${shorten(hash, 64)}" of this model may be downloaded`);
}

/** An update removes the blobs of versions that it replaces. */
async function readStored(folder: string, hash: string): Promise<Uint8Array> {
  try {
    return await readBlob(folder, hash);
  } catch (error) {
    if (!(error instanceof BailiwickError && error.code === "BUNDLE_CORRUPT")) throw error;
    throw new Refusal(404, `the blob ${hash} is no longer there; the version was replaced`);
  }
}

function sendBlob(
  bytes: Uint8Array,
  hash: string,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const headers = {
    etag: `"${hash}"`,
    "cache-control": IMMUTABLE,
    "accept-ranges": "bytes",
  };
  reply.headers(headers).type("application/octet-stream");
  if (isSame(request, hash)) return reply.status(304).send();
  const { range, "if-range": ifRange } = request.headers;
  const isWhole = ifRange !== undefined && ifRange !== `"${hash}"`;
  const part = isWhole ? null : readRange(range, bytes.length);
  if (part === null) return reply.send(Buffer.from(bytes));
  if (part === "outside") {
    reply.header("content-range", `bytes */${bytes.length}`);
    throw new Refusal(416, `the range must begin within the blob's ${bytes.length} bytes`);
  }
  const { start, end } = part;
  reply.header("content-range", `bytes ${start}-${end - 1}/${bytes.length}`);
  return reply.status(206).send(Buffer.from(bytes.subarray(start, end)));
}

/** Whether the client has what it asks for. */
function isSame({ headers }: FastifyRequest, tag: string): boolean {
  const tags = headers["if-none-match"];
  return tags === "*" || tags?.split(",").some((one) => one.trim().endsWith(`"${tag}"`)) === true;
}
