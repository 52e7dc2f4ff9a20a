import type { Digest } from '../oci/digest.ts';
import type { StoredBlob } from './blob-list.ts';
import type { Leased } from './lease.ts';

/** A name with all that it leads to, here or not. */
export interface Reaching {
  readonly name: string;
  readonly target: Digest;
  /** Milliseconds since the epoch. */
  readonly usedAt: number;
  readonly reach: ReadonlySet<Digest>;
}

/** What a sweep sees. */
export interface SweepView<Name extends Reaching> {
  readonly blobs: readonly Pick<StoredBlob, 'digest' | 'size' | 'writtenAt'>[];
  readonly names: readonly Name[];
  /** In use by jobs. */
  readonly leased: Leased;
  /** Reached by what other tools have listed. */
  readonly foreign: ReadonlySet<Digest>;
  /** By the clock that tells when blobs were written, milliseconds since the epoch. */
  readonly now: number;
}

export interface SweepLimits {
  /** What the blobs may take. */
  readonly bytes: number;
  /** Blobs that one round removes; a name is not left half done, so they may be somewhat more. */
  readonly round: number;
}

export interface SweepPlan<Name extends Reaching> {
  /** Names to go, and then blobs to go, in this order. */
  readonly names: readonly Name[];
  readonly blobs: readonly Digest[];
  /** False if the round was too short for all that should go. */
  readonly complete: boolean;
}

/** So long a blob without a name may belong to a job that is about to name it: an image's blobs come before its name. */
export const FRESH_MS = 60 * 60 * 1000;

/**
 * Pure: what must go for the blobs to take so many bytes. First blobs that no name leads to, the oldest first, then name
 * by name, the least recently used first, with what only they led to. What is leased or another tool's stays, so does a
 * name whose target a job has leased, and a blob without a name that is less than an hour old.
 */
export function planSweep<Name extends Reaching>(
  { blobs, names, leased, foreign, now }: SweepView<Name>,
  limits: SweepLimits,
): SweepPlan<Name> {
  const sizes = new Map(blobs.map(({ digest, size }) => [digest, size]));
  const uses = countUses(names);
  const doomed: Digest[] = [];
  const gone: Name[] = [];
  let left = blobs.reduce((sum, { size }) => sum + size, 0);
  const mayGo = (digest: Digest) =>
    sizes.has(digest) && !uses.has(digest) && !leased.blobs.has(digest) && !foreign.has(digest);
  const isDone = () => left <= limits.bytes || doomed.length >= limits.round;
  const doom = (digest: Digest) => {
    doomed.push(digest);
    left -= sizes.get(digest) ?? 0;
  };

  const stray = blobs.filter(({ digest, writtenAt }) => mayGo(digest) && now - writtenAt > FRESH_MS);
  for (const { digest } of stray.sort((a, b) => a.writtenAt - b.writtenAt)) if (!isDone()) doom(digest);
  for (const name of leastRecentlyUsed(names)) {
    if (isDone()) break;
    if (leased.targets.has(name.target)) continue;
    gone.push(name);
    for (const digest of name.reach) {
      const others = (uses.get(digest) ?? 0) - 1;
      if (others > 0) uses.set(digest, others);
      else uses.delete(digest);
      if (mayGo(digest)) doom(digest);
    }
  }
  return { names: gone, blobs: doomed, complete: left <= limits.bytes || doomed.length < limits.round };
}

/** Of the names that go, the images they were: distinct targets that no other one of them leads to. */
export function countImages(names: readonly Reaching[]): number {
  const targets = new Set(names.map(({ target }) => target));
  for (const { target, reach } of names) {
    for (const digest of reach) if (digest !== target) targets.delete(digest);
  }
  return targets.size;
}

function countUses(names: readonly Reaching[]): Map<Digest, number> {
  const uses = new Map<Digest, number>();
  for (const digest of names.flatMap(({ reach }) => [...reach])) uses.set(digest, (uses.get(digest) ?? 0) + 1);
  return uses;
}

/** Who uses a name uses every name of what it leads to: the platforms of an image have names too, which nobody asks for. */
function leastRecentlyUsed<Name extends Reaching>(names: readonly Name[]): readonly Name[] {
  const usedAt = new Map<Digest, number>(names.map(({ target }) => [target, 0]));
  for (const name of names) {
    for (const digest of name.reach) {
      const known = usedAt.get(digest);
      if (known !== undefined && known < name.usedAt) usedAt.set(digest, name.usedAt);
    }
  }
  const lastUse = ({ target }: Reaching) => usedAt.get(target) ?? 0;
  return names.toSorted((a, b) => lastUse(a) - lastUse(b) || (a.name < b.name ? -1 : 1));
}
