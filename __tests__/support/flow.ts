import type { PullEvent, PullOutcome } from '../../src/outcome.ts';
import type { Engine, LayerCache, Ports, Registry, Store } from '../../src/ports.ts';
import { pull } from '../../src/pull/pull.ts';
import { createRegistry } from '../../src/registry/registry.ts';
import { parseSettings, type RawSettings } from '../../src/settings.ts';
import { tagFilter } from '../../src/sources/tag-filter.ts';
import { memoryCache } from '../fakes/memory-cache.ts';
import { memoryStore } from '../fakes/memory-store.ts';
import type { ImageBag } from './image-builder.ts';
import { type ServedBag, servedBag } from './served-bag.ts';

export interface Flow {
  readonly server: ServedBag;
  readonly events: PullEvent[];
  /** Pulls with these inputs; `HOST` in `images` stands for the server. */
  pull(
    raw: RawSettings,
    parts?: {
      readonly store?: Store;
      readonly engine?: Engine;
      readonly cache?: LayerCache;
      readonly signal?: AbortSignal;
      readonly now?: () => number;
      /** The registry that is asked in place of the real client. */
      readonly instead?: (client: Registry) => Registry;
    },
  ): Promise<PullOutcome>;
  /** Requests since the last call, such as `HEAD /v2/app/manifests/1`. */
  requests(): string[];
  close(): Promise<void>;
}

/** The whole flow against a bag of images served on loopback: the real client, the real server, a store in memory unless another is given. */
export async function flowOver(bag: ImageBag): Promise<Flow> {
  const server = await servedBag(bag);
  const events: PullEvent[] = [];
  let seen = 0;
  return {
    server,
    events,
    requests() {
      const fresh = server.requests.slice(seen);
      seen = server.requests.length;
      return fresh;
    },
    async pull(
      raw,
      {
        store = memoryStore(),
        engine,
        cache = memoryCache({ readable: false, writable: false }),
        signal = new AbortController().signal,
        now = Date.now,
        instead = (client: Registry) => client,
      } = {},
    ) {
      const settings = parseSettings({ ...raw, images: raw.images?.replaceAll('HOST', server.host) });
      const report = (event: PullEvent) => void events.push(event);
      const registry = createRegistry({
        logins: settings.logins,
        githubToken: undefined,
        connections: settings.request.concurrency,
        userAgent: 'pull-image/test',
        sleep: async () => {},
        signal,
        report,
      });
      const ports: Ports = {
        registry: instead(registry),
        store,
        cache,
        engine,
        platform: engine?.platform ?? { os: 'linux', architecture: 'amd64' },
        chooseTags: tagFilter(settings.request.tags),
        report,
        signal,
        now,
      };
      return pull(settings.request, ports).finally(() => registry.close());
    },
    close: () => server.close(),
  };
}
