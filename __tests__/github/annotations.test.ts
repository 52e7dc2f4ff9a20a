import { describe, expect, test } from '@jest/globals';
import { cancelled, PullError } from '../../src/errors.ts';
import { annotateCrash, annotateFailures, annotationOf } from '../../src/github/annotations.ts';
import { ATTACKS, failed, image, outcome } from './outcomes.ts';

const captured = (work: (write: (text: string) => void) => void): string => {
  let all = '';
  work((text) => {
    all += text;
  });
  return all;
};

describe('annotationOf', () => {
  test.each([
    [new PullError('DENIED', 'ghcr.io', 'no access'), 'ghcr.io: no access'],
    [new PullError('DENIED', 'ghcr.io', 'no access', { hint: 'Log in.' }), 'ghcr.io: no access. Log in.'],
    [new PullError('DENIED', 'ghcr.io', 'No access!', { hint: 'Log in.' }), 'ghcr.io: No access! Log in.'],
    [
      new PullError('INPUT_INVALID', 'inputs', '2 mistakes\n- a\n- b', { hint: 'Mend.' }),
      'inputs: 2 mistakes\n- a\n- b\nMend.',
    ],
  ])('says the error and what to do: %s', (error, message) => {
    expect(annotationOf(error, 'o/r:1')).toEqual({ title: `o/r:1 (${error.code})`, message });
  });

  test('stays below 4096 characters', () => {
    const long = Array.from({ length: 20 }, (_, line) => `${line} ${'x'.repeat(900)}`).join('\n');
    const { message } = annotationOf(new PullError('INPUT_INVALID', 'inputs', long));
    expect(message.length).toBe(4000);
    const bug = new TypeError(long);
    expect(annotationOf(bug).message.length).toBe(4000);
    expect(annotationOf(bug).message).toMatch(/please report it, with these lines, in the action's repository$/);
  });

  test('what nobody foresaw has its stack, its cause, and where to report it', () => {
    const error = new TypeError('x is not iterable', { cause: new RangeError('too deep') });
    const { title, message } = annotationOf(error, 'pull-image', {
      GITHUB_ACTION_REPOSITORY: 'o/pull-image',
      GITHUB_SERVER_URL: 'https://ghe.example',
    });
    expect(title).toBe('pull-image (UNEXPECTED)');
    expect(message).toMatch(/^TypeError: x is not iterable\nat .*annotations\.test\.ts/);
    expect(message).toContain('\ncaused by RangeError: too deep\n');
    expect(message).toMatch(/at https:\/\/ghe\.example\/o\/pull-image\/issues$/);
  });

  test('a URL in words nobody chose loses user, password and query', () => {
    const { message } = annotationOf(new Error('GET https://me:secret@cdn.example/x?sig=topsecret failed'));
    expect(message).toContain('GET https://cdn.example/x?sig=… failed');
    expect(message).not.toMatch(/secret/);
  });

  test('what is thrown need not be an error', () => {
    expect(annotationOf('oops').message).toMatch(/^thrown: oops\n/);
  });
});

describe('annotateFailures', () => {
  const failures = (count: number) =>
    outcome([image(), ...Array.from({ length: count }, (_, index) => failed(`bad:${index}`))]);

  test.each([0, 1, 9, 10])('writes one error for each of %i failed images', (count) => {
    const lines = captured((write) => annotateFailures(failures(count), write))
      .split('\n')
      .slice(0, -1);
    expect(lines).toEqual(
      Array.from(
        { length: count },
        (_, index) => `::error title=bad%3A${index} (MANIFEST_UNKNOWN)::bad:${index}: no such tag`,
      ),
    );
  });

  test.each([11, 500])('of %i failed images shows nine, and says how many more there are', (count) => {
    const lines = captured((write) => annotateFailures(failures(count), write))
      .split('\n')
      .slice(0, -1);
    expect(lines).toHaveLength(10);
    expect(lines[8]).toContain('bad%3A8 ');
    expect(lines[9]).toBe(
      `::error title=${count - 9} more images::${count - 9} more images failed; the log has a line for each.`,
    );
  });

  test.each(ATTACKS)('makes one command of %j in every field', (attack) => {
    const bad = { ...failed('x', { subject: attack, reason: attack, hint: attack }), key: attack };
    const text = captured((write) => annotateFailures(outcome([bad]), write));
    expect(text).toMatch(/^::error title=[^:\n]*::[^\r\n]*\n$/);
    expect(text).not.toMatch(/##\[|\u001b|\u2028|\u0085/);
  });
});

describe('annotateCrash', () => {
  test('is one error for a mistake in the inputs, its lines kept', () => {
    const error = new PullError('INPUT_INVALID', 'inputs', '2 mistakes\n- a: x\n- b: y');
    const text = captured((write) => annotateCrash(error, write));
    expect(text).toBe('::error title=pull-image (INPUT_INVALID)::inputs: 2 mistakes%0A- a: x%0A- b: y\n');
  });

  test('is one plain line for a cancelled run', () => {
    expect(captured((write) => annotateCrash(cancelled(), write))).toBe('pull-image: cancelled\n');
  });

  test.each(ATTACKS)('makes one command of a bug that says %j', (attack) => {
    const text = captured((write) => annotateCrash(new Error(attack, { cause: new Error(attack) }), write));
    expect(text).toMatch(/^::error title=pull-image \(UNEXPECTED\)::[^\r\n]*\n$/);
    expect(text).not.toMatch(/##\[|\u001b/);
  });
});
