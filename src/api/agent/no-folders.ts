/** In place of folders.ts in the file for pages, which have no folders. */
import { BailiwickError } from "../../shared/errors.ts";

function refuse(folder: string): never {
  const message = `a page must name a model's address and no folder, got "${folder}"`;
  throw new BailiwickError("INVALID_OPTION", message);
}

export { refuse as folderStorage, refuse as openBundleFolder };
