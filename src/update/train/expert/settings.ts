/** How nets are trained in an update. */

/** Of a net that starts from nothing beside experts of other families. */
export const FRESH_HIDDEN: readonly number[] = [32, 32];
export const LEARNING_RATE = 5e-3;
/** Of a net that starts from nothing in place of one that forgets. */
export const ANEW_LEARNING_RATE = 1e-2;
/** As experts of the preset `regimes` are fitted. */
export const WEIGHT_DECAY = 0.1;
