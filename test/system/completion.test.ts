/**
 * Goal: the tab key completes commands, options and the values of options, and names of files where
 * a file is expected.
 * Method: each shell loads the script that the compiled program prints and completes command lines:
 * bash through the function that it registers, fish through `complete -C`, zsh through the function,
 * where builtins that need a terminal print the words that fit instead.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandLine } from "./command-line.ts";
import { findFish, findZsh } from "./shells.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

const folder = mkdtempSync(join(tmpdir(), "bailiwick-completion-"));
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(() => {
  writeFileSync(join(folder, "table.csv"), "a,y\n1,2\n");
  const [node, main] = commandLine();
  for (const shell of SHELLS) {
    const { stdout, status } = spawnSync(node!, [main!, "completion", shell], { encoding: "utf8" });
    expect(status).toBe(0);
    writeFileSync(join(folder, `completion.${shell}`), stdout);
  }
});

/** Completes "bailiwick" and these words, the last of which is being written. */
const PROGRAMS: Readonly<Record<Shell, (words: readonly string[]) => string>> = {
  bash: (words) => `
source completion.bash
[[ $(complete -p bailiwick) == *"-o default -F _bailiwick bailiwick" ]] || exit 1
COMP_WORDS=(bailiwick ${words.map(quoted).join(" ")})
COMP_CWORD=${words.length}
_bailiwick
printf '%s\\n' "\${COMPREPLY[@]}"
if [[ \${#COMPREPLY[@]} == 0 ]]; then compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"; fi`,
  zsh: (words) => `
module_path=($module_path ${findZsh().root ?? ""}/usr/lib/x86_64-linux-gnu/zsh/*(N))
compdef() { print -u2 "compdef $*" }
compadd() { shift; local -a fit=(\${(M)@:#\${PREFIX}*}); print -l -- $fit; (( $#fit )) }
compset() { PREFIX=\${PREFIX#*=} }
_files() { print -l -- \${PREFIX}*(N) }
source ./completion.zsh
words=(bailiwick ${words.map(quoted).join(" ")})
CURRENT=\${#words} PREFIX=\${words[-1]}
_bailiwick`,
  fish: (words) => `
source completion.fish
complete -C ${quoted(["bailiwick", ...words].join(" "))}`,
};

function quoted(word: string): string {
  return `'${word}'`;
}

function complete(shell: Shell, ...words: readonly string[]): readonly string[] {
  const program = { bash: { path: "bash", env: {} }, zsh: findZsh(), fish: findFish() }[shell];
  const flags = { bash: ["--norc"], zsh: ["-f"], fish: ["--no-config"] }[shell];
  const { stdout, stderr, status } = spawnSync(
    program.path,
    [...flags, "-c", PROGRAMS[shell](words)],
    {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, HOME: folder, ...program.env },
    },
  );
  expect(`${status} ${stderr}`).toMatch(shell === "zsh" ? /^[01] compdef / : /^[01] $/);
  const lines = stdout.split("\n").filter((line) => line !== "");
  return lines.map((line) => line.split("\t")[0]!).sort();
}

describe.each(SHELLS)("%s completes", (shell) => {
  test("commands, and commands below them", () => {
    const commands = complete(shell, "");
    for (const name of ["completion", "data", "fit", "predict", "run", "serve"]) {
      expect(commands).toContain(name);
    }
    expect(complete(shell, "pre")).toEqual(["predict"]);
    expect(complete(shell, "data", "")).toEqual(["fetch", "help", "list", "verify"]);
    expect(complete(shell, "completion", "f")).toEqual(["fish"]);
  });

  test("the options of the command that stands there, and no others", () => {
    expect(complete(shell, "fit", "table.csv", "--pre")).toEqual(["--preset"]);
    expect(complete(shell, "fit", "--target", "y", "--no-r")).toEqual(["--no-report"]);
    const ofList = ["--help", "--json", "--quiet", "--verbose"];
    expect(complete(shell, "data", "list", "--")).toEqual(ofList);
    expect(complete(shell, "predict", "m", "--pre")).toEqual([]);
  });

  test("the values that an option has", () => {
    const presets = ["accurate", "auto", "fast", "regimes"];
    expect(complete(shell, "fit", "table.csv", "--preset", "")).toEqual(presets);
    expect(complete(shell, "fit", "--gate", "s")).toEqual(["softmax", "svm"]);
    expect(complete(shell, "run", "--engine", "wasm")).toEqual(["wasm", "wasm-fast"]);
    expect(complete(shell, "export", "m", "--format", "")).toEqual(["json", "onnx", "safetensors"]);
  });

  test("a value behind the equals sign", () => {
    // Bash splits the words itself, and puts back what stands before the value; fish gives it whole.
    const words = shell === "bash" ? ["--preset", "=", "fa"] : ["--preset=fa"];
    expect(complete(shell, "fit", ...words)).toEqual([shell === "fish" ? "--preset=fast" : "fast"]);
  });

  test("names of files, as data and as values of options", () => {
    expect(complete(shell, "fit", "tab")).toEqual(["table.csv"]);
    expect(complete(shell, "fit", "table.csv", "--config", "tab")).toEqual(["table.csv"]);
  });
});
