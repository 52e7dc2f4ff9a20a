import { expect, test } from '@jest/globals';
import { type Chunks, chunksOf } from '../../src/registry/chunks.ts';

/** The parts that are asked for, so many bytes at a time. */
function asked(chunks: Chunks, bytes: number): string[] {
  const parts: string[] = [];
  for (let chunk = chunks.take(bytes); chunk; chunk = chunks.take(bytes)) parts.push(`${chunk.start}-${chunk.end}`);
  return parts;
}

test('all of a blob is asked for, a part at a time', () => {
  const chunks = chunksOf(25);
  expect(chunks.left()).toBe(25);
  expect(asked(chunks, 10)).toEqual(['0-10', '10-20', '20-25']);
  expect(chunks.more).toBe(false);
});

test('of what others brought nothing is asked for', () => {
  const had = [
    { start: 0, end: 4 },
    { start: 12, end: 15 },
    { start: 22, end: 25 },
  ];
  const chunks = chunksOf(25, had);
  expect([chunks.left(), chunks.frontier()]).toEqual([15, 4]);
  expect(asked(chunks, 5)).toEqual(['4-9', '9-12', '15-20', '20-22']);
  // A stream brings it all the same, and it counts once.
  expect(chunks.fresh(4, 21)).toEqual([
    { start: 4, end: 9 },
    { start: 9, end: 12 },
    { start: 15, end: 20 },
    { start: 20, end: 22 },
  ]);
  expect([chunks.left(), chunks.frontier()]).toEqual([0, 25]);
});

test('the rest is what is missing, whatever lies between', () => {
  const chunks = chunksOf(25, [{ start: 10, end: 15 }]);
  chunks.take(5);
  chunks.takeRest();
  expect(chunks.more).toBe(false);
  expect(chunks.fresh(0, 25)).toEqual([
    { start: 0, end: 5 },
    { start: 5, end: 10 },
    { start: 15, end: 25 },
  ]);
});
