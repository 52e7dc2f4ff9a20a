import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type CacheService, startCacheService } from '../support/cache-service.ts';
import { cachedJob, type JobOptions, printed, warnings } from '../support/cached-jobs.ts';
import { type ImageBag, imageBag } from '../support/image-builder.ts';
import type { StepResult } from '../support/runner.ts';
import { type ServedBag, servedBag } from '../support/served-bag.ts';

const MB = 1024 * 1024;

let bag: ImageBag;
let registry: ServedBag;
let service: CacheService;
beforeEach(async () => {
  bag = imageBag();
  registry = await servedBag(bag);
  service = await startCacheService();
});
afterEach(async () => {
  await registry.close();
  await service.close();
});

/** A job, with what it asked of the registry. */
async function job(inputs: Readonly<Record<string, string>>, options: JobOptions = {}) {
  const before = registry.requests.length;
  const result = await cachedJob(service, inputs, options);
  return { ...result, requests: registry.requests.slice(before) };
}

describe('jobs that share a cache', () => {
  test('pull once: the second asks for the tag only, the third goes on without the registry', async () => {
    bag.tag('app', '1', bag.index([await bag.image({ layers: ['base', 'small'], layerSize: 17 * MB })]));
    const images = `${registry.host}/app:1`;
    const first = await job({ images });
    expect(first.step.code).toBe(0);
    expect(first.step.outputs['cache-hit']).toBe('false');
    expect(printed(first.post).join('\n')).toMatch(/^Actions cache: saved 35\.\dMB in 3 entries in \d/);
    expect(service.keys()).toHaveLength(4);

    const second = await job({ images });
    expect(warnings(second.step)).toEqual([]);
    expect(second.requests).toEqual(['HEAD /v2/app/manifests/1']);
    expect(second.step.outputs['cache-hit']).toBe('true');
    expect(second.step.outputs.pinned).toBe(first.step.outputs.pinned);
    expect(second.step.summary).toContain('Spared: 35.');
    expect(printed(second.post)).toEqual([]);

    await registry.close();
    const byTag = await job({ images });
    expect(byTag.step.code).toBe(0);
    expect(warnings(byTag.step).join('\n')).toMatch(
      /connection refused; using the digest that .*app:1 had \d+ \w+ ago, sha256:/,
    );
    const byDigest = await job({ images: first.step.outputs.pinned ?? '' });
    expect(byDigest.step.code).toBe(0);
    expect(warnings(byDigest.step)).toEqual([]);
    const fails = await job({ images, 'on-registry-error': 'fail' });
    expect(fails.step.code).toBe(1);
    expect(service.keys()).toHaveLength(4);
  }, 60_000);

  test('a pull request reads, saves nothing, and says how the cache is filled if it missed', async () => {
    bag.tag('app', '1', await bag.image({ layers: ['base'] }));
    const images = `${registry.host}/app:1`;
    const pullRequest = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_REF: 'refs/pull/1/merge' };
    const missed = await job({ images }, { environment: pullRequest });
    expect(missed.step.stdout).toContain('::notice::This job (pull_request) only reads the Actions cache.');
    expect(service.keys()).toEqual([]);
    await job({ images });
    expect(service.keys()).toHaveLength(2);
    const hit = await job({ images }, { environment: pullRequest });
    expect(hit.step.outputs['cache-hit']).toBe('true');
    expect(hit.step.stdout).not.toContain('::notice::');
    expect(service.keys()).toHaveLength(2);
  }, 60_000);

  test('of another platform find what the platforms share, and save their own parts', async () => {
    const index = bag.index([
      await bag.image({ layers: ['base'], layerSize: 17 * MB }),
      await bag.image({ layers: ['base', 'arm'], layerSize: 17 * MB, architecture: 'arm64' }),
    ]);
    bag.tag('app', '1', index);
    const images = `${registry.host}/app:1`;
    await job({ images, platforms: 'linux/amd64' });
    let report = '';
    const then = async (step: StepResult) => {
      report = await readFile(step.outputs.report ?? '', 'utf8');
    };
    const { post, requests } = await job({ images, platforms: 'linux/arm64' }, { then });
    const { layers } = JSON.parse(report).images[images].platforms['linux/arm64'];
    expect(layers.map(({ source }: { source: string }) => source)).toEqual(['cache', 'registry']);
    expect(requests.filter((request) => request.includes(layers[0].digest))).toEqual([]);
    expect(printed(post).join('\n')).toMatch(/^Actions cache: saved 17\.\dMB in 2 entries/);
  }, 60_000);

  test('follow a tag to where it went last, A, B, A, though the registry is gone', async () => {
    const images = `${registry.host}/app:1`;
    const [a, b] = [await bag.image({ layers: ['a'] }), await bag.image({ layers: ['b'] })];
    for (const target of [a, b, a]) {
      bag.tag('app', '1', target);
      await job({ images });
    }
    await registry.close();
    const { step } = await job({ images });
    expect(step.outputs.digest).toBe(a.digest);
  }, 60_000);

  test('of many images leave no more to the end of the job than a process can be started with', async () => {
    const layers = Array.from({ length: 12 }, (_, number) => `layer ${number}`);
    for (let tag = 0; tag < 60; tag += 1) {
      bag.tag('many', `${tag}`, await bag.image({ layers: [...layers, `tag ${tag}`], layerSize: 100 }));
    }
    const { step, post } = await job({ images: `${registry.host}/many`, 'all-tags': 'true', 'max-tags': '60' });
    expect(step.code).toBe(0);
    expect(Object.values(step.state).join('').length).toBeLessThan(1000);
    expect(printed(post).join('\n')).toMatch(/^Actions cache: saved .* in 40 entries .*; 20 left out, /);
    expect(service.keys()).toHaveLength(40);
  }, 120_000);

  test('after a failed step the complete images are saved', async () => {
    bag.tag('app', '1', await bag.image({ layers: ['base'] }));
    const { step } = await job({ images: `${registry.host}/app:1\n${registry.host}/gone:1` });
    expect(step.code).toBe(1);
    expect(service.keys()).toHaveLength(2);
  }, 60_000);

  test('ten that race to save the same images are all green, without a warning, and leave one entry a key', async () => {
    bag.tag('app', '1', await bag.image({ layers: ['base'], layerSize: 100_000 }));
    const images = `${registry.host}/app:1`;
    const jobs = await Promise.all(Array.from({ length: 10 }, () => job({ images })));
    expect(jobs.map(({ step }) => step.code)).toEqual(Array(10).fill(0));
    expect(jobs.flatMap(({ step, post }) => [...warnings(step), ...warnings(post)])).toEqual([]);
    const keys = service.keys();
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.filter((key) => key.includes('-pack-'))).toHaveLength(1);
  }, 120_000);

  test.each(['read-only', 'false'])(
    'cache: %s saves nothing',
    async (cache) => {
      bag.tag('app', '1', await bag.image({ layers: ['base'] }));
      const { step, post } = await job({ images: `${registry.host}/app:1`, cache });
      expect(step.code).toBe(0);
      expect(printed(post)).toEqual([]);
      expect(service.lines().filter((line) => line.startsWith('CreateCacheEntry'))).toEqual([]);
    },
    60_000,
  );
});

describe('a cache that is no help', () => {
  test.each([
    ['is not there', { ACTIONS_RESULTS_URL: '' }],
    ['is not reachable', { ACTIONS_RESULTS_URL: 'http://127.0.0.1:1/' }],
    ['may not be used', { ACTIONS_CACHE_MODE: 'none' }],
  ])(
    'that %s: the job is green, and there is a warning at most',
    async (_, environment) => {
      bag.tag('app', '1', await bag.image({ layers: ['base'] }));
      const { step, post } = await job({ images: `${registry.host}/app:1` }, { environment });
      expect(step.code).toBe(0);
      expect(step.outputs['cache-hit']).toBe('false');
      expect([...warnings(step), ...warnings(post)].length).toBeLessThanOrEqual(2);
    },
    60_000,
  );
});
