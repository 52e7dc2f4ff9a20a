import { type Digest, isDigest } from '../oci/digest.ts';

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
