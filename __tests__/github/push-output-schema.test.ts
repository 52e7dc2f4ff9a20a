import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { PullError } from '../../src/errors.ts';
import { describePush, NOTHING_PUSHED, renderPushReport } from '../../src/github/push-outputs.ts';
import { parseReference } from '../../src/oci/reference.ts';
import type { PushedImage, PushOutcome } from '../../src/outcome/push.ts';
import { digest } from './outcomes.ts';

const schema = JSON.parse(await readFile(new URL('../../docs/push-output.schema.json', import.meta.url), 'utf8'));
const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
ajv.addSchema(schema, 'push');
const problemsOf = (id: string, value: unknown) => {
  ajv.validate(id, JSON.parse(JSON.stringify(value)));
  return ajv.errors ?? [];
};

const good: PushedImage = {
  key: 'ghcr.io/o/redis:7',
  source: 'redis:7',
  reference: parseReference('ghcr.io/o/redis:7'),
  digest: digest('index'),
  size: 900,
  blobs: [
    { digest: digest('a'), size: 10, how: 'uploaded' },
    { digest: digest('b'), size: 20, how: 'mounted', from: 'ghcr.io/o/base' },
    { digest: digest('c'), size: 30, how: 'present' },
    { digest: digest('d'), size: 40, how: 'foreign' },
  ],
  seconds: 1 / 3,
};
const unknown: PushedImage = {
  key: 'nope:1',
  source: 'nope:1',
  size: 0,
  blobs: [],
  seconds: 0,
  error: new PullError('NOT_HELD', 'nope:1', 'it is not in the store', { hint: 'Pull it.' }),
};
const outcome = (...images: readonly PushedImage[]): PushOutcome => ({
  images,
  totals: { ...NOTHING_PUSHED.totals, images: images.length, seconds: 2 / 3 },
});

describe('the schema of a push', () => {
  test.each([
    ['a run that failed as a whole', NOTHING_PUSHED],
    ['every way a blob comes', outcome(good)],
    ['failures', outcome(good, unknown, { ...good, key: 'x', error: unknown.error })],
  ])('describes json and report of %s', (_, each) => {
    expect(problemsOf('push', describePush(each))).toEqual([]);
    expect(problemsOf('push#/$defs/report', JSON.parse(renderPushReport(each)))).toMatchObject([]);
  });

  test('tells json and report apart by the contents', () => {
    expect(problemsOf('push#/$defs/report', describePush(outcome(good)))).toMatchObject([
      { params: { missingProperty: 'contents' } },
    ]);
    expect(JSON.parse(renderPushReport(outcome(good))).images[good.key]).toMatchObject({
      blobs: { uploaded: 1, mounted: 1, present: 1, foreign: 1 },
      bytes: 10,
      contents: good.blobs,
    });
  });

  test('knows every error code', async () => {
    const pull = JSON.parse(await readFile(new URL('../../docs/output.schema.json', import.meta.url), 'utf8'));
    expect(schema.$defs.error).toEqual(pull.$defs.error);
  });
});
