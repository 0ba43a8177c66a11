/** What every way to forecast traffic does. */

export interface Method {
  /** Takes the traffic of an hour. @param traffic - Shape (n,). */
  observe(hour: number, traffic: Float64Array): void;
  /** The traffic to expect at a later hour; NaN where it cannot tell yet. Shape (n,). */
  expect(hour: number): Float64Array;
}
