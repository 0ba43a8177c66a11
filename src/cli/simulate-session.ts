/** `bailiwick simulate --session`: a device, recorded links, and requests. */
import {
  compareSplits,
  parseLinks,
  parseSession,
  type RecordedLink,
  type Session,
  type SplitComparison,
} from "../cluster/simulation/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { readTextFile } from "../shared/files.ts";
import { geometricMean } from "../shared/statistics.ts";
import { figure } from "../shared/wording.ts";
import { formatTable, printJson, printLine } from "./output.ts";

export interface SimulateSessionFlags {
  readonly session?: boolean;
  readonly links?: string;
  readonly policies?: readonly string[];
  readonly seed?: number;
  readonly json?: boolean;
}

const LIMITS = {
  maxBytes: 50_000_000,
  missing: "FILE_NOT_FOUND",
  tooLarge: "DATA_TOO_LARGE",
} as const;

/** @throws INVALID_OPTION for options that do not go together. */
export async function simulateSessionCommand(
  path: string,
  { session: isSession, links: linksPath, policies, seed, json }: SimulateSessionFlags,
): Promise<void> {
  if (isSession !== true) throw new BailiwickError("INVALID_OPTION", "--links needs --session");
  if (linksPath === undefined) {
    throw new BailiwickError("INVALID_OPTION", "--session needs --links, a file of recorded links");
  }
  if (policies !== undefined) {
    const message = "--policies must be given without --session, which plays every fixed split";
    throw new BailiwickError("INVALID_OPTION", message);
  }
  const given = await readSession(path);
  const session = seed === undefined ? given : { ...given, seed };
  const links = await readLinks(linksPath);
  const comparisons = links.map((link) => compareSplits(session, link));
  if (json === true) {
    printJson({ session: session.name, seed: session.seed, links: comparisons });
  } else printLine(render(session, comparisons));
}

/** @throws FILE_NOT_FOUND, DATA_TOO_LARGE, CONFIG_INVALID */
export async function readSession(path: string): Promise<Session> {
  return parseSession(await readTextFile(path, LIMITS));
}

/** @throws FILE_NOT_FOUND, DATA_TOO_LARGE, CONFIG_INVALID */
export async function readLinks(path: string): Promise<readonly RecordedLink[]> {
  return parseLinks(await readTextFile(path, LIMITS));
}

function render(
  { name, experts, memoryKilobytes }: Session,
  comparisons: readonly SplitComparison[],
): string {
  const rows = comparisons.map(({ link, nRequests, ours, allRemote, best, medianMs }) => [
    link,
    String(nRequests),
    figure(allRemote.meanMs),
    figure(medianMs),
    `${figure(best.meanMs)} (${best.nHere} here)`,
    figure(ours.meanMs),
    figure(ours.p95Ms),
    `${ours.late} of ${allRemote.late}`,
    figure(ours.megabytesUp + ours.megabytesDown),
    `${figure(ours.joules)} of ${figure(allRemote.joules)}`,
  ]);
  const columns = ["link", "requests", "all remote ms", "median fixed", "best fixed", "adaptive"];
  const more = ["p95", "late", "MB", "joules"];
  const ratio = (of: (one: SplitComparison) => number): string => {
    return figure(geometricMean(comparisons.map((one) => one.ours.meanMs / of(one))));
  };
  return [
    `${name}: ${experts.count} experts of ${experts.kilobytes} kB, ${memoryKilobytes} kB of memory`,
    "",
    formatTable([...columns, ...more], rows),
    "",
    `adaptive ÷ median fixed split: ${ratio(({ medianMs }) => medianMs)}; ` +
      `÷ best in hindsight: ${ratio(({ best }) => best.meanMs)} (geometric means)`,
  ].join("\n");
}
