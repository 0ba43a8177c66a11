/**
 * Where an agent keeps what it fetched: in a page the browser's cache, else this process' memory
 * or a folder.
 *
 * What is read back is checked by the caller: another program may have written it.
 */

/** Bytes by name. A value is there whole or not at all. */
export interface AgentStorage {
  get(name: string): Promise<Uint8Array | null>;
  /** May fail, where a quota is used up. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  remove(name: string): Promise<void>;
  /** Bytes of each value that is there, by name. */
  sizes(): Promise<ReadonlyMap<string, number>>;
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
    sizes: async () => new Map([...kept].map(([name, { length }]) => [name, length])),
  };
}

/** For what is on this device already. */
export const NO_STORAGE: AgentStorage = {
  get: async () => null,
  put: async () => {},
  remove: async () => {},
  sizes: async () => new Map(),
};

/** The part of the Cache API that is used here, which TypeScript has among the browser's types. */
interface PageCache {
  match(url: string): Promise<Response | undefined>;
  put(url: string, response: Response): Promise<void>;
  delete(url: string): Promise<boolean>;
  keys(): Promise<readonly { readonly url: string }[]>;
}
declare const caches: { open(name: string): Promise<PageCache> } | undefined;

const CACHE_NAME = "bailiwick";
const SIZE_HEADER = "content-length";

/**
 * @param from - The model's address: models do not share what is kept.
 * @returns The page's cache; memory where there is none, as on plain HTTP, or none may be used.
 */
export async function defaultStorage(from: string): Promise<AgentStorage> {
  if (typeof caches === "undefined") return memoryStorage();
  try {
    return cacheStorage(await caches.open(CACHE_NAME), `${from.replace(/\/$/, "")}/agent/`);
  } catch (error) {
    // The user's settings, or a frame without rights.
    if (error instanceof Error) return memoryStorage();
    throw error;
  }
}

function cacheStorage(cache: PageCache, prefix: string): AgentStorage {
  return {
    get: async (name) => {
      const found = await cache.match(prefix + name);
      return found === undefined ? null : new Uint8Array(await found.arrayBuffer());
    },
    // Only awaited, the page may be left without losing what was put.
    put: async (name, bytes) => {
      const headers = { [SIZE_HEADER]: String(bytes.length) };
      await cache.put(prefix + name, new Response(Uint8Array.from(bytes), { headers }));
    },
    remove: async (name) => {
      await cache.delete(prefix + name);
    },
    sizes: async () => {
      const urls = (await cache.keys()).map(({ url }) => url);
      const sizes = new Map<string, number>();
      for (const url of urls.filter((one) => one.startsWith(prefix))) {
        const found = await cache.match(url);
        sizes.set(url.slice(prefix.length), Number(found?.headers.get(SIZE_HEADER) ?? 0));
      }
      return sizes;
    },
  };
}
