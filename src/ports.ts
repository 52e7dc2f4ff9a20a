import type { ByteRange, Content } from './oci/content.ts';
import type { Descriptor, Document } from './oci/descriptor.ts';
import type { Digest } from './oci/digest.ts';
import type { Manifest } from './oci/manifest.ts';
import type { Platform } from './oci/platform.ts';
import type { Reference, Repository } from './oci/reference.ts';
import type { Inside, Quota, Report } from './outcome.ts';
import type { LayerCache } from './ports/layer-cache.ts';

export type { ByteRange, Content, Filler, Landed, Offer, Part, Piece, Told } from './oci/content.ts';
export type { CacheEntry, CacheFile, EntryFile, LayerCache, SaveOutcome } from './ports/layer-cache.ts';

export type { Removed, StoreCare, StoredImage } from './ports/store-care.ts';

/** What the flow needs of the world. `wire` builds it; `pull/` knows nothing else. */
export interface Ports {
  readonly registry: Registry;
  readonly store: Store;
  readonly cache: LayerCache;
  /** Absent under `engine: none`. */
  readonly engine?: Engine | undefined;
  /** The platform pulled where none is asked for: what the engine reports, else what containers on this runner run. */
  readonly platform: Platform;
  /** Those of a repository's tags that `all-tags` takes, in their order. */
  readonly chooseTags: (tags: readonly string[]) => readonly string[];
  /** Where locked tags point now; absent where nobody is to be told. */
  readonly tagWatch?: TagWatch | undefined;
  readonly report: Report;
  /** Aborted when the run is cancelled; every port obeys the same signal. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * The registries of the world, read-only (distribution-spec v1.1, "Pull" and "Content Discovery"). Credentials, mirrors, retries and redirects are
 * its own affair; each failure is a PullError whose subject is the repository or the registry.
 */
export interface Registry {
  /**
   * The digest the tag points to now, asked by HEAD. Where the registry does not tell it that way the manifest itself is fetched and hashed, and
   * comes along as `document`. Waits for the registry two minutes in all at most, and twenty seconds if `standIn` says that the answer can be done without.
   */
  resolve(
    repository: Repository,
    tag: string,
    standIn?: () => Promise<boolean>,
  ): Promise<{ readonly digest: Digest; readonly document?: Document | undefined }>;
  /** The manifest or index with this digest, as the bytes received, verified; at most 4 MiB. */
  manifest(repository: Repository, digest: Digest): Promise<Document>;
  /**
   * The bytes of a blob as they arrive, not yet verified: more, fewer or other bytes than promised are for the store's door to refuse. A large blob comes
   * over several connections, in pieces that are in no order, but at most 256 MiB ahead of what is missing, on a slow network 64 MiB. Resumes after a broken connection; a failure that
   * stays is thrown from the iteration. Asked for again, as `again` says or else by whether
   * it was asked for before, it comes from the registry itself, or the last that may give it, in one stream without ranges. Of several blobs the one with the lowest rank comes first; of the same rank none is left behind.
   */
  blob(repository: Repository, blob: Descriptor, rank?: number, again?: boolean): Content;
  /** Every tag of the repository, each once, in the registry's order; follows `Link`. */
  tags(repository: Repository): Promise<readonly string[]>;
  /** True if the registry has the manifest (one HEAD); false for any answer but yes. */
  has(repository: Repository, digest: Digest): Promise<boolean>;
  /** True if requests to the repository carry a login, or a header or client certificate out of the machine's files. */
  usesLogin(repository: Repository): Promise<boolean>;
  /**
   * Who of those that were asked for the repository is out of the reach of strangers: in a private network or on this machine, by its address, by what its name was
   * looked up as, or by a name that means nothing elsewhere. The registry comes before its mirrors; undefined if all are on the internet.
   */
  inside(repository: Repository): Promise<Inside | undefined>;
  /** What each registry said last of its quota, without a request of its own. */
  quotas?(): readonly Quota[];
  /** Ends idle connections; nothing may be asked afterwards. */
  close(): Promise<void>;
}

/**
 * The digest a tag points to now, asked on the side: one try, without a word, given up when the run ends. Throws whatever keeps it from being known.
 */
export type TagWatch = (repository: Repository, tag: string) => Promise<Digest>;

/** Blobs by digest, to be read. */
export interface BlobSource {
  /**
   * The whole blob, hashed while it streams: the last chunk is withheld until the digest is proved, so a reader never sees the end of wrong bytes. A blob that
   * is still arriving is read as it comes. A part of a blob that is here is not hashed again. Throws DIGEST_MISMATCH, SIZE_MISMATCH or BLOB_UNKNOWN.
   */
  open(blob: Descriptor, range?: ByteRange): AsyncIterable<Uint8Array>;
}

/** What a name of the store points to. */
export interface NameRecord {
  /** The name in `index.json` (`org.opencontainers.image.ref.name`): a reference as Docker prints it. */
  readonly name: string;
  readonly target: Descriptor;
  /**
   * What readers that take the first entry of a name, and know OCI media types only, are to find under it: listed in `index.json` before the target. The
   * target alone is what the name means.
   */
  readonly readAs?: Descriptor | undefined;
  /** When a registry last said so, milliseconds since the epoch. */
  readonly at: number;
}

/**
 * The layer store: an OCI image layout, content-addressed, shared by several processes. What goes in matches its descriptor, or nothing goes in; nothing is
 * visible before it is complete.
 */
export interface Store extends BlobSource {
  /** Absolute path of the layout. */
  readonly root: string;
  /** Told of blobs that may be written soon, so that whatever large ones need is ready by then. */
  expect?(blobs: readonly Pick<Descriptor, 'size'>[]): void;
  /** True if a regular file of the right size is there; its bytes were verified when they came in. */
  has(blob: Pick<Descriptor, 'digest' | 'size'>): Promise<boolean>;
  /** A small blob (at most 8 MiB), hashed again; undefined if it is absent or no longer what its name says. */
  read(digest: Digest): Promise<Uint8Array | undefined>;
  /** The door: temp file, count, hash, compare, rename. Throws SIZE_MISMATCH, DIGEST_MISMATCH, DISK_FULL, or what the content throws. */
  write(blob: Pick<Descriptor, 'digest' | 'size'>, content: Content): Promise<void>;
  /** The same door for a file that lies on this machine already: it is hashed, then moved in; links and special files are refused. */
  adopt(file: string, blob: Pick<Descriptor, 'digest' | 'size'>): Promise<void>;
  /** Drops a blob that turned out to be wrong; no error if it is gone. */
  discard(digest: Digest): Promise<void>;
  /** Points names at targets and rebuilds `index.json`, under a lock that all processes respect. Children must be in before their parents are named. */
  record(names: readonly NameRecord[]): Promise<void>;
  /** What the name points to, if it was ever recorded here. */
  named(name: string): Promise<NameRecord | undefined>;
  /**
   * Marks blobs as used by this job for 6 hours, so that no sweep takes them, nor a name that leads to one of them; with `bytesFor` the bytes alone stay, for so many
   * milliseconds. Returns the mark's name.
   */
  lease(digests: readonly Digest[], bytesFor?: number): Promise<string>;
  /** Takes a mark away before its time; no error if it is gone. */
  release(lease: string): Promise<void>;
  /** Bytes that may still be written to the store's file system; Number.MAX_SAFE_INTEGER where it does not say. */
  freeBytes(): Promise<number>;
}

/** An image to be made ready to run: one platform, with the documents that lead to it. */
export interface Loadable {
  readonly reference: Reference;
  /** What the name points to: the index of a multi-platform image, else its manifest. */
  readonly target: Descriptor;
  /** Target first, then the documents on the way to the manifest, the manifest last. */
  readonly documents: readonly Document[];
  readonly manifest: Manifest;
  readonly platform: Platform;
}

/** An image that is in the engine. */
export interface Held {
  /** The digest of the platform's manifest. */
  readonly manifest: Digest;
  /** As the engine calls it: the config digest, or the target's where the engine keeps manifests. */
  readonly imageId: Digest;
  /** A name that runs with `--pull never`. */
  readonly local: string;
  /** True if `name@digest` runs with no registry at hand. */
  readonly digestRunnable: boolean;
}

/** What a name means to an engine. */
export interface Found {
  readonly imageId: Digest;
  /** The digests it knows the name by. */
  readonly digests: readonly Digest[];
  /** The same name as it runs with `--pull never`. */
  readonly local: string;
  /** True if the engine knows that it has every byte of what it would run. */
  readonly whole: boolean;
  /** What it would run, and the digest of its manifest; each only if the engine says so. */
  readonly platform?: Platform | undefined;
  readonly manifest?: Digest | undefined;
}

/** Where an engine on this machine keeps its images. */
export interface EngineDisk {
  /** Absolute path of its folder. */
  readonly path: string;
  readonly freeBytes: number;
  /** True if the folder asked about lies on the same file system. */
  readonly shared: boolean;
  /** True if the engine has no image at all, so that none of its layers can be there already. */
  readonly empty: boolean;
  /** True if it keeps layers as they came, too, beside what they hold. */
  readonly keepsPacked: boolean;
}

/** A container engine on this machine. Failures are ENGINE_UNAVAILABLE or ENGINE_FAILED and name the engine. */
export interface Engine {
  /** `Docker 28.0.4 (overlay2)`, for people. */
  readonly title: string;
  /** What it runs by default. */
  readonly platform: Platform;
  /** True if several platforms of an index can stand under one name; elsewhere the last one loaded has it. */
  readonly holdsPlatforms: boolean;
  /** What the engine holds under a name, whatever it is; undefined if nothing. */
  find(name: string): Promise<Found | undefined>;
  /** The image under the reference's own name, complete; undefined if that is not so. One held under another name gets this one too, if that costs no blob. */
  present(image: Loadable): Promise<Held | undefined>;
  /** Brings the image in under the reference's own name and reads it back; nothing is believed before that. */
  load(image: Loadable, source: BlobSource): Promise<Held>;
  /** Where its images lie, beside a folder of ours; undefined if that is not on this machine or cannot be known. */
  disk?(beside: string): Promise<EngineDisk | undefined>;
}

/** How a blob came to be where it was to be pushed: it was there, the registry had it in another repository, or its bytes were sent. */
export type BlobArrival = 'present' | 'mounted' | 'uploaded';

/**
 * The registries of the world, to be written to (distribution-spec v1.1, "Push"). Never a mirror; a login that is refused is an error. Each failure is a
 * PullError whose subject is the repository or the registry.
 */
export interface Uploads {
  /**
   * Has the blob in the repository: asks first (HEAD), then lets the registry take it from another repository of its own, and sends its bytes only then. What
   * breaks off is taken up where the registry says it stands.
   */
  blob(repository: Repository, blob: Descriptor, source: BlobSource, from?: Repository): Promise<BlobArrival>;
  /** Puts a manifest or index under a tag, or without one under its digest; all that it names must be there. Throws DIGEST_MISMATCH if the registry has another. */
  manifest(repository: Repository, document: Document, tag?: string): Promise<void>;
  /** Ends idle connections; nothing may be asked afterwards. */
  close(): Promise<void>;
}
