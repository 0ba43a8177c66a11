/**
 * Where an agent keeps what it fetched: in a page the browser's cache, else this process' memory.
 *
 * What is read back is checked by the caller: another program may have written it.
 */

/** Bytes by name. A value is there whole or not at all. */
export interface AgentStorage {
  get(name: string): Promise<Uint8Array | null>;
  /** May fail, where a quota is used up. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  remove(name: string): Promise<void>;
  names(): Promise<readonly string[]>;
}

export function memoryStorage(): AgentStorage {
  const kept = new Map<string, Uint8Array>();
  return {
    get: async (name) => kept.get(name) ?? null,
    put: async (name, bytes) => {
      kept.set(name, bytes);
    },
    remove: async (name) => {
      kept.delete(name);
    },
    names: async () => [...kept.keys()],
  };
}

/** The part of the Cache API that is used here, which TypeScript has among the browser's types. */
interface PageCache {
  match(url: string): Promise<Response | undefined>;
  put(url: string, response: Response): Promise<void>;
  delete(url: string): Promise<boolean>;
  keys(): Promise<readonly { readonly url: string }[]>;
}
declare const caches: { open(name: string): Promise<PageCache> } | undefined;

const CACHE_NAME = "bailiwick";

/**
 * @param from - The model's address: models do not share what is kept.
 * @returns The page's cache; memory where there is none, as on plain HTTP.
 */
export async function defaultStorage(from: string): Promise<AgentStorage> {
  if (typeof caches === "undefined") return memoryStorage();
  const cache = await caches.open(CACHE_NAME);
  const prefix = `${from.replace(/\/$/, "")}/agent/`;
  return {
    get: async (name) => {
      const found = await cache.match(prefix + name);
      return found === undefined ? null : new Uint8Array(await found.arrayBuffer());
    },
    // Only awaited, the page may be left without losing what was put.
    put: async (name, bytes) => {
      await cache.put(prefix + name, new Response(Uint8Array.from(bytes)));
    },
    remove: async (name) => {
      await cache.delete(prefix + name);
    },
    names: async () => {
      const urls = (await cache.keys()).map(({ url }) => url);
      return urls.filter((url) => url.startsWith(prefix)).map((url) => url.slice(prefix.length));
    },
  };
}
