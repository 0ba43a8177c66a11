/**
 * Every error this package throws on purpose.
 *
 * One class, many codes: callers branch on `code`, never on the message text. A code's status
 * says whose mistake it was: 4xx the caller's (exit 1), 5xx the world's (exit 2). Codes are
 * public API; each has a section of the same name in docs/errors.md, and
 * test/shared/errors.test.ts fails when the two lists differ.
 */

/** What the caller did or met. The value is the HTTP status the API answers with. */
const STATUS_BY_CODE = {
  SHAPE_MISMATCH: 400,
  INVALID_OPTION: 400,
  FILE_NOT_FOUND: 404,
  DATA_EMPTY: 422,
  DATA_RAGGED: 422,
  DATA_MALFORMED: 422,
  DATA_TOO_LARGE: 413,
  COLUMN_DUPLICATE: 422,
  COLUMN_MISSING: 422,
  COLUMN_TYPE: 422,
  VALUE_NOT_FINITE: 422,
  TARGET_MISSING: 422,
  TARGET_NOT_NUMERIC: 422,
  TARGET_CONSTANT: 422,
  TOO_FEW_ROWS: 422,
  DATASET_UNKNOWN: 404,
  CHECKSUM_MISMATCH: 422,
  CONFIG_INVALID: 422,
  BUNDLE_NOT_FOUND: 404,
  BUNDLE_CORRUPT: 422,
  BUNDLE_VERSION: 422,
  BUNDLE_BUSY: 409,
  INTERVALS_MISSING: 400,
  BATCH_REFUSED: 422,
  EXPLANATION_MISSING: 400,
  STORE_MISSING: 404,
  STORE_CORRUPT: 422,
  OUTPUT_OCCUPIED: 409,
  ENGINE_UNAVAILABLE: 400,
  EXPERT_DIVERGED: 422,
  MEMORY_EXCEEDED: 507,
  WORKER_FAILED: 500,
  WRITE_FAILED: 507,
  READ_FAILED: 500,
  PORT_UNAVAILABLE: 503,
  PLAN_INFEASIBLE: 422,
  REQUEST_REFUSED: 400,
  SERVER_UNAVAILABLE: 503,
  FABRIC_UNAVAILABLE: 503,
  FABRIC_VERSION: 503,
  NODE_ABSENT: 503,
  NODE_UNAVAILABLE: 503,
  NODE_VERSION: 409,
  EXPERT_UNAVAILABLE: 503,
  ZONE_CLOSED: 403,
  ZONE_UNAVAILABLE: 503,
  BLOB_CORRUPT: 422,
  MESSAGE_INVALID: 400,
  SEAL_INVALID: 409,
  TERM_STALE: 409,
  AUDIT_BROKEN: 422,
  NOTE_INVALID: 422,
  WITNESS_UNAVAILABLE: 503,
  SITE_REFUSED: 403,
  SITE_UNAVAILABLE: 503,
} as const;

export type ErrorCode = keyof typeof STATUS_BY_CODE;

export const ERROR_CODES: readonly ErrorCode[] = Object.keys(STATUS_BY_CODE) as ErrorCode[];

/** Whether a text from outside is one of our codes. */
export function isErrorCode(text: string | undefined): text is ErrorCode {
  return text !== undefined && Object.hasOwn(STATUS_BY_CODE, text);
}

/** JSON-safe facts that let a reader reproduce the failure without a debugger. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export class BailiwickError extends Error {
  override readonly name = "BailiwickError";
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = details;
  }

  get httpStatus(): number {
    return STATUS_BY_CODE[this.code];
  }
}

/**
 * Throws SHAPE_MISMATCH unless `actual` equals `expected`.
 *
 * @param name - The argument as the caller spelled it, for example "errors.length".
 */
export function checkLength(name: string, actual: number, expected: number): void {
  if (actual !== expected) {
    throw new BailiwickError("SHAPE_MISMATCH", `${name} must be ${expected}, got ${actual}`, {
      name,
      actual,
      expected,
    });
  }
}

/** Throws INVALID_OPTION unless `value` is an integer in [`least`, `most`]. */
export function checkInteger(
  name: string,
  value: number,
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    const range = most === Number.MAX_SAFE_INTEGER ? `at least ${least}` : `${least} to ${most}`;
    throw new BailiwickError(
      "INVALID_OPTION",
      `${name} must be an integer, ${range}, got ${value}`,
      {
        name,
        value,
      },
    );
  }
}

/** Throws INVALID_OPTION unless `value` is a finite number of at least `least`. */
export function checkNumber(name: string, value: number, least: number): void {
  if (!Number.isFinite(value) || value < least) {
    throw new BailiwickError(
      "INVALID_OPTION",
      `${name} must be a number, at least ${least}, got ${value}`,
      {
        name,
        value,
      },
    );
  }
}
