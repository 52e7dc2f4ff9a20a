import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Faults } from '../support/cache-service/faults.ts';
import { type CacheService, startCacheService } from '../support/cache-service.ts';
import { cachedJob, warnings } from '../support/cached-jobs.ts';
import { type ImageBag, imageBag } from '../support/image-builder.ts';
import type { StepResult } from '../support/runner.ts';
import { type ServedBag, servedBag } from '../support/served-bag.ts';
import { auditStore } from '../support/store-audit.ts';

const MB = 1024 * 1024;

let bag: ImageBag;
let registry: ServedBag;
let service: CacheService;
let images: string;
beforeEach(async () => {
  bag = imageBag();
  registry = await servedBag(bag);
  service = await startCacheService();
  bag.tag('app', '1', bag.index([await bag.image({ layers: ['base', 'small'], layerSize: 17 * MB })]));
  images = `${registry.host}/app:1`;
});
afterEach(async () => {
  await registry.close();
  await service.close();
});

/** Whatever the cache does: green, the right digest, a whole store, and few words about it. */
async function isGreen(environment: Readonly<Record<string, string>> = {}) {
  const then = async ({ outputs }: StepResult) => {
    // Throws with every fault it finds.
    expect((await auditStore(outputs.store ?? '')).names.get(images)).toBe(bag.catalog.find('app', '1')?.digest);
  };
  const { step, post } = await cachedJob(service, { images }, { environment, then });
  expect(step).toMatchObject({ code: 0, errors: [], stderr: '' });
  expect(step.outputs.digest).toBe(bag.catalog.find('app', '1')?.digest);
  expect([...warnings(step), ...warnings(post)].length).toBeLessThanOrEqual(4);
  return { step, post };
}

describe('a job is green and its bytes are right', () => {
  test.each<[string, Faults]>([
    ['look-ups answer 500', { lookup: { status: 500 } }],
    ['look-ups answer a page', { lookup: { page: true } }],
    ['look-ups are limited', { lookup: { status: 429, retryAfter: 5 } }],
    ['look-ups break', { lookup: { reset: true } }],
    ['look-ups hang', { lookup: { hang: true } }],
    ['downloads answer 500', { download: { status: 500 } }],
    ['downloads break', { download: { truncate: 100_000 } }],
  ])(
    'though %s',
    async (_, faults) => {
      await isGreen();
      expect(service.keys().length).toBeGreaterThan(2);
      service.faults = faults;
      const startedAt = Date.now();
      await isGreen();
      // The stock client alone would take half a minute over one look-up.
      expect(Date.now() - startedAt).toBeLessThan(60_000);
    },
    150_000,
  );

  test.each<[string, Faults]>([
    ['entries cannot be made', { create: { status: 500, times: 1 } }],
    ['saves are limited', { create: { status: 429 } }],
    ['uploads break', { upload: { reset: true } }],
    ['uploads are not finished', { finalize: { status: 500 } }],
  ])(
    'though %s',
    async (_, faults) => {
      service.faults = faults;
      await isGreen();
    },
    200_000,
  );

  test('though its token may only read, and says nothing of it but a notice', async () => {
    const { post } = await isGreen(service.environment({ read: ['main'] }));
    expect(warnings(post)).toEqual([]);
    expect(service.keys()).toEqual([]);
  }, 60_000);
});
