/**
 * Which logs and witnesses are trusted, and how many witnesses it takes: a policy file.
 *
 * Lines of `log KEY [URL]`, `witness NAME KEY [URL]`, `group NAME all|any|K MEMBER…` and one
 * `quorum NAME`. A name stands above the lines that use it. Source: c2sp.org/tlog-policy.
 */
import { BailiwickError } from "../../shared/errors.ts";
import { parseVerifier, type VerifierKey } from "./keys.ts";

export interface Witness {
  /** Within the policy. */
  readonly name: string;
  readonly key: VerifierKey;
  /** Where it takes checkpoints; null if the policy does not say it. */
  readonly url: string | null;
}

export interface Policy {
  readonly logs: readonly VerifierKey[];
  readonly witnesses: readonly Witness[];
  /** Whether these witnesses, by their names in the policy, are enough. */
  isQuorum(names: ReadonlySet<string>): boolean;
}

/** Counts as signed if at least this number of its members do. */
interface Group {
  readonly least: number;
  readonly members: readonly string[];
}

interface Draft {
  readonly logs: VerifierKey[];
  readonly witnesses: Map<string, Witness>;
  readonly groups: Map<string, Group>;
  /** Names that are members of a group: of one at most. */
  readonly used: Set<string>;
  quorum: string | null;
}

/** Of logs, witnesses and groups each. */
const MAX_ENTRIES = 100;
const NONE = "none";

/** @throws CONFIG_INVALID naming the line that is wrong. */
export function parsePolicy(text: string): Policy {
  const draft: Draft = {
    logs: [],
    witnesses: new Map(),
    groups: new Map(),
    used: new Set(),
    quorum: null,
  };
  text.split("\n").forEach((line, i) => {
    const words = line.split(/[ \t\r]+/).filter((word) => word !== "");
    if (words.length > 0 && !words[0]!.startsWith("#")) readLine(draft, words, i + 1);
  });
  const { logs, witnesses, groups, quorum } = draft;
  if (quorum === null) throw invalid(null, "must have a line quorum NAME");
  return {
    logs,
    witnesses: [...witnesses.values()],
    isQuorum: (names) => isSigned(groups, quorum, names),
  };
}

function isSigned(
  groups: ReadonlyMap<string, Group>,
  name: string,
  names: ReadonlySet<string>,
): boolean {
  const group = groups.get(name);
  if (group === undefined) return names.has(name);
  return group.members.filter((member) => isSigned(groups, member, names)).length >= group.least;
}

const READERS: Readonly<
  Record<string, (draft: Draft, words: readonly string[], line: number) => void>
> = { log: readLog, witness: readWitness, group: readGroup, quorum: readQuorum };

function readLine(draft: Draft, [what = "", ...words]: readonly string[], line: number): void {
  const read = Object.hasOwn(READERS, what) ? READERS[what] : undefined;
  if (read === undefined) throw invalid(line, "must begin with log, witness, group or quorum");
  read(draft, words, line);
}

function readLog({ logs }: Draft, [key, url, ...more]: readonly string[], line: number): void {
  if (key === undefined || more.length > 0) throw invalid(line, "must be log KEY [URL]");
  if (url !== undefined) checkUrl(url, line);
  const log = keyOf("log", key, line);
  if (logs.some(({ bytes }) => bytes.equals(log.bytes)))
    throw invalid(line, "has a log's key again");
  if (logs.length >= MAX_ENTRIES) throw invalid(line, `must be one of at most ${MAX_ENTRIES} logs`);
  logs.push(log);
}

function readWitness(draft: Draft, words: readonly string[], line: number): void {
  const [name, key, url = null, ...more] = words;
  if (name === undefined || key === undefined || more.length > 0) {
    throw invalid(line, "must be witness NAME KEY [URL]");
  }
  checkNewName(draft, name, line);
  if (url !== null) checkUrl(url, line);
  const witness = { name, key: keyOf("witness", key, line), url };
  // One who signs under two names would count twice.
  if ([...draft.witnesses.values()].some((other) => other.key.bytes.equals(witness.key.bytes))) {
    throw invalid(line, "has a witness's key again");
  }
  draft.witnesses.set(name, witness);
}

function readGroup(draft: Draft, words: readonly string[], line: number): void {
  const [name, count, ...members] = words;
  if (name === undefined || count === undefined || members.length === 0) {
    throw invalid(line, "must be group NAME all|any|K MEMBER…");
  }
  checkNewName(draft, name, line);
  for (const member of members) {
    checkKnown(draft, member, line);
    if (draft.used.has(member)) throw invalid(line, `has ${member}, which is a member already`);
    draft.used.add(member);
  }
  const counts: Readonly<Record<string, number>> = { any: 1, all: members.length };
  const least =
    (Object.hasOwn(counts, count) ? counts[count] : undefined) ??
    (/^[1-9]\d{0,2}$/.test(count) ? Number(count) : 0);
  if (least < 1 || least > members.length) {
    throw invalid(line, `must need all, any, or 1 to ${members.length} of its members`);
  }
  draft.groups.set(name, { least, members });
}

function readQuorum(draft: Draft, [name, ...more]: readonly string[], line: number): void {
  if (name === undefined || more.length > 0) throw invalid(line, "must be quorum NAME");
  if (draft.quorum !== null) throw invalid(line, "must be the only quorum");
  if (name === NONE)
    throw invalid(line, "must name a witness or a group: none would prove nothing");
  checkKnown(draft, name, line);
  draft.quorum = name;
}

function checkNewName({ witnesses, groups }: Draft, name: string, line: number): void {
  if (name === NONE || witnesses.has(name) || groups.has(name)) {
    throw invalid(line, `must have a name of its own, ${name} is taken`);
  }
  if (witnesses.size >= MAX_ENTRIES || groups.size >= MAX_ENTRIES) {
    throw invalid(line, `must be one of at most ${MAX_ENTRIES}`);
  }
}

function checkKnown({ witnesses, groups }: Draft, name: string, line: number): void {
  if (witnesses.has(name) || groups.has(name)) return;
  throw invalid(line, `must name what stands above it, ${name} does not`);
}

function checkUrl(url: string, line: number): void {
  if (/^https?:\/\/[^/]/.test(url) && URL.canParse(url)) return;
  throw invalid(line, "must have an http(s) address");
}

function keyOf(kind: "log" | "witness", text: string, line: number): VerifierKey {
  try {
    return parseVerifier(kind, text);
  } catch (error) {
    throw invalid(line, error instanceof Error ? error.message : String(error));
  }
}

function invalid(line: number | null, problem: string): BailiwickError {
  const where = line === null ? "the policy" : `line ${line} of the policy`;
  return new BailiwickError("CONFIG_INVALID", `${where} ${problem}`, line === null ? {} : { line });
}
