/** Names of HTTP headers that server, client and agent write and read. */

/** How many bytes of a body are JSON. */
export const JSON_LENGTH_HEADER = "inference-header-content-length";
/** Of a manifest: the version that it is of, and the kinds that may be downloaded. */
export const VERSION_HEADER = "bailiwick-version";
export const SHIP_HEADER = "bailiwick-ship";
