import { describe, expect, test } from '@jest/globals';
import { PullError } from '../../../src/errors.ts';
import { newWaits, retrying } from '../../../src/registry/transport/retry.ts';
import { newTries } from '../../../src/registry/transport/tries.ts';
import { crowdHint, type Turns } from '../../../src/registry/transport/turns.ts';
import { retryWorld } from '../../support/retry-world.ts';

const crowded = (hint?: string) =>
  new PullError('UNAVAILABLE', 'app', 'full', { temporary: true, crowded: true, hint });
const broken = () => new PullError('UNAVAILABLE', 'app', 'broken', { temporary: true });

/** A request among others, which get on while it waits, so many times. */
function world(times: number) {
  let progress = 0;
  const asked: boolean[] = [];
  const turns: Turns = {
    get progress() {
      return progress;
    },
    several: true,
    quietSince: undefined,
    cameAt: undefined,
    refused: (tried) => tried === 1,
    async aside(wait, isAsked) {
      asked.push(isAsked);
      await wait();
      progress = Math.min(times, progress + 1);
    },
  };
  return { ...retryWorld(), turns, asked };
}
const refusing = () => Promise.reject(crowded());

describe('a request that is refused again and again', () => {
  test('is tried five times where nothing else of the host gets on', async () => {
    const { waits, options, turns, events } = world(0);
    await expect(retrying(options, refusing, newWaits(), turns)).rejects.toMatchObject({
      reason: 'full',
      hint: 'If it takes only so many connections at a time, lower max-concurrent-downloads.',
    });
    expect(waits).toEqual([500, 1000, 4000, 10_000]);
    expect(events).toHaveLength(1);
  });

  test('waits for the others while they get on, two minutes in all', async () => {
    const { waits, options, turns } = world(1000);
    await expect(retrying(options, refusing, newWaits(), turns)).rejects.toThrow('full');
    expect(waits.slice(0, 5)).toEqual([500, 1000, 4000, 10_000, 10_000]);
    expect(waits.reduce((sum, ms) => sum + ms)).toBe(115_500);
  });

  test('is not waited for where nothing has come from the host for two minutes, for it is not the only one that waits', async () => {
    const { waits, options, turns } = world(0);
    const since = (quietSince: number) => ({ ...turns, progress: 0, quietSince });
    await expect(retrying(options, refusing, newWaits(), since(-119_600))).rejects.toThrow('full');
    expect(waits).toEqual([]);
    await expect(retrying(options, refusing, newWaits(), since(-119_000))).rejects.toThrow('full');
    expect(waits).toEqual([500, 1000]);
  });

  test('is tried five times more once nothing else gets on', async () => {
    const { waits, options, turns } = world(2);
    await expect(retrying(options, refusing, newWaits(), turns)).rejects.toThrow('full');
    expect(waits).toEqual([500, 1000, 4000, 500, 1000, 4000, 10_000]);
  });

  test('keeps the host waiting only if that asked for it', async () => {
    const { options, turns, asked } = world(0);
    let tries = 0;
    await retrying(
      options,
      async () => {
        tries += 1;
        if (tries === 1) throw crowded();
        if (tries === 2) throw new PullError('TOOMANYREQUESTS', 'app', 'full', { ...crowded(), retryAfterMs: 2000 });
      },
      newWaits(),
      turns,
    );
    expect(asked).toEqual([false, true]);
  });

  test('is given up like any other where the connection breaks, whatever the others do', async () => {
    const { waits, options, turns, asked } = world(1000);
    await expect(retrying(options, () => Promise.reject(broken()), newWaits(), turns)).rejects.toThrow('broken');
    expect(waits).toEqual([500, 1000, 4000, 10_000]);
    expect(asked).toEqual([]);
  });
});

test('the tries of a part are counted anew after a refusal that came too early', async () => {
  const { waits, options, turns } = world(1000);
  const tries = newTries(options, 1000, turns);
  const fails = async (failure: PullError) => {
    tries.count({ fresh: 0, of: 1000, startedAt: 0 });
    return tries.pause(failure);
  };
  for (const failure of [broken(), broken(), broken(), crowded(), crowded()]) expect(await fails(failure)).toBe(true);
  for (let again = 0; again < 4; again += 1) expect(await fails(broken())).toBe(true);
  expect(await fails(broken())).toBe(false);
  expect(waits).toEqual([500, 1000, 4000, 10_000, 1000, 500, 1000, 4000, 10_000]);
});

describe('where another place has the bytes', () => {
  const slow = (retryAfterMs?: number) =>
    new PullError('UNAVAILABLE', 'app', 'broken', {
      temporary: true,
      crowded: retryAfterMs !== undefined,
      retryAfterMs,
    });
  /** Tries that have failed like that one after another, each after so many milliseconds; true for each that another comes after. */
  async function tried(failures: readonly PullError[], { ms = 0, cameAt = 0, progress = 0, others = true } = {}) {
    const { waits, options, turns } = world(progress);
    const tries = newTries({ ...options, now: () => ms }, 1000, Object.assign(turns, { cameAt }), () => others);
    const again: boolean[] = [];
    for (const failure of failures) {
      tries.count({ fresh: 0, of: 1000, startedAt: 0 });
      again.push(await tries.pause(failure));
    }
    return { again, waits };
  }

  test.each([
    ['a second failure is the last', [broken(), broken()], {}, [true, false]],
    ['so is the first, if nothing came for long', [broken()], { ms: 30_000 }, [false]],
    ['not if something came from there just now', [broken(), broken()], { ms: 30_000, cameAt: 29_000 }, [true, false]],
    ['no wait is long enough to be asked for', [slow(2000)], {}, [false]],
    ['one of a moment is', [slow(1), slow(1)], {}, [true, false]],
  ])('%s', async (_, failures, how, expected) => {
    const { again, waits } = await tried(failures, how);
    expect(again).toEqual(expected);
    expect(waits).toEqual(expected[0] ? [500] : []);
  });

  test('and where none has, there are five', async () => {
    const { again } = await tried(Array<PullError>(5).fill(broken()), { ms: 30_000, others: false });
    expect(again).toEqual([true, true, true, true, false]);
  });
});

test.each([
  [
    'both what there is to do and to use fewer connections',
    'Log in.',
    true,
    /^Log in\. If .* max-concurrent-downloads\.$/,
  ],
  ['what there is to do, where one was used', 'Log in.', false, /^Log in\.$/],
])('the hint of a refusal says %s', (_, hint, several, expected) => {
  expect(crowdHint(crowded(hint), { ...world(0).turns, several })).toMatch(expected);
  expect(crowdHint(broken(), { ...world(0).turns, several })).toBeUndefined();
});
