import * as v from 'valibot';
import { platformSchema, toPlatform } from './descriptor-json.ts';
import { normalizePlatform, type Platform } from './platform.ts';
import { decodeObject } from './untrusted-json.ts';

/** What we read of an image config (image-spec v1.1, config.md). */
export interface Config {
  /** Normalized; absent if the config does not name an OS and an architecture. */
  readonly platform: Platform | undefined;
  /** The digests of the unpacked layers, bottom first, as they are written; empty if there is no list of texts. */
  readonly diffIds: readonly string[];
}

const diffIdsSchema = v.object({ rootfs: v.object({ diff_ids: v.array(v.string()) }) });

/**
 * The config; throws MANIFEST_INVALID only if the bytes are not a JSON object: members that are odd or missing count as
 * absent.
 */
export function parseConfig(bytes: Uint8Array, subject: string): Config {
  const json = decodeObject(bytes, subject);
  const named = v.safeParse(platformSchema, json);
  const platform = named.success ? toPlatform(named.output) : undefined;
  const listed = v.safeParse(diffIdsSchema, json);
  return {
    platform: platform && normalizePlatform(platform),
    diffIds: listed.success ? listed.output.rootfs.diff_ids : [],
  };
}
