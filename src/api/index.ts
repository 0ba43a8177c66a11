export { listen } from "./listen.ts";
export { createServer, type ServedBundle, type ServerOptions } from "./server.ts";
