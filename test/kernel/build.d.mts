interface Build {
  readonly options: readonly string[];
  readonly fileOf: (bytes: Uint8Array) => Uint8Array;
  readonly bytesOf: (file: Uint8Array) => Uint8Array;
}
export const builds: Readonly<Record<string, Build>>;
export function compileKernel(build: Build): Promise<Uint8Array>;
