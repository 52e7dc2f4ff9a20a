import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { isRecord } from '../lib/records.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import { canonicalReference, parseReference } from '../oci/reference.ts';
import type { Lock, LockChanges, LockedImage } from '../outcome.ts';

const MEND = 'Write it anew with update-lock: true, or with pull-image lock.';
const ANOTHER = 'Let lock-file name a file that this user may read and write.';

/** What the lock file says, undefined if there is none; throws INPUT_INVALID for one that is not as `docs/lock-file.schema.json` has it. */
export async function readLockFile(file: string): Promise<Lock | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as { code?: string }).code === 'ENOENT') return undefined;
    throw new PullError('INPUT_INVALID', clean(file, 300), `cannot be read (${why(cause)})`, { hint: ANOTHER, cause });
  }
  return parseLock(text, clean(file, 300));
}

const WORDS: Readonly<Record<string, string>> = {
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left',
};

function why(cause: unknown): string {
  const { code = '' } = cause as { code?: string };
  return WORDS[code] ?? clean(code || String(cause), 300);
}

/** The text of a lock file: sorted, a line a digest, the same text for the same lock. */
export function formatLock(lock: Lock): string {
  const images = sorted([...lock]).map(([name, { digest, platforms }]) => [
    name,
    { digest, platforms: Object.fromEntries(sorted(Object.entries(platforms))) },
  ]);
  return `${JSON.stringify({ version: 1, images: Object.fromEntries(images) }, null, 2)}\n`;
}

/** By code unit, so that every machine writes the same. */
const sorted = <T>(entries: readonly (readonly [string, T])[]): readonly (readonly [string, T])[] =>
  [...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

/** A lock out of its text; throws INPUT_INVALID with `subject` and the member that is wrong. */
export function parseLock(text: string, subject: string): Lock {
  const wrong = (reason: string) => new PullError('INPUT_INVALID', subject, reason, { hint: MEND });
  let content: unknown;
  try {
    // Some editors begin a file with a mark that no JSON parser takes.
    content = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    if (/^<{7} /m.test(text)) throw wrong('holds an unresolved merge');
    // What Node says quotes the text, and the text may be anything.
    throw wrong('is not JSON');
  }
  if (!isRecord(content) || !isRecord(content.images)) throw wrong('expected an object with the member images');
  if (content.version !== 1) {
    throw wrong(`expected version 1, found ${shown(content.version, 50)}`);
  }
  return new Map(
    Object.entries(content.images).map(([name, image]) => [readName(name, wrong), readImage(name, image, wrong)]),
  );
}

/** A value for people; what is nested is not written out, for it may be nested deep. */
function shown(value: unknown, limit: number): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return clean(JSON.stringify(value) ?? 'nothing', limit);
}

type Wrong = (reason: string) => PullError;

function readName(name: string, wrong: Wrong): string {
  let full: string | undefined;
  try {
    const reference = parseReference(name);
    full = reference.tag !== undefined && reference.digest === undefined ? canonicalReference(reference) : undefined;
  } catch {
    full = undefined;
  }
  if (full === name) return name;
  throw wrong(
    `expected a full reference with a tag, such as docker.io/library/redis:7, found ${JSON.stringify(clean(name, 300))}`,
  );
}

function readImage(name: string, image: unknown, wrong: Wrong): LockedImage {
  const digestIn = (value: unknown, where: string): Digest => {
    if (isDigest(value)) return value;
    throw wrong(`${clean(name, 300)}: expected ${where} to be sha256:<64 hex digits>, found ${shown(value, 100)}`);
  };
  if (!isRecord(image) || !isRecord(image.platforms)) throw wrong(`${clean(name, 300)}: expected digest and platforms`);
  const platforms = Object.entries(image.platforms).map(
    ([platform, digest]) => [platform, digestIn(digest, clean(platform, 100))] as const,
  );
  return { digest: digestIn(image.digest, 'digest'), platforms: Object.fromEntries(platforms) };
}

/** Writes the lock, whole or not at all; a file that says the same already is not touched. Returns how it differs from what the file said before. */
export async function writeLockFile(file: string, lock: Lock): Promise<LockChanges> {
  const text = formatLock(lock);
  const before = await readFile(file, 'utf8').catch(() => undefined);
  if (before !== text) {
    const fresh = `${file}.${randomUUID()}.tmp`;
    try {
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(fresh, text, { flag: 'wx' });
      await rename(fresh, file);
    } catch (cause) {
      await rm(fresh, { force: true }).catch(() => {});
      throw new PullError('INPUT_INVALID', clean(file, 300), `cannot be written (${why(cause)})`, {
        hint: ANOTHER,
        cause,
      });
    }
  }
  return lockChanges(readable(before, file), lock);
}

/** A file that says nothing is replaced like one that is not there. */
function readable(text: string | undefined, file: string): Lock {
  try {
    return text === undefined ? new Map() : parseLock(text, file);
  } catch {
    return new Map();
  }
}

/** How one lock differs from another; a tag has moved if its digest has changed. */
export function lockChanges(before: Lock, after: Lock): LockChanges {
  const names = sorted([...after]).map(([name]) => name);
  return {
    references: after.size,
    added: names.filter((name) => !before.has(name)),
    moved: names.flatMap((reference) => {
      const locked = before.get(reference)?.digest;
      const now = after.get(reference)?.digest;
      return locked && now && locked !== now ? [{ reference, locked, now }] : [];
    }),
    dropped: sorted([...before])
      .map(([name]) => name)
      .filter((name) => !after.has(name)),
  };
}
