import type { PullError } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
import type { Reference } from '../oci/reference.ts';

/** What became of one blob at a destination: `foreign` ones are not for registries to hand on, and stay where their URLs say. */
export interface PushedBlob {
  readonly digest: Digest;
  readonly size: number;
  readonly how: 'present' | 'mounted' | 'uploaded' | 'foreign';
  /** The repository it was mounted from, as people write it. */
  readonly from?: string | undefined;
}

/** What became of one image at one destination. */
export interface PushedImage {
  /** The destination as people write it; unique in a run. */
  readonly key: string;
  /** What was to be pushed, as the user wrote it. */
  readonly source: string;
  /** Absent if it was never known where to. */
  readonly reference?: Reference | undefined;
  /** What the destination points to now, or was to. */
  readonly digest?: Digest | undefined;
  /** Bytes of the manifest or index. */
  readonly size: number;
  readonly blobs: readonly PushedBlob[];
  readonly seconds: number;
  readonly error?: PullError | undefined;
}

/** What a push ends with, whether or not images failed; in the order of the request, those that could not be pulled last. */
export interface PushOutcome {
  readonly images: readonly PushedImage[];
  readonly totals: PushTotals;
}

/** Sums over blobs and destinations; bytes are those that were sent. */
export interface PushTotals {
  readonly images: number;
  readonly failed: number;
  readonly uploaded: number;
  readonly mounted: number;
  readonly present: number;
  readonly bytes: number;
  readonly seconds: number;
}
