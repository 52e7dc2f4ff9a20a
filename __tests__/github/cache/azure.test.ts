import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { openJob } from '../../support/cache-job.ts';
import { startCacheService } from '../../support/cache-service.ts';

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test("through Azure's own client: blocks go up, ranges come down, segment by segment, and the bytes are the same", async () => {
  const service = await startCacheService({ blobHost: 'account.blob.core.windows.net' });
  const job = await openJob(service, { childPath: path.join(import.meta.dirname, '../../support/azure-child.ts') });
  try {
    // A little more than one segment.
    const bytes = randomBytes(140 * 1024 * 1024);
    expect(await job.cache.save('entry-1', [await job.file('large', bytes)])).toBe('saved');
    expect(service.lines().filter((line) => line === 'PUT')).toHaveLength(4);
    const entry = await job.cache.restore('entry-1', bytes.byteLength);
    expect(digest(await readFile(entry?.files[0]?.path ?? ''))).toBe(digest(bytes));
    const downloads = service.calls.filter(({ call }) => call === 'GET');
    expect(downloads.length).toBeGreaterThan(35);
    expect(new Set(downloads.map(({ status }) => status))).toEqual(new Set([206]));
    expect(job.said()).toEqual([]);
  } finally {
    await job.dispose();
    await service.close();
  }
}, 60_000);
