import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asRecord, parseJson } from '../lib/records.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import { onDisk, unlessAbsent } from './disk-error.ts';
import { readOwn } from './own-text.ts';
import { placeText } from './place.ts';

/** The folder of lease files: what they name is in use by a job until they expire. */
export const LEASES = 'leases';
const LIFETIME_MS = 6 * 60 * 60 * 1000;
const FILE = /^[A-Za-z0-9_-]{1,128}\.json$/;

interface Lease {
  /** Milliseconds since the epoch. */
  readonly expires: number;
  readonly digests: readonly Digest[];
  /** True if names may go that lead to them. */
  readonly bytesOnly: boolean;
}

/** What leases keep: blobs, and among them those that no name that leads to them may lose. */
export interface Leased {
  readonly blobs: ReadonlySet<Digest>;
  readonly targets: ReadonlySet<Digest>;
}

/**
 * Leaves a file that keeps the blobs from any sweep for 6 hours after `now`, with the names that lead to them, or for `bytesFor` milliseconds without; and removes
 * leases that have expired. Returns the file's name. `run` is a name for people.
 */
export async function writeLease(
  root: string,
  run: string,
  digests: readonly Digest[],
  now: number,
  bytesFor?: number,
): Promise<string> {
  const file = `${run.replaceAll(/[^A-Za-z0-9_-]/g, '-').slice(0, 64)}-${randomUUID()}.json`;
  const ends = { expires: now + (bytesFor ?? LIFETIME_MS), ...(bytesFor === undefined ? {} : { bytesOnly: true }) };
  const text = JSON.stringify({ run, ...ends, digests: [...new Set(digests)] });
  await placeText(root, join(LEASES, file), `${text}\n`);
  await leasedDigests(root, now).catch(() => {});
  return file;
}

/** Removes the lease with this name; no error if it is gone, and nothing happens for what is no lease's name. */
export async function removeLease(root: string, lease: string): Promise<void> {
  if (!FILE.test(lease)) return;
  const path = join(root, LEASES, lease);
  await onDisk(path, rm(path, { force: true }));
}

/** What the leases that have not expired by `now` keep, whoever took them; those that have are removed. */
export async function leasedDigests(root: string, now: number): Promise<Leased> {
  const [blobs, targets] = [new Set<Digest>(), new Set<Digest>()];
  const files = (await unlessAbsent(join(root, LEASES), readdir(join(root, LEASES)))) ?? [];
  for (const file of files) {
    const path = join(root, LEASES, file);
    // Whoever else looks at the same moment may have removed it.
    const lease = await unlessAbsent(path, readLease(path, now));
    if (lease === undefined) continue;
    if (lease.expires <= now) await rm(path, { force: true }).catch(() => {});
    else
      for (const digest of lease.digests) {
        blobs.add(digest);
        if (!lease.bytesOnly) targets.add(digest);
      }
  }
  return { blobs, targets };
}

async function readLease(path: string, now: number): Promise<Lease> {
  const { text, mtimeMs } = await readOwn(path);
  const byAge = mtimeMs + LIFETIME_MS;
  const { expires, digests, bytesOnly } = asRecord(parseJson(text));
  // Not one of ours, or a damaged one: its age decides.
  if (typeof expires !== 'number' || !Array.isArray(digests)) return { expires: byAge, digests: [], bytesOnly: false };
  // Nobody leases for longer: a clock was wrong, or somebody means to keep for ever.
  const ends = expires > now + LIFETIME_MS ? byAge : expires;
  return { expires: ends, digests: digests.filter(isDigest), bytesOnly: bytesOnly === true };
}
