import { existsSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { newDeferred } from '../src/lib/deferred.ts';
import { OCI_CONFIG } from '../src/oci/media-types.ts';
import type { Part } from '../src/ports.ts';
import type { RegistryOptions } from '../src/registry/registry.ts';
import { rangeBringer } from '../src/registry/transport/range-bring.ts';
import { fill } from '../src/store/fill.ts';
import { fillPool } from '../src/store/fill-pool.ts';
import { openStore } from '../src/store/layout-store.ts';
import { openClient, repositoryAt } from './support/client.ts';
import { type Script, scriptedServer } from './support/scripted-server.ts';
import { diskTest, smallDisk } from './support/small-disk.ts';
import { collect, flipped, inChunks, randomBlob } from './support/store-blobs.ts';
import { bytes, CHUNK, descriptor, parts, rangeOf, threadPulls } from './support/thread-pulls.ts';
import { until } from './support/until.ts';

type Every = NonNullable<RegistryOptions['every']>;
/** Looks far more often than it says. */
const LOOKING: Every = (_, call) => {
  const timer = setInterval(call, 50);
  return () => clearInterval(timer);
};

describe.each([
  ['a thread', undefined],
  ['this thread', rangeBringer],
])('by %s', (_, here) => {
  const threads = threadPulls(here);
  const { pulled } = threads;

  test.each([false, true])('all but the first part is read, written and hashed there (TLS: %p)', async (tls) => {
    const { writing, store, seen } = await pulled(parts(), { tls });
    const reading = collect(store.open(descriptor));
    await writing;
    expect(seen).toEqual({ here: CHUNK, landed: bytes.byteLength - CHUNK });
    expect((await reading).equals(bytes)).toBe(true);
    expect((await collect(store.open(descriptor))).equals(bytes)).toBe(true);
  });

  test.each([
    ['gave the config itself, and has ranges, is asked for it by threads alone', 'bytes', 13, 0],
    ['does not say that it has ranges is asked for a part of it first', undefined, 13, CHUNK],
    ['gives layers elsewhere after all is not asked again', 'bytes', 1, 0],
  ])('a registry that %s', async (_, ranges, requests, byHere) => {
    const config = { ...randomBlob(100), mediaType: OCI_CONFIG };
    const storage = await scriptedServer(parts());
    const { writing, seen, server, client, store } = await pulled(
      (request, response) => {
        if (request.path.includes(config.descriptor.digest))
          return response.writeHead(200, ranges === undefined ? {} : { 'Accept-Ranges': ranges }).end(config.bytes);
        if (requests > 1) return parts()(request, response);
        response.writeHead(307, { location: `${storage.origin}/layer` }).end();
      },
      { first: { ...config.descriptor, mediaType: OCI_CONFIG } },
    );
    await writing;
    expect(seen).toEqual({ here: byHere, landed: bytes.byteLength - byHere });
    expect(client.events).toEqual([]);
    const layers = server.requests.filter(({ path }) => path.includes(descriptor.digest));
    expect(layers).toHaveLength(requests);
    expect((await collect(store.open(descriptor))).equals(bytes)).toBe(true);
  });

  test('wrong bytes are DIGEST_MISMATCH, and leave nothing behind', async () => {
    const { writing, left } = await pulled(parts(flipped(bytes, 5 * CHUNK)));
    await expect(writing).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
      reason: expect.stringContaining(`expected ${descriptor.digest}, found sha256:`),
    });
    expect(await left()).toEqual([]);
  });

  test('an answer that is not plain is read here, and a broken one asked for again', async () => {
    const asked = new Map<number, number>();
    const { writing, store, seen } = await pulled((request, response) => {
      const [start, end] = rangeOf(request.headers.range);
      const before = asked.get(start) ?? 0;
      asked.set(start, before + 1);
      const range = `bytes ${start}-${end - 1}/${bytes.byteLength}`;
      if (start === 4 * CHUNK)
        return response.writeHead(206, { 'Content-Range': range }).end(bytes.subarray(start, end));
      if (start !== 6 * CHUNK) return parts()(request, response);
      response.writeHead(206, { 'Content-Range': range, 'Content-Length': end - start });
      response.write(bytes.subarray(start, start + 20_000), () => response.destroy());
    });
    await writing;
    expect(asked.get(4 * CHUNK)).toBe(2);
    expect([...asked.keys()].some((start) => start > 6 * CHUNK && start < 7 * CHUNK)).toBe(true);
    expect(seen).toEqual({ here: 2 * CHUNK, landed: bytes.byteLength - 2 * CHUNK });
    expect((await collect(store.open(descriptor))).equals(bytes)).toBe(true);
  });

  test('what trickles is given up, and the rest comes over another connection', async () => {
    let trickled = 0;
    const { writing, seen, client } = await pulled(
      async (request, response) => {
        const [start, end] = rangeOf(request.headers.range);
        if (start === 0 || trickled > 0) return parts()(request, response);
        trickled += 1;
        const range = `bytes ${start}-${end - 1}/${bytes.byteLength}`;
        response.writeHead(206, { 'Content-Range': range, 'Content-Length': end - start });
        for (let at = start; at < end && !response.destroyed; at += 2000) {
          response.write(bytes.subarray(at, Math.min(at + 2000, end)));
          await sleep(50);
        }
        response.end();
      },
      { timeouts: { bodyMs: 500 }, connections: 1 },
    );
    await writing;
    expect(seen.landed).toBeGreaterThan(0);
    const retries = client.events.flatMap((event) => (event.type === 'retry' ? [event.reason] : []));
    expect(retries).toEqual([expect.stringMatching(/: only \d+(\.\d+)?kB in 0\.\ds; blob sha256:/)]);
  });

  test('a cancelled pull ends at once', async () => {
    const { writing, client, left } = await pulled((request, response) => {
      const [start] = rangeOf(request.headers.range);
      return start < 5 * CHUNK ? parts()(request, response) : undefined;
    });
    const ended = expect(writing).rejects.toMatchObject({ code: 'CANCELLED' });
    await sleep(500);
    const at = performance.now();
    client.controller.abort();
    await ended;
    expect(performance.now() - at).toBeLessThan(1000);
    expect(await left()).toEqual([]);
  });

  test.each([
    ['stands still', true],
    ['has no answer', false],
  ])('a part that %s is asked for over another connection, and its own ends', async (_, begins) => {
    const asked: number[] = [];
    const closed = newDeferred<void>();
    const { writing, store, seen, client } = await pulled(
      (request, response) => {
        const [start, end] = rangeOf(request.headers.range);
        asked.push(end);
        if (end !== 6 * CHUNK || asked.filter((each) => each === end).length > 1) return parts()(request, response);
        response.on('close', closed.resolve);
        if (!begins) return;
        const range = `bytes ${start}-${end - 1}/${bytes.byteLength}`;
        response.writeHead(206, { 'Content-Range': range, 'Content-Length': end - start });
        response.write(bytes.subarray(start, start + 1000));
      },
      { every: LOOKING },
    );
    await writing;
    await closed.promise;
    expect(client.events).toEqual([]);
    expect(asked.filter((end) => end === 6 * CHUNK)).toHaveLength(2);
    expect(seen).toEqual({ here: CHUNK, landed: bytes.byteLength - CHUNK });
    expect((await collect(store.open(descriptor))).equals(bytes)).toBe(true);
  });

  diskTest('a disk that is full in the middle is DISK_FULL, and leaves nothing behind', async () => {
    const disk = await smallDisk('512k');
    try {
      const { writing, left } = await pulled(parts(), { root: disk.path });
      await expect(writing).rejects.toMatchObject({ code: 'DISK_FULL', reason: 'no space left on the disk' });
      expect(await left()).toEqual([]);
    } finally {
      await disk.dispose();
    }
  });

  test('a file that cannot be written to is an error of the disk, also while nothing comes', async () => {
    const path = join(threads.folder, 'file');
    writeFileSync(path, '');
    const handle = await open(path, 'r');
    const server = await scriptedServer(parts());
    const content = openClient({ chunkSize: CHUNK }).blob(repositoryAt(server.host), descriptor);
    const filling = fill({ handle, path, written: () => {} }, descriptor, content, threads.pool);
    await expect(filling).rejects.toMatchObject({
      code: 'STORE_UNUSABLE',
      subject: path,
      reason: expect.stringContaining('EBADF'),
    });
    await handle.close();
  });

  test('chunks after an offer are written in their turn', async () => {
    const store = await openStore(join(threads.folder, 'store'), { pool: threads.pool });
    async function* content(): AsyncGenerator<Part> {
      yield { offer: () => {} };
      yield* inChunks(bytes);
    }
    await store.write(descriptor, content());
    expect((await collect(store.open(descriptor))).equals(bytes)).toBe(true);
  });
});

describe('threads', () => {
  const threads = threadPulls();
  const { pulled } = threads;

  /** Threads that do nothing but leave a mark when they start. */
  function marking() {
    const [program, mark] = [join(threads.folder, 'marking.mjs'), join(threads.folder, 'mark')];
    writeFileSync(program, `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(mark)}, '');`);
    return {
      pool: fillPool({ path: program, places: 2 }),
      isMarked: () => existsSync(mark),
      marked: () => until(() => existsSync(mark)),
    };
  }

  test('that are expected are started before a file is there', async () => {
    const { pool, isMarked, marked } = marking();
    await openStore(join(threads.folder, 'store'));
    const store = await openStore(join(threads.folder, 'store'), { pool });
    store.expect?.([{ size: 1000 }]);
    await sleep(300);
    expect(isMarked()).toBe(false);
    store.expect?.([{ size: 1000 }, { size: 20 * 1024 * 1024 }]);
    await marked();
    await pool.close();
  });

  test('are started at once for a store that holds nothing', async () => {
    const { pool, marked } = marking();
    await openStore(join(threads.folder, 'store'), { pool });
    await marked();
    await pool.close();
  });

  test('a thread that ends, or cannot start, is an error and not a hang', async () => {
    const silent: Script = (request, response) =>
      rangeOf(request.headers.range)[0] < 5 * CHUNK ? parts()(request, response) : undefined;
    const { writing } = await pulled(silent);
    const ended = expect(writing).rejects.toMatchObject({
      code: 'STORE_UNUSABLE',
      reason: expect.stringContaining('the thread that wrote it has ended: exit code'),
    });
    await sleep(500);
    await threads.pool.close();
    await ended;
    const broken = join(threads.folder, 'broken.mjs');
    writeFileSync(broken, 'throw new Error("out of order")');
    const { writing: other, left } = await pulled(silent, { threads: fillPool({ path: broken, places: 1 }) });
    await expect(other).rejects.toMatchObject({
      code: 'STORE_UNUSABLE',
      reason: expect.stringContaining('out of order'),
    });
    expect(await left()).toEqual([]);
  });
});
