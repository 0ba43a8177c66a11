/** What the environment says. Read here and nowhere else. */

/** Folder of a mirror of data sets, from BAILIWICK_DATA. */
export function mirrorFolder(): string | undefined {
  const folder = process.env["BAILIWICK_DATA"];
  return folder === undefined || folder === "" ? undefined : folder;
}
