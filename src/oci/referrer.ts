import * as v from 'valibot';
import type { Descriptor, Document } from './descriptor.ts';
import { descriptorOf } from './descriptor.ts';
import { descriptorSchema } from './descriptor-json.ts';
import type { Digest } from './digest.ts';
import { indexJson } from './layout.ts';
import { parseDocument } from './manifest.ts';
import { decodeObject, expected, readJson } from './untrusted-json.ts';

const schema = v.object({
  subject: v.nullish(descriptorSchema),
  artifactType: v.nullish(v.string(expected('text'))),
  annotations: v.nullish(v.record(v.string(), v.string(expected('text')), expected('annotations'))),
});

/** What a document says it is about, with the descriptor a list of referrers has for it. */
export interface Referrer {
  readonly subject: Digest;
  readonly descriptor: Descriptor;
}

/**
 * The document as a referrer (distribution-spec v1.1, "Listing Referrers"): its artifact type, where a manifest names none its config's type, and its annotations
 * come along; undefined if it has no subject. Throws what `parseDocument` throws.
 */
export function referrerOf(document: Document, subject: string): Referrer | undefined {
  const content = parseDocument(document, subject);
  const {
    subject: about,
    artifactType,
    annotations,
  } = readJson(schema, decodeObject(document.bytes, subject), subject);
  if (!about) return undefined;
  const type = artifactType || (content.kind === 'manifest' ? content.config.mediaType : '');
  const told = { ...(type ? { artifactType: type } : {}), ...(annotations ? { annotations } : {}) };
  return {
    subject: about.digest,
    descriptor: { ...descriptorOf({ ...document, mediaType: content.mediaType }), ...told },
  };
}

/** A list of referrers as JSON: an index (distribution-spec v1.1, "Listing Referrers"). */
export const referrersJson = (referrers: readonly Referrer[]): string =>
  indexJson(referrers.map(({ descriptor }) => descriptor));
