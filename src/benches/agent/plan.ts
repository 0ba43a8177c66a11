/** How much the agent's bench measures. */
export interface AgentPlan {
  /** Rows whose bits are compared. */
  readonly nRows: number;
  readonly nRounds: number;
  /** Of one turn of one contender. */
  readonly turnMs: number;
  /** Cold starts of the agent, and of onnxruntime-web, whose one takes 20 s. */
  readonly starts: number;
  readonly ortStarts: number;
  /** Rows of class local. */
  readonly localRows: number;
}

export const FULL_AGENT_PLAN: AgentPlan = {
  nRows: 100_000,
  nRounds: 7,
  turnMs: 1000,
  starts: 11,
  ortStarts: 3,
  localRows: 10_000,
};
