import { expect, test } from '@jest/globals';
import { type FaultKind, faultIn } from '../../../src/github/cache/faults.ts';

const RESERVE = 'Unable to reserve cache with key k, another job may be creating this cache.';

/** What @actions/cache 6.3.0 writes. */
test.each<readonly [string, FaultKind | undefined, string, string | undefined]>([
  ['a miss', undefined, '', undefined],
  ['a hit', undefined, 'Cache hit for: k\nLookup only - skipping download', undefined],
  ['a success', undefined, '[command]/usr/bin/tar -xf x -P\nCache restored successfully\n', undefined],
  [
    'nobody listens',
    'gone',
    '::warning::Failed to restore: Failed to GetCacheEntryDownloadURL: Unable to make request: ECONNREFUSED%0AIf you are using self-hosted runners, …',
    'Unable to make request: ECONNREFUSED',
  ],
  [
    'failures at every try',
    'gone',
    'Attempt 1 of 5 failed with error: x. Retrying request in 3000 ms...\n::warning::Failed to restore: Failed to GetCacheEntryDownloadURL: Failed to make request after 5 attempts: Failed request: (503) Service Unavailable',
    'Failed to make request after 5 attempts: Failed request: (503) Service Unavailable',
  ],
  [
    'failures at every try, while saving',
    'gone',
    `::debug::Failed to reserve cache: Error: Failed to CreateCacheEntry: Failed to make request after 5 attempts: x\nFailed to save: ${RESERVE}`,
    'Failed to make request after 5 attempts: x',
  ],
  [
    'another job was first',
    'taken',
    `::debug::Failed to reserve cache: Error: Failed to CreateCacheEntry: Received non-retryable error: Failed request: (409) Conflict: already exists\nFailed to save: ${RESERVE}`,
    'Received non-retryable error: Failed request: (409) Conflict: already exists',
  ],
  [
    'another job was first, in version 1',
    'taken',
    `Failed to save: ${RESERVE} More details: Cache already exists. Scope: x, Key: k`,
    'Cache already exists. Scope: x, Key: k',
  ],
  [
    'no right to write',
    'denied',
    '::warning::Failed to save: Unable to reserve cache with key k. More details: cache write denied: untrusted',
    'Unable to reserve cache with key k. More details: cache write denied: untrusted',
  ],
  [
    'no right to read',
    'denied',
    '::warning::Failed to restore: Failed to GetCacheEntryDownloadURL: Received non-retryable error: Failed request: (403) Forbidden: cache read denied: none',
    'Received non-retryable error: Failed request: (403) Forbidden: cache read denied: none',
  ],
  [
    'no quota',
    'denied',
    '::debug::Failed to reserve cache: Error: Failed to CreateCacheEntry: Cache storage quota has been hit. x',
    'Cache storage quota has been hit. x',
  ],
  [
    'a broken archive',
    'other',
    "::warning::Failed to restore: Tar failed with error: The process '/usr/bin/tar' failed with exit code 2",
    "Tar failed with error: The process '/usr/bin/tar' failed with exit code 2",
  ],
  [
    'a full disk',
    'other',
    'tar: a: Cannot write: No space left on device\n::warning::Failed to restore: Tar failed with error: x',
    'no space left on the disk of the layer store',
  ],
  [
    'a disk that is just full',
    'other',
    'tar: a: Wrote only 512 of 10240 bytes\n::warning::Failed to restore: Tar failed with error: x',
    'no space left on the disk of the layer store',
  ],
  [
    'a signed URL, and a command',
    'other',
    '::warning::Failed to save: GET https://account.blob.example/x?sig=SECRET&se=1 ##[error]no',
    'GET https://account.blob.example/x?sig=…&se=… # #[error]no',
  ],
])('%s', (_, kind, output, words) => {
  const fault = faultIn({ output });
  expect([fault?.kind, fault?.words]).toEqual([kind, words]);
});

test('a rate limit, with and without its end', () => {
  const refused = `::debug::Failed to reserve cache: Error: Failed to CreateCacheEntry: Rate limited: Failed request: (429) Too Many Requests`;
  expect(faultIn({ output: refused })).toMatchObject({ kind: 'limited', retryAfterMs: undefined });
  const withEnd = `::warning::You've hit a rate limit, your rate limit will reset in 30 seconds\n${refused}`;
  expect(faultIn({ output: withEnd })).toMatchObject({ kind: 'limited', retryAfterMs: 30_000 });
});

test('what the library throws is a fault', () => {
  expect(faultIn({ output: '', error: 'Error: Path Validation Error: no path\nmore' })).toEqual({
    kind: 'other',
    words: 'Error: Path Validation Error: no path more',
    retryAfterMs: undefined,
  });
});
