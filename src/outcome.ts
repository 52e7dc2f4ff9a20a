import type { PullError } from './errors.ts';
import type { Descriptor } from './oci/descriptor.ts';
import type { Digest } from './oci/digest.ts';
import type { Reference } from './oci/reference.ts';

/** Where bytes came from: the network, this machine's layer store, or an engine that had them all along. */
export type Source = 'registry' | 'store' | 'engine';

/** One layer of one platform; `seconds` is the time its download took, 0 if none was needed. */
export interface LayerOutcome {
  readonly digest: Digest;
  readonly size: number;
  readonly source: Source;
  readonly seconds: number;
}

/** One platform of an image; `size` is the sum of its compressed layers in bytes, `local` its name in the engine. */
export interface PlatformOutcome {
  readonly platform: string;
  readonly digest: Digest;
  readonly imageId: Digest;
  readonly size: number;
  readonly local?: string | undefined;
  readonly layers: readonly LayerOutcome[];
}

/** What became of one key of the request. */
export interface ImageOutcome {
  /** As the user wrote it; under `all-tags` with the tag. Keys are unique in a run. */
  readonly key: string;
  /** Absent if the key could not be read as a reference. */
  readonly reference?: Reference | undefined;
  /** What the name points to: the index digest of a multi-platform image. Absent if unknown. */
  readonly digest?: Digest | undefined;
  /** A name that runs with `--pull never`, if the image is in an engine. */
  readonly local?: string | undefined;
  /** True if `name@digest` runs in the engine with no registry at hand. */
  readonly digestRunnable: boolean;
  readonly loaded: boolean;
  readonly source?: Source | undefined;
  readonly seconds: number;
  readonly platforms: readonly PlatformOutcome[];
  /** The Docker `Status:` line says whether anything new came. */
  readonly fresh: boolean;
  readonly error?: PullError | undefined;
}

/** Sums over distinct blobs: bytes in, requests avoided, wall time. */
export interface Totals {
  readonly images: number;
  readonly failed: number;
  /** Distinct layers of all images, and their bytes. */
  readonly layers: number;
  readonly bytes: number;
  /** Bytes of layers that came over the network. */
  readonly downloaded: number;
  readonly seconds: number;
}

/** What a run ends with, whether or not images failed; images in the order of the request. */
export interface PullOutcome {
  readonly images: readonly ImageOutcome[];
  readonly totals: Totals;
  /** No layer byte came from a registry, and all that should be loaded is loaded. */
  readonly cacheHit: boolean;
  /** Absolute path of the OCI image layout. */
  readonly store: string;
  /** The engine that holds the images, if any. */
  readonly engine?: string | undefined;
}

/** Facts a run reports while it goes on; words are made of them at the edge only. */
export type PullEvent =
  | {
      readonly type: 'started';
      readonly keys: readonly string[];
      readonly store: string;
      readonly engine?: string | undefined;
    }
  | { readonly type: 'tags'; readonly key: string; readonly listed: number; readonly taken: number }
  | {
      readonly type: 'planned';
      readonly layers: number;
      readonly bytes: number;
      readonly missing: number;
      readonly missingBytes: number;
    }
  | {
      readonly type: 'progress';
      readonly received: number;
      readonly expected: number;
      readonly layersDone: number;
      readonly layers: number;
    }
  | { readonly type: 'stored'; readonly blob: Descriptor; readonly seconds: number }
  | { readonly type: 'loading'; readonly key: string; readonly engine: string }
  | { readonly type: 'image'; readonly image: ImageOutcome }
  | { readonly type: 'finished'; readonly totals: Totals }
  | {
      readonly type: 'retry';
      readonly subject: string;
      readonly reason: string;
      readonly attempt: number;
      readonly delayMs: number;
    }
  | { readonly type: 'notice'; readonly message: string }
  | { readonly type: 'warning'; readonly message: string };

export type Report = (event: PullEvent) => void;
