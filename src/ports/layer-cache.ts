/** A file of a cache entry by its name: a blob is named by its digest with `-` for `:`. */
export interface CacheFile {
  readonly name: string;
  readonly path: string;
}

/** A file that came out of a cache entry, with its size in bytes. */
export interface EntryFile extends CacheFile {
  readonly size: number;
}

/** A pack of one image is no larger than this, in bytes. */
export const MOST_PACK_BYTES = 256 * 1024 * 1024;

/** An entry that has been brought back into a folder of its own on the store's file system. Its files are as untrusted as the network. */
export interface CacheEntry {
  readonly files: readonly EntryFile[];
  /** Bytes of the files, and the seconds it took to bring them. */
  readonly bytes: number;
  readonly seconds: number;
  /** Removes what is left of it. */
  dispose(): Promise<void>;
}

/** What became of a save: `exists` if another job was first, `refused` if nothing may be written (mode, token, rate limit), `failed` for any fault. */
export type SaveOutcome = 'saved' | 'exists' | 'refused' | 'failed';

/**
 * Entries kept between jobs, by immutable key. Optional by contract: nothing here ever throws, outlasts its time limit, or writes to the log by itself. A miss,
 * a fault and a cache that is switched off look alike; a fault is reported as one warning a kind, and after one that shows the service gone nothing more is asked.
 */
export interface LayerCache {
  /** False if reading, or writing, can only be in vain: no service, or `ACTIONS_CACHE_MODE` forbids it. */
  readonly readable: boolean;
  readonly writable: boolean;
  /** The newest key with this prefix; looks up only, nothing is downloaded. */
  newest(prefix: string): Promise<string | undefined>;
  /** The entry with exactly this key. `size` in bytes, that of a pack if it is not known, bounds the time and the disk it may take. */
  restore(key: string, size?: number): Promise<CacheEntry | undefined>;
  /** Saves files as a new entry; looks up first, since packing costs as much as uploading. Files are hard-linked, never copied or changed. */
  save(key: string, files: readonly CacheFile[]): Promise<SaveOutcome>;
  /** Ends the process behind it, at once; nothing may be asked afterwards. */
  close(): Promise<void>;
}
