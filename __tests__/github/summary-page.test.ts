import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { renderSummary } from '../../src/github/summary.ts';
import { realTest } from '../support/real-parts.ts';
import { sampleOutcome } from '../support/sample-outcome.ts';
import { showSummary } from '../support/summary-page.ts';
import { ATTACKS, failed, image, many, outcome, platform } from './outcomes.ts';

const docs = path.resolve(import.meta.dirname, '../../docs');
const browserTest = realTest('chromium');

describe('the summary on a page', () => {
  browserTest(
    'is the sample of the README, with a picture',
    async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'summary-picture-'));
      try {
        const picture = path.join(folder, 'summary.png');
        const page = await showSummary(renderSummary(sampleOutcome()), picture);
        expect(page).toMatchObject({ tables: 2, rows: 3 + 3, strangers: [], overflows: false });
        expect(page.text).toContain('1 of 4 images failed');
        const [made, kept] = [await readFile(picture), readFileSync(path.join(docs, 'summary.png'))];
        for (const png of [made, kept]) expect(png.subarray(1, 4).toString()).toBe('PNG');
        // Width and height stand in the first chunk. Other fonts make other heights; a table that grew or went makes more of a difference.
        expect(kept.readUInt32BE(16)).toBe(made.readUInt32BE(16));
        expect(Math.abs(kept.readUInt32BE(20) / made.readUInt32BE(20) - 1)).toBeLessThan(0.15);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    120_000,
  );

  browserTest(
    'lets no foreign text become an element',
    async () => {
      const images = ATTACKS.flatMap((attack) => [
        image({ key: attack, platforms: [platform(attack)] }),
        { ...failed('bad:1', { subject: attack, reason: attack, hint: attack }), key: attack },
      ]);
      const page = await showSummary(renderSummary(outcome(images)));
      expect(page.strangers).toEqual([]);
      expect(page.rows).toBe(ATTACKS.length + 1);
    },
    120_000,
  );

  browserTest(
    'fits with 500 images',
    async () => {
      const page = await showSummary(renderSummary(outcome(many(500))));
      expect(page).toMatchObject({ tables: 2, rows: 501, strangers: [], overflows: false });
    },
    120_000,
  );

  test('the text of the picture is what is rendered today', () => {
    expect(readFileSync(path.join(docs, 'summary.md'), 'utf8')).toBe(renderSummary(sampleOutcome()));
  });
});
