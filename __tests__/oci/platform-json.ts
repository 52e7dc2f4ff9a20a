import type { Platform } from '../../src/oci/platform.ts';

/** A platform as the vectors write it. */
export interface PlatformJson {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly 'os.version'?: string;
  readonly 'os.features'?: readonly string[];
}

/** The same in our words. */
export function fromJson(json: PlatformJson): Platform {
  const { os, architecture, variant, 'os.version': osVersion, 'os.features': osFeatures } = json;
  return {
    os,
    architecture,
    ...(variant ? { variant } : {}),
    ...(osVersion ? { osVersion } : {}),
    ...(osFeatures ? { osFeatures } : {}),
  };
}
