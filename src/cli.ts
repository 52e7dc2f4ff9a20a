import { homedir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { demo } from './demo.ts';
import { isCancelled, PullError } from './errors.ts';
import { createReporter } from './github/reporter.ts';
import { errorText } from './github/wording.ts';
import { onSignals } from './interrupt.ts';
import { cleanLine } from './lib/clean.ts';
import { pull } from './pull/pull.ts';
import { parseSettings } from './settings.ts';
import { VERSION, wire } from './wire.ts';

interface PullOptions {
  readonly platform: readonly string[];
  readonly allTags?: boolean;
  readonly tags: readonly string[];
  readonly maxTags?: string;
  readonly pullPolicy?: string;
  readonly engine?: string;
  readonly store?: string;
  readonly maxConcurrentDownloads?: string;
  readonly quiet?: boolean;
}

const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];

function program(signal: AbortSignal): Command {
  const root = new Command('pull-image')
    .description('Brings container images onto this machine: each byte once, every byte verified.')
    .version(VERSION)
    .showHelpAfterError();
  root
    .command('demo', { isDefault: true })
    .description('show a cold and a warm pull on a registry of its own, on this machine alone (the default)')
    .action(async () => {
      process.exitCode = await demo(signal);
    });
  root
    .command('pull')
    .description('pull images into the store and hand them to the engine')
    .argument('<reference...>', 'images, such as redis:7 or ghcr.io/org/app@sha256:…')
    .option('--platform <platform>', 'linux/arm64, or all; may be given several times', collect, [])
    .option('--all-tags', 'every tag of each repository')
    .option('--tags <glob>', 'with --all-tags, only these; may be given several times', collect, [])
    .option('--max-tags <number>', 'with --all-tags, refuse more than this (default: 50)')
    .option('--pull-policy <policy>', 'always, missing or never (default: always)')
    .option('--engine <engine>', 'auto, docker or none (default: auto)')
    .option('--store <directory>', 'the layer store (default: ~/.cache/pull-image)')
    .option('--max-concurrent-downloads <number>', 'for each registry (default: 8)')
    .option('-q, --quiet', 'print only the result lines')
    .addHelpText('after', '\nExample:\n  pull-image pull redis:7 --platform linux/arm64 --engine none')
    .action(async (references: string[], options: PullOptions) => {
      process.exitCode = await pullCommand(references, options, signal);
    });
  return root;
}

async function pullCommand(references: readonly string[], options: PullOptions, signal: AbortSignal): Promise<number> {
  const settings = parseSettings({
    images: references.join('\n'),
    platforms: options.platform.join('\n'),
    'all-tags': String(options.allTags ?? false),
    tags: options.tags.join('\n'),
    'max-tags': options.maxTags,
    'pull-policy': options.pullPolicy,
    engine: options.engine,
    'max-concurrent-downloads': options.maxConcurrentDownloads,
    'github-token': process.env.GITHUB_TOKEN,
  });
  const report = createReporter({ quiet: options.quiet ?? false });
  const store = path.resolve(options.store ?? defaultStore());
  const { ports, close } = await wire(settings, { environment: process.env, store, report, signal });
  const outcome = await pull(settings.request, ports).finally(close);
  return outcome.totals.failed > 0 ? 1 : 0;
}

const defaultStore = (): string =>
  path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'pull-image');

/** As a shell tells of a process that SIGINT ended. */
const CANCELLED = 130;

const signal = onSignals(process, () => {
  process.stderr.write('pull-image: cancelled\n');
  process.exit(CANCELLED);
});
try {
  await program(signal).parseAsync();
} catch (error) {
  if (!(error instanceof PullError)) throw error;
  const text = isCancelled(error) ? error.message : errorText(error);
  process.stderr.write(
    text
      .split('\n')
      .map((line) => `${cleanLine(line)}\n`)
      .join(''),
  );
  process.exitCode = isCancelled(error) ? CANCELLED : 1;
}
