/** `bailiwick data verify`: compares the available data sets with their descriptors. */
import { type Verification, verifyDatasets } from "../data/mirror/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { mirrorFolder } from "./environment.ts";
import { formatTable, printJson, printLine } from "./output.ts";

/** @throws CHECKSUM_MISMATCH after the table, naming the sets that differ. */
export async function dataVerifyCommand(
  names: readonly string[],
  flags: { readonly json?: boolean },
): Promise<void> {
  const verifications = await verifyDatasets(names, mirrorFolder());
  if (flags.json === true) printJson(verifications);
  else printLine(renderVerifications(verifications));
  const wrong = verifications.filter(({ problem }) => problem !== null);
  if (wrong.length === 0) return;
  const differing = wrong.map(({ name }) => name);
  throw new BailiwickError(
    "CHECKSUM_MISMATCH",
    `every data set must match its descriptor, ${wrong.length} of ` +
      `${verifications.length} differ: ${differing.join(", ")}`,
    { names: differing },
  );
}

function renderVerifications(verifications: readonly Verification[]): string {
  const rows = verifications.map(({ name, where, data, splits, nRows, nFeatures, problem }) => [
    name,
    where,
    String(nRows.found),
    String(nFeatures.found),
    data,
    splits,
    problem ?? "ok",
  ]);
  return formatTable(["name", "where", "rows", "features", "data", "splits", "verdict"], rows);
}
