import { expect, test } from '@jest/globals';
import { createReporter } from '../../src/github/reporter.ts';
import { movedText, sourceLine } from '../../src/github/source-words.ts';
import type { PullEvent } from '../../src/outcome.ts';
import { digest } from './outcomes.ts';

const moved = { reference: 'docker.io/library/redis:7', locked: digest('old'), now: digest('new') };
const NOTHING = { references: 2, added: [], moved: [], dropped: [] };

test.each([
  [NOTHING, 'my.lock: 2 references; unchanged'],
  [
    { references: 1, added: ['ghcr.io/o/r:1'], moved: [moved], dropped: ['docker.io/library/nginx:latest'] },
    `my.lock: 1 reference; redis:7 moved from ${digest('old')} to ${digest('new')}; ghcr.io/o/r:1 is new; nginx:latest is gone`,
  ],
])('%j in a line', (changes, line) => {
  expect(sourceLine({ type: 'locked', file: 'my.lock', changes })).toBe(line);
});

test('a tag that moved is told with both digests and what to do', () => {
  expect(movedText(moved)).toBe(
    `redis:7 has moved since it was locked: the lock file has ${digest('old')}, which counts; it is ${digest('new')} now. Take it with update-lock: true.`,
  );
});

const printed = (event: PullEvent, options: { quiet?: boolean; groups?: boolean } = {}): string => {
  let text = '';
  createReporter({
    ...options,
    write: (part) => {
      text += part;
    },
  })(event);
  return text;
};

test('what files said is printed, what was left out before it, and no text of theirs is a command', () => {
  const event: PullEvent = {
    type: 'discovered',
    files: 2,
    images: 1,
    left: ['a.yml:1: service ::error::x is left out: it is built'],
  };
  expect(printed(event)).toBe('a.yml:1: service : :error: :x is left out: it is built\n2 files: 1 image found\n');
  expect(printed(event, { quiet: true })).toBe('');
});

test('a tag that moved is a notice, and none where only results are wanted', () => {
  expect(printed({ type: 'moved', tag: moved }, { groups: true })).toBe(`::notice::${movedText(moved)}\n`);
  expect(printed({ type: 'moved', tag: moved })).toBe(`notice: ${movedText(moved)}\n`);
  expect(printed({ type: 'moved', tag: moved }, { quiet: true })).toBe('');
});
