/** The agent as one file for pages, by esbuild: what it does not use is left out. */
import { build } from "esbuild";

/**
 * @param from - The module of `bailiwick/agent`.
 * @param to - The file to write; null for its text alone.
 * @returns The text, the parts of sources in it, and the modules that it imports: none.
 */
export async function buildAgent(from, to) {
  const { outputFiles, metafile } = await build({
    entryPoints: [from],
    outfile: to ?? "agent.js",
    write: to !== null,
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    minify: true,
    legalComments: "none",
    metafile: true,
    external: ["node:*"],
    logLevel: "warning",
  });
  const [output] = Object.values(metafile.outputs);
  return {
    text: outputFiles?.[0]?.text ?? "",
    sources: Object.keys(output.inputs).filter((path) => output.inputs[path].bytesInOutput > 0),
    imports: output.imports.map(({ path }) => path),
  };
}
