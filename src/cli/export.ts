/** `bailiwick export`: a bundle's model as one file for other programs. */
import type { ExportFormat } from "../bundle/index.ts";
import { exportModel, load } from "../library/index.ts";
import { note } from "./output.ts";

export async function exportCommand(
  bundlePath: string,
  { format, out }: { readonly format: ExportFormat; readonly out: string },
): Promise<void> {
  await exportModel(await load(bundlePath), out, { format });
  note(`wrote ${out}`);
}
