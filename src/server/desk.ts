import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Gate } from '../lib/pool.ts';
import type { recent } from '../lib/recent.ts';
import type { StoreContents } from '../ports/store-contents.ts';
import type { Registry, Store } from '../ports.ts';
import type { Readable } from './naming.ts';
import type { ReadThrough } from './read-through.ts';
import type { Shelf, Shelves } from './shelf.ts';
import type { Uploads } from './take-uploads.ts';
import type { Told } from './told.ts';

/** What a registry over a store is made of. */
export interface StoreRegistryParts {
  readonly store: Store;
  readonly contents: StoreContents;
  readonly readable: Readable;
  /** Where what the store does not hold is read from; without it such names are not found. */
  readonly upstream?: Registry | undefined;
  /** True for a host (`127.0.0.1:5000`) under which this server itself is reached; by default for that of its own names alone. */
  readonly isOwn?: ((host: string) => boolean) | undefined;
  /** The `User-Agent` of requests to upstream: one that comes with it was sent by this server. */
  readonly userAgent?: string | undefined;
  /** How long upstream may take until the answer to a client begins all the same, in milliseconds; 20 seconds by default. */
  readonly patienceMs?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** One server's parts, with the host its own names begin with: `localhost:5000`. */
export interface Desk extends StoreRegistryParts {
  readonly domain: string;
  readonly shelves: Shelves;
  readonly uploads: Uploads;
  readonly told: Told;
  readonly through: ReadThrough | undefined;
  readonly inTurn: (path: string) => Gate;
  /** Repositories that had a manifest since the server began: they stay known when the last one is deleted. */
  readonly seen: Set<string>;
  /** Repositories of which a blob was looked for or uploaded lately, as only those do who push. */
  readonly pushed: ReturnType<typeof recent>;
}

/** A request about a repository. */
export interface Ask {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly shelf: Shelf;
  readonly query: URLSearchParams;
}
