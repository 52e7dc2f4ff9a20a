import type { Digest } from '../oci/digest.ts';
import type { NameRecord } from '../ports.ts';

/** A blob that comes into the store in parts, one part after the other. */
export interface Upload {
  /** Bytes that are here. */
  readonly size: number;
  /** False once a sweep took it away, an hour after its last byte. */
  exists(): Promise<boolean>;
  /**
   * Adds bytes behind the others; false, and nothing is read, if they are not to begin where those end. What came before a content failed stays; of one that
   * is not of the length that was told nothing does: SIZE_MISMATCH. Throws BLOB_UNKNOWN if a sweep took the upload away, DISK_FULL, STORE_UNUSABLE, or what the content throws.
   */
  append(content: AsyncIterable<Uint8Array>, from?: number, length?: number): Promise<boolean>;
  /** Proves the whole and makes it the blob; throws DIGEST_MISMATCH, and it is to be cancelled then. */
  keep(digest: Digest): Promise<void>;
  cancel(): Promise<void>;
}

/** What a store holds, for those who show it to others or change it. */
export interface StoreContents {
  /** Every name, sorted. */
  names(): Promise<readonly NameRecord[]>;
  /** Bytes of the blob, from its file; undefined if it is not here. */
  sizeOf(digest: Digest): Promise<number | undefined>;
  /** Begins a blob that comes in parts. */
  upload(): Promise<Upload>;
  /** Takes names away, from `index.json` too, under the lock; no error if they are gone. Blobs stay until a sweep. */
  forget(names: readonly string[]): Promise<void>;
  /** Removes a blob; false, and it stays, if a name leads to it or a lease marks it. */
  remove(digest: Digest): Promise<boolean>;
}
