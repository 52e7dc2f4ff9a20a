import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ENTRY_PATH } from '../../src/github/cache/messages.ts';
import { createLayerCache, type LayerCacheOptions } from '../../src/github/layer-cache.ts';
import type { PullEvent } from '../../src/outcome.ts';
import type { CacheFile, LayerCache } from '../../src/ports.ts';
import { type CacheService, cacheVersion } from './cache-service.ts';
import { tempFolder } from './store-blobs.ts';
import { COMPRESSION, compressed, type Member, tarArchive } from './tar-archive.ts';

/** The bundled child, as it is committed. */
export const CHILD_PATH = path.resolve(import.meta.dirname, '../../dist/cache/index.js');

/** A job with the real adapter, on a machine of its own. */
export interface CacheJob {
  readonly cache: LayerCache;
  readonly events: PullEvent[];
  /** The messages of warnings and notices, each after its type. */
  said(): string[];
  readonly controller: AbortController;
  /** An empty folder of the job; its staging is `staging` there. */
  readonly folder: string;
  /** Writes a file to be saved. */
  file(name: string, content: string | Uint8Array): Promise<CacheFile>;
  dispose(): Promise<void>;
}

/** `programs`: shell scripts that stand before all others on the job's PATH, by name. */
export async function openJob(
  service: Pick<CacheService, 'environment'>,
  options: Partial<LayerCacheOptions> & { readonly programs?: Readonly<Record<string, string>> } = {},
): Promise<CacheJob> {
  const { path: folder, dispose } = await tempFolder();
  const events: PullEvent[] = [];
  const controller = new AbortController();
  const bin = path.join(folder, 'bin');
  await mkdir(bin);
  for (const [name, script] of Object.entries(options.programs ?? {})) {
    await writeFile(path.join(bin, name), `#!/bin/sh\n${script}\n`);
    await chmod(path.join(bin, name), 0o755);
  }
  const cache = createLayerCache({
    childPath: CHILD_PATH,
    staging: path.join(folder, 'staging'),
    report: (event) => void events.push(event),
    signal: controller.signal,
    ...options,
    environment: { PATH: `${bin}:${process.env.PATH}`, ...service.environment(), ...options.environment },
  });
  return {
    cache,
    events,
    said: () => events.flatMap((event) => ('message' in event ? `${event.type}: ${event.message}` : event.type)),
    controller,
    folder,
    async file(name, content) {
      const file = path.join(folder, name);
      await writeFile(file, content);
      return { name, path: file };
    },
    async dispose() {
      await cache.close();
      await dispose();
    },
  };
}

/** Puts an entry there that holds these members; those of a good one lie in the folder `ENTRY_PATH`. */
export async function putEntry(service: CacheService, key: string, members: readonly Member[]): Promise<void> {
  await putArchive(service, key, compressed(tarArchive(members)));
}

export async function putArchive(service: CacheService, key: string, archive: Uint8Array): Promise<void> {
  await service.put(key, archive, cacheVersion(ENTRY_PATH, COMPRESSION));
}
