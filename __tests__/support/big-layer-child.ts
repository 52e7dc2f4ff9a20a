import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { digestOf } from '../../src/oci/digest.ts';
import { OCI_CONFIG, OCI_MANIFEST } from '../../src/oci/media-types.ts';
import { routeOf } from '../../src/server/routes.ts';
import { noise } from './image-builder.ts';

// node big-layer-child.ts <bytes>: a registry with one image, `big/layer:1`, of one layer of so many bytes, made while it is sent. Says
// `serving <host> <manifest digest> <layer digest>`, and ends when stdin does.
const size = Number(process.argv[2]);
const BLOCK = 1024 * 1024;
const pattern = noise('big layer', BLOCK);

/** The layer: the same block again and again, numbered so that no two are alike. */
function* blocks(): Generator<Buffer> {
  for (let number = 0; number * BLOCK < size; number += 1) {
    // A buffer of its own each time: the last one may still be on its way out.
    const block = Buffer.from(pattern);
    block.writeDoubleBE(number, 0);
    yield block.subarray(0, Math.min(BLOCK, size - number * BLOCK));
  }
}

const hash = createHash('sha256');
for (const block of blocks()) hash.update(block);
const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: `sha256:${hash.digest('hex')}`, size };
const documentOf = (mediaType: string, value: object) => {
  const bytes = Buffer.from(JSON.stringify(value));
  return { bytes, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.byteLength } };
};
const rootfs = { type: 'layers', diff_ids: [layer.digest] };
const config = documentOf(OCI_CONFIG, { os: 'linux', architecture: 'amd64', config: {}, rootfs });
const manifest = documentOf(OCI_MANIFEST, {
  schemaVersion: 2,
  mediaType: OCI_MANIFEST,
  config: config.descriptor,
  layers: [layer],
});

const server = createServer((request, response) => {
  const route = routeOf(request.url ?? '');
  if (route?.kind === 'manifest') {
    const { mediaType, digest, size: length } = manifest.descriptor;
    response.writeHead(200, { 'Content-Type': mediaType, 'Content-Length': length, 'Docker-Content-Digest': digest });
    response.end(request.method === 'HEAD' ? undefined : manifest.bytes);
  } else if (route?.kind === 'blob' && route.digest === config.descriptor.digest) {
    response.writeHead(200, { 'Content-Length': config.bytes.byteLength }).end(config.bytes);
  } else if (route?.kind === 'blob') {
    response.writeHead(200, { 'Content-Length': size });
    // A client that goes away is nobody's fault.
    pipeline(Readable.from(blocks()), response).catch(() => {});
  } else response.writeHead(404).end();
});
server.on('clientError', (_error, socket) => socket.destroy());
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`serving 127.0.0.1:${port} ${manifest.descriptor.digest} ${layer.digest}\n`);
});
process.stdin.resume().on('end', () => process.exit(0));
