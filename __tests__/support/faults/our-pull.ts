import { PullError } from '../../../src/errors.ts';
import type { PullEvent } from '../../../src/outcome.ts';
import type { Store } from '../../../src/ports.ts';
import { pull } from '../../../src/pull/pull.ts';
import { createRegistry, type RegistryOptions } from '../../../src/registry/registry.ts';
import { parseSettings } from '../../../src/settings.ts';
import { memoryCache } from '../../fakes/memory-cache.ts';
import { memoryStore } from '../../fakes/memory-store.ts';
import { type Column, type Fault, type FaultRegistry, faultRegistry } from './fault-registry.ts';

/** How a pull through a fault ended. */
export interface Ending {
  /** `right digest`, or the code of the error. */
  readonly as: string;
  readonly error: PullError | undefined;
  /** How often the fault struck. */
  readonly struck: number;
  readonly seconds: number;
  /** Bytes of the layer that the registry sent beyond its size. */
  readonly twice: number;
  readonly retries: readonly string[];
  /** Milliseconds that it wanted to wait, all together. */
  readonly waited: number;
}

export const RIGHT = 'right digest';

export interface CellOptions {
  /** How often the fault strikes. */
  readonly times: number;
  readonly layerSize?: number;
  readonly client?: Partial<RegistryOptions>;
  readonly store?: Store;
}

/** Pulls an image through a fault with the whole flow and the real client: every tag of its repository where tags are struck, else the one. */
export async function pullThrough(
  fault: Fault | undefined,
  column: Column | undefined,
  options: CellOptions,
): Promise<Ending> {
  const registry = await faultRegistry(fault, column, options);
  try {
    return await pullFrom(registry, column === 'tags', options);
  } finally {
    await registry.close();
  }
}

async function pullFrom(
  registry: FaultRegistry,
  allTags: boolean,
  { client, store = memoryStore() }: CellOptions,
): Promise<Ending> {
  const events: PullEvent[] = [];
  const { signal } = new AbortController();
  const report = (event: PullEvent) => void events.push(event);
  const settings = parseSettings({ images: registry.repository + (allTags ? '' : ':1'), 'all-tags': String(allTags) });
  const port = createRegistry({ userAgent: 'pull-image/faults', signal, report, ...registry.reach, ...client });
  const platform = { os: 'linux', architecture: 'amd64' };
  const cache = memoryCache({ readable: false, writable: false });
  const chooseTags = (tags: readonly string[]) => tags;
  const startedAt = performance.now();
  const { images } = await pull(settings.request, {
    registry: port,
    store,
    cache,
    platform,
    chooseTags,
    report,
    signal,
    now: Date.now,
  }).finally(() => port.close());
  const seconds = (performance.now() - startedAt) / 1000;
  const [image] = images;
  const whole = image?.digest === registry.manifestDigest && image.error === undefined;
  return {
    as: whole ? RIGHT : (image?.error?.code ?? 'wrong digest'),
    error: image?.error instanceof PullError ? image.error : undefined,
    struck: registry.struck(),
    seconds,
    twice: Math.max(0, registry.sent() - registry.layerSize),
    waited: events.reduce((sum, event) => sum + (event.type === 'retry' ? event.delayMs : 0), 0),
    retries: events.flatMap((event) => (event.type === 'retry' ? [`${event.subject}: ${event.reason}`] : [])),
  };
}
