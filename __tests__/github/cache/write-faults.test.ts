import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { CACHE_TIMES } from '../../../src/github/layer-cache.ts';
import { type CacheJob, openJob, putEntry } from '../../support/cache-job.ts';
import type { Scopes } from '../../support/cache-service/entries.ts';
import { type CacheService, startCacheService } from '../../support/cache-service.ts';

let service: CacheService;
const jobs: CacheJob[] = [];
beforeEach(async () => {
  service = await startCacheService();
});
afterEach(async () => {
  for (const job of jobs.splice(0)) await job.dispose();
  await service.close();
});

async function open(options: Parameters<typeof openJob>[1] = {}, scopes?: Scopes) {
  const job = await openJob({ environment: () => service.environment(scopes) }, options);
  jobs.push(job);
  const files = [await job.file('a', Buffer.alloc(100_000, 'a'))];
  return { ...job, save: (key: string) => job.cache.save(key, files) };
}

const count = (call: string) => service.calls.filter((each) => each.call === call).length;

test('a read-only token: refused, one notice, and nothing is packed again', async () => {
  const { save, said } = await open({}, { read: ['main'] });
  expect(await save('entry-1')).toBe('refused');
  expect(await save('entry-2')).toBe('refused');
  expect(service.lines()).toEqual(['GetCacheEntryDownloadURL entry-1', 'CreateCacheEntry entry-1']);
  expect(said()).toEqual([
    'notice: Nothing is saved in the Actions cache: this job may not write to it (cache write denied: the token is read-only).',
  ]);
});

test('a token that may write and not read saves', async () => {
  const { save, said } = await open({}, { read: [], write: 'main' });
  expect(await save('entry-1')).toBe('saved');
  expect(await save('entry-2')).toBe('saved');
  expect(count('GetCacheEntryDownloadURL')).toBe(1);
  expect(said()).toEqual([expect.stringMatching(/^notice: The Actions cache is not used/)]);
});

test('what is there is not packed', async () => {
  const { save, cache } = await open();
  expect(await save('entry-1')).toBe('saved');
  expect(await cache.save('entry-1', [{ name: 'a', path: '/nowhere' }])).toBe('exists');
  expect(count('CreateCacheEntry')).toBe(1);
});

test('a key another job is just saving is left to it, in silence', async () => {
  service.faults = { create: { status: 409, message: 'already exists' } };
  const { save, said } = await open();
  expect(await save('entry-1')).toBe('exists');
  expect(said()).toEqual([]);
});

test('ten jobs that save the same key: one entry, no words', async () => {
  const ten = await Promise.all(Array.from({ length: 10 }, () => open()));
  const outcomes = await Promise.all(ten.map(({ save }) => save('entry-1')));
  expect(outcomes.filter((outcome) => outcome === 'saved')).toHaveLength(1);
  expect(outcomes.filter((outcome) => outcome === 'exists')).toHaveLength(9);
  expect(service.keys()).toEqual(['entry-1']);
  expect(ten.flatMap(({ said }) => said())).toEqual([]);
}, 60_000);

test('a save that failed is looked up again: the entry is there after all', async () => {
  const { save, said } = await open();
  expect(await save('entry-1')).toBe('saved');
  service.faults = { lookup: { status: 404, times: 1 }, create: { status: 400, message: 'odd' } };
  expect(await save('entry-1')).toBe('exists');
  expect(said()).toEqual([]);
});

test.each([
  ['finalize', { finalize: { status: 400, message: 'no', times: 1 } }],
  ['upload', { upload: { status: 403, times: 1 } }],
])('a %s that fails loses one entry, and is said once', async (_, faults) => {
  service.faults = faults;
  const { save, said, folder } = await open();
  expect(await save('entry-1')).toBe('failed');
  expect(await save('entry-2')).toBe('saved');
  expect(said()).toEqual([expect.stringMatching(/^warning: An entry cannot be saved in the Actions cache \(.+\)\.$/)]);
  const [run = ''] = await readdir(path.join(folder, 'staging'));
  expect(await readdir(path.join(folder, 'staging', run))).toEqual([]);
});

test('a service that fails at every try is left before the library gives up', async () => {
  service.faults = { create: { status: 503 } };
  const { save, said } = await open({ times: { ...CACHE_TIMES, answer: 2000 } });
  const start = performance.now();
  expect(await save('entry-1')).toBe('failed');
  expect(performance.now() - start).toBeLessThan(12_000);
  expect(said()).toEqual(['warning: The Actions cache does not answer; going on without it.']);
}, 20_000);

test('an upload that takes too long ends saving, not reading', async () => {
  await putEntry(service, 'entry-1', [{ name: 'pull-image/', type: 'folder', mode: 0o755 }, { name: 'pull-image/a' }]);
  service.faults = { upload: { hang: true } };
  const { save, said, cache } = await open({ times: { ...CACHE_TIMES, save: 1500, saveRate: 1e9 } });
  expect(await save('entry-2')).toBe('failed');
  expect(await save('entry-3')).toBe('refused');
  expect(said()).toEqual(['warning: Saving in the Actions cache takes too long; nothing more is saved.']);
  expect((await cache.restore('entry-1'))?.files).toHaveLength(1);
}, 20_000);

interface Clock {
  readonly slept: number[];
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

function clock(): Clock {
  const slept: number[] = [];
  let time = 1_000_000;
  return {
    slept,
    now: () => time,
    async sleep(ms) {
      slept.push(ms);
      time += ms;
    },
  };
}

test('a rate limit that ends before the deadline is waited out, once for each entry', async () => {
  service.faults = { create: { status: 429, retryAfter: 7, times: 1 } };
  const { slept, ...time } = clock();
  const { save, said } = await open({ ...time, deadline: 1_010_000 });
  expect(await save('entry-1')).toBe('saved');
  expect(slept).toEqual([7_100]);
  expect(said()).toEqual([]);
});

test.each([
  ['ends after the deadline', { status: 429, retryAfter: 11 }, 0],
  ['names no end', { status: 429 }, 0],
  ['comes back', { status: 429, retryAfter: 7 }, 1],
])('a rate limit that %s ends saving', async (_, create, waits) => {
  service.faults = { create };
  const { slept, ...time } = clock();
  const { save, said } = await open({ ...time, deadline: 1_010_000 });
  expect(await save('entry-1')).toBe('refused');
  expect(slept).toHaveLength(waits);
  const asked = service.calls.length;
  expect(await save('entry-2')).toBe('refused');
  expect(service.calls).toHaveLength(asked);
  expect(said()).toEqual([
    'warning: The Actions cache takes no more entries for now (rate limit); what is left is not saved.',
  ]);
});

test('a rate limit met by the look-up before a save counts as well', async () => {
  service.faults = { lookup: { status: 429, retryAfter: 3, times: 1 } };
  const { slept, ...time } = clock();
  const { save, said } = await open(time);
  expect(await save('entry-1')).toBe('saved');
  expect(slept).toEqual([3_100]);
  expect(said()).toEqual([]);
});
