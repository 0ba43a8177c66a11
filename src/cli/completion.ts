/**
 * `bailiwick completion`: a shell's script that completes commands, options and their values.
 *
 * The script is generated from the commands' definitions and holds all words, so that a press of
 * the tab key starts no process. Where no word is expected, the shell completes names of files.
 */
import type { Command, Option } from "commander";
import type { Shell } from "../shared/choices.ts";
import { printLine } from "./output.ts";

/** A command as the scripts know it. */
interface Place {
  /** Its words, each behind a slash: "/data/list"; empty for the program. */
  readonly path: string;
  /** Commands below it, or the values of its first argument. */
  readonly words: readonly Word[];
  readonly options: readonly Option[];
}

interface Word {
  readonly name: string;
  readonly description: string;
}

export function completionCommand(program: Command, shell: Shell): void {
  const name = program.name();
  const places = placesOf(program);
  if (shell === "fish") printLine(fishScript(name, places));
  else printLine(shell === "bash" ? bashScript(name, places) : zshScript(name, places));
}

/** A command and all below it. */
function placesOf(command: Command, path = ""): readonly Place[] {
  const help = command.createHelp();
  const below = help.visibleCommands(command);
  const values = command.registeredArguments[0]?.argChoices ?? [];
  const words = [
    ...below.map((one) => ({ name: one.name(), description: one.description() })),
    ...values.map((name) => ({ name, description: "" })),
  ];
  const place = { path, words, options: help.visibleOptions(command) };
  return [place, ...below.flatMap((one) => placesOf(one, `${path}/${one.name()}`))];
}

function flagsOf({ short, long }: Option): string[] {
  return [short, long].filter((flag) => flag !== undefined);
}

/** The `case` line that makes `$at` the path of a command below it. */
function stepCase(places: readonly Place[]): string {
  const paths = places.map(({ path }) => path).filter((path) => path !== "");
  return `${paths.join("|")}) at="$at/$word" ;;`;
}

/**
 * The `case` lines, in the language that bash and zsh share, of the words that may come at `$at`
 * behind `$prev`. Where there are none, names of files may.
 */
function wordCases(places: readonly Place[]): string {
  const lines = places.flatMap(({ path, words, options }) => {
    const valued = options.filter(({ required, optional }) => required || optional);
    const names = words.map(({ name }) => name).join(" ");
    return [
      ...valued.map((option) => {
        const patterns = flagsOf(option).map((flag) => `'${path} ${flag}'`);
        return `${patterns.join("|")}) found='${(option.argChoices ?? []).join(" ")}' ;;`;
      }),
      `'${path}'\\ *) found='${names}' flags='${options.flatMap(flagsOf).join(" ")}' ;;`,
    ];
  });
  return lines.map((line) => `    ${line}`).join("\n");
}

/** What bash and zsh do alike: from a word of the line, `$word`, to the words that may come. */
function searchLines(places: readonly Place[]): string {
  return `    case "$at/$word" in
    ${stepCase(places)}
    esac
  done
  case "$at $prev" in
${wordCases(places)}
  esac
  [[ $cur == -* ]] && found=$flags`;
}

function bashScript(name: string, places: readonly Place[]): string {
  return `# Completion of ${name} in bash: source <(${name} completion bash)
_${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  local at='' found='' flags='' word
  # Bash splits --option=value into three words.
  if [[ $cur == = ]]; then
    cur=''
  elif [[ $prev == = ]]; then
    prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
${searchLines(places)}
  COMPREPLY=($(compgen -W "$found" -- "$cur"))
}
complete -o default -F _${name} ${name}`;
}

function zshScript(name: string, places: readonly Place[]): string {
  return `#compdef ${name}
# Completion of ${name} in zsh: source <(${name} completion zsh)
_${name}() {
  local cur=\${words[CURRENT]} prev=\${words[CURRENT-1]}
  local at='' found='' flags='' word
  if [[ $cur == --*=* ]]; then
    prev=\${cur%%=*} cur=\${cur#*=}
    compset -P '*='
  fi
  for word in \${words[2,CURRENT-1]}; do
${searchLines(places)}
  [[ -n $found ]] && compadd -- \${=found} && return
  _files
}
if [[ $funcstack[1] == _${name} ]]; then
  _${name}
else
  compdef _${name} ${name}
fi`;
}

function fishScript(name: string, places: readonly Place[]): string {
  const paths = places.map(({ path }) => path).filter((path) => path !== "");
  const lines = places.flatMap(({ path, words, options }) => {
    const start = `complete -c ${name} -n '__${name}_at "${path}"'`;
    return [
      ...words.map((word) => `${start} -f -a ${word.name}${described(word.description)}`),
      ...options.map((option) => `${start}${fishFlags(option)}${described(option.description)}`),
    ];
  });
  return `# Completion of ${name} in fish: ${name} completion fish | source
function __${name}_at
  set -l at ''
  for word in (commandline -opc)[2..-1]
    switch "$at/$word"
      case ${paths.join(" ")}
        set at "$at/$word"
    end
  end
  test "$at" = "$argv[1]"
end
${lines.join("\n")}`;
}

function fishFlags({ short, long, required, optional, argChoices }: Option): string {
  const flags = [
    ...(short === undefined ? [] : [` -s ${short.slice(1)}`]),
    ...(long === undefined ? [] : [` -l ${long.slice(2)}`]),
  ].join("");
  if (!required && !optional) return flags;
  return argChoices === undefined ? `${flags} -r` : `${flags} -x -a '${argChoices.join(" ")}'`;
}

function described(text: string): string {
  return text === "" ? "" : ` -d '${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
