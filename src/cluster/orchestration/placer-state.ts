/** What a placer knows between its looks, and what one look has found. */
import type { AuditLog } from "../audit/index.ts";
import type { Fabric } from "../fabric/index.ts";
import type { Device } from "../placement/index.ts";
import type { Directory } from "../router/index.ts";
import type { Policy } from "../simulation/index.ts";
import type { Fleet } from "./fleet.ts";
import type { Lease } from "./lease.ts";
import type { NodeCount } from "./node-count.ts";
import type { Prefetcher } from "./prefetch.ts";
import type { ShiftWatch } from "./regime-shift.ts";
import type { ServedModels } from "./served-models.ts";
import type { TrafficLog } from "./traffic.ts";
import type { WantedLoad } from "./wanted.ts";
import type { ZoneBlobs } from "./zone-blobs.ts";

export interface PlacerOptions {
  readonly name: string;
  readonly directory: Directory;
  readonly audit: AuditLog;
  /** Makes a policy; called again whenever the experts or devices have changed. */
  readonly policy: () => Policy;
  /** How often the policy is asked. */
  readonly policySeconds?: number;
  readonly deadlineMs?: number;
  /** From when a node is wanted to when it has joined. */
  readonly nodeStartSeconds?: number;
  /** How long a model stays that no server serves. */
  readonly retireMs?: number;
  /** How long the blobs of an expert stay that is not served. */
  readonly graceMs?: number;
  readonly log?: (line: string) => void;
}

export interface PlacerState {
  readonly fabric: Fabric;
  readonly options: PlacerOptions;
  readonly fleet: Fleet;
  readonly lease: Lease;
  readonly traffic: TrafficLog;
  readonly models: ServedModels;
  readonly zoneBlobs: ZoneBlobs;
  /** Each node's start when it was last told what to hold. */
  readonly incarnations: Map<string, string>;
  /** Since when an expert has fewer homes than it should. */
  readonly missingSinceMs: Map<string, number>;
  /** Problems logged since everything was last in place. */
  readonly problems: Set<string>;
  readonly prefetcher: Prefetcher;
  readonly shifts: ShiftWatch;
  readonly nodeCount: NodeCount;
  /** How many nodes are wanted; null before a model was seen. */
  wantedNodes: number | null;
  policy: { readonly policy: Policy; readonly key: string } | null;
  lastPolicyMs: number;
  lastStepMs: number;
  /** When every expert was last where it should be. */
  wholeMs: number | null;
  nRefused: number;
}

/** One look: under which term, what is to be placed, and where it can go. */
export interface Look {
  readonly term: number;
  readonly loads: readonly WantedLoad[];
  readonly devices: readonly Device[];
  /** Rows per second of each expert in the last step, by hash. */
  readonly rates: ReadonlyMap<string, number>;
}
