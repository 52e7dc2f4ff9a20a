import { once } from 'node:events';
import { PullError } from '../errors.ts';
import { createReporter } from '../github/reporter.ts';
import { clean } from '../lib/clean.ts';
import { parseAccess } from '../settings.ts';
import { openServing } from '../wire/serving.ts';
import type { Say } from './store.ts';
import { storePath } from './store-path.ts';

/** The options of `serve` as they were typed. */
export interface ServeOptions {
  readonly port: string;
  readonly host: string;
  readonly readThrough?: boolean;
  readonly store?: string;
  readonly mirror: readonly string[];
  readonly insecureRegistry: readonly string[];
}

/**
 * `serve`: the store as a registry, until the signal is aborted. Says where it listens as soon as it does. Returns the exit code; throws INPUT_INVALID for a place
 * where nobody can listen, STORE_UNUSABLE for a store nobody can write to.
 */
export async function serveCommand(options: ServeOptions, signal: AbortSignal, say: Say): Promise<number> {
  const port = Number(options.port);
  if (!/^\d+$/.test(options.port) || port > 65_535) {
    const reason = `expected a port from 0 to 65535, found ${JSON.stringify(clean(options.port, 100))}`;
    throw new PullError('INPUT_INVALID', '--port', reason);
  }
  const access = parseAccess({
    mirrors: options.mirror.join('\n'),
    'insecure-registries': options.insecureRegistry.join('\n'),
    'github-token': process.env.GITHUB_TOKEN,
  });
  const store = storePath(options.store);
  const world = { environment: process.env, store, report: createReporter(), signal };
  const serving = await openServing({ host: options.host, port }, options.readThrough ? access : undefined, world);
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  say(
    `Serving ${store} at http://${host}:${serving.port}${options.readThrough ? ', and what it lacks from upstream' : ''}`,
  );
  if (!signal.aborted) await once(signal, 'abort');
  await serving.close();
  return 0;
}
