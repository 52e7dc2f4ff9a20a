import { type Digest, isDigest } from '../oci/digest.ts';
import { formatPlatform, normalizePlatform, type Platform } from '../oci/platform.ts';

/** A name of containerd. */
export interface NamedImage {
  readonly name: string;
  readonly digest: Digest;
  /** True if the layers for this machine's platform lie ready to run. */
  readonly unpacked: boolean;
}

/** The rows of `ctr images check`: name, type, digest, status with blanks in it, size, and whether it is unpacked. What is no such row is left out. */
export function parseImages(table: string): readonly NamedImage[] {
  return table.split('\n').flatMap((line) => {
    const [name = '', , digest = '', ...rest] = line.trim().split(/\s+/);
    return isDigest(digest) ? [{ name, digest, unpacked: rest.at(-1) === 'true' }] : [];
  });
}

/** The platforms in the rows of `ctr images ls`: name, type, digest, size with a blank in it, platforms with commas between them, and labels. */
export function parsePlatforms(table: string): readonly string[] {
  return table.split('\n').flatMap((line) => {
    const [, , digest = '', ...rest] = line.trim().split(/\s+/);
    const listed = isDigest(digest) ? rest.find((column) => column.includes('/')) : undefined;
    return listed?.split(',').map((name) => formatPlatform(normalizePlatform(partsOf(name)))) ?? [];
  });
}

function partsOf(name: string): Platform {
  const [os = '', architecture = '', variant] = name.split('/');
  return { os, architecture, variant };
}
