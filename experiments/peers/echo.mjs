// The peer "echo": a bare fastify server that gives back what it gets, JSON parsed and written anew
// as fastify does it, bytes as they came. Asked for nothing, it says where it listens.
import fastify from "fastify";
import { answerLines } from "./lines.mjs";

const MAX_BODY_BYTES = 32 << 20;

const server = fastify({ bodyLimit: MAX_BODY_BYTES });
server.addContentTypeParser(
  "application/octet-stream",
  { parseAs: "buffer" },
  (_request, body, done) => done(null, body),
);
server.post("/", (request, reply) => {
  const { "content-type": type } = request.headers;
  return reply.type(type).send(request.body);
});
const origin = await server.listen({ host: "127.0.0.1", port: 0 });

await answerLines(() => ({ origin, versions: { fastify: server.version } }));
