export { type Announcement, PROTOCOL, parseAnnouncement } from "./announcement.ts";
export { type Asked, EXPERT, readAnswer, SEALED, sealedUnitBytes, writeAsk } from "./ask.ts";
export { COMMAND, type Command, type CommandResult, parseCommandResult } from "./command.ts";
export { bytesInMemory } from "./expert-cache.ts";
export { type Node, type NodeOptions, startNode } from "./node.ts";
