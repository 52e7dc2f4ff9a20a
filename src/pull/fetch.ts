import { PullError } from '../errors.ts';
import { newDeferred } from '../lib/deferred.ts';
import { blobKey } from '../oci/descriptor.ts';
import { familiarName, type Repository } from '../oci/reference.ts';
import type { Plan, PlannedBlob } from './plan.ts';
import type { Run } from './run.ts';
import { transfer } from './transfer.ts';

/** Whence a blob came, and the seconds it took. */
export interface Origin {
  readonly source: 'registry' | 'cache';
  readonly seconds: number;
}

/** The way of one blob into the store. */
export interface Arrival {
  /** Settles, never with an error, once the store can be asked for the blob: its bytes have begun to come, or will not. */
  readonly begun: Promise<void>;
  /** Resolves once the blob is in the store, verified. */
  readonly stored: Promise<Origin>;
}

/** Downloads under way, by `blobKey`. A blob that is not in here was in the store, or in the engine, before. */
export type Arrivals = ReadonlyMap<string, Arrival>;

/** Sends every missing blob on its way into the store, in the order of the plan: from the cache if it has it, else so many at once as a registry may be asked. */
export function fetchBlobs(plan: Plan, run: Run): Arrivals {
  const { report } = run.ports;
  const expected = plan.missing.reduce((sum, { blob }) => sum + blob.size, 0);
  report({
    type: 'planned',
    layers: plan.layers,
    bytes: plan.bytes,
    missing: plan.missing.length,
    missingBytes: expected,
  });
  const progress = { received: 0, expected, layersDone: 0, layers: plan.missing.length };
  const arrivals = plan.missing.map((planned): [string, Arrival] => {
    return [blobKey(planned.blob), arrivalOf((began) => fetchBlob(planned, { progress, began }, run))];
  });
  return new Map(arrivals);
}

/** The arrival that `bring` makes; it is given a function to say that the bytes have begun to come. */
export function arrivalOf(bring: (began: () => void) => Promise<Origin>): Arrival {
  const begun = newDeferred();
  const began = () => begun.resolve();
  const stored = bring(began);
  // Whoever needs the blob awaits it; a failure nobody needs any more must not end the process.
  stored.then(began, began);
  return { begun: begun.promise, stored };
}

/** What is told of a blob on its way. */
interface Telling {
  readonly progress: Progress;
  readonly began: () => void;
}

interface Progress {
  received: number;
  readonly expected: number;
  layersDone: number;
  readonly layers: number;
}

async function fetchBlob(planned: PlannedBlob, telling: Telling, run: Run): Promise<Origin> {
  const { blob } = planned;
  const { progress } = telling;
  const arrival = (await restore(planned, progress, run)) ?? (await download(planned, telling, run));
  progress.layersDone += 1;
  run.ports.report({ type: 'progress', ...progress });
  run.ports.report({ type: 'stored', blob, seconds: arrival.seconds });
  return arrival;
}

async function restore({ blob, inline }: PlannedBlob, progress: Progress, run: Run): Promise<Origin | undefined> {
  const seconds = inline ? undefined : await run.packs.take(blob);
  if (seconds === undefined) return undefined;
  progress.received += blob.size;
  return { source: 'cache', seconds };
}

async function download(planned: PlannedBlob, { progress, began }: Telling, run: Run): Promise<Origin> {
  const { blob, repositories, inline, rank } = planned;
  const { digest, size } = blob;
  let arrived = 0;
  const count = (bytes: number) => {
    progress.received += bytes;
    arrived += bytes;
    if (bytes !== 0) run.ports.report({ type: 'progress', ...progress, blob: { digest, size, arrived } });
  };
  if (run.request.policy === 'never' && !inline) {
    const subject = repositories[0] ? familiarName(repositories[0]) : blob.digest;
    throw new PullError(
      'NOT_HELD',
      subject,
      `pull-policy is never, and ${blob.digest} is neither in the store nor in the Actions cache`,
      {
        hint: 'Pull it once with pull-policy: missing, or use always.',
      },
    );
  }
  const seconds = await firstThatWorks(repositories, (repository) =>
    run.blobGate(repository.domain)(() => transfer(blob, repository, run, { inline, rank, count, began })),
  );
  return { source: 'registry', seconds };
}

/** A blob that one repository does not give may be had from another image's. */
async function firstThatWorks<T>(
  repositories: readonly Repository[],
  attempt: (repository: Repository) => Promise<T>,
): Promise<T> {
  let failure: unknown;
  for (const repository of repositories) {
    try {
      return await attempt(repository);
    } catch (error) {
      failure ??= error;
      if (!(error instanceof PullError) || !ELSEWHERE.includes(error.code)) throw failure;
    }
  }
  throw failure;
}

const ELSEWHERE = [
  'BLOB_UNKNOWN',
  'DENIED',
  'UNAUTHORIZED',
  'NAME_UNKNOWN',
  'UNREACHABLE',
  'UNAVAILABLE',
  'DIGEST_MISMATCH',
  'SIZE_MISMATCH',
  'TOOMANYREQUESTS',
];
