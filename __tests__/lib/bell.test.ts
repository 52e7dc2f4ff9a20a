import { expect, test } from '@jest/globals';
import { newBell } from '../../src/lib/bell.ts';

test('a ring wakes all who wait, once', async () => {
  const bell = newBell();
  const woken: string[] = [];
  const waits = ['a', 'b'].map((name) => bell.next().then(() => woken.push(name)));
  bell.ring();
  await Promise.all(waits);
  bell.ring();
  expect(woken).toEqual(['a', 'b']);
});

test('a ring that nobody waited for is forgotten', async () => {
  const bell = newBell();
  bell.ring();
  let woken = false;
  const wait = bell.next().then(() => {
    woken = true;
  });
  await new Promise(setImmediate);
  expect(woken).toBe(false);
  bell.ring();
  await wait;
  expect(woken).toBe(true);
});
