import { type Command, Help, Option } from 'commander';
import { cleanLine } from '../lib/clean.ts';
import type { RawSettings } from '../settings.ts';

/** An option that may be given several times; its value is what was given, in that order, and its help says what `absent` means. */
export function several(flags: string, description: string, absent = 'none'): Option {
  return new Option(flags, `${description}; may be given several times`)
    .argParser((value: string, earlier: readonly string[]) => [...earlier, value])
    .default([], absent);
}

/** Choices and a default as they would be typed. */
const typed = (description: string): string =>
  description.replace(/ \((?:choices|default): .*\)$/, (extra) =>
    extra.replaceAll('"', '').replace(', default:', '; default:'),
  );

/** Has the command and those below it say after a mistake where help is, in a line: the whole help would push the mistake out of sight. */
export function adviseHelp(command: Command, words = command.name()): void {
  command.showHelpAfterError(`See ${words} --help.`);
  const help = new Help();
  command.configureHelp({
    optionDescription: (option) => typed(help.optionDescription(option)),
    argumentDescription: (argument) => typed(help.argumentDescription(argument)),
  });
  const advice = command.options.some(({ long }) => long === PASSWORD_STDIN) ? PASSWORD_ADVICE : '';
  command.configureOutput({
    outputError: (text, write) => {
      const said = text.trimEnd().replace(UNKNOWN_OPTION, `$1$2'$3${advice}`);
      write(`${said.split('\n').map(cleanLine).join('\n')}\n`);
    },
  });
  for (const below of command.commands) adviseHelp(below, `${words} ${below.name()}`);
}

/** What is said of an option that nobody knows: before its value, which may be a password; then the value, and what may have been meant. */
const UNKNOWN_OPTION = /^(error: unknown option ')(--[^=]*|-[^-])[\s\S]*?'(\n\(Did you mean [^()]*\))?$/;
/** The only way a password is taken. */
export const PASSWORD_STDIN = '--password-stdin';
const PASSWORD_ADVICE = `\nA password is taken from standard input alone: ${PASSWORD_STDIN} < token.txt`;

/** The layer store, for every command that opens one. */
export const STORE = ['--store <directory>', 'the layer store (default: ~/.cache/pull-image)'] as const;

/** For commands that can take every tag of a repository. */
export const MAX_TAGS = ['--max-tags <number>', 'with --all-tags, refuse more than this (default: 50)'] as const;

/** For commands that print a line for each image. */
export const QUIET = ['-q, --quiet', 'print only the result lines, and what failed to standard error'] as const;

/** For commands that can tell programs what came of them. */
export const JSON_TOO = ['--json', 'print what came of it as JSON, and the lines to standard error'] as const;

export const files = (): Option =>
  several('--files <path>', 'a compose file, Dockerfile, manifest or workflow to take images from, or a glob');

export const tags = (): Option =>
  several('--tags <pattern>', 'with --all-tags, only these: a glob, >=7 <8, or /expression/');

/** What every command that asks registries takes, with the options `mirrors` and `insecureRegistries`. */
export interface RegistryOptions {
  readonly mirror: readonly string[];
  readonly insecureRegistry: readonly string[];
}

/** The same as inputs, with the token that a job has for ghcr.io. */
export const registryInputs = ({ mirror, insecureRegistry }: RegistryOptions): RawSettings => ({
  mirrors: mirror.join('\n'),
  'insecure-registries': insecureRegistry.join('\n'),
  'github-token': process.env.GITHUB_TOKEN,
});

export const mirrors = (): Option =>
  several('--mirror <registry=mirror>', 'who is asked before a registry, such as docker.io=mirror.gcr.io');

export const insecureRegistries = (): Option =>
  several('--insecure-registry <host>', 'a host or CIDR that may do without TLS');

/** The command with the options of those that write an image somewhere, `OutgoingOptions`. */
export function withOutgoing(command: Command): Command {
  return command
    .option('--platform <platform>', 'such as linux/arm64 (default: the one this machine runs)')
    .option(
      '-o, --output <file>',
      'where to write it, compressed if it ends in .gz or .tgz, with Node 22.15 also .zst (default: standard output)',
    )
    .option('--pull-policy <policy>', 'always, missing or never (default: missing)')
    .option(...STORE)
    .addOption(mirrors())
    .addOption(insecureRegistries())
    .option('-q, --quiet', 'print only a line for each image');
}
