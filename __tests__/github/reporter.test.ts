import { describe, expect, test } from '@jest/globals';
import { createReporter, type ReporterOptions } from '../../src/github/reporter.ts';
import { type Digest, shortDigest } from '../../src/oci/digest.ts';
import type { ImageOutcome, PullEvent } from '../../src/outcome.ts';
import { ATTACKS, digest, failed, image, layer, platform } from './outcomes.ts';

const STARTED: PullEvent = { type: 'started', keys: ['a', 'b'], store: '/store', engine: 'Docker 28.0.4 (overlay2)' };
const short = (text: string) => shortDigest(text as Digest);

/** Everything the reporter writes about the events. */
const printed = (events: readonly PullEvent[], options: ReporterOptions = {}): string => {
  let all = '';
  const report = createReporter({
    write: (text) => {
      all += text;
    },
    ...options,
  });
  for (const event of events) report(event);
  return all;
};
const lines = (events: readonly PullEvent[], options?: ReporterOptions) =>
  printed(events, options).split('\n').slice(0, -1);

describe('an image', () => {
  const layers = [layer('base', { source: 'store' }), layer('top')];
  const pulled: PullEvent = { type: 'image', image: image({ platforms: [platform('linux/amd64', { layers })] }) };
  const words = [
    '7: Pulling from library/redis',
    `${short(digest('base'))}: Already exists`,
    `${short(digest('top'))}: Pull complete`,
    `Digest: ${digest('redis:7')}`,
    'Status: Downloaded newer image for redis:7',
  ];
  const result = `✓ redis:7               sha256:${short(digest('redis:7'))}  linux/amd64     2MB  registry   3.1s  → docker`;

  test('has its layers in a group and a result line below it', () => {
    expect(lines([STARTED, pulled], { groups: true })).toEqual([
      'Pulling 2 images into /store and Docker 28.0.4 (overlay2)',
      '::group::redis:7',
      ...words,
      '::endgroup::',
      result,
    ]);
  });

  test('has the same words in a terminal, without commands', () => {
    expect(lines([STARTED, pulled]).slice(1)).toEqual([...words, result]);
  });

  test('has the result line alone under quiet', () => {
    expect(lines([STARTED, pulled], { quiet: true, groups: true })).toEqual([result]);
  });

  test('says by which names it runs, where they are not the one it was asked for by', () => {
    const last = (more: Partial<ImageOutcome>) => lines([STARTED, { type: 'image', image: image(more) }]).at(-1);
    expect(last({ local: 'redis:sha256-0123456789ab' })).toMatch(/ {2}→ docker as redis:sha256-0123456789ab$/);
    const arm = platform('linux/arm64', { local: 'redis:7-linux-arm64' });
    const both = [platform('linux/amd64', { local: 'redis:7' }), arm];
    expect(last({ local: 'redis:7', platforms: both })).toMatch(/ {2}→ docker as redis:7-linux-arm64$/);
    expect(last({ local: 'redis:7' })).toMatch(/ {2}→ docker$/);
  });

  test('is not said to be in an engine that does not have it', () => {
    expect(printed([STARTED, { type: 'image', image: image({ loaded: false }) }])).not.toContain('→');
    expect(printed([{ ...STARTED, engine: undefined }, pulled])).not.toContain('→');
  });

  test('that failed has one line that stands out, with what to do', () => {
    const event: PullEvent = { type: 'image', image: failed('bad:1', { hint: 'Look at the tags.' }) };
    for (const options of [{}, { groups: true }, { quiet: true }]) {
      expect(lines([event], options)).toEqual(['✗ bad:1                 no such tag. Look at the tags.']);
    }
  });

  test('lines up with the others', () => {
    const images = [
      image(),
      image({
        key: 'ghcr.io/acme/a-name-of-some-length:main',
        source: 'store',
        seconds: 125,
        platforms: [platform('linux/arm64/v8')],
      }),
      image({ key: 'x', digest: undefined, source: undefined, platforms: [] }),
      failed('a-tag-that-is-not:there'),
    ];
    const found = lines(
      images.map((each) => ({ type: 'image', image: each })),
      { quiet: true },
    );
    expect(found).toEqual([
      `✓ redis:7               sha256:${short(digest('redis:7'))}  linux/amd64     2MB  registry   3.1s`,
      `✓ ghcr.io/acme/a-name-of-some-length:main  sha256:${short(digest('redis:7'))}  linux/arm64/v8     2MB  store     2m05s`,
      `✓ ${'x'.padEnd(39)}  ${'-'.padEnd(19)}  ${'-'.padEnd(14)}       -  ${'-'.padEnd(8)}   3.1s`,
      `✗ ${'a-tag-that-is-not:there'.padEnd(39)}  no such tag`,
    ]);
  });
});

describe('what happens on the way', () => {
  const blob = { mediaType: 'x', digest: digest('x'), size: 1 };
  test.each<[PullEvent, string[]]>([
    [{ type: 'started', keys: ['a'], store: '/store' }, ['Pulling 1 image into /store']],
    [{ type: 'tags', key: 'redis', listed: 200, taken: 20 }, ['redis: 200 tags listed, 20 taken']],
    [
      { type: 'planned', layers: 12, bytes: 310e6, missing: 3, missingBytes: 41.2e6 },
      ['12 layers, 310MB; 41.2MB in 3 blobs to download'],
    ],
    [{ type: 'planned', layers: 1, bytes: 1e6, missing: 0, missingBytes: 0 }, ['1 layer, 1MB; nothing to download']],
    [{ type: 'planned', layers: 0, bytes: 0, missing: 0, missingBytes: 0 }, []],
    [{ type: 'loading', key: 'redis:7', engine: 'Docker 28' }, ['Loading redis:7 into Docker 28']],
    [
      { type: 'retry', subject: 'ghcr.io', reason: 'answered 503', attempt: 1, delayMs: 500 },
      ['Retrying ghcr.io in 0.5s: answered 503'],
    ],
    [
      { type: 'retry', subject: 'ghcr.io', reason: 'answered 503', attempt: 1, delayMs: 32_000, asked: true },
      ['Retrying ghcr.io in 32s, as the registry asks: answered 503'],
    ],
    [
      { type: 'retry', subject: 'ghcr.io', reason: 'other bytes', attempt: 1, delayMs: 0 },
      ['Retrying ghcr.io at once: other bytes'],
    ],
    [
      { type: 'mirror', subject: 'redis', mirror: 'mirror.gcr.io', problem: 'answered 404' },
      ['The mirror mirror.gcr.io does not serve redis: answered 404'],
    ],
    [
      { type: 'mirror', subject: 'redis', mirror: 'mirror.corp', problem: 'no answer', over: true },
      ['The mirror mirror.corp does not serve redis: no answer; it is not asked again'],
    ],
    [{ type: 'mirror', subject: 'redis', mirror: 'mirror.corp' }, ['redis comes from the mirror mirror.corp']],
    [{ type: 'stored', blob, seconds: 1 }, []],
    [{ type: 'notice', message: 'No login.' }, ['notice: No login.']],
    [{ type: 'warning', message: 'No space.' }, ['warning: No space.']],
  ])('%j', (event, expected) => {
    expect(lines([event])).toEqual(expected);
    expect(lines([event], { quiet: true })).toEqual(event.type === 'warning' ? expected : []);
  });

  test('notices and warnings are commands on a runner', () => {
    const events: PullEvent[] = [
      { type: 'notice', message: '100% sure' },
      { type: 'warning', message: 'a\nb' },
    ];
    expect(printed(events, { groups: true })).toBe('::notice::100%25 sure\n::warning::a%0Ab\n');
  });
});

describe('foreign text', () => {
  const everywhere = (attack: string): PullEvent[] => [
    { type: 'started', keys: [attack], store: attack, engine: attack },
    { type: 'tags', key: attack, listed: 1, taken: 1 },
    { type: 'loading', key: attack, engine: attack },
    { type: 'retry', subject: attack, reason: attack, attempt: 1, delayMs: 1 },
    { type: 'mirror', subject: attack, mirror: attack, problem: attack },
    { type: 'mirror', subject: attack, mirror: attack },
    { type: 'notice', message: attack },
    { type: 'warning', message: attack },
    {
      type: 'image',
      image: image({
        key: attack,
        reference: { domain: attack, path: attack, tag: attack },
        platforms: [platform(attack), platform(`${attack}2`)],
      }),
    },
    { type: 'image', image: { ...failed('x', { subject: attack, reason: attack, hint: attack }), key: attack } },
  ];
  const COMMANDS = /^\s*::(?!(?:group|notice|warning)::|endgroup::$)/;

  test.each(ATTACKS)('%j is never a command', (attack) => {
    for (const groups of [true, false]) {
      const text = printed(everywhere(attack), { groups });
      const found = text.split('\n').slice(0, -1);
      expect(found).toHaveLength(groups ? 21 : 19);
      for (const line of found) {
        expect(line).not.toMatch(COMMANDS);
        expect(line).not.toMatch(/##\[|[\u0000-\u001f\u0085\u2028\u2029]/);
      }
      expect(found.filter((line) => line.startsWith('::'))).toHaveLength(groups ? 4 : 0);
    }
  });
});
