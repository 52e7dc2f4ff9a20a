import { digestOf } from '../../src/oci/digest.ts';
import { type Script, sendJson } from './scripted-server.ts';

/** A layer, and a manifest that is enough of one for a client of registries. */
export const BYTES = Buffer.from('the bytes of a layer');
export const BLOB = { mediaType: 'x', digest: digestOf(BYTES), size: BYTES.length };
export const MANIFEST = Buffer.from('{"schemaVersion":2}');
export const DIGEST = digestOf(MANIFEST);

/** Has the image under every name and tag. */
export const serves: Script = ({ path }, response) => {
  if (path.includes('/blobs/')) return response.writeHead(200).end(BYTES);
  if (path.includes('/tags/')) return sendJson(response, 200, { tags: ['1', '2'] });
  return response.writeHead(200, { 'Docker-Content-Digest': DIGEST }).end(MANIFEST);
};

/** Answers everything with the status and no words. */
export const answers =
  (status: number): Script =>
  (_, response) =>
    response.writeHead(status).end();
