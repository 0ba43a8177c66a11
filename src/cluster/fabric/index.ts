export { readBatch, writeBatch } from "./batch.ts";
export { type Hub, type HubOptions, openHub } from "./embedded.ts";
export {
  type BlobPlace,
  type Blobs,
  type Bucket,
  type BucketName,
  type Deleted,
  type Delivered,
  EMPTY,
  type Entry,
  EXPIRES_MS,
  type Fabric,
  type Headers,
  JOB_ATTEMPTS,
  JOB_SILENCE_MS,
  type Job,
  type Jobs,
  type Message,
  SOURCE,
  type Stop,
} from "./fabric.ts";
export {
  headerNumber,
  invalidMessage,
  nodeKeySchema,
  readHeaders,
  readMessage,
  sha256Schema,
  writeMessage,
} from "./messages.ts";
export { connectNats, type NatsOptions } from "./nats.ts";
export { LEAST_SERVER } from "./nats-server.ts";
export { lacksStream } from "./nats-streams.ts";
export { checkedAnswer, errorMessage } from "./remote-error.ts";
export {
  checkName,
  nodeKey,
  nodeSubject,
  runSubject,
  siteSubject,
  subjectOfKey,
  TELEMETRY_SUBJECT,
  zoneOfKey,
} from "./subjects.ts";
export { attachThread, connectThread } from "./thread-port.ts";
