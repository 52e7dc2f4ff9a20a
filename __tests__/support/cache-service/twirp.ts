import type { Blobs } from './blobs.ts';
import { type Entries, scopesOf } from './entries.ts';
import type { Point } from './faults.ts';

/** The methods of github.actions.results.api.v1.CacheService, and where faults of each strike. */
export const METHODS: Readonly<Record<string, Point>> = {
  GetCacheEntryDownloadURL: 'lookup',
  CreateCacheEntry: 'create',
  FinalizeCacheEntryUpload: 'finalize',
};

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

interface Call {
  readonly method: string;
  readonly token: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Makes a URL of a path. */
  readonly link: (path: string) => string;
}

const refusal = (status: number, code: string, msg: string): Answer => ({ status, body: { code, msg } });
const ok = (body: Readonly<Record<string, unknown>>): Answer => ({ status: 200, body: { ok: true, ...body } });

/** Answers one call as the cache service v2 does (`reference`: JSON with names in snake_case, 64-bit numbers as strings). */
export function answerCall(call: Call, entries: Entries, blobs: Blobs): Answer {
  const scopes = scopesOf(call.token);
  if (scopes === undefined) return refusal(401, 'unauthenticated', 'bad token');
  const { key, version } = call.body;
  if (typeof key !== 'string' || typeof version !== 'string')
    return refusal(400, 'invalid_argument', 'key and version are needed');

  if (call.method === 'GetCacheEntryDownloadURL') {
    if (scopes.read.length === 0) return refusal(403, 'permission_denied', 'cache read denied: no readable scopes');
    const more = Array.isArray(call.body.restore_keys) ? (call.body.restore_keys as string[]) : [];
    const found = entries.find(scopes.read, [key, ...more], version);
    if (!found) return { status: 200, body: { ok: false, signed_download_url: '', matched_key: '' } };
    return ok({ signed_download_url: call.link(blobs.signed(String(found.id), 'r')), matched_key: found.key });
  }

  if (scopes.write === undefined)
    return { status: 200, body: { ok: false, message: 'cache write denied: the token is read-only' } };
  if (call.method === 'CreateCacheEntry') {
    const entry = entries.reserve(scopes.write, key, version);
    if (!entry)
      return refusal(409, 'already_exists', 'cache entry with the same key, version, and scope already exists');
    return ok({ signed_upload_url: call.link(blobs.signed(String(entry.id), 'w')), message: '' });
  }
  const entry = entries.reserved(scopes.write, key, version);
  if (!entry) return refusal(404, 'not_found', 'no such reservation');
  if (String(blobs.size(String(entry.id))) !== call.body.size_bytes) {
    return { status: 200, body: { ok: false, entry_id: '0', message: 'the size does not match the upload' } };
  }
  entry.ready = true;
  return ok({ entry_id: String(entry.id), message: '' });
}
