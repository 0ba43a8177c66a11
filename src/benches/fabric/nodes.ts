/**
 * The number of nodes that recorded demand wants, played minute by minute: node-hours, and how long
 * nodes are overloaded, where they take two minutes to start and where they take ten.
 *
 * The count sees the first half of a record, and is measured on the second. A tenth of that half's
 * peak is a node's power.
 */
import { createNodeCount, type NodeCount } from "../../cluster/orchestration/index.ts";
import { DEFAULT_MAX_LOAD } from "../../cluster/placement/index.ts";
import { type Demand, demandAt } from "../../cluster/simulation/index.ts";
import { type Figure, judgeFigure } from "../figures.ts";
import { PLAYED } from "./tuned.ts";

const [QUICK_SECONDS, SLOW_SECONDS] = [120, 600];
const PEAK_NODES = 10;
/** A count without a forecast: for nodes that start at once. */
const AT_ONCE = 0;

export interface NodesRow {
  readonly record: string;
  /** Nodes that the peak needs all the time. */
  readonly peakNodes: number;
  readonly quick: NodesPlayed;
  readonly slow: NodesPlayed;
  /** As `slow`, by the traffic of the moment alone. */
  readonly slowReactive: NodesPlayed;
}

export interface NodesPlayed {
  /** Also of nodes that start, ÷ those of `peakNodes`. */
  readonly hoursShare: number;
  /** Share of the minutes in which nodes are busier than plans let them be. */
  readonly overload: number;
}

/** Cost: half a minute. */
export function runNodes(record: string, demand: Demand): NodesRow {
  const at = demandAt(demand);
  const untilMinute = Math.floor(60 * demand.intervalHours * demand.nIntervals);
  const work = Float64Array.from({ length: untilMinute }, (_, minute) => at(0, minute / 60));
  const fromMinute = untilMinute >> 1;
  const peak = work.subarray(fromMinute).reduce((most, value) => Math.max(most, value), 0);
  const stage = { work, fromMinute, capacity: peak / PEAK_NODES };
  const peakNodes = Math.ceil(PEAK_NODES / DEFAULT_MAX_LOAD);
  const run = (startSeconds: number, count: NodeCount): NodesPlayed => {
    const { nodeMinutes, overload } = playNodes(stage, startSeconds, count);
    return { hoursShare: nodeMinutes / (peakNodes * (untilMinute - fromMinute)), overload };
  };
  return {
    record,
    peakNodes,
    quick: run(QUICK_SECONDS, createNodeCount(QUICK_SECONDS)),
    slow: run(SLOW_SECONDS, createNodeCount(SLOW_SECONDS)),
    slowReactive: run(SLOW_SECONDS, createNodeCount(AT_ONCE)),
  };
}

interface Stage {
  /** Asked for in each minute, in any unit of work per second. */
  readonly work: Float64Array;
  /** Measured from here on. */
  readonly fromMinute: number;
  /** Of a node, in the same unit. */
  readonly capacity: number;
}

/** Nodes are there some time after they are wanted; those that are not wanted leave at once. */
export function playNodes(
  { work, fromMinute, capacity }: Stage,
  startSeconds: number,
  count: NodeCount,
): { readonly nodeMinutes: number; readonly overload: number } {
  let [nThere, nodeMinutes, nOverloaded] = [0, 0, 0];
  /** Minutes in which nodes will be there. */
  let starting: readonly number[] = [];
  work.forEach((now, minute) => {
    const wanted = count.look(minute / 60, { now, capacity, least: 1 });
    nThere += starting.filter((at) => at <= minute).length;
    starting = starting.filter((at) => at > minute);
    const more = Math.max(0, wanted - nThere - starting.length);
    starting = [...starting, ...new Array<number>(more).fill(minute + startSeconds / 60)];
    nThere = Math.min(nThere, wanted);
    starting = starting.slice(0, wanted - nThere);
    if (minute < fromMinute) return;
    nodeMinutes += nThere + starting.length;
    if (now > DEFAULT_MAX_LOAD * nThere * capacity) nOverloaded += 1;
  });
  return { nodeMinutes, overload: nOverloaded / (work.length - fromMinute) };
}

export function nodesFigures(rows: readonly NodesRow[]): readonly Figure[] {
  const known = PLAYED.map((name) => rows.find(({ record }) => record === name));
  const found = known.filter((row) => row !== undefined);
  const absent = PLAYED.filter((_, i) => known[i] === undefined);
  const isWhole = absent.length === 0;
  const missing = isWhole ? "" : `; not measured: --demands lacks ${absent.join(", ")}`;
  const most = (of: (row: NodesRow) => number): number | null =>
    isWhole ? Math.max(...found.map(of)) : null;
  const how = `the largest of ${PLAYED.length} recorded demands${missing}`;
  return [
    judgeFigure(
      {
        name: "nodes.hours-vs-peak",
        value: most(({ quick }) => quick.hoursShare),
        unit: "×",
        how: `node-hours ÷ those of as many nodes as the peak needs, starts of 2 minutes, ${how}`,
      },
      { atMost: 0.35 },
    ),
    judgeFigure(
      {
        name: "nodes.overload",
        value: most(({ quick }) => quick.overload),
        unit: "",
        how: `share of the minutes with nodes busier than 80 %, starts of 2 minutes, ${how}`,
      },
      { atMost: 0.001 },
    ),
    judgeFigure(
      {
        name: "nodes.overload-vs-reactive",
        value: most(({ slow, slowReactive }) => slow.overload / slowReactive.overload),
        unit: "×",
        how: `overload ÷ that without a forecast, starts of 10 minutes, ${how}`,
      },
      { atMost: 0.5 },
    ),
  ];
}
