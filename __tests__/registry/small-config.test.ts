import { expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { OCI_CONFIG, OCI_LAYER_GZIP, OCI_MANIFEST } from '../../src/oci/media-types.ts';
import { collect, openClient, repositoryAt } from '../support/client.ts';
import { scriptedRegistry } from '../support/scripted-registry.ts';

const server = scriptedRegistry();
const bytesOf = { manifest: Buffer.from('{}'), config: Buffer.from('{"os":"linux"}'), layer: Buffer.from('a layer') };
const blob = (mediaType: string, bytes: Buffer) => ({ mediaType, digest: digestOf(bytes), size: bytes.byteLength });
const [config, layer] = [blob(OCI_CONFIG, bytesOf.config), blob(OCI_LAYER_GZIP, bytesOf.layer)];

test('a config comes over the connection of its manifest, and waits behind no layer', async () => {
  const ports = new Map<string | undefined, number | undefined>();
  let stalled = () => {};
  const layerAsked = new Promise<void>((resolve) => {
    stalled = resolve;
  });
  server.script = ({ path }, response) => {
    ports.set(path.split('/').at(-1), response.socket?.remotePort);
    if (path.endsWith(layer.digest)) {
      response.writeHead(200, { 'content-length': layer.size }).flushHeaders();
      return stalled();
    }
    const bytes = path.endsWith(config.digest) ? bytesOf.config : bytesOf.manifest;
    response.writeHead(200, { 'content-type': OCI_MANIFEST, 'content-length': bytes.byteLength }).end(bytes);
  };
  const client = openClient({ connections: 1 });
  const repository = repositoryAt(server.host);
  const manifest = digestOf(bytesOf.manifest);
  await client.manifest(repository, manifest);
  const endless = collect(client.blob(repository, layer));
  await layerAsked;
  expect((await collect(client.blob(repository, config))).bytes.equals(bytesOf.config)).toBe(true);
  expect(ports.get(config.digest)).toBe(ports.get(manifest));
  expect(ports.get(layer.digest)).not.toBe(ports.get(manifest));
  await client.close();
  expect((await endless).error).toBeDefined();
});
