/**
 * The part of the WebAssembly API used here. TypeScript has its types only among the
 * browser's, which this package is compiled without.
 */

export interface WasmMemory {
  /** Replaced when the memory grows: views over an older buffer keep the old length. */
  readonly buffer: ArrayBufferLike;
  /** Adds pages at the end, at once for all threads; returns the size before, in pages. */
  grow(pages: number): number;
}

interface WasmApi {
  readonly Memory: new (limits: {
    readonly initial: number;
    readonly maximum?: number;
    readonly shared?: true;
  }) => WasmMemory;
  validate(bytes: Uint8Array): boolean;
  instantiate(
    bytes: Uint8Array,
    imports: { readonly env: { readonly memory: WasmMemory } },
  ): Promise<{ readonly instance: { readonly exports: unknown } }>;
}

export const wasm: WasmApi = (globalThis as unknown as { readonly WebAssembly: WasmApi })
  .WebAssembly;

export const PAGE_BYTES = 65_536;
