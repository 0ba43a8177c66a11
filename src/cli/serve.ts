/** `bailiwick serve`: bundles behind the Open Inference Protocol. */
import { basename, resolve } from "node:path";
import { createServer, listen } from "../api/index.ts";
import { readBundle } from "../bundle/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { createEngine } from "./engine.ts";
import { note } from "./output.ts";

export async function serveCommand(
  bundlePaths: readonly string[],
  flags: { readonly host: string; readonly port: number },
): Promise<void> {
  const served = await Promise.all(
    bundlePaths.map(async (path) => ({
      name: basename(resolve(path)),
      bundle: await readBundle(path),
    })),
  );
  refuseEqualNames(served.map(({ name }) => name));
  const server = createServer(served, { engine: await createEngine({ threads: 1 }) });
  const address = await listen(server, flags);
  note(`serving ${served.map(({ name }) => name).join(", ")} at ${address}/v2`);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      note(`${signal}: finishing what is in flight`);
      void server.close();
    });
  }
}

function refuseEqualNames(names: readonly string[]): void {
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined) {
    throw new BailiwickError(
      "INVALID_OPTION",
      `bundle folders must have different names, "${twice}" comes twice`,
      { name: twice },
    );
  }
}
