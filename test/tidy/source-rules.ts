/**
 * The rules that every source file keeps, counted by the TypeScript parser. Each rule takes a parsed
 * file and gives one message for each place that breaks it.
 */
import ts from "typescript";

export const MOST_FILE_LINES = 300;
export const MOST_FUNCTION_LINES = 70;
export const MOST_PARAMETERS = 4;
export const MOST_COLUMNS = 100;

/** Folders where files, messages and arguments come in: a cast there must give its reason. */
const EDGES = ["api", "cluster", "bundle", "data", "update", "cli"];
const OUTSIDE = /JSON[.]parse|process[.](argv|env|stdin)|workerData|\b(message|event)\b/;

export type SourceRule =
  | "file lines"
  | "function lines"
  | "parameters"
  | "columns"
  | "cast"
  | "JSON.parse";

/** One place that breaks a rule. */
export interface Breach {
  readonly rule: SourceRule;
  /** Counted from 1. */
  readonly line: number;
  readonly message: string;
}

/** Breaches of all rules in one file, in the order of the rules. */
export function breachesOf(path: string, text: string): Breach[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
  return [
    ...longFile(text),
    ...wideLines(text),
    ...nodesOf(file).flatMap((node) => [
      ...longFunction(file, node),
      ...manyParameters(file, node),
      ...cast(file, node),
      ...unparsedJson(file, node),
    ]),
  ];
}

function longFile(text: string): Breach[] {
  const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  return lines > MOST_FILE_LINES
    ? [{ rule: "file lines", line: 1, message: `${lines} lines` }]
    : [];
}

function wideLines(text: string): Breach[] {
  return text.split("\n").flatMap((line, i) => {
    const columns = [...line].length;
    return columns > MOST_COLUMNS
      ? [{ rule: "columns", line: i + 1, message: `${columns} columns` }]
      : [];
  });
}

/** Length from the first line of a function to its last, without the comment above it. */
function longFunction(file: ts.SourceFile, node: ts.Node): Breach[] {
  if (!isFunction(node) || node.body === undefined) return [];
  const first = lineOf(file, node.getStart(file));
  const lines = lineOf(file, node.end) - first + 1;
  const message = `${nameOf(node)}: ${lines} lines`;
  return lines > MOST_FUNCTION_LINES ? [{ rule: "function lines", line: first, message }] : [];
}

function manyParameters(file: ts.SourceFile, node: ts.Node): Breach[] {
  if (!isFunction(node)) return [];
  const count = node.parameters.length;
  const message = `${nameOf(node)}: ${count} parameters`;
  const line = lineOf(file, node.getStart(file));
  return count > MOST_PARAMETERS ? [{ rule: "parameters", line, message }] : [];
}

/**
 * `x as T`, `<T>x`; not `as const`, and not `as unknown`, which takes a claim back. Everywhere for
 * what plainly comes from outside, in the folders of EDGES for everything.
 */
function cast(file: ts.SourceFile, node: ts.Node): Breach[] {
  if (!ts.isAsExpression(node) && !ts.isTypeAssertionExpression(node)) return [];
  const type = node.type.getText(file);
  if (type === "const" || type === "unknown") return [];
  const isEdge = EDGES.some((folder) => file.fileName.startsWith(`src/${folder}/`));
  if (!isEdge && !OUTSIDE.test(node.expression.getText(file))) return [];
  const message = node.getText(file).replaceAll(/\s+/g, " ");
  return [{ rule: "cast", line: lineOf(file, node.getStart(file)), message }];
}

/**
 * `JSON.parse(…)` gives `any`, which fits every type unasked. Its value must go straight into a
 * call (a schema's `parse`) or into something declared `unknown`.
 */
function unparsedJson(file: ts.SourceFile, node: ts.Node): Breach[] {
  if (file.fileName.endsWith(".js") || !ts.isCallExpression(node)) return [];
  if (node.expression.getText(file) !== "JSON.parse") return [];
  const { parent } = node;
  const isArgument = ts.isCallExpression(parent) && parent.expression !== node;
  if (isArgument || declaredType(parent)?.kind === ts.SyntaxKind.UnknownKeyword) return [];
  const message = parent.getText(file).replaceAll(/\s+/g, " ");
  return [{ rule: "JSON.parse", line: lineOf(file, node.getStart(file)), message }];
}

/** The type written where a value goes to: a variable, a cast, or what a function returns. */
function declaredType(to: ts.Node): ts.TypeNode | undefined {
  if (ts.isVariableDeclaration(to) || ts.isAsExpression(to) || ts.isArrowFunction(to)) {
    return to.type;
  }
  if (ts.isBinaryExpression(to)) return declaredAbove(to, to.left.getText());
  return ts.isReturnStatement(to) ? functionAround(to)?.type : undefined;
}

/** The type that the nearest declaration of a name has, in the functions around a node. */
function declaredAbove(node: ts.Node, name: string): ts.TypeNode | undefined {
  const around = functionAround(node);
  if (around === undefined) return undefined;
  const declared = nodesOf(around).find(
    (inner) => ts.isVariableDeclaration(inner) && inner.name.getText() === name,
  );
  return declared !== undefined && ts.isVariableDeclaration(declared)
    ? declared.type
    : declaredAbove(around.parent, name);
}

function functionAround(node: ts.Node): ts.FunctionLikeDeclaration | undefined {
  for (let up = node; !ts.isSourceFile(up); up = up.parent) if (isFunction(up)) return up;
  return undefined;
}

function nodesOf(node: ts.Node): ts.Node[] {
  const nodes = [node];
  node.forEachChild((child) => {
    nodes.push(...nodesOf(child));
  });
  return nodes;
}

function isFunction(node: ts.Node): node is ts.FunctionLikeDeclaration {
  return ts.isFunctionLike(node) && "parameters" in node && !ts.isTypeNode(node);
}

function nameOf(node: ts.FunctionLikeDeclaration): string {
  if (node.name !== undefined) return node.name.getText();
  const { parent } = node;
  return ts.isVariableDeclaration(parent) ? parent.name.getText() : "a function";
}

function lineOf(file: ts.SourceFile, position: number): number {
  return file.getLineAndCharacterOfPosition(position).line + 1;
}
