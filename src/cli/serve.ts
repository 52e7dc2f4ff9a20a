import { once } from 'node:events';
import { json } from 'node:stream/consumers';
import { PullError } from '../errors.ts';
import { createReporter } from '../github/reporter.ts';
import { clean } from '../lib/clean.ts';
import type { RawSettings } from '../settings.ts';
import { readAccess } from '../wire/access.ts';
import { openServing } from '../wire/serving.ts';
import { type RegistryOptions, registryInputs } from './options.ts';
import type { Say } from './store.ts';
import { storePath } from './store-path.ts';

/** The options of `serve` as they were typed. */
export interface ServeOptions extends RegistryOptions {
  readonly port: string;
  readonly host: string;
  readonly readThrough?: boolean;
  readonly store?: string;
  readonly maxConcurrentDownloads?: string;
  /** How upstream is reached comes as inputs, a JSON object, by standard input: what is secret is not to be seen in lists of processes. */
  readonly inputsStdin?: boolean;
}

/**
 * `serve`: the store as a registry, until the signal is aborted. Says where it listens as soon as it does. Returns the exit code; throws INPUT_INVALID for a place
 * where nobody can listen, STORE_UNUSABLE for a store nobody can write to.
 */
export async function serveCommand(
  options: ServeOptions,
  signal: AbortSignal,
  say: Say,
  stdin: NodeJS.ReadableStream,
): Promise<number> {
  const port = Number(options.port);
  if (!/^\d+$/.test(options.port) || port > 65_535) {
    const reason = `expected a port from 0 to 65535, found ${JSON.stringify(clean(options.port, 100))}`;
    throw new PullError('INPUT_INVALID', '--port', reason);
  }
  const access = await readAccess(options.inputsStdin ? ((await json(stdin)) as RawSettings) : inputsOf(options));
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

const inputsOf = (options: ServeOptions): RawSettings => ({
  ...registryInputs(options),
  'max-concurrent-downloads': options.maxConcurrentDownloads,
});
