/** Sums that are told to others are whole multiples of 2^-30: floats tell by their last bits. */

/** Multiples in 1. */
export const FIXED_POINT: number = 2 ** 30;
/** Up to this many values of size 1 are added without rounding, in 53 bits. */
export const EXACT_TERMS: number = 2 ** 23;
