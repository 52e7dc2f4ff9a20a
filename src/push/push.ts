import { cancelled, PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { gates } from '../lib/pool.ts';
import type { Document } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { canonicalName, familiarReference, type Reference } from '../oci/reference.ts';
import type { PushedBlob, PushedImage, PushOutcome, PushTotals } from '../outcome/push.ts';
import type { Report } from '../outcome.ts';
import type { Store, Uploads } from '../ports.ts';
import { type Bring, bringer } from './blobs.ts';
import { type Contents, contentsOf } from './contents.ts';

/** One image that is to be pushed to one place. */
export interface Parcel {
  /** What it is called, as the user wrote it. */
  readonly source: string;
  /** Where it came from: its blobs may be mounted from there. */
  readonly from?: Reference | undefined;
  readonly target: Digest;
  /** Documents that are not in the store. */
  readonly made?: readonly Document[] | undefined;
  readonly to: Reference;
}

/** What the flow needs of the world. */
export interface PushPorts {
  readonly uploads: Uploads;
  readonly store: Pick<Store, 'read' | 'has' | 'open'>;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Uploads at once to one registry. */
  readonly concurrency: number;
}

/**
 * Brings images of the store to registries: each blob at most once to each registry, and only if it is not there; children before what names them, the tag last, so that
 * no tag ever leads to what is missing. One that fails does not stop the others. Those
 * that failed before are counted with them. Throws CANCELLED alone.
 */
export async function push(
  parcels: readonly Parcel[],
  ports: PushPorts,
  failed: readonly PushedImage[] = [],
): Promise<PushOutcome> {
  const startedAt = ports.now();
  const gate = gates(ports.concurrency);
  const bring = bringer(ports, gate);
  const putAll = documentPutter(ports.uploads);
  const pushed = await Promise.all(
    parcels.map(async (parcel) => {
      const image = await pushOne(parcel, bring, putAll, ports);
      if (!ports.signal.aborted) ports.report({ type: 'pushed', image });
      return image;
    }),
  );
  if (ports.signal.aborted) throw cancelled();
  const images = [...pushed, ...failed];
  const totals = totalsOf(images, (ports.now() - startedAt) / 1000);
  ports.report({ type: 'push-finished', totals });
  return { images, totals };
}

async function pushOne(parcel: Parcel, bring: Bring, putAll: PutAll, ports: PushPorts): Promise<PushedImage> {
  const { to, source, from, target, made } = parcel;
  const startedAt = ports.now();
  const key = familiarReference(to);
  const facts = { key, source, reference: to, digest: target, size: 0, blobs: [] };
  const seconds = () => (ports.now() - startedAt) / 1000;
  try {
    const contents = await contentsOf(target, source, ports.store, made);
    const blobs = await allOf(contents.blobs.map((blob) => bring(blob, to, from)));
    await putAll(contents, to);
    const size = contents.documents.at(-1)?.bytes.byteLength ?? 0;
    return { ...facts, size, blobs, seconds: seconds() };
  } catch (error) {
    if (!(error instanceof PullError) && !ports.signal.aborted) throw error;
    const failure = error instanceof PullError ? error : new PullError('CANCELLED', clean(key), 'cancelled');
    return { ...facts, seconds: seconds(), error: failure };
  }
}

/** All of them, or the first failure once none runs on behind it. */
async function allOf(tasks: readonly Promise<PushedBlob>[]): Promise<readonly PushedBlob[]> {
  const settled = await Promise.allSettled(tasks);
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}

type PutAll = (contents: Contents, to: Reference) => Promise<void>;

/**
 * One after the other, for each may name those before it; the last gets the tag. Tags of one repository take turns, and what they share is put once: registries that keep
 * files show others a manifest half written while it is put again.
 */
function documentPutter(uploads: Uploads): PutAll {
  const turn = gates(1);
  const done = new Set<string>();
  return ({ documents }, to) =>
    turn(canonicalName(to))(async () => {
      for (const document of documents) {
        const tag = document === documents.at(-1) ? to.tag : undefined;
        const place = `${canonicalName(to)}@${document.digest}`;
        if (tag === undefined && done.has(place)) continue;
        await uploads.manifest(to, document, tag);
        done.add(place);
      }
    });
}

function totalsOf(images: readonly PushedImage[], seconds: number): PushTotals {
  const blobs = images.flatMap((image) => image.blobs);
  const of = (how: PushedBlob['how']) => blobs.filter((blob) => blob.how === how);
  return {
    images: images.length,
    failed: images.filter(({ error }) => error).length,
    uploaded: of('uploaded').length,
    mounted: of('mounted').length,
    present: of('present').length,
    bytes: of('uploaded').reduce((sum, { size }) => sum + size, 0),
    seconds,
  };
}
