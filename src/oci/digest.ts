import { createHash, type Hash } from 'node:crypto';
import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';

declare const branded: unique symbol;

/** Text that is known to be a well-formed digest of a supported algorithm: safe in a path and in a URL. */
export type Digest = string & { readonly [branded]: 'Digest' };

export type Algorithm = 'sha256' | 'sha512';

const SUPPORTED = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;
/** image-spec v1.1, descriptor.md: algorithm ":" encoded. */
const GRAMMAR = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/;

/**
 * Text as a digest; throws DIGEST_INVALID for anything but `sha256:` with 64 or `sha512:` with 128 lower-case hex digits
 * (image-spec v1.1, descriptor.md, "Digests").
 */
export function parseDigest(text: string, subject = 'digest'): Digest {
  if (isDigest(text)) return text;
  throw new PullError('DIGEST_INVALID', subject, digestProblem(text));
}

/** Why a text is no digest we take: what was expected, and what was found. */
export function digestProblem(text: string): string {
  const algorithm = text.slice(0, text.indexOf(':'));
  return GRAMMAR.test(text) && !['sha256', 'sha512'].includes(algorithm)
    ? `unsupported digest algorithm ${JSON.stringify(clean(algorithm, 60))}, expected sha256 or sha512`
    : `expected sha256:<64 hex digits> or sha512:<128 hex digits>, found ${JSON.stringify(clean(text, 160))}`;
}

/** True for what `parseDigest` accepts. */
export function isDigest(text: unknown): text is Digest {
  return typeof text === 'string' && SUPPORTED.test(text);
}

export function algorithmOf(digest: Digest): Algorithm {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256';
}

/** The hexadecimal part: 64 or 128 characters. */
export function hexOf(digest: Digest): string {
  return digest.slice(7);
}

/** The first 12 hex digits, as Docker prints layers. */
export function shortDigest(digest: Digest): string {
  return hexOf(digest).slice(0, 12);
}

/** `sha256:` and the first 12 hex digits, for people. */
export const briefDigest = (digest: Digest): string => `${algorithmOf(digest)}:${shortDigest(digest)}`;

/** `sha256-` and the first 12 hex digits: a tag for what has none (distribution-spec, "Pulling manifests"). */
export const digestTag = (digest: Digest): string => `${algorithmOf(digest)}-${shortDigest(digest)}`;

/** The digest of the bytes; sha256 unless another algorithm is asked for. */
export function digestOf(bytes: Uint8Array | string, algorithm: Algorithm = 'sha256'): Digest {
  return finishDigest(createHash(algorithm).update(bytes), algorithm);
}

/** The digest of everything a hash was fed; ends the hash. */
export function finishDigest(hash: Hash, algorithm: Algorithm): Digest {
  return `${algorithm}:${hash.digest('hex')}` as Digest;
}
