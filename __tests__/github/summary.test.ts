import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { bar } from '../../src/github/source-table.ts';
import { renderSummary, writeSummary } from '../../src/github/summary.ts';
import type { PullEvent } from '../../src/outcome.ts';
import { ATTACKS, digest, failed, image, layer, many, outcome, platform } from './outcomes.ts';

const short = (word: string) => digest(word).slice(0, 19);

describe('renderSummary', () => {
  test('is a table with a row an image, and a line of totals', () => {
    const two = [platform('linux/amd64'), platform('linux/arm64/v8')];
    const images = [
      image(),
      image({ key: 'ghcr.io/o/r', digest: undefined, source: undefined, seconds: 75, platforms: two }),
    ];
    expect(renderSummary(outcome(images))).toBe(
      [
        '### Pulled images',
        '',
        '| Image | Digest | Platform | Size | Source | Time |',
        '| --- | --- | --- | ---: | --- | ---: |',
        `| <code>redis:7</code> | <code>${short('redis:7')}</code> | linux/amd64 | 2MB | registry | 3.1s |`,
        '| <code>ghcr.io/o/r</code> | <code>-</code> | linux/amd64,linux/arm64/v8 | 2MB | - | 1m15s |',
        '',
        '2 images, 2 layers, 2MB; downloaded 1MB in 3.3s',
        '',
        '| From | Bytes | Share | Speed |  |',
        '| --- | ---: | --- | ---: | --- |',
        '| registry | 1MB in 0.5s | ██████████ 100% | 2.0 MB/s | ██████████ |',
        '',
        'Spared: 1MB of layers not downloaded.',
        '',
      ].join('\n'),
    );
  });

  test('puts problems first, with what to do', () => {
    const images = [image(), failed('bad:1', { hint: 'Look at the tags.' })];
    expect(renderSummary(outcome(images)).split('\n').slice(0, 6)).toEqual([
      '### Pulled images',
      '',
      '**1 of 2 images failed**',
      '',
      '- ❌ <code>bad:1</code> no such tag. Look at the tags.',
      '',
    ]);
  });

  test('has no table where nothing was pulled', () => {
    const text = renderSummary(outcome([failed('bad:1')]));
    expect(text).not.toContain('| Image |');
    expect(text).toContain('**1 of 1 image failed**');
    expect(text).toContain('1 image (1 failed), ');
  });

  test('says once what ended the run for all images', () => {
    const one = failed('a:1', { subject: 'Docker', reason: 'no such socket' });
    const images = ['a:1', ...Array.from({ length: 24 }, (_, at) => `b:${at}`)].map((key) => ({ ...one, key }));
    const lines = renderSummary(outcome(images)).split('\n');
    expect(lines[2]).toBe('**25 of 25 images failed**');
    expect(lines[4]).toMatch(/^- ❌ <code>a:1<\/code>, <code>b:0<\/code>, .* and 5 more Docker: no such socket/);
    expect(lines[5]).toBe('');
  });

  test.each(ATTACKS)('shows %j as text, in the table and among the problems', (attack) => {
    const images = [
      image({ key: attack, platforms: [platform(attack)] }),
      { ...failed('bad:1', { subject: attack, reason: attack, hint: attack }), key: attack },
    ];
    const lines = renderSummary(outcome(images)).split('\n');
    expect(lines).toHaveLength(18);
    const [problem, row] = [lines[4] ?? '', lines[8] ?? ''];
    expect(row.match(/\|/g)).toHaveLength(7);
    for (const line of [problem, row]) {
      expect(line.replaceAll(/<\/?code>/g, '').slice(2)).not.toMatch(/[<>`*[\]_$\\\u001b]|:\/\/|##|^\s*::/);
    }
  });

  test.each([500, 5000])('stays below 1 MiB with %i images, whether they came or failed', (count) => {
    const long = many(count);
    const broken = long.map((each, index) => ({
      ...each,
      error: failed('x', { reason: `${index}${'|'.repeat(900)}` }).error,
    }));
    for (const images of [long, broken, [...long, ...broken]]) {
      const text = renderSummary(outcome(images));
      expect(Buffer.byteLength(text)).toBeLessThan(1024 * 1024);
      const shown = text.match(/<code>ghcr/g)?.length ?? 0;
      const left = [...text.matchAll(/(\d+) more/g)].reduce((sum, [, number]) => sum + Number(number), 0);
      expect(shown + left).toBe(images.length);
      expect(text).toContain(`${images.length} images`);
    }
  });

  test('shows all of 500 images that came', () => {
    expect(renderSummary(outcome(many(500))).match(/<code>ghcr/g)).toHaveLength(500);
  });
});

describe('the names an image runs by', () => {
  const row = (rest: Parameters<typeof image>[0]) => renderSummary(outcome([image(rest)])).split('\n')[4];

  test.each<[string, Parameters<typeof image>[0], string]>([
    ['none, if it is the one that was asked for', {}, '<code>redis:7</code> |'],
    ['a tag for a digest', { local: 'redis:sha256-0123', platforms: [] }, ' as <code>redis:sha256-0123</code> |'],
    [
      'one for each further platform',
      { platforms: [platform(), platform('linux/arm64', { local: 'redis:7-linux-arm64' })] },
      '<code>redis:7</code> as <code>redis:7-linux-arm64</code> |',
    ],
    [
      'no more than three',
      { platforms: ['a', 'b', 'c', 'd', 'e'].map((name) => platform(name, { local: `redis:7-${name}` })) },
      ' as <code>redis:7-a</code>, <code>redis:7-b</code>, <code>redis:7-c</code> and 2 more |',
    ],
    ['none, if no engine has it', { local: 'redis:other', loaded: false }, '<code>redis:7</code> |'],
    ['as text', { local: '<b>|x', platforms: [] }, ' as <code>&#60;b&#62;&#124;x</code> |'],
  ])('are in its row: %s', (_, rest, expected) => {
    expect(row(rest)).toContain(expected);
  });
});

describe('what changed since the lock', () => {
  const moved = (name: string) => ({
    reference: `docker.io/library/${name}`,
    locked: digest('old'),
    now: digest('new'),
  });
  const arrow = `<code>${digest('old').slice(7, 19)}</code> → <code>${digest('new').slice(7, 19)}</code>`;

  test('tags that moved stand before the table', () => {
    const text = renderSummary(outcome([image()], { moved: [moved('redis:7')] }));
    expect(text).toContain('**1 tag moved since the lock file was written; what the file says counts**');
    expect(text).toContain(`- <code>redis:7</code> ${arrow}\n`);
    expect(text.indexOf('moved')).toBeLessThan(text.indexOf('| Image |'));
  });

  test('a lock file that was written says what is other in it, at most 20 of each', () => {
    const added = Array.from({ length: 25 }, (_, index) => `docker.io/library/redis:${index}`);
    const lockChanges = { references: 30, moved: [moved('a:1')], added, dropped: ['docker.io/library/b:1'] };
    const text = renderSummary(outcome([image()], { lockChanges }));
    expect(text).toContain('**27 references in the lock file changed**');
    expect(text).toContain('- <code>redis:3</code> is new\n');
    expect(text).toContain('- and 7 more\n');
  });

  test('nothing is said of a lock that is as it was', () => {
    const lockChanges = { references: 1, moved: [], added: [], dropped: [] };
    expect(renderSummary(outcome([image()], { moved: [], lockChanges }))).toBe(renderSummary(outcome([image()])));
  });
});

describe('writeSummary', () => {
  test('adds to the file of the step; a file that is not there is only a warning', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'summary-'));
    const events: PullEvent[] = [];
    try {
      await writeSummary(outcome([image()]), (event) => events.push(event));
      expect(events).toEqual([{ type: 'warning', message: expect.stringContaining('GITHUB_STEP_SUMMARY') }]);
      process.env.GITHUB_STEP_SUMMARY = join(folder, 'summary.md');
      await writeFile(process.env.GITHUB_STEP_SUMMARY, 'before\n');
      await writeSummary(outcome([image()]), (event) => events.push(event));
      const text = await readFile(process.env.GITHUB_STEP_SUMMARY, 'utf8');
      expect(text.trimEnd()).toBe(`before\n${renderSummary(outcome([image()]))}`.trimEnd());
      expect(events).toHaveLength(1);
    } finally {
      delete process.env.GITHUB_STEP_SUMMARY;
      await rm(folder, { recursive: true });
    }
  });
});

describe('sources', () => {
  const mixed = image({
    platforms: [
      platform('linux/amd64', {
        layers: [layer('base', { source: 'cache', size: 40_000_000 }), layer('top', { size: 3_000_000 })],
      }),
    ],
  });
  const totals = (rest: object) => ({ ...outcome([mixed]).totals, bytes: 43_000_000, downloaded: 3_000_000, ...rest });

  test('stand with their bytes behind an image that has several, and with their speed below the table', () => {
    const text = renderSummary(
      outcome([mixed], {
        totals: totals({
          registry: { bytes: 3_000_000, seconds: 0.25 },
          cache: { bytes: 40_000_000, seconds: 0.5 },
        }),
      }),
    );
    expect(text).toContain('| cache 40MB + registry 3MB |');
    expect(text).toContain('| registry | 3MB in 0.3s | █░░░░░░░░░ 7% | 12.0 MB/s | ██░░░░░░░░ |');
    expect(text).toContain('| cache | 40MB in 0.5s | █████████░ 93% | 80.0 MB/s | ██████████ |');
    expect(text).toContain('Spared: 40MB of layers not downloaded.');
    expect(text).not.toContain('slower');
  });

  test('a source that nothing had to come from has no speed', () => {
    const held = image({ platforms: [platform('linux/amd64', { layers: [layer('base', { source: 'store' })] })] });
    const nothing = { bytes: 0, seconds: 0 };
    const text = renderSummary(outcome([held], { totals: totals({ registry: nothing, cache: nothing }) }));
    expect(text).toContain('| store | 1MB | ██████████ 100% | was here |  |');
  });

  test.each([
    [0, '░░░░░░░░░░'],
    [0.001, '█░░░░░░░░░'],
    [0.5, '█████░░░░░'],
    [1, '██████████'],
  ])('a share of %d is the bar %s', (share, expected) => {
    expect(bar(share)).toBe(expected);
  });

  test('a cache that was slower than the registry is not praised', () => {
    const text = renderSummary(
      outcome([mixed], {
        totals: totals({ registry: { bytes: 3_000_000, seconds: 0.1 }, cache: { bytes: 40_000_000, seconds: 4 } }),
      }),
    );
    expect(text).toContain('The Actions cache was slower than the registry here: 10.0 MB/s against 30.0 MB/s.');
  });
});
