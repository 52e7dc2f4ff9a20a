import { existsSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { isCancelled, PullError } from '../errors.ts';
import { errorText } from '../github/wording.ts';
import { onReaderGone, onSignals } from '../interrupt.ts';
import { clean, cleanLine } from '../lib/clean.ts';
import { VERSION } from '../wire.ts';
import type { Terminal } from './commands.ts';
import {
  adviseHelp,
  files,
  insecureRegistries,
  JSON_TOO,
  MAX_TAGS,
  mirrors,
  QUIET,
  STORE,
  several,
  tags,
} from './options.ts';
import { type PullOptions, pullCommand } from './pull.ts';

/** Standard output may be an archive: what is to be read goes beside it. */
function terminal(): Terminal {
  const aside = (text: string) => void process.stderr.write(text);
  return {
    out: process.stdout,
    input: process.stdin,
    say: (line) => void process.stdout.write(`${cleanLine(line)}\n`),
    aside,
    complain: (line) => aside(`${cleanLine(line)}\n`),
    exitWith: (code) => {
      process.exitCode = code;
    },
  };
}
/** Its bundle lies beside this one; run from its source, the program does without. */
const bundle = path.join(import.meta.dirname, '..', 'fill', 'index.js');
const fillWorker = existsSync(bundle) ? bundle : undefined;

async function program(signal: AbortSignal): Promise<Command> {
  const root = new Command('pull-image')
    .description('Brings container images onto this machine: each byte once, every byte verified.')
    .version(VERSION);
  const demoCommand = root
    .command('demo', { isDefault: true })
    .description('show a cold and a warm pull on a registry of its own, on this machine alone (the default)')
    .addHelpText('after', '\nExample:\n  pull-image demo')
    .allowExcessArguments()
    .action(async (_, { args: [unknown] }: Command) => {
      // What is no command comes to the default one.
      if (unknown !== undefined) return root.error(unknownCommand(unknown));
      const { demo } = await import('../demo.ts');
      process.exitCode = await demo(signal);
    });
  root
    .command('pull')
    .description('pull images into the store and hand them to the engine')
    .argument('[reference...]', 'images, such as redis:7 or ghcr.io/org/app@sha256:…')
    .addOption(files())
    .addOption(several('--platform <platform>', 'such as linux/arm64, or all', 'what the engine runs'))
    .option('--all-tags', 'every tag of each repository')
    .addOption(tags())
    .option(...MAX_TAGS)
    .option('--lock-file <file>', 'pull exactly the digests this file has')
    .option('--update-lock', 'write the lock file anew instead')
    .option('--pull-policy <policy>', 'always, missing or never (default: always)')
    .option('--engine <engine>', 'auto, docker, podman, containerd or none (default: auto)')
    .option(...STORE)
    .addOption(mirrors())
    .addOption(insecureRegistries())
    .option('--max-concurrent-downloads <number>', 'connections to each registry (default: 8)')
    .option(...QUIET)
    .option(...JSON_TOO)
    .addHelpText('after', '\nExample:\n  pull-image pull redis:7 --platform linux/arm64 --engine none')
    .action(async (references: string[], options: PullOptions) => {
      process.exitCode = await pullCommand(references, options, signal, {
        stdout: process.stdout,
        stderr: process.stderr,
        fillWorker,
      });
    });
  if (process.argv[2] !== 'pull') {
    const { addCommands } = await import('./commands.ts');
    addCommands(root, signal, terminal());
  }
  adviseHelp(root);
  // Nobody who mistypes an option before any command means this one.
  demoCommand.showHelpAfterError('See pull-image --help.');
  return root;
}

/** A word without a command before it is an image, or a typing error. */
function unknownCommand(word: string): string {
  const name = clean(word, 200);
  return `error: unknown command '${name}'; to pull an image of this name write: pull-image pull ${name}`;
}

/** As a shell tells of a process that SIGINT, or SIGPIPE, ended. */
const CANCELLED = 130;
const READER_GONE = 141;

/** Does what the command line says; `exit` ends the process at once. What went wrong is on standard error and in the exit code: 130 after a signal, 141 without a reader. */
export async function main(exit: (code: number) => void): Promise<void> {
  const readerGone = onReaderGone(
    [process.stdout, process.stderr],
    () => exit(READER_GONE),
    ({ code, message }) => {
      const reason = code === 'ENOSPC' ? 'no space left for what is written there' : clean(message, 200);
      process.stderr.write(`standard output: ${reason}\n`);
      exit(1);
    },
  );
  process.once('exit', () => {
    if (readerGone.aborted) process.exitCode = READER_GONE;
  });
  const interrupted = onSignals(process, () => {
    process.stderr.write('pull-image: cancelled\n');
    exit(CANCELLED);
  });
  try {
    await (await program(AbortSignal.any([interrupted, readerGone]))).parseAsync();
  } catch (error) {
    if (!(error instanceof PullError)) throw error;
    const text = isCancelled(error) ? error.message : errorText(error);
    const lines = text.split('\n').map((line) => `${cleanLine(line)}\n`);
    // Nobody cancelled what ends because its reader has gone.
    if (!(isCancelled(error) && readerGone.aborted)) process.stderr.write(lines.join(''));
    process.exitCode = isCancelled(error) ? CANCELLED : 1;
  }
}
