import { blobKey, type Descriptor } from '../oci/descriptor.ts';
import type { BlobSource, ByteRange, Store } from '../ports.ts';
import type { Arrivals } from './fetch.ts';

/** The store's blobs together with those on their way into it: one that has not begun to come is waited for, then read as it comes. */
export function arrivingSource(store: Store, arrivals: Arrivals): BlobSource {
  return { open: (blob, range) => opened(store, arrivals, blob, range) };
}

async function* opened(
  store: Store,
  arrivals: Arrivals,
  blob: Descriptor,
  range: ByteRange | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const arrival = arrivals.get(blobKey(blob));
  await arrival?.begun;
  try {
    yield* store.open(blob, range);
  } catch (error) {
    // Why it did not come says more than that it is not there.
    await arrival?.stored;
    throw error;
  }
}
