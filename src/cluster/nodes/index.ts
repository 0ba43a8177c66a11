export { type Asked, EXPERT, readAnswer, writeAsk } from "./ask.ts";
export { COMMAND, type Command, type Done, encode, parseDone } from "./command.ts";
export { bytesInMemory } from "./expert-cache.ts";
export { type Node, type NodeOptions, startNode } from "./node.ts";
export { type Announcement, PROTOCOL, parseAnnouncement } from "./profile.ts";
