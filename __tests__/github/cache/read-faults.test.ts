import { randomBytes } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CACHE_TIMES } from '../../../src/github/layer-cache.ts';
import { type CacheJob, openJob, putEntry } from '../../support/cache-job.ts';
import { tokenFor } from '../../support/cache-service/entries.ts';
import type { Faults } from '../../support/cache-service/faults.ts';
import { type CacheService, startCacheService } from '../../support/cache-service.ts';
import type { Member } from '../../support/tar-archive.ts';

let service: CacheService;
const jobs: CacheJob[] = [];
beforeEach(async () => {
  service = await startCacheService();
  await putEntry(service, 'entry-1', ENTRY);
  await putEntry(service, 'entry-2', ENTRY);
});
afterEach(async () => {
  for (const job of jobs.splice(0)) await job.dispose();
  await service.close();
});

const ENTRY: readonly Member[] = [
  { name: 'pull-image/', type: 'folder', mode: 0o755 },
  { name: 'pull-image/a', content: Buffer.alloc(200_000, 'a') },
];
const GONE = 'warning: The Actions cache does not answer; going on without it.';

async function open(options: Parameters<typeof openJob>[1] = {}): Promise<CacheJob> {
  const job = await openJob(service, options);
  jobs.push(job);
  return job;
}

describe('a service that does not answer is asked no more, and one line says so', () => {
  // The library would stay with each for half a minute or more.
  const times = { ...CACHE_TIMES, answer: 2500 };

  const FAULTS: Readonly<Record<string, Faults>> = {
    hangs: { lookup: { hang: true } },
    'is slow': { lookup: { delayMs: 20_000 } },
    'fails at every try': { lookup: { status: 500 } },
    'is a page of somebody else': { lookup: { page: true } },
    'answers with a page': { lookup: { page: true, status: 200 } },
  };

  test(`it ${Object.keys(FAULTS).join(', ')}`, async () => {
    // All at once, since each takes its time.
    const all = Object.entries(FAULTS).map(async ([name, faults]) => {
      const service = await startCacheService();
      await putEntry(service, 'entry-1', ENTRY);
      service.faults = faults;
      const { cache, said, folder, dispose } = await openJob(service, { times });
      try {
        const start = performance.now();
        const first = await cache.restore('entry-1');
        const inTime = performance.now() - start < 15_000;
        const asked = service.calls.length;
        service.faults = {};
        const later = [await cache.restore('entry-1'), await cache.newest('entry-'), await cache.save('entry-2', [])];
        const askedLater = service.calls.length - asked;
        await cache.close();
        const left = await readdir(path.join(folder, 'staging'));
        return [name, { first, inTime, later, askedLater, left, said: said() }] as const;
      } finally {
        await dispose();
        await service.close();
      }
    });
    const expected = {
      first: undefined,
      inTime: true,
      later: [undefined, undefined, 'failed'],
      askedLater: 0,
      left: [],
      said: [GONE],
    };
    for (const [name, found] of await Promise.all(all)) expect({ [name]: found }).toEqual({ [name]: expected });
  }, 40_000);

  test('nobody listens', async () => {
    const job = await openJob({
      environment: () => ({ ...service.environment(), ACTIONS_RESULTS_URL: 'http://127.0.0.1:9/' }),
    });
    jobs.push(job);
    expect(await job.cache.newest('entry-')).toBeUndefined();
    expect(await job.cache.restore('entry-1')).toBeUndefined();
    expect(job.said()).toEqual([GONE]);
  });

  test('bytes come too slowly, or not at all', async () => {
    for (const download of [{ rate: 20_000 }, { hang: true }]) {
      service.faults = { download };
      const key = `entry ${Object.keys(download)}`;
      await putEntry(service, key, [
        { name: 'pull-image/', type: 'folder', mode: 0o755 },
        { name: 'pull-image/a', content: randomBytes(200_000) },
      ]);
      const { cache, said } = await open({ times: { ...CACHE_TIMES, restore: 700, restoreUnknown: 700 } });
      expect(await cache.restore(key, 200_000)).toBeUndefined();
      expect(said()).toEqual([GONE]);
    }
  });

  test('many ask at once', async () => {
    service.faults = { lookup: { hang: true } };
    const { cache, said } = await open({ times });
    const all = await Promise.all(Array.from({ length: 10 }, () => cache.restore('entry-1')));
    expect(all).toEqual(all.map(() => undefined));
    expect(said()).toEqual([GONE]);
  });
});

test('without a service nothing is tried', async () => {
  const { cache, folder, said } = await open({ environment: { ACTIONS_RESULTS_URL: '' } });
  expect([cache.readable, cache.writable]).toEqual([false, false]);
  expect(await cache.restore('entry-1')).toBeUndefined();
  expect(await cache.newest('entry-')).toBeUndefined();
  expect(await cache.save('entry-3', [])).toBe('refused');
  expect(await readdir(folder)).not.toContain('staging');
  expect(said()).toEqual([]);
});

test.each([
  ['without a scope to read', tokenFor({ read: [], write: 'main' }), 'cache read denied'],
  ['nobody knows', 'stranger', 'Unauthorized'],
])('a token %s: a miss, one notice, and no more look-ups', async (_, token, words) => {
  const { cache, said } = await open({ environment: { ACTIONS_RUNTIME_TOKEN: token } });
  expect(await cache.restore('entry-1')).toBeUndefined();
  expect(await cache.newest('entry-')).toBeUndefined();
  expect(service.calls).toHaveLength(1);
  expect(said()).toEqual([expect.stringMatching(`^notice: The Actions cache is not used: .*${words}`)]);
});

test('scopes are told apart', async () => {
  const job = await openJob({ environment: () => service.environment({ read: ['other'], write: 'other' }) });
  jobs.push(job);
  expect(await job.cache.restore('entry-1')).toBeUndefined();
  expect(job.said()).toEqual([]);
});

test('a rate limit is a miss until it ends, and said once', async () => {
  service.faults = { lookup: { status: 429, retryAfter: 60, times: 1 } };
  let now = 1_000_000;
  const { cache, said } = await open({ now: () => now });
  expect(await cache.newest('entry-')).toBeUndefined();
  now += 59_000;
  expect(await cache.restore('entry-1')).toBeUndefined();
  expect(service.calls).toHaveLength(1);
  now += 1_001;
  expect((await cache.restore('entry-1'))?.files).toHaveLength(1);
  expect(said()).toEqual([expect.stringMatching(/^warning: The Actions cache takes no more requests for now \(.*429/)]);
});

test.each<readonly [string, Faults]>([
  ['is cut off', { download: { truncate: 100, times: 1 } }],
  ['is refused', { download: { status: 404, times: 1 } }],
])('a download that %s is a miss; the next one is tried', async (_, faults) => {
  service.faults = faults;
  const { cache, said } = await open();
  expect(await cache.restore('entry-1')).toBeUndefined();
  expect((await cache.restore('entry-2'))?.files).toHaveLength(1);
  expect(said()).toEqual([expect.stringMatching(/^warning: An entry of the Actions cache cannot be read \(.+\)/)]);
});

test('another key is not downloaded', async () => {
  const { cache, said } = await open();
  expect(await cache.restore('entry-')).toBeUndefined();
  expect(service.lines()).toEqual(['GetCacheEntryDownloadURL entry-']);
  expect(said()).toEqual([]);
});

describe('on this machine', () => {
  test('a full disk is a miss, and said', async () => {
    const unpack = 'echo "tar: pull-image/a: Cannot write: No space left on device" >&2; exit 2';
    const { cache, said } = await open({ programs: { unzstd: unpack, gzip: unpack } });
    expect(await cache.restore('entry-1')).toBeUndefined();
    expect(said()).toEqual([expect.stringContaining('(no space left on the disk of the layer store)')]);
  });

  test('a tar that is not GNU tar unpacks nothing', async () => {
    const { cache, said, folder } = await open({ programs: { tar: 'echo "bsdtar 3.7.2 - libarchive 3.7.2"' } });
    expect(await cache.restore('entry-1')).toBeUndefined();
    expect(await cache.newest('entry-')).toBeUndefined();
    expect(service.calls).toEqual([]);
    expect(said()).toEqual(['notice: The Actions cache is not used: the tar on the PATH is not GNU tar.']);
    expect(await readdir(path.join(folder, 'staging'))).toEqual([]);
  });

  test('a child that cannot be started, or crashes, is a service that is gone', async () => {
    for (const childPath of ['/nowhere/index.js', path.join(import.meta.dirname, 'crash')]) {
      const { cache, said } = await open({ childPath });
      expect(await cache.restore('entry-1')).toBeUndefined();
      expect(await cache.restore('entry-1')).toBeUndefined();
      expect(said()).toEqual([GONE]);
    }
  });

  test('a staging folder that cannot be made is a miss', async () => {
    const other = await open();
    await writeFile(path.join(other.folder, 'file'), '');
    const { cache, said } = await open({ staging: path.join(other.folder, 'file') });
    expect(await cache.restore('entry-1')).toBeUndefined();
    expect(await cache.restore('entry-2')).toBeUndefined();
    expect(said()).toEqual([expect.stringContaining('EEXIST')]);
  });
});
