/** What an entry of the package exports, as the TypeScript parser sees it. */
import { fileURLToPath } from "node:url";
import ts from "typescript";

export interface Export {
  readonly name: string;
  /** Whether it is there at run time. */
  readonly isValue: boolean;
  readonly isFunction: boolean;
  /** The docstring without its tags; empty if there is none. */
  readonly doc: string;
  readonly tags: readonly { readonly name: string; readonly text: string }[];
}

export interface Entry {
  readonly exports: readonly Export[];
  /** Types of the package that a declaration names and a program cannot import. */
  readonly missing: readonly string[];
}

/** @param paths - From the repository's root. */
export function readEntries(paths: readonly string[]): ReadonlyMap<string, Entry> {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const { config } = ts.readConfigFile(`${root}/tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram(
    paths.map((path) => `${root}/${path}`),
    { ...options, noEmit: true },
  );
  return new Map(paths.map((path) => [path, readEntry(program, `${root}/${path}`)]));
}

function readEntry(program: ts.Program, path: string): Entry {
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(path)!)!;
  const symbols = checker
    .getExportsOfModule(module)
    .map((symbol) => ({ name: symbol.name, symbol: original(symbol, checker) }));
  const exports = symbols.map(({ name, symbol }) => ({
    name,
    isValue: (symbol.flags & ts.SymbolFlags.Value) !== 0,
    isFunction: (symbol.flags & ts.SymbolFlags.Function) !== 0,
    doc: ts.displayPartsToString(symbol.getDocumentationComment(checker)),
    tags: symbol
      .getJsDocTags(checker)
      .map((tag) => ({ name: tag.name, text: ts.displayPartsToString(tag.text) })),
  }));
  const exported = new Set(symbols.map(({ symbol }) => symbol));
  const named = namedBy(exported, checker).filter((symbol) => !exported.has(symbol));
  return { exports, missing: named.map(({ name }) => name).sort() };
}

/** Our types that declarations name, and those that these name in turn. */
function namedBy(start: ReadonlySet<ts.Symbol>, checker: ts.TypeChecker): readonly ts.Symbol[] {
  const found = new Set(start);
  const walk = (node: ts.Node): void => {
    if (ts.isBlock(node)) return;
    const name = nameIn(node);
    const symbol = name && checker.getSymbolAtLocation(name);
    if (symbol !== undefined) add(original(symbol, checker));
    // What a variable is set to is no part of its type.
    if (ts.isVariableDeclaration(node)) node.type && walk(node.type);
    else ts.forEachChild(node, walk);
  };
  const add = (symbol: ts.Symbol): void => {
    if (found.has(symbol) || !isOurs(symbol)) return;
    found.add(symbol);
    symbol.declarations?.forEach(walk);
  };
  for (const symbol of start) symbol.declarations?.forEach(walk);
  return [...found];
}

function nameIn(node: ts.Node): ts.Node | undefined {
  if (ts.isTypeReferenceNode(node)) return node.typeName;
  return ts.isExpressionWithTypeArguments(node) ? node.expression : undefined;
}

function original(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

function isOurs({ declarations = [] }: ts.Symbol): boolean {
  return declarations.some(
    (node) =>
      !node.getSourceFile().fileName.includes("node_modules") &&
      !ts.isTypeParameterDeclaration(node),
  );
}
