/**
 * The settings that the library's functions share: their types, and how they are checked.
 *
 * A program may be JavaScript, so settings are checked like all input: an unknown name is refused,
 * with the nearest name of a setting.
 */
import { closest } from "fastest-levenshtein";
import { z } from "zod";
import type { Executor } from "../mixture/index.ts";
import { ENGINES, type EngineName } from "../shared/choices.ts";
import { BailiwickError } from "../shared/errors.ts";
import type { Progress } from "../shared/progress.ts";

/** Settings of long work: progress, abort, engine and threads. Every setting has a default. */
export interface TrainingSettings {
  /** Called with the stage in words and the fraction done, 0 to 1. */
  readonly onProgress?: Progress | undefined;
  /** Stops the work when it is aborted: the promise rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
  /** The engine that trains the nets. Default "wasm". */
  readonly engine?: EngineName | undefined;
  /** Threads to train on, 1 to 64. Default the number of cores. */
  readonly threads?: number | undefined;
  /**
   * An executor of training tasks from `bailiwick/engine`; replaces `engine` and `threads`. The
   * caller closes it.
   */
  readonly executor?: Executor | undefined;
}

/** The seed of every random choice, an integer from 0 to 2,147,483,647. */
export const seedSchema: z.ZodType<number | undefined> = z
  .int()
  .min(0)
  .max(2_147_483_647)
  .optional();

/** A schema for each of `TrainingSettings`. */
export const trainingShape: {
  readonly [K in keyof TrainingSettings]-?: z.ZodType<TrainingSettings[K]>;
} = {
  onProgress: z.custom<Progress>(isFunction, "must be a function").optional(),
  signal: z.custom<AbortSignal>(isSignal, "must be an AbortSignal").optional(),
  engine: z.enum(ENGINES).optional(),
  threads: z.int().min(1).max(64).optional(),
  executor: z.custom<Executor>(isExecutor, "must be an executor of bailiwick/engine").optional(),
};

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

function isSignal(value: unknown): boolean {
  return value instanceof AbortSignal;
}

function isExecutor(value: unknown): boolean {
  return typeof value === "object" && value !== null && "train" in value && "engine" in value;
}

/**
 * The settings of one call, checked.
 *
 * @param caller - The function's name, for the message.
 * @throws INVALID_OPTION naming each wrong setting and, for an unknown one, the nearest name.
 */
export function parseSettings<T extends z.ZodObject>(
  caller: string,
  schema: T,
  settings: unknown,
): z.output<T> {
  const parsed = schema.safeParse(settings);
  if (parsed.success) return parsed.data;
  const names = Object.keys(schema.shape);
  const problems = parsed.error.issues.map((issue) => describe(issue, names));
  throw new BailiwickError("INVALID_OPTION", `${caller}: ${problems.join("; ")}`, { problems });
}

function describe(issue: z.core.$ZodIssue, names: readonly string[]): string {
  if (issue.code === "unrecognized_keys") {
    const hints = issue.keys.map((key) => `"${key}", did you mean "${closest(key, [...names])}"?`);
    return `there is no setting ${hints.join(" and no setting ")}`;
  }
  const place = issue.path.length === 0 ? "the settings" : issue.path.join(".");
  return `${place}: ${issue.message}`;
}
