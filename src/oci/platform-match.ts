import type { Descriptor } from './descriptor.ts';
import { type Digest, isDigest } from './digest.ts';
import { normalizePlatform, type Platform } from './platform.ts';
import { compareVersions, runsWindows } from './windows-version.ts';

/** `strict`: only the platform itself will do. Else also what it can run besides, as containerd's `Only` has it. */
export interface Choice {
  readonly strict: boolean;
}

const ATTESTATION = 'attestation-manifest';
const REFERENCE_TYPE = 'vnd.docker.reference.type';
const REFERENCE_DIGEST = 'vnd.docker.reference.digest';

/**
 * True for what stands in an index beside the images and describes them (BuildKit, "Image attestation storage"): never
 * a candidate.
 */
export function isAttestation({ platform, annotations }: Pick<Descriptor, 'platform' | 'annotations'>): boolean {
  return annotations?.[REFERENCE_TYPE] === ATTESTATION || (platform !== undefined && isUnknown(platform));
}

/** The manifest that an attestation speaks of (BuildKit, as above); undefined for anything else. */
export function describedBy(descriptor: Pick<Descriptor, 'platform' | 'annotations'>): Digest | undefined {
  const digest = isAttestation(descriptor) ? descriptor.annotations?.[REFERENCE_DIGEST] : undefined;
  return digest !== undefined && isDigest(digest) ? digest : undefined;
}

/**
 * What a machine of the wanted platform runs, best first (containerd/platforms, Only): `amd64/v3` also `v2`, `v1` and
 * `386`; `arm64/v9.1` also `v9`, `v8.6` down to `v8`, and `arm/v8` to `v5`; `arm/v7` also `v6` and `v5`. All
 * normalized.
 */
export function platformVector(wanted: Platform): readonly Platform[] {
  const self = normalizePlatform(wanted);
  const others = fallbacks(self.architecture, self.variant ?? '');
  return [self, ...others.map(([architecture, variant]) => normalizePlatform({ ...self, architecture, variant }))];
}

/**
 * True if a machine of the wanted platform runs the candidate, also in a compatibility mode (containerd/platforms,
 * Only).
 */
export function matchesOnly(wanted: Platform, candidate: Platform): boolean {
  return matches(platformVector(wanted), candidate);
}

/** True if the candidate is the wanted platform, however it is spelled (containerd/platforms, OnlyStrict). */
export function matchesStrict(wanted: Platform, candidate: Platform): boolean {
  return matches([normalizePlatform(wanted)], candidate);
}

/**
 * The candidates in containerd's order: by place in the vector, then more OS features first, then (where the wanted
 * Windows version is known) the newer version, then as given; what would match but for its OS features comes next, then
 * the rest, and last what has no platform.
 */
export function rankPlatforms<T>(
  candidates: readonly T[],
  platformOf: (candidate: T) => Platform | undefined,
  wanted: Platform,
  { strict }: Choice,
): readonly T[] {
  const vector = strict ? [normalizePlatform(wanted)] : platformVector(wanted);
  const byVersion = vector[0]?.os === 'windows' && vector[0].osVersion !== undefined;
  return candidates
    .map((candidate) => ({ candidate, rank: rankOf(vector, platformOf(candidate)) }))
    .sort((a, b) => compare(a.rank, b.rank, byVersion))
    .map(({ candidate }) => candidate);
}

/**
 * The candidate containerd would take for the wanted platform; failing that the first that has no platform, whose
 * config the caller must check; undefined if there is neither. `unknown/unknown` is never taken.
 */
export function choosePlatform<T>(
  candidates: readonly T[],
  platformOf: (candidate: T) => Platform | undefined,
  wanted: Platform,
  choice: Choice,
): T | undefined {
  const fits = choice.strict ? matchesStrict : matchesOnly;
  const ranked = rankPlatforms(candidates, platformOf, wanted, choice);
  return ranked.find((candidate) => {
    const platform = platformOf(candidate);
    return platform === undefined || (!isUnknown(platform) && fits(wanted, platform));
  });
}

function isUnknown({ os, architecture }: Platform): boolean {
  return os === 'unknown' && architecture === 'unknown';
}

function fallbacks(
  architecture: string,
  variant: string,
): ReadonlyArray<readonly [architecture: string, variant: string]> {
  // One digit only: a variant is somebody's text, and no CPU has more.
  const [, major = '', minor = '0'] = /^v?(\d)(?:\.(\d))?$/.exec(variant) ?? [];
  switch (architecture) {
    case 'amd64':
      return [...down('amd64', 'v', Number(major) - 1, 1), ['386', '']];
    case 'arm':
      return down('arm', 'v', Number(major) - 1, 5);
    case 'arm64':
      return [
        ...arm64Fallbacks(variant === '' ? 8 : Number(major), Number(minor)),
        ...armFallbacks(variant, Number(major)),
      ];
    default:
      return [];
  }
}

/** v9.x is v8.(x+5) and more; the v8 line ends at v8.9. */
function arm64Fallbacks(major: number, minor: number): ReadonlyArray<readonly [architecture: string, variant: string]> {
  if (major === 9) return [...down('arm64', 'v9.', minor - 1, 0), ...down('arm64', 'v8.', Math.min(minor + 5, 9), 0)];
  return major === 8 ? down('arm64', 'v8.', minor - 1, 0) : [];
}

/** Every 64-bit ARM from v8 on may run 32-bit ARM v8 and less. */
function armFallbacks(variant: string, major: number): ReadonlyArray<readonly [architecture: string, variant: string]> {
  const highest = variant === '' || major >= 8 ? 8 : major;
  return down('arm', 'v', highest, 5);
}

function down(
  architecture: string,
  prefix: string,
  from: number,
  to: number,
): ReadonlyArray<readonly [string, string]> {
  return Array.from(
    { length: Math.max(from - to + 1, 0) },
    (_, step) => [architecture, `${prefix}${from - step}`] as const,
  );
}

interface Rank {
  /** 0: matches, 1: would but for its features, 2: does not, 3: says nothing. */
  readonly tier: number;
  readonly place: number;
  readonly features: number;
  readonly version: string;
}

function rankOf(vector: readonly Platform[], platform: Platform | undefined): Rank {
  if (platform === undefined) return { tier: 3, place: 0, features: 0, version: '' };
  const candidate = normalizePlatform(platform);
  const version = candidate.osVersion ?? '';
  const place = vector.findIndex((host) => runs(host, candidate));
  if (place >= 0) return { tier: 0, place, features: featuresOf(candidate).length, version };
  const bare = vector.findIndex((host) => runs(host, { ...candidate, osFeatures: [] }));
  return { tier: bare >= 0 ? 1 : 2, place: bare, features: 0, version };
}

function compare(a: Rank, b: Rank, byVersion: boolean): number {
  const rest = byVersion && a.tier === 0 ? compareVersions(b.version, a.version) : 0;
  return a.tier - b.tier || a.place - b.place || b.features - a.features || rest;
}

function matches(vector: readonly Platform[], candidate: Platform): boolean {
  const image = normalizePlatform(candidate);
  return vector.some((host) => runs(host, image));
}

/** Both normalized. */
function runs(host: Platform, image: Platform): boolean {
  return (
    host.os === image.os &&
    host.architecture === image.architecture &&
    (host.variant ?? '') === (image.variant ?? '') &&
    (host.os !== 'windows' || runsWindows(host.osVersion, image.osVersion)) &&
    featuresOf(image).every((feature) => host.osFeatures?.includes(feature))
  );
}

/** Without `win32k`, which Nano Server lacks and every Windows host has. */
function featuresOf({ os, osFeatures = [] }: Platform): readonly string[] {
  return os === 'windows' ? osFeatures.filter((feature) => feature !== 'win32k') : osFeatures;
}
