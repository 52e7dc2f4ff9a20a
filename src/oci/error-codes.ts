/** The codes a registry answers with (distribution-spec v1.1, "Error Codes"). */
export const SPEC_CODES = [
  'BLOB_UNKNOWN',
  'BLOB_UPLOAD_INVALID',
  'BLOB_UPLOAD_UNKNOWN',
  'DIGEST_INVALID',
  'MANIFEST_BLOB_UNKNOWN',
  'MANIFEST_INVALID',
  'MANIFEST_UNKNOWN',
  'NAME_INVALID',
  'NAME_UNKNOWN',
  'SIZE_INVALID',
  'UNAUTHORIZED',
  'DENIED',
  'UNSUPPORTED',
  'TOOMANYREQUESTS',
] as const;

export type SpecCode = (typeof SPEC_CODES)[number];

/** True for the codes above, letter by letter; registries send others too. */
export function isSpecCode(text: unknown): text is SpecCode {
  return (SPEC_CODES as readonly unknown[]).includes(text);
}
