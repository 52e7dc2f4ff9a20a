import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import {
  canonicalReference,
  familiarReference,
  parseReference,
  type Reference,
  withDefaultTag,
} from '../oci/reference.ts';
import type { Lock } from '../outcome.ts';
import type { Found } from './found.ts';
import type { WantedImage } from './images.ts';
import { type RawSettings, type Reader, splitLines, splitList } from './reader.ts';

/** The lock file of the run. */
export interface LockSettings {
  readonly file: string;
  /** Whether it is to be written anew instead of obeyed. */
  readonly update: boolean;
}

/** What a reference is called in a lock file: full, with its tag, without a digest; undefined for one that is nothing but a digest, and pins itself. */
export function lockKey(reference: Reference): string | undefined {
  const { domain, path, tag } = withDefaultTag(reference);
  return tag === undefined ? undefined : canonicalReference({ domain, path, tag });
}

/** The inputs `lock-file` and `update-lock`; a file that is needed and not there is a mistake, with the command that mends it. */
export function readLock(read: Reader, raw: RawSettings, found: Found, policy: string): LockSettings | undefined {
  const file = read.text('lock-file');
  const update = read.boolean('update-lock', false);
  if (file === undefined) {
    if (update)
      read.mistakes.push(
        'update-lock: has no file to write; name one with lock-file: pull-image.lock.json, or drop it',
      );
    return undefined;
  }
  if (update && policy === 'never')
    read.mistakes.push('update-lock: asks the registry, which pull-policy: never forbids; drop one of the two');
  if (!update && !found.lock && !found.mistakes.some((mistake) => mistake.startsWith('lock-file:')))
    read.mistakes.push(`lock-file: ${clean(file, 300)} is not there. ${mend(raw)}`);
  return { file, update };
}

/** How to bring a lock file up to what is asked for; a file that has more than that keeps it, unless what is asked for is in files. */
export function mend(raw: RawSettings, locked: readonly string[] = []): string {
  const file = raw['lock-file']?.trim() ?? '';
  const words = [
    ...splitList(raw.images ?? ''),
    ...(raw.files?.trim() ? [] : locked),
    ...splitLines(raw.files ?? '').flatMap((pattern) => ['--files', pattern]),
    ...(/^true$/i.test(raw['all-tags']?.trim() ?? '') ? ['--all-tags'] : []),
    ...splitLines(raw.tags ?? '').flatMap((pattern) => ['--tags', pattern]),
    ...['--lock-file', file],
  ];
  const command = ['pull-image', 'lock', ...words.map(quoted)].join(' ');
  return `Write it with: ${clean(command, 600)}; or run once with update-lock: true, and commit the file.`;
}

/** What the lock has besides these images, as people write it. */
export function notIn(images: readonly WantedImage[], lock: Lock): readonly string[] {
  const wanted = new Set(images.map((image) => ('error' in image ? undefined : lockKey(image.reference))));
  return [...lock.keys()].filter((name) => !wanted.has(name)).map((name) => familiarReference(parseReference(name)));
}

const quoted = (word: string): string => (/^[\w./:@=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/**
 * The image with the digest that the lock has for it, so that no tag is asked for. One that the lock does not have, or has with another digest than the user wrote,
 * becomes a failure that says so; a repository under `all-tags` stays as it is.
 */
export function lockImage(image: WantedImage, lock: Lock, allTags: boolean, help: string): WantedImage {
  if ('error' in image || (allTags && image.reference.tag === undefined)) return image;
  const { key, reference } = image;
  const name = lockKey(reference);
  if (name === undefined) return image;
  const failed = (reason: string, hint: string): WantedImage => ({
    key,
    error: new PullError('LOCK_MISMATCH', clean(key, 300), reason, { hint }),
  });
  const locked = lock.get(name);
  if (!locked) return failed('is not in the lock file', help);
  if (reference.digest !== undefined && reference.digest !== locked.digest)
    return failed(
      `the lock file has ${locked.digest}`,
      'Write the digest of the lock file, or the tag alone; or run once with update-lock: true.',
    );
  return { ...image, reference: { ...withDefaultTag(reference), digest: locked.digest } };
}
