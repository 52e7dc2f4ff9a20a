import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '../oci/digest.ts';
import { placeText } from './place.ts';

/** The folder of lease files: what they name is in use by a job until they expire. */
export const LEASES = 'leases';
const LIFETIME_MS = 6 * 60 * 60 * 1000;

/**
 * Leaves a file that keeps the blobs from any sweep for 6 hours after `now`, and removes leases that have expired.
 * `run` is a name for people.
 */
export async function writeLease(root: string, run: string, digests: readonly Digest[], now: number): Promise<void> {
  const file = `${run.replaceAll(/[^A-Za-z0-9_-]/g, '-').slice(0, 64)}-${randomUUID()}.json`;
  const text = JSON.stringify({ run, expires: now + LIFETIME_MS, digests: [...new Set(digests)] });
  await placeText(root, join(LEASES, file), `${text}\n`);
  await pruneLeases(root, now);
}

async function pruneLeases(root: string, now: number): Promise<void> {
  const files = await readdir(join(root, LEASES)).catch(() => []);
  for (const file of files) {
    const path = join(root, LEASES, file);
    // Whoever else prunes at the same moment may be first.
    const expires = await expiry(path).catch(() => Number.POSITIVE_INFINITY);
    if (expires <= now) await rm(path, { force: true }).catch(() => {});
  }
}

async function expiry(path: string): Promise<number> {
  const text = await readFile(path, 'utf8');
  try {
    const { expires } = JSON.parse(text) as { expires?: unknown };
    if (typeof expires === 'number') return expires;
  } catch {
    // Not one of ours, or a damaged one: its age decides.
  }
  return (await stat(path)).mtimeMs + LIFETIME_MS;
}
