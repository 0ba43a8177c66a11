export interface BuiltAgent {
  readonly text: string;
  readonly sources: readonly string[];
  readonly imports: readonly string[];
}
export function buildAgent(from: string, to: string | null): Promise<BuiltAgent>;
