import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Server, serve } from '../../src/server/server.ts';
import { type CacheService, startCacheService } from '../support/cache-service.ts';
import { type ImageBag, imageBag } from '../support/image-builder.ts';
import { newRunner, type Runner, type StepResult } from '../support/runner.ts';

const MB = 1024 * 1024;
const DEFAULT_BRANCH = { GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/main' };

let bag: ImageBag;
let registry: Server;
let service: CacheService;
const runners: Runner[] = [];
beforeEach(async () => {
  bag = imageBag();
  registry = await serve(bag.catalog, bag.source);
  service = await startCacheService();
});
afterEach(async () => {
  await registry.close();
  await service.close();
  for (const runner of runners.splice(0)) await runner.dispose();
});

/** A job on a fresh runner, with a workspace and a home of its own: the step, then the end of the job. */
async function job(
  inputs: Readonly<Record<string, string>>,
  {
    repository = { default_branch: 'main', private: true } as object,
    environment = {} as Readonly<Record<string, string>>,
  } = {},
): Promise<{ readonly step: StepResult; readonly post: StepResult; readonly requests: readonly string[] }> {
  const runner = await newRunner();
  runners.push(runner);
  const event = path.join(runner.folder, 'event.json');
  await writeFile(event, JSON.stringify({ repository }));
  const before = registry.requests.length;
  const all = { ...service.environment(), ...DEFAULT_BRANCH, GITHUB_EVENT_PATH: event, ...environment };
  const step = await runner.run({ engine: 'none', ...inputs }, all);
  const post = await runner.post(step, all);
  expect(post).toMatchObject({ code: 0, stderr: '', errors: [] });
  return { step, post, requests: registry.requests.slice(before) };
}

const warnings = ({ stdout }: StepResult) => stdout.split('\n').filter((line) => line.startsWith('::warning'));
const printed = ({ stdout }: StepResult) =>
  stdout.split('\n').filter((line) => line !== '' && !line.startsWith('::debug::'));

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
    expect(second.step.summary).toContain('1 pull that no registry counts');
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
