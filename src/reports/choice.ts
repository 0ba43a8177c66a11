/** How the number of experts or regimes, or the committee's members, were chosen. */
import type { ExperimentResult, SplitResult } from "../experiments/index.ts";
import { candidatesSection } from "./candidates.ts";
import { committeeSection } from "./committee.ts";
import type { KeptModel, ModelFacts } from "./facts/index.ts";
import { type Html, NOTHING } from "./html.ts";
import { searchSection } from "./regimes/index.ts";

/** Of a run, by the splits. */
export function runChoiceSection({ splits, dataset }: ExperimentResult, kept: KeptModel): Html {
  const { search, committee, cards } = kept;
  if (committee !== null) {
    const ofSplits = splits.flatMap(({ committee: own }) => own ?? []);
    return committeeSection(committee, ofSplits, dataset.target);
  }
  if (search !== null) return searchSection(search, cards.length);
  return candidatesSection(mostTelling(splits), splits);
}

/** The first split whose mixture has more than one expert, or else the first. */
function mostTelling(splits: readonly SplitResult[]): SplitResult {
  return splits.find(({ nExperts }) => nExperts > 1) ?? splits[0]!;
}

/** Of one fit whose regimes were searched for; the leaderboard shows other choices. */
export function searchedSection({ kept: { search, cards } }: ModelFacts): Html {
  return search === null ? NOTHING : searchSection(search, cards.length);
}
