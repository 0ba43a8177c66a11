/** Checkpoints that a log and enough witnesses have signed. */
import { BailiwickError } from "../../shared/errors.ts";
import { type Checkpoint, parseCheckpoint } from "./checkpoint.ts";
import type { VerifierKey } from "./keys.ts";
import type { Policy, Witness } from "./policy.ts";
import { type Note, parseNote, signaturesOf } from "./signed-note.ts";

export interface Cosignature {
  readonly witness: Witness;
  readonly line: string;
  /** Seconds since 1970, by the witness's clock. */
  readonly atSeconds: number;
}

export interface Cosigned {
  readonly checkpoint: Checkpoint;
  readonly text: string;
  /** The log's. */
  readonly logLine: string;
  readonly cosignatures: readonly Cosignature[];
}

/** @throws NOTE_INVALID unless a log of the policy and a quorum of its witnesses have signed. */
export function openCosigned(note: string, policy: Policy): Cosigned {
  const opened = openSigned(note, policy);
  const names = opened.cosignatures.map(({ witness }) => witness.name);
  if (policy.isQuorum(new Set(names))) return opened;
  const found = names.length === 0 ? "none has" : `only ${names.join(", ")} signed`;
  throw new BailiwickError("NOTE_INVALID", `a quorum of witnesses must have signed, ${found}`);
}

/** As `openCosigned`, with however many witnesses. @throws NOTE_INVALID */
export function openSigned(note: string, policy: Policy): Cosigned {
  const parsed = parseNote(note);
  const { checkpoint, logLine } = openByLog(parsed, policy.logs);
  return {
    checkpoint,
    text: parsed.text,
    logLine,
    cosignatures: cosignaturesOf(parsed, policy.witnesses),
  };
}

/** The checkpoint of a note that the log which it names has signed. @throws NOTE_INVALID */
export function openByLog(
  note: Note,
  logs: readonly VerifierKey[],
): { readonly checkpoint: Checkpoint; readonly logLine: string } {
  const checkpoint = parseCheckpoint(note.text);
  const named = logs.filter(({ name }) => name === checkpoint.origin);
  const [signed] = signaturesOf(note, named);
  if (signed !== undefined) return { checkpoint, logLine: signed.line };
  throw new BailiwickError("NOTE_INVALID", "a known log must have signed, none has");
}

/** The signatures of known witnesses. @throws NOTE_INVALID if one is false. */
export function cosignaturesOf(note: Note, witnesses: readonly Witness[]): readonly Cosignature[] {
  return witnesses.flatMap((witness) =>
    signaturesOf(note, [witness.key]).map(({ line, atSeconds }) => ({
      witness,
      line,
      atSeconds: atSeconds ?? 0,
    })),
  );
}
