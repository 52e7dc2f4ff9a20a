import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { asArray, asRecord, asText, parseJson } from '../lib/records.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import type { Platform } from '../oci/platform.ts';

/** What `GET /images/{name}/json` says that matters here. */
export interface Inspected {
  readonly id: Digest;
  /** The digests the image is known by under the repository it was asked for. */
  readonly repoDigests: readonly Digest[];
  readonly platform: Platform | undefined;
  /** The digests of the unpacked layers, bottom first. */
  readonly diffIds: readonly string[];
  /** True if a registry gave it: then the engine knows its layers by the digests they have there. */
  readonly wasPulled: boolean;
  /** Engine API 1.48 and later with the containerd image store: the platforms' manifests, and whether all their blobs are there. */
  readonly manifests?: readonly InspectedManifest[] | undefined;
}

export interface InspectedManifest {
  readonly digest: Digest;
  readonly available: boolean;
  /** `linux/amd64`, without a variant; undefined for what is no image. */
  readonly platform: string | undefined;
}

/** Reads an answer of the Engine API; throws ENGINE_FAILED if it is not one. */
export function parseInspect(body: string, name: string): Inspected {
  const answer = asRecord(parseJson(body));
  if (!isDigest(answer.Id))
    throw new PullError(
      'ENGINE_FAILED',
      'Docker',
      `inspecting ${clean(name)}: expected an image, found ${clean(body, 200)}`,
    );
  const repository = name.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
  const repoDigests = asArray(answer.RepoDigests).flatMap((it) => {
    const [of, digest] = String(it).split('@');
    return of === repository && isDigest(digest) ? [digest] : [];
  });
  const manifests = Array.isArray(answer.Manifests)
    ? answer.Manifests.map(manifestOf).filter((it) => it !== undefined)
    : undefined;
  const diffIds = asArray(asRecord(answer.RootFS).Layers).map(String);
  const platform = platformOf(answer);
  return {
    id: answer.Id,
    repoDigests,
    platform,
    diffIds,
    wasPulled: asArray(answer.RepoDigests).length > 0,
    manifests,
  };
}

/** The ids in the answer of `GET /images/json`; empty if it is not one. */
export const parseList = (body: string): readonly Digest[] =>
  asArray(parseJson(body))
    .map((it) => asRecord(it).Id)
    .filter(isDigest);

function platformOf(answer: Record<string, unknown>): Platform | undefined {
  const [os, architecture, variant] = [asText(answer.Os), asText(answer.Architecture), asText(answer.Variant)];
  return os && architecture ? { os, architecture, ...(variant && { variant }) } : undefined;
}

function manifestOf(value: unknown): InspectedManifest | undefined {
  const manifest = asRecord(value);
  const { digest } = asRecord(manifest.Descriptor);
  const { os, architecture } = asRecord(asRecord(manifest.ImageData).Platform);
  const platform = os && architecture ? `${os}/${architecture}` : undefined;
  return isDigest(digest) ? { digest, available: manifest.Available === true, platform } : undefined;
}
