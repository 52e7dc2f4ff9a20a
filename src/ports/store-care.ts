import type { Digest } from '../oci/digest.ts';

/** A name of the store, as people see it. */
export interface StoredImage {
  readonly name: string;
  readonly target: Digest;
  /** Bytes of the blobs the name leads to that are here, whoever else shares them. */
  readonly bytes: number;
  /** Those blobs, with their sizes in bytes. */
  readonly blobs: ReadonlyMap<Digest, number>;
  /** When the name was last asked for, milliseconds since the epoch. */
  readonly usedAt: number;
}

/** What went from a store, and what was to go and did not. */
export interface Removed {
  readonly names: readonly string[];
  readonly inUse: readonly string[];
  readonly blobs: readonly { readonly digest: Digest; readonly size: number }[];
}

/** What keeps a store in order. */
export interface StoreCare {
  /** Every name, the most recently used first. */
  list(): Promise<readonly StoredImage[]>;
  /** Hashes every blob again and removes those that are no longer what their names say. */
  verify(): Promise<{
    readonly blobs: number;
    readonly bytes: number;
    readonly wrong: readonly { readonly digest: Digest; readonly reason: string }[];
  }>;
  /**
   * Makes the blobs take at most so many bytes: first those no name leads to, then those of the least recently used names, with the names. What a lease that
   * has not expired marks stays, and so does what was written in the last hour without a name. Returns the names and bytes that went.
   */
  sweep(maxBytes: number): Promise<{ readonly images: number; readonly bytes: number }>;
  /**
   * Takes names away, and the blobs that only they led to. A name whose target a lease marks stays, and is told as `inUse`; a blob that a lease marks, or another
   * name or tool leads to, stays.
   */
  remove(names: readonly string[]): Promise<Removed>;
}
