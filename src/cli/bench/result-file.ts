/** The file that a bench leaves, which docs quote. */
import { join } from "node:path";
import { type BenchDocument, withEarlier } from "../../benches/index.ts";
import { writeFileAtomic } from "../../shared/files.ts";
import { note } from "../output.ts";

/**
 * Writes result.json, if there is a folder for it.
 *
 * @param isWhole - False for some of a bench's parts: those of an earlier file are kept.
 * @returns What was written.
 */
export async function writeResult<M extends object>(
  measured: BenchDocument<M>,
  out: string | undefined,
  isWhole = true,
): Promise<BenchDocument<M>> {
  if (out === undefined) return measured;
  const path = join(out, "result.json");
  const document = isWhole ? measured : await withEarlier(measured, path);
  await writeFileAtomic(path, `${JSON.stringify(document, null, 2)}\n`);
  note(`wrote ${out}/result.json`);
  return document;
}
