import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { NOTHING_PULLED, OUTPUTS, publishOutputs, renderOutputs, renderReport } from '../../src/github/outputs.ts';
import type { PullEvent, PullOutcome } from '../../src/outcome.ts';
import { ATTACKS, digest, failed, heldByEngine, image, many, outcome, platform } from './outcomes.ts';

const render = (...images: PullOutcome['images']) => renderOutputs(outcome(images), '/tmp/report.json');
const REDIS = digest('redis:7');

describe('renderOutputs', () => {
  test('gives one pulled image its digest, pinned reference and name', () => {
    expect({ ...render(image()), json: '' }).toEqual({
      digest: REDIS,
      digests: `{"redis:7":"${REDIS}"}`,
      pinned: `redis:7@${REDIS}`,
      json: '',
      report: '/tmp/report.json',
      'cache-hit': 'false',
      loaded: 'redis:7',
      store: '/tools/pull-image-store/1.0.0/x64',
    });
  });

  test('gives json every field, null where it is unknown', () => {
    const held = { ...heldByEngine(), key: 'held' };
    expect(JSON.parse(render(image(), failed('bad:1', { hint: 'Look at the tags.' }), held).json ?? '')).toEqual({
      version: 1,
      images: {
        'redis:7': {
          reference: 'docker.io/library/redis:7',
          pinned: `redis:7@${REDIS}`,
          digest: REDIS,
          local: 'redis:7',
          digestRunnable: true,
          source: 'registry',
          loaded: true,
          seconds: 3.1,
          platforms: {
            'linux/amd64': {
              digest: digest('manifest linux/amd64'),
              imageId: digest('config linux/amd64'),
              size: 2_000_000,
              local: 'redis:7',
            },
          },
        },
        'bad:1': {
          reference: 'docker.io/library/bad:1',
          pinned: null,
          digest: null,
          local: null,
          digestRunnable: false,
          source: null,
          loaded: false,
          seconds: 0.2,
          error: { code: 'MANIFEST_UNKNOWN', message: 'bad:1: no such tag', hint: 'Look at the tags.' },
          platforms: {},
        },
        held: {
          reference: 'docker.io/library/redis:7',
          pinned: null,
          digest: null,
          local: 'redis:7',
          digestRunnable: true,
          source: 'engine',
          loaded: true,
          seconds: 3.1,
          platforms: {
            'linux/amd64': { digest: null, imageId: digest('config linux/amd64'), size: null, local: 'redis:7' },
          },
        },
      },
      totals: {
        images: 3,
        failed: 1,
        layers: 2,
        bytes: 2_000_000,
        downloaded: 1_000_000,
        pullsSaved: 0,
        registry: { bytes: 1_000_000, seconds: 0.5 },
        cache: { bytes: 0, seconds: 0 },
        seconds: 3.25,
      },
    });
  });

  const hub = { domain: 'docker.io', path: 'library/redis' };
  test.each([
    [{ ...hub, tag: '7' }, `redis:7@${REDIS}`],
    [{ ...hub }, `redis:latest@${REDIS}`],
    [{ ...hub, digest: REDIS }, `redis@${REDIS}`],
    [{ ...hub, tag: '7', digest: REDIS }, `redis:7@${REDIS}`],
    [{ domain: 'docker.io', path: 'bitnami/redis', tag: '7' }, `bitnami/redis:7@${REDIS}`],
    [{ domain: 'ghcr.io', path: 'o/r', tag: 'main' }, `ghcr.io/o/r:main@${REDIS}`],
    [{ domain: '[::1]:5000', path: 'a/b', tag: 'x' }, `[::1]:5000/a/b:x@${REDIS}`],
    [{ domain: 'docker.io', path: 'a.b/c', tag: 'x' }, `docker.io/a.b/c:x@${REDIS}`],
  ])('pins %j as %s', (reference, expected) => {
    expect(render(image({ reference })).pinned).toBe(expected);
  });

  test('takes digest from the first image in input order, even if that failed', () => {
    expect(render(image({ digest: digest('first') }), image({ key: 'b' })).digest).toBe(digest('first'));
    expect(render(failed('bad:1'), image()).digest).toBe('');
  });

  test('lists each pinned reference and each name in the engine once', () => {
    const both = [platform('linux/amd64', { local: 'redis:7' }), platform('linux/arm64', { local: 'redis:7-arm64' })];
    const outputs = render(image({ platforms: both }), image({ key: 'docker.io/library/redis:7' }), failed('bad:1'));
    expect(outputs.pinned).toBe(`redis:7@${REDIS}`);
    expect(outputs.loaded).toBe('redis:7\nredis:7-arm64');
  });

  test('tells what is known of an image that failed later in json alone, so that nobody deploys it', () => {
    const outputs = render({ ...failed('redis:7'), digest: REDIS });
    expect(outputs).toMatchObject({ digest: '', digests: '{}', pinned: '', loaded: '' });
    expect(JSON.parse(outputs.json ?? '').images['redis:7']).toMatchObject({ digest: REDIS, pinned: null });
  });

  test('keeps the digest of an image that is stored whole, though the engine refused it', () => {
    const outputs = render({ ...failed('redis:7'), digest: REDIS, platforms: [platform()] });
    expect(outputs).toMatchObject({ digest: REDIS, pinned: `redis:7@${REDIS}` });
  });

  test('a key that is no reference has none', () => {
    const key = 'Not A Reference';
    const { json } = render({ ...failed(key), reference: undefined });
    expect(JSON.parse(json ?? '').images[key].reference).toBe(null);
  });

  test('says cache-hit in either case', () => {
    expect(renderOutputs(outcome([image()], { cacheHit: true }), '')['cache-hit']).toBe('true');
    expect(renderOutputs(outcome([]), '')['cache-hit']).toBe('false');
  });

  test.each(ATTACKS)('json and report carry %j on no line of their own', (attack) => {
    const images = outcome([failed('bad:1', { reason: attack, hint: attack })]);
    for (const text of [renderOutputs(images, '').json ?? '', renderReport(images)]) {
      expect(text).not.toMatch(/##\[|\u001b|^\s*::/m);
    }
  });
});

describe('the limit of 900 KB', () => {
  const sizeOf = (outputs: Record<string, string>) => 2 * Object.entries(outputs).flat().join('').length;

  test('leaves 300 images of two platforms whole', () => {
    const outputs = renderOutputs(outcome(many(300)), '/tmp/report.json');
    expect(sizeOf(outputs)).toBeLessThanOrEqual(900_000);
    expect(Object.keys(JSON.parse(outputs.json ?? '').images)).toHaveLength(300);
  });

  test('empties json first, then pinned, then loaded', () => {
    const emptied = [1, 500, 1600, 2200].map((count) => {
      const outputs = renderOutputs(outcome(many(count)), '/tmp/report.json');
      expect(Object.keys(JSON.parse(outputs.digests ?? ''))).toHaveLength(count);
      expect(outputs.report).toBe('/tmp/report.json');
      return OUTPUTS.filter((name) => outputs[name] === '').join(' ');
    });
    expect(emptied).toEqual(['', 'json', 'pinned json', 'pinned json loaded']);
  });

  test('digests that are too many by themselves go too: the report has them', () => {
    const outputs = renderOutputs(outcome(many(5000)), '/tmp/report.json');
    expect(sizeOf(outputs)).toBeLessThanOrEqual(900_000);
    expect(outputs).toMatchObject({ digests: '', json: '', pinned: '', loaded: '', report: '/tmp/report.json' });
    expect(outputs.digest).toMatch(/^sha256:/);
  });
});

describe('publishOutputs', () => {
  let folder = '';
  const events: PullEvent[] = [];
  const setOutputs = async () => {
    const text = await readFile(join(folder, 'output'), 'utf8');
    return Object.fromEntries(
      [...text.matchAll(/^(.+?)<<(ghadelimiter_.+)\n([\s\S]*?)\n\2$/gm)].map(([, name, , value]) => [name, value]),
    );
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'outputs-'));
    await writeFile(join(folder, 'output'), '');
    process.env.GITHUB_OUTPUT = join(folder, 'output');
    events.length = 0;
  });
  afterEach(async () => {
    delete process.env.GITHUB_OUTPUT;
    await rm(folder, { recursive: true });
  });

  const publish = (each: PullOutcome, temp = folder) =>
    publishOutputs(each, (event) => events.push(event), { RUNNER_TEMP: temp });

  test('sets every output and writes the report, each time to a file of its own', async () => {
    await publish(outcome([image()]));
    const first = await setOutputs();
    expect(Object.keys(first)).toEqual([...OUTPUTS]);
    expect(await readFile(first.report ?? '', 'utf8')).toBe(renderReport(outcome([image()])));
    expect(first).toEqual(renderOutputs(outcome([image()]), first.report ?? ''));
    await publish(outcome([image()]));
    expect((await setOutputs()).report).not.toBe(first.report);
    expect((await readdir(folder)).length).toBe(3);
    expect(events).toEqual([]);
  });

  test('an output file that is gone is one error in words', async () => {
    process.env.GITHUB_OUTPUT = join(folder, 'gone', 'output');
    await expect(publish(outcome([image()]))).rejects.toMatchObject({
      name: 'PullError',
      code: 'INPUT_INVALID',
      subject: 'GITHUB_OUTPUT',
      reason: expect.stringMatching(/^the outputs cannot be set: .*gone.output/),
      hint: expect.stringContaining('let nothing in the job remove it'),
    });
  });

  test('says that json was left empty and where everything is', async () => {
    await publish(outcome(many(800)));
    const { json, report } = await setOutputs();
    expect(json).toBe('');
    const message = `The outputs are larger than GitHub allows: json is left empty, ${report} has everything.`;
    expect(events).toEqual([{ type: 'notice', message }]);
    expect(Object.keys(JSON.parse(await readFile(report ?? '', 'utf8')).images)).toHaveLength(800);
  });

  test('a report that cannot be written is a warning, and the outputs are set', async () => {
    await publish(outcome([image()]), join(folder, 'not', 'there'));
    expect(events).toEqual([{ type: 'warning', message: expect.stringContaining('ENOENT') }]);
    expect(await setOutputs()).toMatchObject({ report: '', digest: REDIS });
  });

  test('a run that failed as a whole sets every output too', async () => {
    await publish(NOTHING_PULLED);
    const outputs = await setOutputs();
    expect(outputs).toMatchObject({
      digest: '',
      digests: '{}',
      pinned: '',
      'cache-hit': 'false',
      loaded: '',
      store: '',
    });
    expect(Object.keys(outputs)).toEqual([...OUTPUTS]);
  });
});
