/**
 * The one path every entry is saved and restored under, relative to a folder of the operation's own. It is hashed into an entry's version, and a look-up by
 * prefix finds only keys of one version: so it is the same for all keys, as it is for all jobs.
 */
export const ENTRY_PATH = 'pull-image';

/** What the parent asks of the child. An operation stands in `folder`: it reads or fills `ENTRY_PATH` there. */
export interface CacheRequest {
  readonly id: number;
  readonly op: 'lookup' | 'restore' | 'save';
  /** A key, or for a look-up the beginning of one. */
  readonly key: string;
  readonly folder: string;
  /** Where archives lie meanwhile. */
  readonly temp: string;
}

/** Signs on the way: the service fails and is asked again; or it has answered, and now bytes move. */
export interface CacheSign {
  readonly id: number;
  readonly sign: 'retrying' | 'moving';
}

/** The answer to a request; `output` is what the library wrote meanwhile, without its debug lines. */
export interface CacheAnswer {
  readonly id: number;
  /** Of a look-up or restore: the key that was found. */
  readonly key?: string | undefined;
  readonly saved?: boolean | undefined;
  /** What the library threw. */
  readonly error?: string | undefined;
  readonly output: string;
}
