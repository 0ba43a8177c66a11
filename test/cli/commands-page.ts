/** docs/commands.md, from the definitions of the commands. */
import type { Argument, Command, Option } from "commander";

/** Options of every command: the page describes them once. */
const SHARED = ["--verbose", "--quiet", "--help"];

const INTRODUCTION = `# Commands

Every command, its arguments and its options, as \`bailiwick <command> --help\` prints them. Results go to
stdout, all else to stderr. The exit code is 0, 1 for a mistake of the caller, 2 for a failure of the
machine, 70 for a bug; [errors](errors.md) explains the codes in brackets. The [tutorial](tutorial.md) shows
the commands in use.

Every command takes

| option | what it does |
|---|---|
| \`-v, --verbose\` | also versions, settings that were tried, and times on stderr; not with \`--quiet\` |
| \`--quiet\` | no progress, remarks or warnings on stderr; errors remain |
| \`-h, --help\` | prints the command's help and an example |

\`npm run docs\` writes this page; do not edit it.
`;

export function commandsPage(program: Command): string {
  const leaves = leavesOf(program, program.name());
  const contents = leaves.map(({ path, command }) => {
    return `| [${path}](#${path.replaceAll(" ", "-")}) | ${shown(command.description())} |`;
  });
  const sections = leaves.map(({ path, command }) => sectionOf(path, command));
  return `${[INTRODUCTION, "| command | what it does |", "|---|---|", ...contents, "", ...sections].join("\n")}\n`;
}

interface Leaf {
  readonly path: string;
  readonly command: Command;
}

function leavesOf(command: Command, path: string): readonly Leaf[] {
  const below = command.createHelp().visibleCommands(command);
  const own = below.filter((one) => one.name() !== "help");
  if (own.length === 0) return [{ path, command }];
  return own.flatMap((one) => leavesOf(one, `${path} ${one.name()}`));
}

function sectionOf(path: string, command: Command): string {
  const help = command.createHelp();
  const options = help.visibleOptions(command).filter(({ long }) => !SHARED.includes(long ?? ""));
  const rows = [
    ...help.visibleArguments(command).map((argument) => argumentRow(argument, help)),
    ...options.map((option) => row(option.flags, help.optionDescription(option), option)),
  ];
  const usage = `${path} ${command.usage()}`.replace("[options] ", options.length > 0 ? "$&" : "");
  return [
    `## ${path}`,
    `${capital(command.description())}.`,
    "",
    "```",
    usage,
    "```",
    ...(rows.length === 0 ? [] : ["", "| argument or option | what it is |", "|---|---|", ...rows]),
    "",
  ].join("\n");
}

function argumentRow(argument: Argument, help: ReturnType<Command["createHelp"]>): string {
  return row(help.argumentTerm(argument), help.argumentDescription(argument), null);
}

function row(term: string, description: string, option: Option | null): string {
  const isNeeded = option?.mandatory === true ? " (must be given)" : "";
  return `| \`${term.replaceAll("|", "\\|")}\` | ${shown(description)}${isNeeded} |`;
}

/** A text in a cell of a table. */
function shown(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "\\<");
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
