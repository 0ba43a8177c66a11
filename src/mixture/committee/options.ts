/** The members of a committee, as options. Options hold no data. */
import { type Activation, FAMILIES, type FamilyName } from "../../experts/index.ts";

/** Nets with an activation; or with relu, on inputs encoded in this number of bins. */
export type NetworkName = Activation | `ple${number}`;

/**
 * The kind of a member: a net, a mixture grown from a net, a mixture of the regimes of a search, or
 * an expert of another family.
 */
export type MemberKind = `net.${NetworkName}` | `mixture.${Activation}` | "regimes" | FamilyName;

/** Whether members of the kind divide the rows among experts. */
export function divides(kind: MemberKind): boolean {
  return kind.startsWith("mixture.") || kind === "regimes";
}

export interface Shapes {
  /** Hidden layers to choose among on hold-outs. At least one. */
  readonly hidden: readonly (readonly number[])[];
}

/** Nets on the inputs as they are. */
export interface PlainArchitecture extends Shapes {
  readonly activation: Activation;
  /** Whether mixtures grow from these nets. */
  readonly grows: boolean;
}

/** Nets on inputs that are each encoded piecewise linearly in `bins` bins. */
export interface EncodedArchitecture extends Shapes {
  readonly activation: "relu";
  readonly bins: number;
  readonly grows: false;
}

export type Architecture = PlainArchitecture | EncodedArchitecture;

export interface CommitteeSize {
  /** Samples at most. */
  readonly upTo: number;
  /** Number of folds that are held out in turn. */
  readonly heldOut: number;
  /** Members of each kind of network. */
  readonly nets: number;
  /** A mixture's experts get this share of their net's steps at least. */
  readonly specialistShare: number;
}

export interface CommitteeOptions {
  /** The committee has to beat nets of the first architecture. */
  readonly architectures: readonly [PlainArchitecture, ...Architecture[]];
  readonly folds: number;
  /** More samples have fewer repeats: the first size with enough room applies. */
  readonly sizes: readonly CommitteeSize[];
  /** Nets of each kind, and mixtures of them, in each fold. */
  readonly netsOfFold: number;
  /** Most experts of a mixture. */
  readonly experts: number;
  /** Families beside networks; empty for networks only. */
  readonly families: readonly FamilyName[];
  /** Whether regimes are searched; if there are two or more, a member of them joins. */
  readonly regimes: boolean;
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
      grows: true,
    },
    { activation: "silu", hidden: [[32, 32]], grows: true },
    { activation: "relu", hidden: [[64, 64]], grows: false },
    { activation: "relu", bins: 8, hidden: [[64, 64]], grows: false },
    { activation: "relu", bins: 16, hidden: [[64, 64]], grows: false },
  ],
  folds: 5,
  sizes: [
    { upTo: 700, heldOut: 5, nets: 3, specialistShare: 0.5 },
    { upTo: 3000, heldOut: 3, nets: 2, specialistShare: 0.25 },
    { upTo: Number.POSITIVE_INFINITY, heldOut: 1, nets: 2, specialistShare: 0.25 },
  ],
  netsOfFold: 1,
  experts: 4,
  families: FAMILIES,
  regimes: false,
  keepAll: false,
};

export function sizeFor(nSamples: number, { sizes }: CommitteeOptions): CommitteeSize {
  return sizes.find(({ upTo }) => nSamples <= upTo) ?? sizes.at(-1)!;
}
