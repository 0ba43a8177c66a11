/** Folders of this machine: loaded where an agent names one, and left out of the file for pages. */
export function openFolders(_folder: string): Promise<typeof import("./folders.ts")> {
  return import("./folders.ts");
}
