import { PullError } from '../errors.ts';
import { once } from '../lib/pool.ts';
import { type Descriptor, type Document, descriptorOf } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { canonicalReference, familiarReference, type Reference, withDefaultTag } from '../oci/reference.ts';
import type { WantedImage } from '../settings.ts';
import { type Documents, documentsOf } from './documents.ts';
import { chooseLeaves, type Leaf } from './platforms.ts';
import { failureOf, type Run } from './run.ts';

/** What a reference stands for: its target and one leaf a platform. */
export interface Resolution {
  readonly target: Descriptor;
  readonly platforms: readonly Leaf[];
  /** Stored beside the platforms under `platforms: all`: attestations, of which no engine knows. */
  readonly companions: readonly Leaf[];
  /** When a registry last said that the name points here, milliseconds since the epoch. */
  readonly at: number;
}

/** What became of one wanted image when its name was looked up. */
export type Resolved =
  | { readonly kind: 'image'; readonly key: string; readonly reference: Reference; readonly resolution: Resolution }
  | {
      readonly kind: 'engine';
      readonly key: string;
      readonly reference: Reference;
      readonly digest?: Digest | undefined;
    }
  | {
      readonly kind: 'failed';
      readonly key: string;
      readonly reference?: Reference | undefined;
      readonly error: PullError;
    };

type Answer = { readonly resolution: Resolution } | { readonly digest: Digest | undefined };

/** All images, in order, each resolved or failed; references that mean the same are resolved once. Nothing but manifests and small configs moves. */
export async function resolveImages(wanted: readonly WantedImage[], run: Run): Promise<readonly Resolved[]> {
  const answers = once<Answer>();
  const given = new Map<Digest, Document>();
  const lookup: Lookup = { run, given, anywhere: documentsOf(run, false, given), here: documentsOf(run, true, given) };
  return Promise.all(
    wanted.map(async (image): Promise<Resolved> => {
      if ('error' in image) return { key: image.key, kind: 'failed', error: image.error };
      const { key } = image;
      const reference = withDefaultTag(image.reference);
      try {
        const answer = await answers(canonicalReference(reference), () => answerFor(reference, lookup));
        if ('resolution' in answer) return { key, reference, kind: 'image', resolution: answer.resolution };
        return { key, reference, kind: 'engine', digest: answer.digest };
      } catch (error) {
        return { key, reference, kind: 'failed', error: failureOf(error, key) };
      }
    }),
  );
}

/** What the look-ups of a run share, so that a document many tags lead to is asked for once. */
interface Lookup {
  readonly run: Run;
  /** Documents that came along with the answer to a tag. */
  readonly given: Map<Digest, Document>;
  readonly anywhere: Documents;
  readonly here: Documents;
}

async function answerFor(reference: Reference, lookup: Lookup): Promise<Answer> {
  const { run } = lookup;
  const { policy } = run.request;
  if (policy === 'always') return { resolution: await online(reference, lookup) };
  const held = (await offline(reference, lookup)) ?? (await inEngine(reference, run));
  if (held) return held;
  if (policy === 'missing') return { resolution: await online(reference, lookup) };
  const places = run.ports.engine ? `the store nor in ${run.ports.engine.title}` : 'the store, and no engine was asked';
  throw new PullError(
    'NOT_HELD',
    familiarReference(reference),
    `pull-policy is never, and the image is neither complete in ${places}`,
    {
      hint: 'Pull it once with pull-policy: missing, or use always.',
    },
  );
}

/** Asks the registry what a tag points to; a digest needs no asking, and its documents may all be in the store. */
async function online(reference: Reference, { run, given, anywhere }: Lookup): Promise<Resolution> {
  let { digest } = reference;
  if (!digest) {
    const answer = await run.gate(reference.domain)(() =>
      run.ports.registry.resolve(reference, reference.tag ?? 'latest'),
    );
    if (answer.document) given.set(answer.document.digest, answer.document);
    digest = answer.digest;
  }
  return resolution(reference, digest, anywhere, run, run.ports.now());
}

/** What the store says of the reference, if it holds every byte of it. */
async function offline(reference: Reference, { run, here }: Lookup): Promise<Answer | undefined> {
  const { store } = run.ports;
  const named = reference.digest ? undefined : await store.named(familiarReference(reference));
  const digest = reference.digest ?? named?.target.digest;
  if (!digest) return undefined;
  try {
    const found = await resolution(reference, digest, here, run, named?.at ?? run.ports.now());
    const blobs = found.platforms.flatMap(({ manifest }) => [manifest.config, ...manifest.layers]);
    const held = await Promise.all(blobs.map((blob) => store.has(blob)));
    return held.every(Boolean) ? { resolution: found } : undefined;
  } catch (error) {
    if (error instanceof PullError && error.code === 'NOT_HELD') return undefined;
    throw error;
  }
}

/** What the engine holds under the name; with platforms asked for by name it cannot say, so it is not asked. */
async function inEngine(reference: Reference, run: Run): Promise<Answer | undefined> {
  if (run.request.platforms !== 'engine') return undefined;
  const found = await run.ports.engine?.find(familiarReference(reference));
  return found && { digest: reference.digest ?? found.digests[0] };
}

async function resolution(
  reference: Reference,
  digest: Digest,
  documents: Documents,
  run: Run,
  at: number,
): Promise<Resolution> {
  const root = await documents.read(reference, digest);
  const { platforms, companions } = await chooseLeaves(root, reference, documents, run);
  return { target: descriptorOf(root.document), platforms, companions, at };
}
