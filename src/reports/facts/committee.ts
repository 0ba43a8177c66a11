/** Who a committee is made of, in figures that a page and a run's result keep. */
import { type KindReport, type Member, partitionedWeight } from "../../mixture/index.ts";

export interface CommitteeFacts {
  readonly kinds: readonly KindReport[];
  readonly nMembers: number;
  /** Of members of more than one expert. */
  readonly partitionedWeight: number;
  /** Held-out errors of the committee, and of one without those members; in the target's units. */
  readonly heldOutMse: number;
  readonly undividedMse: number;
}

/** How many members a committee has, and what those weigh that divide the rows. */
export function countMembers(
  members: readonly Member[],
): Pick<CommitteeFacts, "nMembers" | "partitionedWeight"> {
  return { nMembers: members.length, partitionedWeight: partitionedWeight(members) };
}
