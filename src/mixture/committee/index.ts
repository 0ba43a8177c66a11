export { type FittedCommittee, fitCommittee } from "./committee.ts";
export {
  type HeldOut,
  type KindWeight,
  membersOf,
  mixHeldOut,
  partitionedWeight,
  weighKinds,
} from "./held-out.ts";
export { shapeOf, type TunedNetwork } from "./networks.ts";
export {
  type Architecture,
  type CommitteeOptions,
  type CommitteeSize,
  DEFAULT_COMMITTEE,
  type MemberKind,
} from "./options.ts";
