import { lstat, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { makeFolder } from '../lib/make-folder.ts';
import { asRecord, parseJson } from '../lib/records.ts';
import { LAYOUT_CONTENT, LAYOUT_FILE } from '../oci/layout.ts';
import { onDisk } from './disk-error.ts';
import { LOCK } from './exclusive.ts';
import { INGEST, ingestPath } from './ingest.ts';
import { LEASES } from './lease.ts';
import { NAMES } from './names.ts';
import { readOwn } from './own-text.ts';
import { placeText } from './place.ts';

const FOLDERS = [join('blobs', 'sha256'), NAMES, LEASES, LOCK];
/**
 * What may lie in a folder that is to become a store: our own first step, if we were killed after it, and what a new
 * file system holds.
 */
const AS_GOOD_AS_EMPTY = [INGEST, 'lost+found'];
const ABANDONED_MS = 60 * 60 * 1000;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Makes the folder a layout of image-spec v1.1 that this process can write to; an empty or absent folder becomes one, a
 * folder with anything else in it is refused untouched. Throws STORE_UNUSABLE or DISK_FULL. Several processes may do so
 * at once, and be killed at any moment.
 */
export async function prepareLayout(root: string): Promise<void> {
  await onDisk(root, makeFolder(root));
  const entries = await onDisk(root, readdir(root));
  const isLayout = entries.includes(LAYOUT_FILE);
  if (isLayout) await checkVersion(root);
  else refuseForeign(root, entries);

  await onDisk(root, makeFolder(join(root, INGEST)));
  await clearIngest(root);
  if (!isLayout) await placeText(root, LAYOUT_FILE, LAYOUT_CONTENT);
  for (const folder of FOLDERS) await onDisk(root, makeFolder(join(root, folder)));
}

async function checkVersion(root: string): Promise<void> {
  const expected = versionIn(LAYOUT_CONTENT);
  const { text } = await onDisk(root, readOwn(join(root, LAYOUT_FILE)));
  const found = versionIn(text);
  if (found === expected) return;
  const reason = `expected an OCI image layout of version ${expected}, found ${clean(found ?? 'no version', 40)} in ${LAYOUT_FILE}`;
  throw new PullError('STORE_UNUSABLE', root, reason, { hint: 'Let the input `store` name another folder.' });
}

function versionIn(text: string): string | undefined {
  const { imageLayoutVersion } = asRecord(parseJson(text));
  return typeof imageLayoutVersion === 'string' ? imageLayoutVersion : undefined;
}

function refuseForeign(root: string, entries: readonly string[]): void {
  const foreign = entries.find((entry) => !AS_GOOD_AS_EMPTY.includes(entry) && !entry.startsWith('.probe-'));
  if (foreign === undefined) return;
  const reason = `expected an OCI image layout or an empty folder, found ${clean(JSON.stringify(foreign), 100)}`;
  throw new PullError('STORE_UNUSABLE', root, reason, { hint: 'Let the input `store` name a folder of its own.' });
}

/** Removes what killed processes left unfinished over an hour ago; returns the time of this file system, in milliseconds. */
export async function clearIngest(root: string): Promise<number> {
  const now = await probe(root);
  await sweepIngest(root, now);
  return now;
}

/** Shows that files can be made here, and tells the time of this file system, in milliseconds: it may not be ours. */
async function probe(root: string): Promise<number> {
  const path = ingestPath(root);
  await onDisk(root, writeFile(path, '', { flag: 'wx' }));
  const { mtimeMs } = await onDisk(root, lstat(path));
  await rm(path, { force: true }).catch(() => {});
  return mtimeMs;
}

/** What a killed process left behind over an hour ago; one that still writes keeps its file young. */
async function sweepIngest(root: string, now: number): Promise<void> {
  const files = await readdir(join(root, INGEST)).catch(() => []);
  for (const file of files.filter((name) => UUID.test(name))) {
    const path = join(root, INGEST, file);
    try {
      const { mtimeMs } = await lstat(path);
      if (mtimeMs < now - ABANDONED_MS) await rm(path, { force: true });
    } catch {
      // Somebody else sweeps too.
    }
  }
}
