import { PullError } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
import { parseDocument } from '../oci/manifest.ts';
import { isManifestType } from '../oci/media-types.ts';
import { formatPlatform, normalizePlatform } from '../oci/platform.ts';
import { isAttestation } from '../oci/platform-match.ts';
import {
  canonicalReference,
  familiarReference,
  parseReference,
  type Reference,
  type Repository,
} from '../oci/reference.ts';
import type { Lock, LockedImage } from '../outcome.ts';
import { lockKey } from '../settings/locked.ts';
import type { PullRequest } from '../settings.ts';
import type { Read } from './documents.ts';
import type { Resolved } from './resolve.ts';

/** The tags of a repository that a lock file has, in its order. */
export function lockedTags({ domain, path }: Repository, lock: Lock): readonly string[] {
  const prefix = `${canonicalReference({ domain, path })}:`;
  return [...lock.keys()].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
}

/**
 * What a lock file says of an image: its digest and that of every platform its index names, whoever asked for which. An image without an index has the one platform
 * of its config, which the caller knows.
 */
export function lockedImage({ document, content }: Read, platform: string | undefined): LockedImage {
  const platforms: Record<string, Digest> = {};
  const children = content.kind === 'index' ? content.manifests : [];
  for (const child of children) {
    if (!child.platform || isAttestation(child) || !isManifestType(child.mediaType)) continue;
    const name = formatPlatform(normalizePlatform(child.platform));
    platforms[name] ??= child.digest;
  }
  if (content.kind === 'manifest' && platform !== undefined) platforms[platform] = document.digest;
  return { digest: document.digest, platforms };
}

/** What a lock file holds after these look-ups; undefined if one of them failed, for it is to hold all or be left as it was. */
export function lockOf(resolved: readonly Resolved[]): Lock | undefined {
  const lock = new Map<string, LockedImage>();
  for (const image of resolved) {
    if (image.kind !== 'image') return undefined;
    const [leaf] = image.resolution.platforms;
    const [document] = leaf?.documents ?? [];
    const key = lockKey(image.reference);
    if (!leaf || !document || key === undefined) continue;
    const content = parseDocument(document, familiarReference(image.reference));
    lock.set(key, lockedImage({ document, content }, leaf.name));
  }
  return lock;
}

/** What a registry says of a digest that it has no longer. */
const GONE = new Set(['MANIFEST_UNKNOWN', 'BLOB_UNKNOWN', 'NAME_UNKNOWN']);

/** The error of an image; where the digest that is gone is the lock file's, its hint says so, for nobody who asked for the tag has seen it. */
export function withLockHint(error: PullError, reference: Reference | undefined, lock: Lock | undefined): PullError {
  const locked = reference && lock?.get(lockKey(reference) ?? '')?.digest;
  if (!locked || locked !== reference.digest || !GONE.has(error.code)) return error;
  const { code, subject, reason, temporary, retryAfterMs } = error;
  const hint = `The digest is that of the lock file, and the registry no longer has it. Take what ${familiarReference({ ...reference, digest: undefined })} is now with update-lock: true.`;
  return new PullError(code, subject, reason, { hint, temporary, retryAfterMs, cause: error });
}

/** Why a lock file cannot hold both digests of one name; undefined if they are one. */
export function conflict(name: string, one: Digest | undefined, other: Digest): PullError | undefined {
  if (one === undefined || one === other) return undefined;
  const reason = `is asked for as ${one} and as ${other}; a lock file holds one digest of a tag`;
  const hint = 'Leave one of the two out.';
  return new PullError('LOCK_MISMATCH', familiarReference(parseReference(name)), reason, { hint });
}

function withoutConflicts(resolved: readonly Resolved[]): readonly Resolved[] {
  const seen = new Map<string, Digest>();
  return resolved.map((image) => {
    const name = lockKey(image.reference ?? { domain: '', path: '' });
    if (image.kind !== 'image' || name === undefined) return image;
    const { key, reference, resolution, heldUpMs } = image;
    const error = conflict(name, seen.get(name), resolution.target.digest);
    seen.set(name, resolution.target.digest);
    return error ? { kind: 'failed', key, reference, error, heldUpMs } : image;
  });
}

/**
 * The images as they were, but some have failed: with a lock file those whose platforms have other digests than it says, for somebody has edited it; where one is to be
 * written those that are asked for with two digests.
 */
export function heldAgainst(
  { lock, updatesLock }: Pick<PullRequest, 'lock' | 'updatesLock'>,
  resolved: readonly Resolved[],
): readonly Resolved[] {
  if (updatesLock) return withoutConflicts(resolved);
  if (!lock) return resolved;
  return resolved.map((image) => {
    if (image.kind !== 'image') return image;
    const locked = lock.get(lockKey(image.reference) ?? '');
    const wrong = image.resolution.platforms.find(({ name, documents }) => {
      const expected = locked?.platforms[name];
      return expected !== undefined && expected !== documents.at(-1)?.digest;
    });
    if (!locked || !wrong) return image;
    const found = wrong.documents.at(-1)?.digest;
    const reason = `the lock file has ${locked.platforms[wrong.name]} for ${wrong.name}, but ${locked.digest}, which it names as well, has ${found}`;
    const error = new PullError('LOCK_MISMATCH', familiarReference(image.reference), reason, {
      hint: 'Write the lock file anew with update-lock: true.',
    });
    const { key, reference, heldUpMs } = image;
    return { kind: 'failed', key, reference, error, heldUpMs };
  });
}
