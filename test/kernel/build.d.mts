export const builds: Readonly<Record<string, readonly string[]>>;
export function compileKernel(extraOptions: readonly string[]): Promise<Uint8Array>;
