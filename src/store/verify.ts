import { createHash } from 'node:crypto';
import { PullError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { algorithmOf, finishDigest } from '../oci/digest.ts';

/** What is promised of a blob's bytes. */
export type Promised = Pick<Descriptor, 'digest' | 'size'>;

/**
 * Counts and hashes the chunks it is shown; both methods throw SIZE_MISMATCH, `end` also DIGEST_MISMATCH, with what was
 * expected and found.
 */
export interface Proof {
  /** Throws as soon as the bytes seen are more than promised. */
  take(chunk: Uint8Array): void;
  /** Returns only if all bytes promised were seen, and no others. */
  end(): void;
}

/** A proof for one pass over one blob. */
export function proofOf(blob: Promised): Proof {
  const algorithm = algorithmOf(blob.digest);
  const hash = createHash(algorithm);
  let seen = 0;
  return {
    take(chunk) {
      seen += chunk.byteLength;
      if (seen > blob.size) throw sizeMismatch(blob, `at least ${seen}`);
      hash.update(chunk);
    },
    end() {
      if (seen !== blob.size) throw sizeMismatch(blob, `${seen}`);
      const found = finishDigest(hash, algorithm);
      if (found !== blob.digest) {
        throw new PullError('DIGEST_MISMATCH', blob.digest, `other bytes: expected ${blob.digest}, found ${found}`);
      }
    },
  };
}

/** SIZE_MISMATCH for the blob; `found` is a number of bytes in words. */
export function sizeMismatch(blob: Promised, found: string): PullError {
  return new PullError('SIZE_MISMATCH', blob.digest, `wrong size: expected ${blob.size} bytes, found ${found}`);
}

/**
 * The chunks as they come, the last one only after all of them proved to be the blob; throws SIZE_MISMATCH or
 * DIGEST_MISMATCH instead of it. Each chunk is held back by one, so the source must give each a buffer of its own.
 */
export async function* verified(
  blob: Promised,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const proof = proofOf(blob);
  let withheld: Uint8Array | undefined;
  for await (const chunk of chunks) {
    // An empty chunk must not push out the one that is withheld.
    if (chunk.byteLength === 0) continue;
    proof.take(chunk);
    if (withheld !== undefined) yield withheld;
    withheld = chunk;
  }
  proof.end();
  if (withheld !== undefined) yield withheld;
}
