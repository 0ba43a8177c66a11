/** `bailiwick place`: a plan of which device holds which expert of a bundle. */
import { type Bundle, readBundle } from "../bundle/index.ts";
import {
  type Bound,
  boundOf,
  type DeviceFile,
  gapOf,
  type Load,
  nodeNeeds,
  notPlacedInWords,
  type Placed,
  type Plan,
  type Problem,
  parseDevices,
  place,
  wantedNodes,
} from "../cluster/placement/index.ts";
import { sizesOf } from "../cluster/router/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { readTextFile } from "../shared/files.ts";
import { figure, percent } from "../shared/wording.ts";
import { formatTable, printJson, printLine } from "./output.ts";

const MAX_FILE_BYTES = 10_000_000;
const BOUND_SECONDS = 20;

export async function placeCommand(
  bundlePath: string,
  flags: { readonly devices: string; readonly seed?: number; readonly json?: boolean },
): Promise<void> {
  const bundle = await readBundle(bundlePath);
  const text = await readTextFile(flags.devices, {
    maxBytes: MAX_FILE_BYTES,
    missing: "FILE_NOT_FOUND",
    tooLarge: "DATA_TOO_LARGE",
  });
  const problem = problemOf(bundle, parseDevices(text));
  const placed = place(problem, flags.seed ?? 1);
  if ("unplaced" in placed) {
    const { expert } = placed.unplaced;
    throw new BailiwickError("PLAN_INFEASIBLE", notPlacedInWords(placed), { expert });
  }
  const bound = await boundOf(problem, BOUND_SECONDS);
  const gap = bound.objective === null ? null : gapOf(placed.objective, bound.objective);
  if (flags.json === true) printJson(documentOf(problem, placed, bound, gap));
  else printLine(render(problem, placed, bound, gap));
}

/** Every expert that answers rows, with its cost and traffic. */
function problemOf({ model, manifest }: Bundle, file: DeviceFile): Problem {
  const experts = model.members.flatMap(({ mixture, weight }, m): readonly Load[] => {
    if (weight === 0) return [];
    const isHard = mixture.recombination === "hard";
    return mixture.experts.map((expert, k) => {
      const { id, share } = manifest.members[m]!.experts[k]!;
      return {
        id,
        ...sizesOf(expert),
        rowsPerSecond: file.rowsPerSecond * (isHard ? share : 1),
        replicas: file.replicas,
        zones: file.pins[id] ?? null,
      };
    });
  });
  checkKnown("pins", Object.keys(file.pins), experts);
  const { devices, batchRows, maxLoad, weights } = file;
  return { devices, experts, current: currentPlan(file, experts), weights, maxLoad, batchRows };
}

function currentPlan({ current, devices }: DeviceFile, experts: readonly Load[]): Plan | null {
  if (current === null) return null;
  checkKnown("current", Object.keys(current), experts);
  return experts.map(({ id }) =>
    (current[id] ?? []).map((name) => {
      const d = devices.findIndex((device) => device.name === name);
      if (d >= 0) return d;
      const message = `current.${id} must name a device, got "${name}"`;
      throw new BailiwickError("CONFIG_INVALID", message, { name });
    }),
  );
}

function checkKnown(key: string, ids: readonly string[], experts: readonly Load[]): void {
  const stranger = ids.find((id) => experts.every((expert) => expert.id !== id));
  if (stranger === undefined) return;
  const expertIds = experts.map(({ id }) => id).join(", ");
  const message = `${key} must name experts of the bundle (${expertIds}), got "${stranger}"`;
  throw new BailiwickError("CONFIG_INVALID", message, { id: stranger });
}

function documentOf(problem: Problem, placed: Placed, bound: Bound, gap: number | null): object {
  const { devices, experts } = problem;
  const { plan, objective, loads, moves } = placed;
  const names = plan.map((places, e) => [experts[e]!.id, places.map((d) => devices[d]!.name)]);
  return {
    plan: Object.fromEntries(names),
    objective,
    bound: bound.objective,
    gap,
    binding: bound.binding,
    loads: Object.fromEntries(loads.map((load, d) => [devices[d]!.name, load])),
    moves,
    wantedNodes: nodesFor(problem),
  };
}

/** How many nodes like these the traffic wants. */
function nodesFor({ experts, devices }: Problem): number {
  const needs = nodeNeeds(experts, devices);
  return wantedNodes({ ...needs, expected: needs.now, startSeconds: 0 });
}

function render(problem: Problem, placed: Placed, bound: Bound, gap: number | null): string {
  const { devices, experts } = problem;
  const { plan, objective, loads, moves } = placed;
  const held = devices.map(({ name, zone, memoryBytes }, d) => {
    const onDevice = experts.filter((_, e) => plan[e]!.includes(d));
    const bytes = onDevice.reduce((sum, expert) => sum + expert.bytes, 0);
    const ids = onDevice.map(({ id }) => id).join(" ");
    return [name, zone, percent(loads[d]!), percent(bytes / memoryBytes), ids];
  });
  const limits = bound.binding.map(({ device, rule }) => `${rule} of ${device}`);
  const boundText =
    bound.objective === null || gap === null
      ? `no bound: ${bound.status}`
      : `no plan can be below ${figure(bound.objective)}: at most ${percent(gap)} from the best`;
  const bytes = moves.reduce((sum, move) => sum + move.bytes, 0);
  return [
    formatTable(["device", "zone", "busy", "memory", "experts"], held),
    "",
    `objective ${figure(objective)} ms; ${boundText}`,
    limits.length === 0 ? "no limit is binding" : `binding limits: ${limits.join(", ")}`,
    `wanted nodes, each as the mean of these: ${nodesFor(problem)}`,
    `${moves.length} moves, ${figure(bytes / 1e6)} MB`,
    ...moves.map(({ action, expert, device, seconds }) =>
      action === "load"
        ? `  load ${expert} on ${device}, ${figure(seconds)} s`
        : `  drop ${expert} from ${device}`,
    ),
  ].join("\n");
}
