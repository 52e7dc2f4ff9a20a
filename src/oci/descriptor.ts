import type { Digest } from './digest.ts';
import type { Platform } from './platform.ts';

/** What to expect of a blob before it is seen (image-spec v1.1, descriptor.md). Size in bytes. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly platform?: Platform | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly urls?: readonly string[] | undefined;
  /** The blob itself, base64, where the index or manifest carries it inline. */
  readonly data?: string | undefined;
  readonly artifactType?: string | undefined;
}

/** What tells blobs apart before they are seen: two images may promise different sizes for one digest, and only one of them is right. */
export const blobKey = ({ digest, size }: Pick<Descriptor, 'digest' | 'size'>): string => `${digest} ${size}`;

/** A manifest or an index as the bytes received, with the digest computed over them. */
export interface Document {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

/** The descriptor of a document. */
export function descriptorOf(document: Document): Descriptor {
  return { mediaType: document.mediaType, digest: document.digest, size: document.bytes.byteLength };
}
