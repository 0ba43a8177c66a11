export function findTfjsNode(): string | null;
export function buildTfjsNode(): string;
