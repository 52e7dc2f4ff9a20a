import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { json } from './answers.ts';

/** A request that is answered with an error of distribution-spec v1.1, "Error Codes". */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly code: string;
  readonly headers: OutgoingHttpHeaders;

  constructor(status: number, code: string, message: string, headers: OutgoingHttpHeaders = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** Status and code for what our own parts throw; what is not here is 500 UNKNOWN. */
const ANSWERS: Readonly<Record<string, readonly [number, string]>> = {
  REFERENCE_INVALID: [400, 'NAME_INVALID'],
  DIGEST_INVALID: [400, 'DIGEST_INVALID'],
  DIGEST_MISMATCH: [400, 'DIGEST_INVALID'],
  SIZE_MISMATCH: [400, 'SIZE_INVALID'],
  MANIFEST_INVALID: [400, 'MANIFEST_INVALID'],
  NAME_UNKNOWN: [404, 'NAME_UNKNOWN'],
  MANIFEST_UNKNOWN: [404, 'MANIFEST_UNKNOWN'],
  BLOB_UNKNOWN: [404, 'BLOB_UNKNOWN'],
  UNAUTHORIZED: [403, 'DENIED'],
  DENIED: [403, 'DENIED'],
  TOOMANYREQUESTS: [429, 'TOOMANYREQUESTS'],
  UNAVAILABLE: [502, 'UNKNOWN'],
  UNREACHABLE: [502, 'UNKNOWN'],
  REGISTRY_ANSWER: [502, 'UNKNOWN'],
  DISK_FULL: [507, 'UNKNOWN'],
};

/** Answers with the error, in clean words; an answer that has begun is cut off. */
export function answerError(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) return void response.destroy();
  const { status, code, message, headers } = toRefusal(error);
  const words = clean(message, 1000);
  // Docker shows of such an answer its first line alone.
  if (status >= 500) response.statusMessage = words.replace(/[^\x20-\x7e]/g, '?').slice(0, 300);
  json(response, { errors: [{ code, message: words }] }, status, headers);
}

function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof PullError)) return new Refusal(500, 'UNKNOWN', message);
  const [status, code] = ANSWERS[error.code] ?? [500, 'UNKNOWN'];
  const wait = error.retryAfterMs === undefined ? {} : { 'Retry-After': Math.ceil(error.retryAfterMs / 1000) };
  return new Refusal(status, code, message, wait);
}
