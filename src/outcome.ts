import type { PullError } from './errors.ts';
import type { Descriptor } from './oci/descriptor.ts';
import type { Digest } from './oci/digest.ts';
import type { Reference } from './oci/reference.ts';
import type { PushedImage, PushTotals } from './outcome/push.ts';
import type { Quota, UsedQuota } from './outcome/quota.ts';

export type { Quota, UsedQuota } from './outcome/quota.ts';

/** Where bytes came from: the network, the cache between jobs, this machine's layer store, or an engine that had them all along. */
export type Source = 'registry' | 'cache' | 'store' | 'engine';

/** One layer of one platform; `seconds` is the time its download took, 0 if none was needed. */
export interface LayerOutcome {
  readonly digest: Digest;
  readonly size: number;
  readonly source: Source;
  readonly seconds: number;
}

/** One platform; `size` is the sum of its compressed layers in bytes, `local` its name in the engine. An engine that alone holds it knows no layers and no size, and perhaps no digest. */
export interface PlatformOutcome {
  readonly platform: string;
  readonly digest?: Digest | undefined;
  readonly imageId: Digest;
  readonly size?: number | undefined;
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
  /** From looking its name up until it was ready, but for what went by while only others were looked up. */
  readonly seconds: number;
  readonly platforms: readonly PlatformOutcome[];
  /** The Docker `Status:` line says whether anything new came. */
  readonly fresh: boolean;
  readonly error?: PullError | undefined;
}

/** What came from one source, and the seconds from its first byte asked for to its last received. */
export interface Transfer {
  readonly bytes: number;
  readonly seconds: number;
}

/** Sums over distinct blobs: bytes in, requests avoided, wall time. */
export interface Totals {
  readonly images: number;
  readonly failed: number;
  /** Distinct layers of all images, and their bytes. */
  readonly layers: number;
  readonly bytes: number;
  /** Bytes of layers that came from a registry. */
  readonly downloaded: number;
  /** Images of which no registry was asked for a manifest by GET. */
  readonly pullsSaved: number;
  readonly registry: Transfer;
  readonly cache: Transfer;
  readonly seconds: number;
}

/** One blob by digest and size in bytes. */
export interface Sized {
  readonly digest: Digest;
  readonly size: number;
}

/** What one pack of the cache would hold of an image: what it takes to have one platform, or all. */
export interface KeptPack {
  /** The platform as the request had it, or `all`. */
  readonly asked: string;
  /** Index and manifests, then configs and layers. */
  readonly documents: readonly Sized[];
  readonly blobs: readonly Sized[];
  /** True if the cache gave this very pack. */
  readonly fromCache: boolean;
}

/** An image that is complete in the store: what `post` may save of it. */
export interface KeptImage {
  readonly key: string;
  readonly reference: Reference;
  readonly target: Digest;
  readonly packs: readonly KeptPack[];
  /** Blobs and documents that a registry sent in this run. */
  readonly fetched: readonly Digest[];
  /** True if the registry said in this run that the tag points here. */
  readonly tagAsked: boolean;
  /** True if the repository was asked with a login, or a header or certificate of the machine's, so that others may not be allowed to have it. */
  readonly withLogin: boolean;
  /** Who of those that were asked strangers cannot reach. */
  readonly inside: Inside | undefined;
}

/** A host in a private network or on this machine: the registry itself, or only a mirror that stands for it. */
export type Inside = 'registry' | 'mirror';

/** What a lock file says of one reference. */
export interface LockedImage {
  /** What the name points to: the index digest of a multi-platform image. */
  readonly digest: Digest;
  /** The digest of each platform's manifest, by the platform's name. */
  readonly platforms: Readonly<Record<string, Digest>>;
}

/** What a lock file says: by full reference without a digest, such as `docker.io/library/redis:7`. */
export type Lock = ReadonlyMap<string, LockedImage>;

/** A tag that points elsewhere than the lock file says. */
export interface MovedTag {
  /** The full reference, as the lock file has it. */
  readonly reference: string;
  readonly locked: Digest;
  /** Where the registry says it points now. */
  readonly now: Digest;
}

/** How a lock file that was written differs from what it said before. */
export interface LockChanges {
  readonly references: number;
  readonly added: readonly string[];
  readonly moved: readonly MovedTag[];
  readonly dropped: readonly string[];
}

/** What a run ends with, whether or not images failed; images in the order of the request. */
export interface PullOutcome {
  readonly images: readonly ImageOutcome[];
  readonly totals: Totals;
  /** No layer byte came from a registry, and all that should be loaded is loaded. */
  readonly cacheHit: boolean;
  /** What registries said last of their quotas; absent if none did. */
  readonly quotas?: readonly UsedQuota[] | undefined;
  /** Absolute path of the OCI image layout. */
  readonly store: string;
  /** The engine that holds the images, if any. */
  readonly engine?: string | undefined;
  /** Tags that have moved since the lock file was written; its bytes were pulled all the same. Absent without a lock file. */
  readonly moved?: readonly MovedTag[] | undefined;
  /** What a lock file of this run is to say; only where it is to be written. */
  readonly lock?: Lock | undefined;
  /** How the lock file that was written differs from what it said before. */
  readonly lockChanges?: LockChanges | undefined;
}

/** What became of the entries a run called for; `left` are those beyond the limits. Bytes are those of the blobs in them. */
export interface Saved {
  readonly entries: number;
  readonly bytes: number;
  /** Entries that were there already. */
  readonly present: number;
  readonly failed: number;
  readonly left: { readonly entries: number; readonly bytes: number };
  /** Images that need a login or come from inside a network, kept out of a cache that strangers can read. */
  readonly withheld: readonly string[];
}

/** Facts a run reports while it goes on; words are made of them at the edge only. */
export type PullEvent =
  | {
      readonly type: 'started';
      readonly keys: readonly string[];
      readonly store: string;
      readonly engine?: string | undefined;
    }
  | { readonly type: 'discovered'; readonly files: number; readonly images: number; readonly left: readonly string[] }
  | { readonly type: 'moved'; readonly tag: MovedTag }
  | { readonly type: 'locked'; readonly file: string; readonly changes: LockChanges }
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
      /** The blob whose bytes came, and how many of them are here: none after a try that failed. Absent where a blob was stored. */
      readonly blob?: { readonly digest: Digest; readonly size: number; readonly arrived: number } | undefined;
    }
  | { readonly type: 'stored'; readonly blob: Descriptor; readonly seconds: number }
  | { readonly type: 'loading'; readonly key: string; readonly engine: string }
  | { readonly type: 'image'; readonly image: ImageOutcome }
  | { readonly type: 'kept'; readonly image: KeptImage }
  | { readonly type: 'leased'; readonly lease: string }
  | { readonly type: 'saved'; readonly saved: Saved; readonly limit: number; readonly seconds: number }
  | { readonly type: 'swept'; readonly images: number; readonly bytes: number }
  | { readonly type: 'finished'; readonly totals: Totals }
  | { readonly type: 'pushed'; readonly image: PushedImage }
  | {
      readonly type: 'pushing';
      readonly sent: number;
      /** Of the blobs that are not known to be there, in bytes. */
      readonly expected: number;
      readonly blobsDone: number;
      readonly blobs: number;
    }
  | { readonly type: 'push-finished'; readonly totals: PushTotals }
  | {
      readonly type: 'retry';
      readonly subject: string;
      readonly reason: string;
      readonly attempt: number;
      readonly delayMs: number;
      /** True if the other side asked for the wait. */
      readonly asked?: boolean | undefined;
    }
  | {
      /** A mirror serves a repository, or does not: then the problem says why, and the next place is asked. */
      readonly type: 'mirror';
      readonly subject: string;
      readonly mirror: string;
      /** The file of this machine that names it, if no input does. */
      readonly file?: string | undefined;
      readonly problem?: string | undefined;
      /** True if it is passed over for the rest of the run, for any repository. */
      readonly over?: boolean | undefined;
    }
  | { readonly type: 'quota'; readonly quota: Quota }
  | { readonly type: 'notice'; readonly message: string }
  | { readonly type: 'warning'; readonly message: string };

export type Report = (event: PullEvent) => void;
