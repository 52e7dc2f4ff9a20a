import * as v from 'valibot';
import type { Descriptor } from './descriptor.ts';
import { type Digest, digestProblem, isDigest } from './digest.ts';
import type { Platform } from './platform.ts';
import { expected } from './untrusted-json.ts';

const NAME = /^[\w.-]{1,64}$/;
const OPTION = /^[\x21-\x7e]{1,128}$/;
const MAX_FEATURES = 64;

/** A text that may be absent, or null as some writers have it. */
const text = v.nullish(v.string(expected('text')));
const size = expected('a size in bytes');

/** A platform as JSON has it (image-spec v1.1): member of a descriptor, and part of an image config. */
export const platformSchema = v.object(
  {
    os: text,
    architecture: text,
    variant: text,
    'os.version': text,
    'os.features': v.nullish(v.array(v.string(expected('text')), expected('a list of features'))),
  },
  expected('a platform'),
);

/**
 * A descriptor as JSON has it (image-spec v1.1, descriptor.md), its digest and size checked; unknown members are
 * dropped.
 */
export const descriptorSchema = v.object(
  {
    mediaType: text,
    digest: v.custom<Digest>(isDigest, ({ input, received }) =>
      digestProblem(typeof input === 'string' ? input : received),
    ),
    size: v.pipe(v.number(size), v.safeInteger(size), v.minValue(0, size)),
    platform: v.nullish(platformSchema),
    annotations: v.nullish(v.record(v.string(), v.string(expected('text')), expected('annotations'))),
    urls: v.nullish(v.array(v.string(expected('a URL')), expected('a list of URLs'))),
    data: text,
    artifactType: text,
  },
  expected('a descriptor'),
);

/**
 * The platform as it is written; undefined unless OS and architecture are plain words, for what cannot be named cannot
 * be asked for either. A variant, version or feature that cannot be printed is left out.
 */
export function toPlatform(json: v.InferOutput<typeof platformSchema>): Platform | undefined {
  const { os, architecture, variant, 'os.version': osVersion, 'os.features': features } = json;
  if (!os || !architecture || !NAME.test(os) || !NAME.test(architecture)) return undefined;
  const osFeatures = (features ?? []).slice(0, MAX_FEATURES).filter((feature) => OPTION.test(feature));
  return {
    os,
    architecture,
    ...(variant && NAME.test(variant) ? { variant } : {}),
    ...(osVersion && OPTION.test(osVersion) ? { osVersion } : {}),
    ...(osFeatures.length > 0 ? { osFeatures } : {}),
  };
}

/** The descriptor in our words; a media type that is absent is the empty text. */
export function toDescriptor(json: v.InferOutput<typeof descriptorSchema>): Descriptor {
  const { mediaType, digest, size: bytes, annotations, urls, data, artifactType } = json;
  const platform = json.platform ? toPlatform(json.platform) : undefined;
  return {
    mediaType: mediaType ?? '',
    digest,
    size: bytes,
    ...(platform === undefined ? {} : { platform }),
    ...(annotations ? { annotations } : {}),
    ...(urls ? { urls } : {}),
    ...(typeof data === 'string' ? { data } : {}),
    ...(artifactType ? { artifactType } : {}),
  };
}
