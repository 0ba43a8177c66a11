/** In place of open-folders.ts in the file for pages, which have no folders. */
import { BailiwickError } from "../../shared/errors.ts";

export function openFolders(folder: string): never {
  const message = `a page must name a model's address and no folder, got "${folder}"`;
  throw new BailiwickError("INVALID_OPTION", message);
}
