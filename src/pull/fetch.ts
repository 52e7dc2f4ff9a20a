import { PullError } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
import type { Repository } from '../oci/reference.ts';
import type { Plan, PlannedBlob } from './plan.ts';
import type { Run } from './run.ts';
import { transfer } from './transfer.ts';

/** The download of one blob: resolves to the seconds it took once it is in the store, verified. */
export type Arrival = Promise<number>;

/** Downloads under way, by digest. A blob that is not in here was in the store, or in the engine, before. */
export type Arrivals = ReadonlyMap<Digest, Arrival>;

/** Sends every missing blob on its way into the store, in the order of the plan, so many at once as each registry may be asked. */
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
  const arrivals = plan.missing.map((planned): [Digest, Arrival] => {
    const arrival = fetchBlob(planned, progress, run);
    // Whoever needs the blob awaits it; a failure nobody needs any more must not end the process.
    arrival.catch(() => {});
    return [planned.blob.digest, arrival];
  });
  return new Map(arrivals);
}

interface Progress {
  received: number;
  readonly expected: number;
  layersDone: number;
  readonly layers: number;
}

async function fetchBlob(planned: PlannedBlob, progress: Progress, run: Run): Promise<number> {
  const { report } = run.ports;
  const { blob, inline } = planned;
  const count = (bytes: number) => {
    progress.received += bytes;
    if (bytes > 0) report({ type: 'progress', ...progress });
  };
  const seconds = await firstThatWorks(planned.repositories, (repository) =>
    run.gate(repository.domain)(() => transfer(blob, repository, run, { inline, count })),
  );
  progress.layersDone += 1;
  report({ type: 'progress', ...progress });
  report({ type: 'stored', blob, seconds });
  return seconds;
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
