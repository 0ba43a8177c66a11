/** The path of a server that is new enough; throws with what was tried if there is none. */
export function findServer(): Promise<string>;
