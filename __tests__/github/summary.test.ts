import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { renderSummary, writeSummary } from '../../src/github/summary.ts';
import type { PullEvent } from '../../src/outcome.ts';
import { ATTACKS, digest, failed, image, many, outcome, platform } from './outcomes.ts';

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

  test.each(ATTACKS)('shows %j as text, in the table and among the problems', (attack) => {
    const images = [
      image({ key: attack, platforms: [platform(attack)] }),
      { ...failed('bad:1', { subject: attack, reason: attack, hint: attack }), key: attack },
    ];
    const lines = renderSummary(outcome(images)).split('\n');
    expect(lines).toHaveLength(12);
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
