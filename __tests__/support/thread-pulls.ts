import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach } from '@jest/globals';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import type { Part } from '../../src/ports.ts';
import type { RegistryOptions } from '../../src/registry/registry.ts';
import { type FillPool, fillPool } from '../../src/store/fill-pool.ts';
import type { Bring } from '../../src/store/fill-thread.ts';
import { openStore } from '../../src/store/layout-store.ts';
import { closeClients, collect, openClient, repositoryAt } from './client.ts';
import { closeServers, type Script, scriptedServer } from './scripted-server.ts';
import { randomBlob, tempFolder } from './store-blobs.ts';

const WORKER = join(import.meta.dirname, '../../src/fill-worker.ts');
export const CHUNK = 64 * 1024;
/** A blob of thirteen chunks, the last of them a short one. */
export const { bytes, descriptor } = randomBlob(12 * CHUNK + 1000);

/** The first byte that is asked for, and that after the last. */
export const rangeOf = (range = ''): [number, number] => {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
  return [Number(from), Number(to) + 1];
};

/** Has the blob in parts. */
export const parts =
  (from: Buffer = bytes): Script =>
  ({ headers }, response) => {
    const [start, end] = rangeOf(headers.range);
    const range = `bytes ${start}-${end - 1}/${from.byteLength}`;
    response.writeHead(206, { 'Content-Range': range, 'Content-Length': end - start }).end(from.subarray(start, end));
  };

export interface Pulled extends Pick<Partial<RegistryOptions>, 'timeouts' | 'connections' | 'every'> {
  readonly tls?: boolean;
  readonly threads?: FillPool;
  readonly root?: string;
  /** Who is asked first. */
  readonly mirror?: string;
  /** What is asked for first. */
  readonly first?: Descriptor;
}

/** Pulls into a store whose files threads fill, or, if it is given a way to bring bytes, this one; for the tests beside the call. All of it is gone after each. */
export function threadPulls(here?: () => Bring) {
  let folder: Awaited<ReturnType<typeof tempFolder>>;
  let pool: FillPool;
  beforeEach(async () => {
    folder = await tempFolder();
    pool = fillPool({ path: WORKER, places: 2, here: here?.() });
  });
  afterEach(async () => {
    await pool.close();
    await closeClients();
    await closeServers();
    await folder.dispose();
  });

  /** Pulls the blob from a server that does what the script says; counts the bytes that came by this thread. */
  async function pulled(
    script: Script,
    { tls = false, threads = pool, root = folder.path, mirror, first, ...more }: Pulled = {},
  ) {
    const server = await scriptedServer(script, { tls });
    const mirrors = mirror === undefined ? [] : [{ registry: server.host, domain: mirror, prefix: '' }];
    const client = openClient({
      chunkSize: CHUNK,
      connections: 3,
      insecureRegistries: [server.host],
      mirrors,
      ...more,
    });
    const store = await openStore(join(root, 'store'), { pool: threads });
    const seen = { here: 0, landed: 0 };
    async function* watched(content: AsyncIterable<Part>): AsyncGenerator<Part> {
      for await (const part of content) {
        if ('bytes' in part) seen.here += part.bytes.byteLength;
        if ('landed' in part) seen.landed += part.landed;
        yield part;
      }
    }
    if (first) await collect(client.blob(repositoryAt(server.host), first));
    const writing = store.write(descriptor, watched(client.blob(repositoryAt(server.host), descriptor)));
    return { writing, store, seen, client, server, left: () => readdir(join(store.root, 'ingest')) };
  }

  return {
    /** A folder of the test that runs, and the threads of its store. */
    get folder() {
      return folder.path;
    },
    get pool() {
      return pool;
    },
    pulled,
  };
}
