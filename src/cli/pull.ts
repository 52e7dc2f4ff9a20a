import { createReporter } from '../github/reporter.ts';
import type { PullEvent } from '../outcome.ts';
import { pull } from '../pull/pull.ts';
import { parseSettings } from '../settings.ts';
import { wire } from '../wire.ts';
import { storePath } from './store-path.ts';

/** The options of `pull` as they were typed. */
export interface PullOptions {
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

/** `pull`: what the action does, for a terminal. Returns the exit code, 1 if an image failed; throws what `pull` throws. */
export async function pullCommand(
  references: readonly string[],
  options: PullOptions,
  signal: AbortSignal,
): Promise<number> {
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
  const print = createReporter({ quiet: options.quiet ?? false });
  const leases: string[] = [];
  const report = (event: PullEvent) => {
    if (event.type === 'leased') leases.push(event.lease);
    print(event);
  };
  const store = storePath(options.store);
  const { ports, close } = await wire(settings, { environment: process.env, store, report, signal });
  try {
    const outcome = await pull(settings.request, ports);
    return outcome.totals.failed > 0 ? 1 : 0;
  } finally {
    // No later step of a job relies on them.
    await Promise.allSettled(leases.map((lease) => ports.store.release(lease)));
    await close();
  }
}
