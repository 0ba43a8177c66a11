/** `bailiwick export`: a bundle's model as one file for other programs. */
import { type ExportFormat, exportModel, readBundle } from "../bundle/index.ts";
import { note } from "./output.ts";

export async function exportCommand(
  bundlePath: string,
  flags: { readonly format: ExportFormat; readonly out: string },
): Promise<void> {
  const bundle = await readBundle(bundlePath);
  await exportModel(bundle, flags.format, flags.out);
  note(`wrote ${flags.out}`);
}
