import { describe, expect, test } from '@jest/globals';
import { PullError } from '../../src/errors.ts';
import { renderMistakes } from '../../src/github/summary.ts';
import { ATTACKS } from './outcomes.ts';

describe('mistakes in the inputs', () => {
  const mistakes = (reason: string) =>
    renderMistakes(new PullError('INPUT_INVALID', 'inputs', reason, { hint: 'Nothing was pulled.' }));

  test('are a list, each with what to write instead', () => {
    expect(mistakes('2 mistakes\n- engine: expected one of auto, docker, found "rocket"\n- images: is empty')).toBe(
      [
        '### Pulled images',
        '',
        '**2 mistakes in the inputs, nothing was pulled**',
        '',
        '- ❌ engine: expected one of auto, docker, found &#34;rocket&#34;',
        '- ❌ images: is empty',
        '',
      ].join('\n'),
    );
    expect(mistakes('images: is empty')).toContain(
      '**1 mistake in the inputs, nothing was pulled**\n\n- ❌ images: is empty\n',
    );
  });

  test('are not what else keeps a run from knowing what to pull', () => {
    const error = new PullError('STORE_UNUSABLE', '/store', 'read-only', { hint: 'Let it be written.' });
    expect(renderMistakes(error)).toContain('**Nothing was pulled**\n\n- ❌ /store: read-only. Let it be written.\n');
    expect(renderMistakes(new Error('secret'))).toMatch(
      /\*\*Nothing was pulled\*\*\n\n- ❌ A mistake in the action itself; the log has more\.\n$/,
    );
  });

  test('stay below 1 MiB', () => {
    const text = mistakes(`9000 mistakes\n${'- images: |||||||||||||||||||||||||\n'.repeat(9000)}`);
    expect(Buffer.byteLength(text)).toBeLessThan(2 ** 20);
    const [, left] = /- and (\d+) more\n$/.exec(text) ?? [];
    expect((text.match(/❌/g)?.length ?? 0) + Number(left)).toBe(9000);
  });

  test.each(ATTACKS)('show %j as text', (attack) => {
    const lines = mistakes(`2 mistakes\n- images: ${attack.replaceAll('\n', ' ')}\n- x`).split('\n');
    expect(lines).toHaveLength(7);
    expect(lines[4]?.slice(2)).not.toMatch(/[<>`*[\]_$\\\u001b]|:\/\/|##|^\s*::/);
  });
});
