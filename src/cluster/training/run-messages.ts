/** Messages between a run and its trainers: a job, and what a trainer asks and reports. */
import { z } from "zod";
import {
  type Delivered,
  type Headers,
  headerNumber,
  invalidMessage,
  type Message,
  readHeaders,
  readMessage,
  writeMessage,
} from "../fabric/index.ts";

/** A part of a task, below the fabric's limit of a message. */
export const PART_BYTES: number = 512 << 10;

export function queueOf(key: string): string {
  return `train.${key}`;
}

const jobSchema: z.ZodType<JobBody> = z.object({
  run: z.string().regex(/^[0-9a-f]{16}$/, "must be a run"),
  task: z.int().nonnegative(),
});
/** Names a task; its bytes are fetched from the run. */
export interface JobBody {
  readonly run: string;
  readonly task: number;
}

export function writeJob(job: JobBody): Uint8Array {
  return writeMessage(job);
}

/** @throws MESSAGE_INVALID unless it is a training job. */
export function parseJob(body: Uint8Array): JobBody {
  return readMessage("a training job", jobSchema, body);
}

/** What a trainer can ask of a run, or report to it. */
const requestSchema: z.ZodType<RunRequest> = z.discriminatedUnion("what", [
  /** A part of a task's bytes. */
  z.object({ what: z.literal("task"), task: headerNumber, part: headerNumber }),
  /** Rows of a matrix. */
  z.object({ what: z.literal("rows"), matrix: headerNumber }),
  /** The trainer is still at the task. */
  z.object({ what: z.literal("working"), task: headerNumber }),
  /** The trained net. */
  z.object({ what: z.literal("done"), task: headerNumber }),
  /** The trainer could not train the task. */
  z.object({ what: z.literal("failed"), task: headerNumber, why: z.string().max(400) }),
]);
export type RunRequest =
  | { readonly what: "task"; readonly task: number; readonly part: number }
  | { readonly what: "rows"; readonly matrix: number }
  | { readonly what: "working"; readonly task: number }
  | { readonly what: "done"; readonly task: number }
  | { readonly what: "failed"; readonly task: number; readonly why: string };

/** A request with its trainer. @throws MESSAGE_INVALID */
export function parseRunRequest({ subject, headers }: Delivered): {
  readonly trainer: string;
  readonly request: RunRequest;
} {
  const [zone, name, what = ""] = subject.split(".").slice(3);
  const request = readHeaders("a trainer's request", requestSchema, { ...headers, what });
  return { trainer: `${zone}.${name}`, request };
}

/** Row numbers of a request for rows. @throws MESSAGE_INVALID */
export function parseRows(body: Uint8Array): Int32Array {
  if (body.length % 4 !== 0) throw invalidMessage("a request for rows", "it is cut");
  return new Int32Array(Uint8Array.from(body).buffer);
}

const partSchema = z.object({ state: z.enum(["more", "last", "done"]) });

/** Whether a part of a task is the last; "done" if the run needs the task no more. */
export function parsePart({ headers }: Message): "more" | "last" | "done" {
  return readHeaders("a part of a training task", partSchema, headers).state;
}

/** Headers are lines of ASCII. */
export function failedHeaders(task: number, why: string): Headers {
  return { task: String(task), why: why.replace(/[^ -~]/g, "?").slice(0, 400) };
}
