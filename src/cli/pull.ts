import { describeOutcome } from '../github/described.ts';
import { createReporter } from '../github/reporter.ts';
import { cleanJson } from '../lib/clean.ts';
import type { PullEvent } from '../outcome.ts';
import { pull } from '../pull/pull.ts';
import { parseSettings } from '../settings.ts';
import { readSources, saveLock } from '../wire/sources.ts';
import { wire } from '../wire.ts';
import { type RegistryOptions, registryInputs } from './options.ts';
import type { Terminal } from './progress.ts';
import { complainTo, openScreen, takesBars } from './screen.ts';
import { storePath } from './store-path.ts';

/** The options of `pull` as they were typed. */
export interface PullOptions extends RegistryOptions {
  readonly platform: readonly string[];
  readonly files: readonly string[];
  readonly lockFile?: string;
  readonly updateLock?: boolean;
  readonly allTags?: boolean;
  readonly tags: readonly string[];
  readonly maxTags?: string;
  readonly pullPolicy?: string;
  readonly engine?: string;
  readonly store?: string;
  readonly maxConcurrentDownloads?: string;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** Where a command says things. */
export interface Streams {
  readonly stdout: Terminal;
  readonly stderr: Terminal;
  /** As in `World`. */
  readonly fillWorker?: string | undefined;
}

/**
 * `pull`: what the action does, for a terminal. With `json` its `json` output, without a limit of size, is all that stdout gets; lines go to stderr then. Returns
 * the exit code, 1 if an image failed; throws what `pull` throws.
 */
export async function pullCommand(
  references: readonly string[],
  options: PullOptions,
  signal: AbortSignal,
  { stdout, stderr, fillWorker }: Streams,
): Promise<number> {
  const raw = {
    images: references.join('\n'),
    platforms: options.platform.join('\n'),
    'all-tags': String(options.allTags ?? false),
    tags: options.tags.join('\n'),
    'max-tags': options.maxTags,
    'pull-policy': options.pullPolicy,
    engine: options.engine,
    ...registryInputs(options),
    'max-concurrent-downloads': options.maxConcurrentDownloads,
    files: options.files.join('\n'),
    'lock-file': options.lockFile,
    'update-lock': String(options.updateLock ?? false),
  };
  const { found, events } = await readSources(raw, process.cwd(), process.env);
  const settings = parseSettings(raw, found);
  const quiet = options.quiet ?? false;
  const lines = options.json ? stderr : stdout;
  const screen = openScreen(lines, !quiet && takesBars(lines, process.env));
  const print = createReporter({ quiet, write: screen.write, complain: complainTo(stderr, lines, screen) });
  for (const event of events) print(event);
  const leases: string[] = [];
  const report = (event: PullEvent) => {
    if (event.type === 'leased') leases.push(event.lease);
    if (!screen.takes(event)) print(event);
  };
  const store = storePath(options.store);
  const { ports, close } = await wire(settings, { environment: process.env, store, fillWorker, report, signal });
  try {
    const outcome = await pull(settings.request, ports);
    if (options.json) stdout.write(`${cleanJson(JSON.stringify(describeOutcome(outcome, false)))}\n`);
    await saveLock(settings.lockFile, outcome.lock, process.cwd(), report);
    return outcome.totals.failed > 0 ? 1 : 0;
  } finally {
    screen.close();
    // No later step of a job relies on them.
    await Promise.allSettled(leases.map((lease) => ports.store.release(lease)));
    await close();
  }
}
