import type { Command } from 'commander';
import { describePush } from '../github/push-outputs.ts';
import { createReporter } from '../github/reporter.ts';
import { cleanJson } from '../lib/clean.ts';
import type { PullEvent } from '../outcome.ts';
import { preparePush, runPush } from '../wire/push.ts';
import {
  files,
  insecureRegistries,
  JSON_TOO,
  MAX_TAGS,
  mirrors,
  QUIET,
  type RegistryOptions,
  registryInputs,
  STORE,
  several,
  tags,
} from './options.ts';
import type { Streams } from './pull.ts';
import { complainTo, openScreen, takesBars } from './screen.ts';
import { storePath } from './store-path.ts';

/** The options of `push` as they were typed. */
export interface PushOptions extends RegistryOptions {
  readonly to: readonly string[];
  readonly platform: readonly string[];
  readonly files: readonly string[];
  readonly allTags?: boolean;
  readonly tags: readonly string[];
  readonly maxTags?: string;
  readonly pullPolicy: string;
  readonly store?: string;
  readonly maxConcurrentUploads?: string;
  readonly chunkSize?: string;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** Adds `push` to the commands. */
export function addPush(root: Command, signal: AbortSignal, streams: Streams, done: (code: number) => void): void {
  root
    .command('push')
    .description('push images of the store to registries; with --to what is not there is pulled on the way')
    .argument('[reference...]', 'images, such as ghcr.io/org/app:1; without --to they go to their own names')
    .addOption(
      several('-t, --to <destination>', 'where they go: a repository, repository:tag, or prefix/', 'their own names'),
    )
    .addOption(files())
    .addOption(several('--platform <platform>', 'such as linux/arm64', 'all'))
    .option('-a, --all-tags', 'every tag of each repository: those in the store, else those of the registry')
    .addOption(tags())
    .option(...MAX_TAGS)
    .option('--pull-policy <policy>', 'always, missing or never', 'missing')
    .option(...STORE)
    .addOption(mirrors())
    .addOption(insecureRegistries())
    .option('--max-concurrent-uploads <number>', 'uploads at once to each registry (default: 5)')
    .option('--chunk-size <size>', 'send large layers in pieces of this size, such as 50MB')
    .option(...QUIET)
    .option(...JSON_TOO)
    .addHelpText(
      'after',
      '\nExamples:\n  pull-image push ghcr.io/org/app:1\n  pull-image push redis:7 postgres:17 --to ghcr.io/org/hub/',
    )
    .action(async (references: string[], options: PushOptions) => {
      done(await pushCommand(references, options, signal, streams));
    });
}

/** `push`: images of the store, or pulled on the way, to registries. Returns the exit code, 1 if an image failed; throws what makes the whole run impossible. */
export async function pushCommand(
  references: readonly string[],
  options: PushOptions,
  signal: AbortSignal,
  { stdout, stderr }: Streams,
): Promise<number> {
  const raw = {
    images: references.join('\n'),
    to: options.to.join('\n'),
    files: options.files.join('\n'),
    platforms: options.platform.join('\n'),
    'all-tags': String(options.allTags ?? false),
    tags: options.tags.join('\n'),
    'max-tags': options.maxTags,
    'pull-policy': options.pullPolicy,
    ...registryInputs(options),
    'max-concurrent-uploads': options.maxConcurrentUploads,
    'chunk-size': options.chunkSize,
  };
  const environment = process.env;
  const store = storePath(options.store);
  const lines = options.json ? stderr : stdout;
  const quiet = options.quiet ?? false;
  const screen = openScreen(lines, !quiet && takesBars(lines, environment));
  const print = createReporter({ quiet, write: screen.write, complain: complainTo(stderr, lines, screen) });
  const report = (event: PullEvent) => {
    if (!screen.takes(event)) print(event);
  };
  try {
    const prepared = await preparePush(raw, process.cwd(), { environment, store });
    for (const event of prepared.events) report(event);
    const outcome = await runPush(prepared, { environment, store, report, signal });
    if (options.json) stdout.write(`${cleanJson(JSON.stringify(describePush(outcome)))}\n`);
    return outcome.totals.failed > 0 ? 1 : 0;
  } finally {
    screen.close();
  }
}
