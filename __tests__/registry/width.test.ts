import { describe, expect, test } from '@jest/globals';
import { newWidth, type Width } from '../../src/registry/width.ts';

/** So many are under way at once and so many of them are taken; the others are refused one after the other. */
function burst(width: Width, sent: number, taken: number): void {
  for (let left = sent - 1; left >= taken; left -= 1) width.refused(left);
  if (taken > 0) width.came();
}
const serve = (width: Width, requests: number) => {
  for (let served = 0; served < requests; served += 1) width.served();
};

test('a host that takes all has all of them', () => {
  const width = newWidth(8);
  serve(width, 100);
  expect(width.connections).toBe(8);
});

test('a host that takes two of eight has two from then on', () => {
  const width = newWidth(8);
  burst(width, 8, 2);
  expect(width.connections).toBe(2);
  width.refused(1);
  width.came();
  expect(width.connections).toBe(1);
});

test('a host that takes none says nothing of their number', () => {
  const width = newWidth(8);
  burst(width, 8, 0);
  expect(width.connections).toBe(8);
});

test('neither does one that refuses the only request there is', () => {
  const width = newWidth(8);
  burst(width, 8, 2);
  width.refused(0);
  expect(width.connections).toBe(2);
});

test('after eight requests one more is tried, and less and less often where that is refused', () => {
  const width = newWidth(8);
  burst(width, 8, 2);
  serve(width, 7);
  expect(width.connections).toBe(2);
  for (const calm of [1, 16, 32]) {
    serve(width, calm - 1);
    expect(width.connections).toBe(2);
    serve(width, 1);
    expect(width.connections).toBe(3);
    burst(width, 3, 2);
  }
});

test('one that asked for a wait is not tried with more again', () => {
  const width = newWidth(8);
  width.refused(2, true);
  width.came();
  serve(width, 1000);
  expect(width.connections).toBe(2);
});

test('all of them come back where the refusal was a moment’s', () => {
  const width = newWidth(4);
  burst(width, 4, 1);
  serve(width, 24);
  expect(width.connections).toBe(4);
});

describe('a refusal right after the end of another request', () => {
  /** All four that are taken are in use, and so many of them end. */
  function ends(requests: number): Width {
    const width = newWidth(8);
    burst(width, 8, 4);
    for (let ended = 0; ended < requests; ended += 1) width.ended();
    return width;
  }

  test('leaves their number as it is, and each connection a rest', () => {
    const width = ends(2);
    expect(width.restMs).toBe(0);
    expect([width.refused(3), width.refused(2)]).toEqual([true, true]);
    expect([width.connections, width.restMs]).toEqual([4, 50]);
  });

  test('is about their number if there are more of them than have ended, or it kept its connection', () => {
    const width = ends(1);
    expect([width.refused(3), width.refused(3)]).toEqual([true, false]);
    expect(width.connections).toBe(3);
    const other = ends(1);
    expect(other.refused(3, false, true)).toBe(false);
    expect([other.connections, other.restMs]).toEqual([3, 0]);
  });

  test('is about their number after a second', () => {
    const width = ends(1);
    width.passed();
    width.passed();
    expect(width.refused(3)).toBe(false);
  });

  test('doubles the rest, up to 400 ms, once as many have ended as there are', () => {
    const width = ends(1);
    const rests = [];
    for (let round = 0; round < 6; round += 1) {
      rests.push(width.refused(3) && width.restMs);
      for (let ended = 0; ended < 4; ended += 1) width.ended();
    }
    expect(rests).toEqual([50, 100, 200, 400, false, false]);
    expect(width.connections).toBe(3);
  });

  test('is about their number where one more was tried', () => {
    const width = ends(4);
    serve(width, 8);
    expect(width.connections).toBe(5);
    width.ended();
    expect(width.refused(4)).toBe(false);
    expect(width.connections).toBe(4);
  });
});
