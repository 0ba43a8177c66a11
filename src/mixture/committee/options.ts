/** The members of a committee, as options. Options hold no data. */
import { type Activation, FAMILIES, type FamilyName } from "../../experts/index.ts";
import type { FitOptions } from "../options.ts";

/** Nets with an activation; or with relu, on inputs encoded in this number of bins. */
export type NetworkName = Activation | `ple${number}`;

/** The kind of a member: a net, a mixture of regimes, or an expert of another family. */
export type MemberKind = `net.${NetworkName}` | "regimes" | FamilyName;

/** Whether members of the kind divide the rows among experts. */
export function divides(kind: MemberKind): boolean {
  return kind === "regimes";
}

export interface Shapes {
  /** Hidden layers to choose among on hold-outs. At least one. */
  readonly hidden: readonly (readonly number[])[];
}

/** Nets on the inputs as they are. */
export interface PlainArchitecture extends Shapes {
  readonly activation: Activation;
}

/** Nets on inputs that are each encoded piecewise linearly in `bins` bins. */
export interface EncodedArchitecture extends Shapes {
  readonly activation: "relu";
  readonly bins: number;
}

export type Architecture = PlainArchitecture | EncodedArchitecture;

export interface CommitteeSize {
  /** Samples at most. */
  readonly upTo: number;
  /** Number of folds that are held out in turn. */
  readonly heldOut: number;
  /** Members of each kind of network. */
  readonly nets: number;
}

export interface CommitteeOptions {
  /** The committee has to beat nets of the first architecture. */
  readonly architectures: readonly [PlainArchitecture, ...Architecture[]];
  readonly folds: number;
  /** More samples have fewer repeats: the first size with enough room applies. */
  readonly sizes: readonly CommitteeSize[];
  /** Nets of each kind in each fold. */
  readonly netsOfFold: number;
  /** Families beside networks; empty for networks only. */
  readonly families: readonly FamilyName[];
  /** Most boosted trees that are tried in a run; by the family itself if not given. */
  readonly nTrees?: number;
  /** How regimes are searched: if there are two or more, a mixture of them joins; null for none. */
  readonly regimes: FitOptions | null;
  /** Whether kinds without weight are fitted on all samples too, for comparison. */
  readonly keepAll: boolean;
}

export const DEFAULT_COMMITTEE: CommitteeOptions = {
  architectures: [
    {
      activation: "tanh",
      hidden: [
        [32, 32],
        [64, 64],
      ],
    },
    { activation: "silu", hidden: [[32, 32]] },
    { activation: "relu", bins: 16, hidden: [[64, 64]] },
  ],
  folds: 5,
  sizes: [
    { upTo: 700, heldOut: 5, nets: 3 },
    { upTo: 3000, heldOut: 3, nets: 2 },
    { upTo: Number.POSITIVE_INFINITY, heldOut: 1, nets: 2 },
  ],
  netsOfFold: 1,
  families: FAMILIES,
  regimes: null,
  keepAll: false,
};

export function sizeFor(nSamples: number, { sizes }: CommitteeOptions): CommitteeSize {
  return sizes.find(({ upTo }) => nSamples <= upTo) ?? sizes.at(-1)!;
}
