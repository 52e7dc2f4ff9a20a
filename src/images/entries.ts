import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import type { Digest } from '../oci/digest.ts';
import {
  canonicalReference,
  familiarName,
  familiarReference,
  parseReference,
  type Reference,
  withDefaultTag,
} from '../oci/reference.ts';
import type { StoredImage } from '../ports.ts';

/** A name of the store as people mean it: `redis`, `redis:latest` and `docker.io/library/redis:latest` are one. */
export interface Entry {
  readonly reference: Reference;
  /** As Docker prints it. */
  readonly name: string;
  /** The texts it was recorded under. */
  readonly recorded: readonly string[];
  readonly target: Digest;
  readonly bytes: number;
  readonly blobs: ReadonlyMap<Digest, number>;
  readonly usedAt: number;
  /** True for a platform of an image that has a name of its own only so that it is found by digest. */
  readonly part: boolean;
}

/** Names as people mean them, in their order; what is no reference is left out. */
export function entriesOf(images: readonly StoredImage[]): readonly Entry[] {
  const groups = new Map<string, { reference: Reference; images: StoredImage[] }>();
  for (const image of images) {
    const reference = readable(image.name);
    if (!reference) continue;
    const key = canonicalReference(reference);
    const group = groups.get(key) ?? { reference, images: [] };
    groups.set(key, group);
    group.images.push(image);
  }
  const entries = [...groups.values()].map(
    ({ reference, images: [first, ...others] }) => first && entryOf(reference, first, others),
  );
  const all = entries.filter((entry) => entry !== undefined);
  return all.map((entry) => ({ ...entry, part: isPart(entry, all) }));
}

function entryOf(reference: Reference, first: StoredImage, others: readonly StoredImage[]): Entry {
  const { target, bytes, blobs } = first;
  const recorded = [first, ...others].map(({ name }) => name);
  const usedAt = Math.max(...[first, ...others].map((image) => image.usedAt));
  return { reference, name: familiarReference(reference), recorded, target, bytes, blobs, usedAt, part: false };
}

/** A name without a tag in the repository of another whose image it belongs to. */
function isPart(entry: Entry, all: readonly Entry[]): boolean {
  if (entry.reference.tag !== undefined) return false;
  const repository = familiarName(entry.reference);
  return all.some(
    (other) =>
      other.target !== entry.target && familiarName(other.reference) === repository && other.blobs.has(entry.target),
  );
}

function readable(name: string): Reference | undefined {
  try {
    return withDefaultTag(parseReference(name));
  } catch (error) {
    if (error instanceof PullError) return undefined;
    throw error;
  }
}

const ID = /^(?:sha256:)?([0-9a-f]{4,64})$/;

/**
 * The entries a text means: those of a name, or, where none has it, all of the one image with this id or beginning of an id (4 hex digits and more, of the target or of
 * a config). Throws NOT_HELD if there is none, INPUT_INVALID if several images begin so.
 */
export function findEntries(
  text: string,
  entries: readonly Entry[],
  idsOf: (entry: Entry) => readonly Digest[],
): readonly Entry[] {
  const reference = readable(text);
  const wanted = reference && canonicalReference(reference);
  const named = entries.filter((entry) => canonicalReference(entry.reference) === wanted);
  const pinned = reference?.digest === undefined ? named : [...named, ...byDigest(reference, entries)];
  if (pinned.length > 0) return [...new Set(pinned)];
  const hex = ID.exec(text)?.[1];
  const found =
    hex === undefined ? [] : entries.filter((entry) => idsOf(entry).some((id) => id.startsWith(`sha256:${hex}`)));
  const targets = new Set(found.map(({ target }) => target));
  if (found.length === 0)
    throw new PullError('NOT_HELD', clean(text, 300), 'no such image in the store', {
      hint: 'pull-image ls lists what there is.',
    });
  // A platform that has a name of its own lies in the image, too.
  const whole = found.filter(({ part }) => !part);
  if (new Set(whole.map(({ target }) => target)).size > 1 || (whole.length === 0 && targets.size > 1))
    throw new PullError('INPUT_INVALID', clean(text, 300), `the beginning of ${targets.size} ids`, {
      hint: 'Write more digits, or a name.',
    });
  return whole.length > 0 ? whole : found;
}

/** `name@digest` is whatever of the repository points to the digest. */
const byDigest = (reference: Reference, entries: readonly Entry[]): readonly Entry[] =>
  entries.filter(
    (entry) => entry.target === reference.digest && familiarName(entry.reference) === familiarName(reference),
  );
