import { setTimeout as sleep } from 'node:timers/promises';
import { PullError } from '../errors.ts';
import { newDeferred } from '../lib/deferred.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { Repository } from '../oci/reference.ts';
import type { Content, Registry, Store } from '../ports.ts';

/** Clients that wait for the head of an answer do so for half a minute. */
const PATIENCE_MS = 20_000;

/** What is brought into a store as it is asked for, each blob by one download, however many ask and whenever. */
export interface Downloads {
  /** Resolves when the blob is in the store or on its way there, where who asks reads it. Never throws. */
  start(repository: Repository, blob: Descriptor): Promise<void>;
  /** The same, and resolves when bytes of it have come, or 20 seconds later; throws what the registry throws before that. */
  begin(repository: Repository, blob: Descriptor): Promise<void>;
}

export interface DownloadParts {
  readonly registry: Registry;
  readonly store: Store;
  /** Instead of 20 seconds. */
  readonly patienceMs?: number | undefined;
}

/** Downloads of which none has begun; `arrived` is told of each that is whole. */
export function downloads(
  { registry, store, patienceMs = PATIENCE_MS }: DownloadParts,
  arrived: (digest: Digest) => void,
): Downloads {
  /** What is on its way; each resolves when it begins to come. */
  const fetching = new Map<Digest, Promise<void>>();
  /** What came last was not what its digest says. */
  const wrong = new Set<Digest>();
  let ended = 0;

  async function start(repository: Repository, blob: Descriptor): Promise<void> {
    for (let seen = -1; !fetching.has(blob.digest); ) {
      // What ended while the disk was asked may have brought it.
      if (seen === ended) return fetchBlob(repository, blob);
      seen = ended;
      if (await store.has(blob)) return;
    }
  }

  function fetchBlob(repository: Repository, blob: Descriptor): void {
    const { promise, resolve, reject } = newDeferred();
    promise.catch(() => {});
    const over = () => {
      fetching.delete(blob.digest);
      ended += 1;
    };
    fetching.set(blob.digest, promise);
    store.write(blob, announced(registry.blob(repository, blob, 0, wrong.has(blob.digest)), resolve)).then(
      () => {
        over();
        wrong.delete(blob.digest);
        resolve();
        arrived(blob.digest);
      },
      (error) => {
        over();
        if (error instanceof PullError && WRONG.has(error.code)) wrong.add(blob.digest);
        reject(error);
      },
    );
  }

  return {
    start,
    async begin(repository, blob) {
      await start(repository, blob);
      const begun = fetching.get(blob.digest);
      if (begun) await orLater(begun, patienceMs);
    },
  };
}

const WRONG: ReadonlySet<string> = new Set(['DIGEST_MISMATCH', 'SIZE_MISMATCH']);

/** The content; `begins` is called when the first of it comes. */
async function* announced(content: Content, begins: () => void): Content {
  for await (const part of content) {
    begins();
    yield part;
  }
}

async function orLater(work: Promise<void>, ms: number): Promise<void> {
  const over = new AbortController();
  // Nobody's end waits for it.
  const later = sleep(ms, undefined, { signal: over.signal, ref: false }).catch(() => {});
  await Promise.race([work, later]).finally(() => over.abort());
}
