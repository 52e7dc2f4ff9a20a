import { beforeEach, expect, test } from '@jest/globals';
import { newPace, type Pace } from '../../src/registry/pace.ts';

const MB = 1_000_000;

let at: number;
let bytes: number;
beforeEach(() => {
  at = 0;
  bytes = 0;
});

/** Requests of 8 MB that are done one after the other, each at so many bytes a millisecond; `others` come as fast beside each. */
function done(pace: Pace, rates: readonly number[], others = 0): void {
  for (const rate of rates) {
    const ms = (8 * MB) / rate;
    at += ms;
    bytes += 8 * MB * (others + 1);
    pace.done(8 * MB, ms, { underWay: others, bytes, at });
  }
}

test('a network that gives each connection its share has all of them', () => {
  const pace = newPace(8);
  expect([pace.usual, pace.connections]).toEqual([0, 8]);
  done(pace, Array(20).fill(25_000), 7);
  expect([pace.usual, pace.connections]).toEqual([25_000, 8]);
});

test('the usual rate follows what the last requests say', () => {
  const pace = newPace(8);
  done(pace, [20_000, 40_000]);
  expect(pace.usual).toBe(26_000);
});

test('the usual wait follows what the last answers say', () => {
  const pace = newPace(8);
  expect(pace.wait).toBe(0);
  pace.begun(1000);
  pace.begun(2000);
  expect(pace.wait).toBe(1300);
});

test('where the machine is the limit, two connections are as good and cost it less', () => {
  const pace = newPace(8);
  done(pace, [100_000], 7);
  expect(pace.connections).toBe(2);
  // Seven from before come to their end as slowly as they were; then two have what eight had.
  done(pace, Array(7).fill(100_000), 1);
  done(pace, Array(10).fill(390_000), 1);
  expect(pace.connections).toBe(2);
});

test('a network so fast that each connection counts gets them back, for good', () => {
  const pace = newPace(8);
  done(pace, [100_000], 7);
  done(pace, Array(7).fill(100_000), 1);
  expect(pace.connections).toBe(2);
  done(pace, Array(4).fill(100_000), 1);
  expect(pace.connections).toBe(8);
  done(pace, Array(20).fill(200_000), 7);
  expect(pace.connections).toBe(8);
});

test('that little comes while one of them has nothing to bring says nothing', () => {
  const pace = newPace(8);
  done(pace, [100_000], 7);
  done(pace, Array(7).fill(100_000), 1);
  done(pace, Array(20).fill(390_000), 0);
  expect(pace.connections).toBe(2);
});

test('few connections stay as few as they are', () => {
  const pace = newPace(2);
  done(pace, Array(5).fill(2_000_000), 1);
  expect(pace.connections).toBe(2);
});

test('what was plenty and becomes slow gets all connections back before a request is done', () => {
  const pace = newPace(8);
  done(pace, [100_000], 7);
  pace.came(70_000_000, 500);
  expect(pace.connections).toBe(2);
  pace.came(2_000_000, 500);
  expect(pace.connections).toBe(8);
});
