import { randomUUID } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { type Digest, parseDigest } from '../oci/digest.ts';
import type { StoreContents, Upload } from '../ports/store-contents.ts';
import { Refusal } from './refusal.ts';

/** Takes blobs (distribution-spec v1.1, "Pushing blobs"): in one request, in chunks, or from another repository. */
export interface Uploads {
  begin(request: IncomingMessage, response: ServerResponse, path: string, query: URLSearchParams): Promise<void>;
  /** PATCH, PUT, GET and DELETE of an upload that has begun; 404 BLOB_UPLOAD_UNKNOWN for any other. */
  go(
    request: IncomingMessage,
    response: ServerResponse,
    at: { readonly path: string; readonly id: string; readonly query: URLSearchParams },
  ): Promise<void>;
}

/** The uploads of one server; those nobody ends go when the store is opened an hour after their last byte. */
export function uploadsInto(contents: StoreContents): Uploads {
  const open = new Map<string, Upload>();

  async function finish(response: ServerResponse, path: string, id: string, upload: Upload, digest: Digest) {
    open.delete(id);
    try {
      await upload.keep(digest);
    } catch (error) {
      await upload.cancel();
      throw error;
    }
    created(response, path, digest);
  }

  return {
    async begin(request, response, path, query) {
      const [mount, whole] = [query.get('mount'), query.get('digest')];
      if (mount !== null && (await contents.sizeOf(parseDigest(mount))) !== undefined)
        return created(response, path, parseDigest(mount));
      const digest = whole === null ? undefined : parseDigest(whole);
      const upload = await contents.upload();
      const id = randomUUID();
      if (digest === undefined) {
        open.set(id, upload);
        return empty(response, 202, stateOf(path, id, upload));
      }
      await take(request, upload).catch(async (error) => {
        await upload.cancel();
        throw error;
      });
      await finish(response, path, id, upload, digest);
    },

    async go(request, response, { path, id, query }) {
      const upload = open.get(id);
      if (!upload) throw new Refusal(404, 'BLOB_UPLOAD_UNKNOWN', 'no such upload: it has ended, or never began');
      const state = () => stateOf(path, id, upload);
      if (request.method === 'GET' || request.method === 'HEAD') return empty(response, 204, state());
      if (request.method === 'DELETE') {
        open.delete(id);
        await upload.cancel();
        return empty(response, 204);
      }
      // Read before the body: what is wrong with a request shall not cost the upload its bytes.
      const digest = request.method === 'PUT' ? parseDigest(query.get('digest') ?? '') : undefined;
      if (!(await take(request, upload)))
        throw new Refusal(416, 'BLOB_UPLOAD_INVALID', `expected the bytes from ${upload.size} on`, state());
      if (digest === undefined) return empty(response, 202, state());
      await finish(response, path, id, upload, digest);
    },
  };
}

const RANGE = /^(?:bytes[ =])?(\d+)-(\d+)(?:\/(?:\d+|\*))?$/;

/** False if the chunk does not begin where the upload ends. */
async function take(request: IncomingMessage, upload: Upload): Promise<boolean> {
  const header = request.headers['content-range'];
  if (header === undefined) return upload.append(request);
  const [, first, last] = RANGE.exec(header) ?? [];
  const [start, end] = [Number(first ?? Number.NaN), Number(last ?? Number.NaN)];
  const length = request.headers['content-length'];
  if (!(start <= end) || (length !== undefined && Number(length) !== end - start + 1))
    throw new Refusal(400, 'SIZE_INVALID', 'Content-Range: expected <first>-<last> as long as Content-Length says');
  return upload.append(request, start);
}

function stateOf(path: string, id: string, { size }: Upload): OutgoingHttpHeaders {
  return {
    Location: `/v2/${path}/blobs/uploads/${id}`,
    Range: `0-${Math.max(0, size - 1)}`,
    'Docker-Upload-UUID': id,
  };
}

const created = (response: ServerResponse, path: string, digest: Digest): void =>
  empty(response, 201, { Location: `/v2/${path}/blobs/${digest}`, 'Docker-Content-Digest': digest });

function empty(response: ServerResponse, status: number, headers: OutgoingHttpHeaders = {}): void {
  response.writeHead(status, status === 204 ? headers : { 'Content-Length': 0, ...headers }).end();
}
