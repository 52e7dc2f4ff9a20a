import { expect, test } from '@jest/globals';
import { createLanes } from '../../src/registry/lanes.ts';

/** The least time that passes here, milliseconds, and how often it does. */
const TICK = 10;
const TICKS = 3000;
/** How long a request takes, give or take. */
const REQUEST_MS = 330;
const WAITS = [500, 1000, 4000, 10_000] as const;

/** Always the same numbers from 0 up to 1. */
function numbers(): () => number {
  let seed = 7;
  return () => {
    seed = (seed * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return seed / 2 ** 32;
  };
}
/** Lets everything happen that needs no time. */
const settled = () => new Promise((go) => setImmediate(go));

interface Until {
  readonly ms: number;
  readonly go: () => void;
}

/** Half a minute with a host that takes so many requests at once, and sees so many milliseconds late when one of them is over. */
async function halfMinute(slots: (ms: number) => number, lateMs: number) {
  const random = numbers();
  let [ms, served, refused] = [0, 0, 0];
  let [running, waiting]: [Until[], Until[]] = [[], []];
  let unseen: number[] = [];
  const timers = new Set<{ ms: number; eachMs: number; call: () => void }>();
  const every = (eachMs: number, call: () => void) => {
    const timer = { ms: ms + eachMs, eachMs, call };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  const lanes = createLanes({ connections: 8, every, rangeMs: 0, now: () => ms });
  async function go(): Promise<void> {
    const me = {};
    for (let tried = 1; running.length + unseen.length >= slots(ms); tried += 1) {
      refused += 1;
      lanes.refused(tried, false, ms, me);
      const back = ms + (WAITS[tried - 1] ?? 10_000) * (0.75 + random() / 2);
      await lanes.aside(() => new Promise((over) => waiting.push({ ms: back, go: over })), false);
    }
    const end = ms + REQUEST_MS * (0.7 + random() * 0.6);
    await new Promise<void>((over) => running.push({ ms: end, go: over }));
    served += 1;
  }
  lanes.join({ rank: 0, left: 1, active: 0, ready: true, underWay: [], go });
  for (; ms < TICK * TICKS; ms += TICK) {
    unseen = unseen.filter((until) => until > ms);
    const over = [...waiting, ...running].filter((one) => one.ms <= ms);
    waiting = waiting.filter((one) => one.ms > ms);
    if (lateMs > 0) for (const one of running) if (one.ms <= ms) unseen.push(ms + lateMs);
    running = running.filter((one) => one.ms > ms);
    for (const { go } of over) go();
    for (const timer of [...timers].filter((one) => one.ms <= ms)) {
      timer.ms += timer.eachMs;
      timer.call();
    }
    await settled();
    if (running.length > 0) lanes.came(1, 0);
  }
  /** As many as would fit into the slots it ends with. */
  const best = (TICK * TICKS * slots(ms)) / (REQUEST_MS + lateMs);
  return { part: served / best, refused };
}

test.each([
  [2, 0],
  [4, 0],
  [4, 20],
  [4, 100],
  [4, 300],
  [6, 100],
])(
  'a host that takes %d requests, and sees %d ms late when one is over, serves as many as it can',
  async (slots, lateMs) => {
    const { part, refused } = await halfMinute(() => slots, lateMs);
    expect(part).toBeGreaterThan(0.75);
    expect(refused).toBeLessThan(20);
  },
);

test('a host that takes fewer from a moment on is not asked for more for long', async () => {
  const { refused } = await halfMinute((ms) => (ms < 10_000 ? 8 : 2), 0);
  expect(refused).toBeLessThan(20);
});
