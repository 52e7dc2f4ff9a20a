import * as v from 'valibot';
import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { isRecord } from '../lib/records.ts';
import { redactText } from '../lib/redact.ts';

/**
 * The one JSON object the bytes hold (UTF-8 without a byte order mark, RFC 8259), parsed once; throws MANIFEST_INVALID
 * for anything else.
 */
export function decodeObject(bytes: Uint8Array, subject: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw new PullError('MANIFEST_INVALID', subject, `expected JSON, found ${quote(bytes)}`, { cause });
  }
  if (isRecord(value)) return value;
  throw new PullError('MANIFEST_INVALID', subject, `expected a JSON object, found ${quote(bytes)}`);
}

/** The value as the schema has it; throws MANIFEST_INVALID that names the first member that is wrong. */
export function readJson<S extends v.GenericSchema>(schema: S, value: unknown, subject: string): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortEarly: true, abortPipeEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const member = v.getDotPath(issue) ?? 'document';
  const reason = issue.received === 'undefined' ? `expected ${member}, found nothing` : `${member}: ${issue.message}`;
  throw new PullError('MANIFEST_INVALID', subject, clean(reason, 400));
}

/** The message of a schema: `expected a digest, found "sha1:…"`. */
export function expected(what: string): (issue: v.BaseIssue<unknown>) => string {
  return ({ received }) => `expected ${what}, found ${received}`;
}

function quote(bytes: Uint8Array): string {
  if (bytes.byteLength === 0) return 'nothing';
  return JSON.stringify(clean(redactText(new TextDecoder().decode(bytes.subarray(0, 60)))));
}
