import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { gate } from '../../src/lib/pool.ts';
import { MOST_WAIT_MS } from '../../src/registry/transport/retry.ts';
import { openStore } from '../../src/store/layout-store.ts';
import type { Column } from '../support/faults/fault-registry.ts';
import { FAULTS } from '../support/faults/faults.ts';
import { type Ending, pullThrough, RIGHT } from '../support/faults/our-pull.ts';
import { auditStore } from '../support/store-audit.ts';

type Expected = string | readonly string[];
type Row = Readonly<Partial<Record<Column, Expected>>>;

const all = (as: Expected): Row => ({ manifest: as, token: as, blob: as, tags: as });
const blob = (as: Expected): Row => ({ blob: as });

/** A connection that brings half of what is left each time makes progress: how long that may go on is the client's affair. */
const WHILE_IT_LASTS = [RIGHT, 'UNAVAILABLE'];

/** How a pull ends that meets the fault once, and one that never gets rid of it. */
const ENDINGS: Readonly<Record<string, { readonly once?: Row; readonly lasting: Row }>> = {
  'connection reset': { lasting: all('UNAVAILABLE') },
  'connection closed, no answer': { lasting: all('UNAVAILABLE') },
  'no answer, connection open': { lasting: all('UNAVAILABLE') },
  'slow headers, a byte at a time': { lasting: all('UNAVAILABLE') },
  'interim answers without end': { lasting: all('UNAVAILABLE') },
  'not HTTP': { lasting: all('REGISTRY_ANSWER') },
  'closed mid-body': { lasting: { ...all('UNAVAILABLE'), blob: WHILE_IT_LASTS } },
  'reset mid-body': { lasting: { ...all('UNAVAILABLE'), blob: WHILE_IT_LASTS } },
  'a byte, then closed': { lasting: all('UNAVAILABLE') },
  'stall mid-body': { lasting: { ...all('UNAVAILABLE'), blob: WHILE_IT_LASTS } },
  'trickling body': { lasting: all('UNAVAILABLE') },
  '200 to a range': { lasting: blob(RIGHT) },
  '200 to a range, cut as well': { lasting: blob(RIGHT) },
  '200 with no more than the range': { lasting: blob(RIGHT) },
  // What does not match is asked for once more, and then without a range.
  '206 with other bytes': { lasting: blob(RIGHT) },
  '206 with another Content-Range': { lasting: blob(RIGHT) },
  '206 without Content-Range': { lasting: blob(RIGHT) },
  '206 with another size': { lasting: blob(RIGHT) },
  '206 with less than asked': { lasting: blob(RIGHT) },
  '416': { lasting: blob(RIGHT) },
  'signed URL answers 400': { lasting: { manifest: 'REGISTRY_ANSWER', blob: 'REGISTRY_ANSWER' } },
  'signed URL answers 403': { lasting: { manifest: 'REGISTRY_ANSWER', blob: 'REGISTRY_ANSWER' } },
  '429, wait 1 second': { lasting: all('TOOMANYREQUESTS') },
  '429, wait until a date': { lasting: all('TOOMANYREQUESTS') },
  '429, wait in the body': { lasting: all('TOOMANYREQUESTS') },
  // Nobody's job waits for an hour; a HEAD is followed by the GET that looks for the words, and that may be let through.
  '429, wait an hour': { once: { ...all('TOOMANYREQUESTS'), manifest: RIGHT }, lasting: all('TOOMANYREQUESTS') },
  '503, wait half a minute': { lasting: all('UNAVAILABLE') },
  '503, wait 55 seconds': { lasting: all('UNAVAILABLE') },
  // Longer than anybody's job waits.
  '503, wait 61 seconds': { once: all('UNAVAILABLE'), lasting: all('UNAVAILABLE') },
  '500': { lasting: all('UNAVAILABLE') },
  '502': { lasting: all('UNAVAILABLE') },
  '503': { lasting: all('UNAVAILABLE') },
  '504': { lasting: all('UNAVAILABLE') },
  '200 with a page of words': {
    lasting: { ...all('REGISTRY_ANSWER'), manifest: 'DIGEST_MISMATCH', blob: 'SIZE_MISMATCH' },
  },
  'a byte too few, announced': {
    lasting: { ...all('REGISTRY_ANSWER'), manifest: 'DIGEST_MISMATCH', blob: 'SIZE_MISMATCH' },
  },
  'a byte too few, unannounced': {
    lasting: { ...all('REGISTRY_ANSWER'), manifest: 'DIGEST_MISMATCH', blob: 'SIZE_MISMATCH' },
  },
  'a byte too many, announced': {
    lasting: { ...all('REGISTRY_ANSWER'), manifest: 'DIGEST_MISMATCH', blob: 'SIZE_MISMATCH' },
  },
  'a byte too many, unannounced': {
    lasting: { ...all('REGISTRY_ANSWER'), manifest: 'DIGEST_MISMATCH', blob: 'SIZE_MISMATCH' },
  },
  // A token with a flipped bit is one that the registry does not know.
  'flipped bit': {
    lasting: { manifest: 'DIGEST_MISMATCH', token: 'UNAUTHORIZED', blob: 'DIGEST_MISMATCH', tags: 'REGISTRY_ANSWER' },
  },
  'token expires mid-blob': { lasting: blob('UNAUTHORIZED') },
  'no such host': { lasting: all('UNREACHABLE') },
  'name server does not answer': { lasting: all('UNREACHABLE') },
  // No token server may send a login elsewhere.
  'no such host after a redirect': {
    once: { ...all(RIGHT), token: 'REDIRECT_REFUSED' },
    lasting: { ...all('UNREACHABLE'), token: 'REDIRECT_REFUSED' },
  },
  'redirect loop': { lasting: all('REDIRECT_REFUSED') },
};

/** How a blob that comes in parts ends otherwise than one stream: what is wrong with a part is seen without believing any length. */
const IN_PARTS: Readonly<Record<string, Expected>> = {
  // Nothing is read beyond a part.
  'a byte too many, announced': RIGHT,
  'a byte too many, unannounced': RIGHT,
};

/** What is a part of the protocol and no failure; of every other there is a line with its reason. */
const SILENT = [
  ...['manifest', 'token', 'blob', 'tags'].map((column) => `redirect loop: ${column}`),
  ...['400: manifest', '400: blob', '403: manifest', '403: blob'].map((rest) => `signed URL answers ${rest}`),
  'flipped bit: token',
  // To HEAD.
  '429, wait in the body: manifest',
  '429, wait an hour: manifest',
];

/** In parts there is no break to tell of where the next question, or another connection, has brought what was missing before anything had to wait. */
const SILENT_IN_PARTS = [
  'stall mid-body',
  'trickling body',
  // Nothing had come before.
  '200 to a range',
  '206 with another Content-Range',
  '206 without Content-Range',
  '206 with another size',
  '206 with less than asked',
  '416',
  'a byte too many, announced',
  'a byte too many, unannounced',
  'token expires mid-blob',
];

const isSilent = (name: string, column: Column, way: Way): boolean =>
  SILENT.includes(`${name}: ${column}`) || (way === 'in parts' && SILENT_IN_PARTS.includes(name));

const PATIENCE = { connectMs: 5000, headersMs: 1500, bodyMs: 1500 };
/** The layer of a megabyte comes as one stream, or in parts of so many bytes. */
const CHUNK = 64 * 1024;
const WAYS = { 'one stream': undefined, 'in parts': CHUNK };
type Way = keyof typeof WAYS;
const cells = FAULTS.flatMap((fault) =>
  fault.columns.flatMap((column) => {
    const ways: readonly Way[] = column === 'blob' ? ['one stream', 'in parts'] : ['one stream'];
    return ways.map((way) => ({ fault, column, way }));
  }),
);
const endings = new Map<string, Ending>();
const keyOf = (name: string, column: string, times: number, way: Way = 'one stream') =>
  `${name} ${column} ${times} ${way}`;

// Most of the time is spent waiting for a time limit: all cells of the table wait together.
beforeAll(async () => {
  const atOnce = gate(48);
  const runs = [1, Number.POSITIVE_INFINITY].flatMap((times) =>
    cells.map(({ fault, column, way }) =>
      atOnce(async () => {
        const client = { sleep: async () => {}, timeouts: PATIENCE, chunkSize: WAYS[way] };
        endings.set(keyOf(fault.name, column, times, way), await pullThrough(fault, column, { times, client }));
      }),
    ),
  );
  await Promise.all(runs);
}, 120_000);

test('every fault has its expectations, and only those there are', () => {
  expect(Object.keys(ENDINGS).sort()).toEqual(FAULTS.map(({ name }) => name).sort());
  for (const { name, columns } of FAULTS)
    expect(Object.keys(ENDINGS[name]?.lasting ?? {}).sort()).toEqual([...columns].sort());
});

describe.each([
  ['once', 1],
  ['for ever', Number.POSITIVE_INFINITY],
])('%s', (often, times) => {
  test.each(cells.map(({ fault, column, way }) => [fault.name, column, way] as const))(
    '%s: %s, %s',
    (name, column, way) => {
      const ending = endings.get(keyOf(name, column, times, way));
      const { once = all(RIGHT), lasting } = ENDINGS[name] ?? { lasting: {} };
      const one = (often === 'once' ? once : lasting)[column];
      const expected = way === 'in parts' && often !== 'once' ? (IN_PARTS[name] ?? one) : one;
      expect([expected].flat()).toContain(ending?.as);
      expect(ending?.struck).toBeGreaterThan(0);
      if (ending?.as === RIGHT && !isSilent(name, column, way))
        expect([name, column, ending.retries.join()]).toEqual([name, column, expect.stringMatching(/.+: .+/)]);
      // Nobody waits here, so what would be waited is added up; parts wait beside each other.
      expect(ending?.waited).toBeLessThanOrEqual(MOST_WAIT_MS * (way === 'in parts' ? 2 : 1));
      if (ending?.error) expect(ending.error.message).toMatch(/^(127\.0\.0\.1|registry\.test):\d+\/acme\/app.*: .*/);
    },
  );
});

test('a drop costs no byte twice where ranges are answered', () => {
  expect(endings.get(keyOf('closed mid-body', 'blob', 1))?.twice).toBe(0);
  expect(endings.get(keyOf('stall mid-body', 'blob', 1))?.twice).toBe(0);
});

test('a flipped bit in a layer that comes in parts costs one clean try more, and none of it stays in the store', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'flipped-part-'));
  try {
    const fault = FAULTS.find(({ name }) => name === 'flipped bit');
    const client = { sleep: async () => {}, timeouts: PATIENCE, chunkSize: CHUNK };
    const { as, struck, retries } = await pullThrough(fault, 'blob', {
      times: 1,
      client,
      store: await openStore(folder),
    });
    expect({ as, struck }).toEqual({ as: RIGHT, struck: 1 });
    expect(retries).toEqual([expect.stringMatching(/: expected sha256:\w+, found sha256:\w+/)]);
    expect((await auditStore(folder)).blobs.size).toBe(3);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('an error about wrong bytes says what to do', () => {
  const hintOf = (name: string, column: Column) =>
    endings.get(keyOf(name, column, Number.POSITIVE_INFINITY))?.error?.hint;
  for (const name of ['flipped bit', 'a byte too few, announced', 'a byte too many, unannounced'])
    for (const column of ['manifest', 'blob'] as const)
      expect([name, column, hintOf(name, column)]).toEqual([name, column, expect.stringContaining('suspect a proxy')]);
  expect(hintOf('200 with a page of words', 'manifest')).toContain('a login portal');
  expect(hintOf('503, wait 61 seconds', 'tags')).toBe('Run the job again in 1m01s.');
});

describe('in words', () => {
  test.each([
    ['connection reset', 'manifest', 'the connection broke'],
    ['no answer, connection open', 'tags', 'no answer, timed out after 1.5s'],
    ['stall mid-body', 'token', 'no data, timed out after 1.5s'],
    ['interim answers without end', 'manifest', 'more than 32 interim answers, and none to what was asked'],
    ['trickling body', 'manifest', /: only \d+B in \d\.\ds/],
    ['trickling body', 'blob', /: only \d+B in \d\.\ds; blob sha256:\S+: expected \d+ bytes, found \d+$/],
    ['not HTTP', 'blob', 'did not answer in HTTP'],
    ['429, wait an hour', 'manifest', 'too many requests'],
    [
      '503, wait 61 seconds',
      'manifest',
      / answered 503 Service Unavailable .*; it asks for a wait of 1m01s; no digest is known that /,
    ],
    ['503, wait half a minute', 'blob', /; it asks for a wait of 30s, after 1m3\ds of waiting$/],
    ['503', 'tags', /answered 503 Service Unavailable to the request for the tags of/],
    ['signed URL answers 403', 'blob', /answered 403 Forbidden .*: Request has expired$/],
    ['200 with a page of words', 'manifest', /expected a manifest .*, found a page, "Service health check" from 127/],
    ['flipped bit', 'manifest', /expected a manifest with the digest sha256:\w+, found sha256:\w+/],
    ['200 with a page of words', 'tags', 'expected a list of tags, found a page, "Service health check"'],
    ['200 with a page of words', 'token', 'was asked for a token and sent none, but a page, "Service health check"'],
    ['no such host', 'manifest', /: cannot reach registry\.test:\d+: no such host$/],
    ['no such host', 'token', /: cannot reach auth\.test:\d+: no such host$/],
    ['name server does not answer', 'blob', /: cannot reach registry\.test:\d+: the name could not be looked up$/],
    ['no such host after a redirect', 'blob', 'cannot reach registry.invalid: '],
    ['redirect loop', 'manifest', /a redirect by 127\.0\.0\.1:\d+ to .* is not followed: more than 5 redirects/],
  ] as const)('%s, %s', (name, column, words) => {
    expect(endings.get(keyOf(name, column, Number.POSITIVE_INFINITY))?.error?.message).toMatch(words);
  });
});
