import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { NOTHING_PULLED, renderOutputs, renderReport } from '../../src/github/outputs.ts';
import type { PullOutcome } from '../../src/outcome.ts';
import { digest, failed, heldByEngine, image, layer, outcome, platform } from './outcomes.ts';

const schema = JSON.parse(await readFile(new URL('../../docs/output.schema.json', import.meta.url), 'utf8'));
const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
ajv.addSchema(schema, 'output');
const problemsOf = (id: string, value: unknown) => {
  ajv.validate(id, value);
  return ajv.errors ?? [];
};

describe('the schema', () => {
  const outcomes: readonly [string, PullOutcome][] = [
    ['a run that failed as a whole', NOTHING_PULLED],
    ['one image', outcome([image()])],
    ['an image the engine held', outcome([heldByEngine(), { ...heldByEngine(), key: 'odd', platforms: [] }])],
    [
      'failures',
      outcome([failed('bad:1', { hint: 'Look.' }), { ...image(), error: failed('x').error, source: undefined }]),
    ],
    [
      'fractions of milliseconds',
      outcome([
        image({ seconds: 1 / 3, platforms: [platform('unknown', { layers: [layer('x', { seconds: 2 / 3 })] })] }),
      ]),
    ],
  ];

  test.each(outcomes)('describes json and report of %s', (_, each) => {
    expect(problemsOf('output', JSON.parse(renderOutputs(each, '').json ?? ''))).toEqual([]);
    expect(problemsOf('output#/$defs/report', JSON.parse(renderReport(each)))).toEqual([]);
  });

  test('tells json and report apart by the layers', () => {
    const json = JSON.parse(renderOutputs(outcome([image()]), '').json ?? '');
    expect(problemsOf('output#/$defs/report', json)).toMatchObject([{ params: { missingProperty: 'layers' } }]);
    const report = JSON.parse(renderReport(outcome([image()])));
    expect(report.images['redis:7'].platforms['linux/amd64'].layers).toEqual([
      { digest: digest('base'), size: 1_000_000, source: 'registry', seconds: 0.5 },
      { digest: digest('top'), size: 1_000_000, source: 'registry', seconds: 0.5 },
    ]);
  });

  test('refuses what it does not know', () => {
    const json = JSON.parse(renderOutputs(outcome([image()]), '').json ?? '');
    json.images['redis:7'].colour = 'red';
    json.totals.bytes = -1;
    expect(problemsOf('output', json)).toHaveLength(2);
  });

  test('knows every error code', async () => {
    const source = await readFile(new URL('../../src/errors.ts', import.meta.url), 'utf8');
    const codes = /export type Code =([^;]*);/.exec(source)?.[1]?.match(/[A-Z_]{3,}/g);
    expect(schema.$defs.error.properties.code.enum).toEqual(codes);
  });
});
