/** Everything that a command has opened, to be closed in reverse order. */
export type Opened = (() => Promise<unknown>)[];

/** Closes all, the last first; asked again, nothing is left. */
export async function closeAll(opened: Opened): Promise<void> {
  for (const close of opened.splice(0).reverse()) await close();
}
