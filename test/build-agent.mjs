/**
 * The agent as one file for pages, by esbuild: what it does not use is left out. Oxc's minifier,
 * which vite brings, makes 4 % less of it.
 */
import { writeFile } from "node:fs/promises";
import { build } from "esbuild";
import { minify } from "vite";

/** A page has no folders. */
const noFolders = {
  name: "no-folders",
  setup: ({ onResolve, resolve }) => {
    onResolve({ filter: /^\.\/open-folders\.(ts|js)$/ }, ({ path, kind, importer, resolveDir }) =>
      resolve(path.replace("open", "no"), { kind, importer, resolveDir }),
    );
  },
};

/**
 * @param from - The module of `bailiwick/agent`.
 * @param to - The file to write; null for its text alone.
 * @returns The text, the parts of sources in it, and the modules that it imports: none.
 */
export async function buildAgent(from, to) {
  const { outputFiles, metafile } = await build({
    entryPoints: [from],
    write: false,
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    minify: true,
    legalComments: "none",
    metafile: true,
    external: ["node:*"],
    plugins: [noFolders],
    logLevel: "warning",
  });
  const options = { module: true, compress: { target: "es2022" }, mangle: true };
  const { code: text, errors } = await minify("agent.js", outputFiles[0].text, options);
  if (errors.length > 0) throw new Error(errors[0].message);
  if (to !== null) await writeFile(to, text);
  const [output] = Object.values(metafile.outputs);
  return {
    text,
    sources: Object.keys(output.inputs).filter((path) => output.inputs[path].bytesInOutput > 0),
    imports: output.imports.map(({ path }) => path),
  };
}
