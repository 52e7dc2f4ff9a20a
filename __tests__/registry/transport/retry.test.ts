import { describe, expect, test } from '@jest/globals';
import { PullError } from '../../../src/errors.ts';
import { delay, newWaits, onceMore, retrying, sleep } from '../../../src/registry/transport/retry.ts';
import { isProgress } from '../../../src/registry/transport/tries.ts';
import { retryWorld } from '../../support/retry-world.ts';

const failure = (
  details: { temporary?: boolean; retryAfterMs?: number } = {},
  code: 'UNAVAILABLE' | 'UNREACHABLE' | 'TOOMANYREQUESTS' = 'UNAVAILABLE',
) => new PullError(code, 'redis', 'reason', { temporary: true, ...details });
const middle = () => 0.5;

describe('the delay before the next try', () => {
  test('grows from half a second to ten, and ends after five tries', () => {
    const delays = [1, 2, 3, 4, 5].map((tried) => delay(tried, failure(), middle));
    expect(delays).toEqual([500, 1000, 4000, 10_000, undefined]);
  });

  test('is spread by a quarter either way', () => {
    expect(delay(1, failure(), () => 0)).toBe(375);
    expect(delay(1, failure(), () => 0.999999)).toBe(625);
    expect([delay(4, failure(), () => 0), delay(4, failure(), () => 0.999999)]).toEqual([7500, 12_500]);
  });

  test('is never shorter than asked, and longer by up to a tenth', () => {
    const asked = failure({ retryAfterMs: 30_000 }, 'TOOMANYREQUESTS');
    expect([0, 0.5, 0.999999].map((chance) => delay(1, asked, () => chance))).toEqual([30_000, 31_500, 33_000]);
  });

  test('ends after three tries where no connection came about', () => {
    expect([1, 2, 3].map((tried) => delay(tried, failure({}, 'UNREACHABLE'), middle))).toEqual([500, 1000, undefined]);
  });

  test.each([
    [1, 3000, 3150],
    [1, 60_000, 63_000],
    [1, 60_001, undefined],
    [4, 1000, 10_000],
    [1, 1.16, 500],
    [5, 1000, undefined],
  ])('on try %d, asked to wait %d ms, is %d', (tried, retryAfterMs, expected) => {
    expect(delay(tried, failure({ retryAfterMs }, 'TOOMANYREQUESTS'), middle)).toBe(expected);
  });

  test('is none for what is not temporary', () => {
    expect(delay(1, failure({ temporary: false, retryAfterMs: 10 }), middle)).toBeUndefined();
  });
});

describe('a task', () => {
  test('is done again until it succeeds, and each retry is reported', async () => {
    const { events, waits, options } = retryWorld();
    let tries = 0;
    const result = await retrying(options, async () => {
      tries += 1;
      if (tries < 3) throw failure();
      return 'done';
    });
    expect(result).toBe('done');
    expect(waits).toEqual([500, 1000]);
    expect(events).toEqual([
      { type: 'retry', subject: 'redis', reason: 'reason', attempt: 1, delayMs: 500 },
      { type: 'retry', subject: 'redis', reason: 'reason', attempt: 2, delayMs: 1000 },
    ]);
  });

  test('fails with the last error once there is no more to try', async () => {
    const { waits, options } = retryWorld();
    let tries = 0;
    const task = retrying(options, async () => {
      tries += 1;
      throw new PullError('UNAVAILABLE', 'redis', `try ${tries}`, { temporary: true });
    });
    await expect(task).rejects.toMatchObject({ reason: 'try 5' });
    expect(waits).toHaveLength(4);
  });

  test('is not done again after an error of ours', async () => {
    const { waits, options } = retryWorld();
    await expect(retrying(options, async () => Promise.reject(new TypeError('bug')))).rejects.toThrow(TypeError);
    expect(waits).toEqual([]);
  });
});

describe('what is waited for one question', () => {
  const asksFor = (seconds: number) => () => Promise.reject(failure({ retryAfterMs: seconds * 1000 }));

  test.each([
    [30, [31_500, 31_500, 31_500], '; it asks for a wait of 30s, after 1m35s of waiting'],
    [55, [57_750, 57_750], '; it asks for a wait of 55s, after 1m56s of waiting'],
    [61, [], '; it asks for a wait of 1m01s'],
    [3600, [], '; it asks for a wait of 1h'],
    [5, [5250, 5250, 5250, 10_000], '; it asks for a wait of 5.0s, after 26s of waiting'],
  ])('is two minutes at most: asked for %d seconds', async (seconds, expected, words) => {
    const { waits, options } = retryWorld();
    const error = { reason: `reason${words}`, hint: expect.stringMatching(/^Run the job again in \d/) };
    await expect(retrying(options, asksFor(seconds))).rejects.toMatchObject(error);
    expect(waits).toEqual(expected);
  });

  test('goes over all its requests', async () => {
    const { waits, options } = retryWorld();
    const shared = newWaits();
    for (const _ of [1, 2]) await expect(retrying(options, asksFor(30), shared)).rejects.toThrow('30s');
    expect(waits).toEqual([31_500, 31_500, 31_500]);
  });

  test.each([
    [30, true, []],
    [30, false, [31_500, 31_500, 31_500]],
    [9, true, [9450, 9450]],
    [0, true, [500, 1000, 4000, 10_000]],
  ])('is twenty seconds at most where something stands in: asked for %d, %s', async (seconds, stands, expected) => {
    const { waits, options } = retryWorld();
    const standIn = newWaits(async () => stands);
    await expect(retrying(options, asksFor(seconds), standIn)).rejects.toThrow('reason');
    expect(waits).toEqual(expected);
  });

  test('is said to be asked for where it is', async () => {
    const { events, options } = retryWorld();
    await expect(retrying(options, asksFor(2))).rejects.toThrow('reason');
    expect(events.map((event) => event.type === 'retry' && event.asked)).toEqual([true, true, undefined, undefined]);
  });
});

test('a task that fails for longer than five minutes is not begun again', async () => {
  const { options } = retryWorld();
  let minutes = 0;
  let tries = 0;
  const task = retrying({ ...options, now: () => minutes * 60_000 }, async () => {
    tries += 1;
    minutes += 4;
    throw failure();
  });
  await expect(task).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(tries).toBe(2);
});

test.each([
  [8191, 100, 100, 0, false],
  [8192, 100, 100, 0, true],
  [8192, 100, 100, 8192, true],
  [8192, 100, 100, 8193, false],
  [8192, 1e9, 1e9, 0, false],
  [1e6, 1e9, 1e9, 1000, true],
  // Seven of the eight megabytes that a part of a large blob has.
  [7e6, 10e9, 8e6, 1000, true],
  [999_999, 10e9, 8e6, 1000, false],
  [1e6, 10e9, 8e6, 1000, true],
  [1e6, 10e9, 10e9, 1000, false],
])(
  '%d bytes of a blob of %d, of %d that were asked for, in %d ms are progress: %s',
  (bytes, size, of, ms, expected) => {
    expect(isProgress(bytes, { size, of, ms })).toBe(expected);
  },
);

describe('what cannot be right', () => {
  const wrong = () => new PullError('DIGEST_MISMATCH', 'redis', 'expected a, found b');

  test('is asked for once more, and that is reported', async () => {
    const { events, waits, options } = retryWorld();
    let tries = 0;
    const result = await onceMore(options, ['DIGEST_MISMATCH'], async () => {
      tries += 1;
      if (tries === 1) throw wrong();
      return 'right';
    });
    expect([result, tries, waits]).toEqual(['right', 2, [500]]);
    const reason = 'expected a, found b';
    expect(events).toEqual([{ type: 'retry', subject: 'redis', reason, attempt: 1, delayMs: 500 }]);
  });

  test('twice is an error', async () => {
    const { waits, options } = retryWorld();
    await expect(onceMore(options, ['DIGEST_MISMATCH'], () => Promise.reject(wrong()))).rejects.toThrow('found b');
    expect(waits).toEqual([500]);
  });

  test.each([new TypeError('bug'), failure(), new PullError('DENIED', 'redis', 'no')])(
    'is not %s, which ends it at once',
    async (error) => {
      const { waits, options } = retryWorld();
      await expect(onceMore(options, ['DIGEST_MISMATCH'], () => Promise.reject(error))).rejects.toBe(error);
      expect(waits).toEqual([]);
    },
  );
});

test.each([
  [3600, '1h', 'Run the job again in 1h.'],
  [
    3 * 24 * 3600,
    '3 days',
    'No job can wait for that: ask whoever runs the registry, or set mirrors that have the image.',
  ],
  [99_999_999_999_999, 'more than a year', expect.stringContaining('No job can wait for that')],
])('who is asked to wait for %d seconds is told so at once, in words', async (seconds, words, hint) => {
  const { waits, options } = retryWorld();
  const asks = failure({ retryAfterMs: seconds * 1000 });
  const task = retrying(options, () => Promise.reject(asks));
  await expect(task).rejects.toMatchObject({ reason: `${asks.reason}; it asks for a wait of ${words}`, hint });
  expect(waits).toEqual([]);
});

test('a wait ends at once when the run is cancelled', async () => {
  const controller = new AbortController();
  const waiting = sleep(60_000, controller.signal);
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
  await expect(sleep(60_000, controller.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
});
