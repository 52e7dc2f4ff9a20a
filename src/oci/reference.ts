import type { Digest } from './digest.ts';

/** A repository of one registry: `docker.io` and `library/redis`. */
export interface Repository {
  readonly domain: string;
  readonly path: string;
}

/** A repository with a tag, a digest, or both; where both are given the digest says which bytes, the tag is a name. */
export interface Reference extends Repository {
  readonly tag?: string | undefined;
  readonly digest?: Digest | undefined;
}
