import { describe, expect, test } from '@jest/globals';
import { nextTransfer, rangeSize, shareOf, slowestRequest, type UnderWay } from '../../src/registry/schedule.ts';

const MB = 1_000_000;
const transfer = (name: string, rank: number, left: number, active = 0, ready = true, beside = active) => ({
  name,
  rank,
  left: left * MB,
  active,
  filler: { underWay: beside },
  ready,
});
/** A request whose answer began two seconds ago and has come at so many bytes a millisecond since. */
const request = (name: string, left: number, rate: number, more: Partial<UnderWay> = {}) => ({
  ...{ name, left: left * MB, bytes: rate * 2000, ms: 2000, begun: true, twice: false },
  ...more,
});
const unanswered = (name: string, ms: number) => request(name, 8, 0, { begun: false, ms });

describe('the connection that is free goes to', () => {
  test.each([
    ['nobody, where nobody waits', [], undefined],
    ['nobody, where nobody can use it', [transfer('a', 0, 100, 3, false)], undefined],
    ['the bottom layer, however small', [transfer('top', 1, 900), transfer('bottom', 0, 1)], 'bottom'],
    ['the bottom layer, however many it has', [transfer('bottom', 0, 50, 7), transfer('top', 1, 900)], 'bottom'],
    [
      'the next layer, where the bottom one can use no more',
      [transfer('bottom', 0, 50, 8, false), transfer('top', 1, 9)],
      'top',
    ],
    ['the largest of equal rank', [transfer('a', 0, 10), transfer('b', 0, 30), transfer('c', 0, 20)], 'b'],
    [
      'the one with most left a connection',
      [transfer('a', 0, 100, 3), transfer('b', 0, 60, 1), transfer('c', 0, 28)],
      'b',
    ],
    ['a small one, where the large have their share', [transfer('a', 0, 100, 9), transfer('b', 0, 11)], 'b'],
  ])('%s', (_, transfers, name) => {
    expect(nextTransfer(transfers)?.name).toBe(name);
  });

  test.each([
    ['whose thread has less to do, where the processors are the limit', true, 'b'],
    ['with most left a connection, where they are not', false, 'a'],
  ])('the one %s', (_, spread, name) => {
    const transfers = [transfer('a', 0, 100, 1), transfer('b', 0, 40, 0), transfer('c', 0, 40, 0, true, 2)];
    expect(nextTransfer(transfers, spread)?.name).toBe(name);
  });

  test('the bottom layer all the same', () => {
    expect(nextTransfer([transfer('bottom', 0, 9, 2), transfer('top', 1, 9)], true)?.name).toBe('bottom');
  });

  test('seven equal layers and eight connections: one each, and one has two', () => {
    const transfers = Array.from({ length: 7 }, (_, index) => ({ ...transfer(`${index}`, 0, 113), active: 0 }));
    for (let connection = 0; connection < 8; connection += 1) {
      const next = nextTransfer(transfers);
      if (next) next.active += 1;
    }
    expect(transfers.map(({ active }) => active).sort()).toEqual([1, 1, 1, 1, 1, 1, 2]);
  });
});

// 25 MB/s are 25 000 bytes a millisecond.
describe('so many chunks are asked for at once', () => {
  test.each([
    ['one, while nothing is known', 0, 1],
    ['one, where one takes its time', 25_000, 1],
    ['one, where two would take too long', 49_000, 1],
    ['two, where they come in time', 51_000, 2],
    ['four, however fast they come', 2_000_000, 4],
  ])('%s', (_, usual, chunks) => {
    expect(rangeSize(8 * 1024 * 1024, usual, 330)).toBe(chunks * 8 * 1024 * 1024);
  });
});

describe('where the processors are the limit, a request is for', () => {
  const chunkSize = 8 * 1024 * 1024;
  test.each([
    ['a quarter of all that is left', 800, 1_000_000, 23],
    ['no more than comes in half a second', 8000, 250_000, 14],
    ['one chunk at least', 20, 250_000, 1],
    ['one chunk, while nothing is known', 800, 0, 1],
  ])('%s', (_, left, usual, chunks) => {
    const transfers = [transfer('a', 0, left / 4), transfer('b', 0, (left * 3) / 4, 1)];
    expect(shareOf(transfers, { chunkSize, usual })).toBe(chunks * chunkSize);
  });
});

describe('the rest is asked for again of', () => {
  test.each([
    ['none, where all are as usual', [request('a', 8, 25_000), request('b', 8, 24_000)], undefined],
    ['the one that stands still', [request('a', 8, 25_000), request('b', 1, 0)], 'b'],
    ['the one that takes longest', [request('a', 8, 1000), request('b', 8, 500)], 'b'],
    ['none that is asked for twice already', [request('a', 8, 0, { twice: true })], undefined],
    ['none that is a little slow', [request('a', 8, 7000)], undefined],
    ['none that is nearly there', [request('a', 0.9, 1000)], undefined],
    ['none that had less than a second', [request('a', 8, 0, { ms: 999 })], undefined],
    ['the one that has no answer after a second', [unanswered('a', 900), unanswered('b', 1000)], 'b'],
  ])('%s', (_, requests, name) => {
    expect(slowestRequest(requests, { usual: 25_000, wait: 20 })?.name).toBe(name);
  });

  test('none, while nothing is known of what is usual', () => {
    expect(slowestRequest([request('a', 8, 0)], { usual: 0, wait: 0 })).toBeUndefined();
  });

  test('none of which a buffer could not have come yet', () => {
    const slow = { usual: 400, wait: 20 };
    expect(slowestRequest([request('a', 8, 0, { ms: 5000 })], slow)).toBeUndefined();
    expect(slowestRequest([request('a', 8, 0, { ms: 5300 })], slow)?.name).toBe('a');
  });

  // 8 MB that begin 1.5 s late, and then come at 25 MB/s.
  const late = { usual: (8 * MB) / (1500 + 320), wait: 1500 };
  test.each([
    ['none that is as late as all are', [unanswered('a', 1500), unanswered('b', 3000)], undefined],
    ['none that came as late and has come as fast since', [request('a', 4, 25_000)], undefined],
    ['the one that is four times as late', [unanswered('a', 5999), unanswered('b', 6000)], 'b'],
    ['the one that stands still after it began', [request('a', 8, 25_000), request('b', 7, 500)], 'b'],
    ['none that would have to wait as long again', [request('a', 2, 1000)], undefined],
  ])('%s, where all answers begin late', (_, requests, name) => {
    expect(slowestRequest(requests, late)?.name).toBe(name);
  });
});
