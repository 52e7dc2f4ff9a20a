import { expect, test } from '@jest/globals';
import { newDeferred } from '../../src/lib/deferred.ts';

test('a promise is settled from outside, once', async () => {
  const kept = newDeferred<number>();
  kept.resolve(1);
  kept.resolve(2);
  kept.reject(new Error('late'));
  expect(await kept.promise).toBe(1);
  const broken = newDeferred();
  broken.reject(new Error('in time'));
  await expect(broken.promise).rejects.toThrow('in time');
});
