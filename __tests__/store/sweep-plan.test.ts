import { describe, expect, test } from '@jest/globals';
import { type Digest, digestOf } from '../../src/oci/digest.ts';
import { countImages, FRESH_MS, planSweep, type Reaching } from '../../src/store/sweep-plan.ts';

const NOW = 1_000_000_000;
const of = (letter: string): Digest => digestOf(letter);
const set = (letters: string): ReadonlySet<Digest> => new Set([...letters].map(of));
const letters = (digests: readonly Digest[]) =>
  digests.map((digest) => [...'abcdefghijxyz'].find((letter) => of(letter) === digest)).join('');

/** A blob of 10 bytes, written so many hours ago. */
const blob = (letter: string, hours = 2) => ({ digest: of(letter), size: 10, writtenAt: NOW - hours * FRESH_MS });
/** A name at the first letter that leads to all of them, used at that time. */
const name = (text: string, reach: string, usedAt: number): Reaching => ({
  name: text,
  target: of(reach[0] ?? ''),
  usedAt,
  reach: set(reach),
});

interface Case {
  readonly title: string;
  /** Letters of blobs, 10 bytes each. */
  readonly blobs: string;
  readonly names: readonly Reaching[];
  readonly leased?: string;
  /** Leased without the names that lead to them. */
  readonly lying?: string;
  readonly foreign?: string;
  readonly fresh?: string;
  readonly bytes: number;
  readonly round?: number;
  /** What goes. */
  readonly gone: { readonly names: string; readonly blobs: string; readonly complete?: boolean };
}

/** What jobs use, and blobs of which only the bytes are to stay. */
const inUse = (leased: string, lying: string) => ({ blobs: set(leased + lying), targets: set(leased) });

function planned({ blobs, names, leased = '', lying = '', foreign = '', fresh = '', bytes, round = 100 }: Case) {
  const found = [...blobs].map((letter) => blob(letter, fresh.includes(letter) ? 0.9 : 2));
  const view = { blobs: found, names, leased: inUse(leased, lying), foreign: set(foreign), now: NOW };
  const plan = planSweep(view, { bytes, round });
  return { names: plan.names.map((each) => each.name).join(' '), blobs: letters(plan.blobs), complete: plan.complete };
}

describe('a sweep', () => {
  test.each<Case>([
    {
      title: 'leaves what fits, blobs without a name too',
      blobs: 'abx',
      names: [name('one', 'ab', 1)],
      bytes: 30,
      gone: { names: '', blobs: '' },
    },
    {
      title: 'takes blobs without a name before any name',
      blobs: 'abx',
      names: [name('one', 'ab', 1)],
      bytes: 29,
      gone: { names: '', blobs: 'x' },
    },
    {
      title: 'takes no more of them than it must',
      blobs: 'abxy',
      names: [name('one', 'ab', 1)],
      bytes: 30,
      gone: { names: '', blobs: 'x' },
    },
    {
      title: 'takes the name that was not used for longest, with its blobs',
      blobs: 'abcdef',
      names: [name('new', 'ab', 3), name('old', 'cd', 1), name('mid', 'ef', 2)],
      bytes: 45,
      gone: { names: 'old', blobs: 'cd' },
    },
    {
      title: 'takes as many names as it needs',
      blobs: 'abcdef',
      names: [name('new', 'ab', 3), name('old', 'cd', 1), name('mid', 'ef', 2)],
      bytes: 39,
      gone: { names: 'old mid', blobs: 'cdef' },
    },
    {
      title: 'counts a shared layer once and keeps it while a name leads to it',
      blobs: 'abxcd',
      names: [name('old', 'abx', 1), name('new', 'cdx', 2)],
      bytes: 30,
      gone: { names: 'old', blobs: 'ab' },
    },
    {
      title: 'takes a shared layer with the last name',
      blobs: 'abxcd',
      names: [name('old', 'abx', 1), name('new', 'cdx', 2)],
      bytes: 0,
      gone: { names: 'old new', blobs: 'abcdx' },
    },
    {
      title: 'takes the name, but not the bytes of what is leased without names',
      blobs: 'abcd',
      names: [name('one', 'ab', 1), name('two', 'cd', 2)],
      lying: 'ab',
      bytes: 20,
      gone: { names: 'one two', blobs: 'cd' },
    },
    {
      title: 'takes no leased blob, and no name whose target is leased',
      blobs: 'abcdxy',
      names: [name('used', 'ab', 1), name('new', 'cdb', 2)],
      leased: 'abx',
      bytes: 0,
      gone: { names: 'new', blobs: 'ycd' },
    },
    {
      title: 'takes nothing another tool’s entry leads to, though a name that shares it goes',
      blobs: 'abc',
      names: [name('ours', 'ab', 1)],
      foreign: 'bc',
      bytes: 0,
      gone: { names: 'ours', blobs: 'a' },
    },
    {
      title: 'spares what was written in the last hour without a name',
      blobs: 'xyab',
      names: [name('one', 'ab', 1)],
      fresh: 'x',
      bytes: 0,
      gone: { names: 'one', blobs: 'yab' },
    },
    {
      title: 'does not spare young blobs of a name that goes',
      blobs: 'ab',
      names: [name('one', 'ab', 1)],
      fresh: 'ab',
      bytes: 0,
      gone: { names: 'one', blobs: 'ab' },
    },
    {
      title: 'takes a name whose blobs are not here, without counting them',
      blobs: 'ab',
      names: [name('empty', 'cd', 1), name('one', 'ab', 2)],
      bytes: 10,
      gone: { names: 'empty one', blobs: 'ab' },
    },
    {
      title: 'takes the names of a platform for as lately used as the image’s',
      blobs: 'iabjcd',
      names: [name('used', 'iab', 9), name('used@a', 'ab', 1), name('idle', 'jcd', 5), name('idle@c', 'cd', 5)],
      bytes: 30,
      gone: { names: 'idle idle@c', blobs: 'jcd' },
    },
    {
      title: 'ends a round with the name that makes it long enough',
      blobs: 'abcdef',
      names: [name('1', 'ab', 1), name('2', 'cd', 2), name('3', 'ef', 3)],
      bytes: 0,
      round: 3,
      gone: { names: '1 2', blobs: 'abcd', complete: false },
    },
    {
      title: 'is complete when all that may go has gone, though it is too much still',
      blobs: 'abx',
      names: [name('1', 'ab', 1)],
      leased: 'x',
      bytes: 0,
      round: 3,
      gone: { names: '1', blobs: 'ab' },
    },
  ])('$title', (each) => {
    expect(planned(each)).toEqual({ complete: true, ...each.gone });
  });

  test('takes the oldest blobs without a name first', () => {
    const view = { names: [], leased: inUse('', ''), foreign: set(''), now: NOW };
    const blobs = [blob('a', 3), blob('b', 5), blob('c', 4)];
    expect(letters(planSweep({ ...view, blobs }, { bytes: 10, round: 100 }).blobs)).toBe('bc');
  });

  test('in an hour’s time to the millisecond a blob is no longer young', () => {
    const view = { names: [], leased: inUse('', ''), foreign: set(''), now: NOW };
    const at = (writtenAt: number) =>
      planSweep({ ...view, blobs: [{ digest: of('a'), size: 1, writtenAt }] }, { bytes: 0, round: 9 });
    expect(at(NOW - FRESH_MS).blobs).toHaveLength(0);
    expect(at(NOW - FRESH_MS - 1).blobs).toHaveLength(1);
    // Another machine's clock may be ahead.
    expect(at(NOW + FRESH_MS).blobs).toHaveLength(0);
  });
});

test.each<[string, readonly Reaching[], number]>([
  ['none', [], 0],
  ['two names of one target', [name('a', 'ab', 1), name('b', 'ab', 1)], 1],
  ['an index and its platforms', [name('i', 'iab', 1), name('i@a', 'ab', 1)], 1],
  ['two images that share a layer', [name('a', 'ax', 1), name('b', 'bx', 1)], 2],
])('%s: counted as images', (_, names, images) => {
  expect(countImages(names)).toBe(images);
});
