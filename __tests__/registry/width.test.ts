import { expect, test } from '@jest/globals';
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
