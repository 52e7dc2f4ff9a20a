import { describe, expect, test } from '@jest/globals';
import { OCI_CONFIG } from '../src/oci/media-types.ts';
import { rangeBringer } from '../src/registry/transport/range-bring.ts';
import { collect, randomBlob } from './support/store-blobs.ts';
import { bytes, descriptor, threadPulls } from './support/thread-pulls.ts';

describe.each([
  ['a thread', undefined],
  ['this thread', rangeBringer],
])('by %s', (_, here) => {
  const { pulled } = threadPulls(here);

  test('a registry that says it has ranges, and has none, is asked once more, at once, and for other blobs not so', async () => {
    const config = randomBlob(100);
    const { writing, seen, server, client, store } = await pulled(
      ({ path }, response) => {
        const body = path.includes(config.descriptor.digest) ? config.bytes : bytes;
        response.writeHead(200, { 'Accept-Ranges': 'bytes', 'Content-Length': body.byteLength }).end(body);
      },
      { first: { ...config.descriptor, mediaType: OCI_CONFIG } },
    );
    await writing;
    expect(client.events).toEqual([]);
    expect(server.requests.map(({ headers }) => headers.range?.split('-')[0])).toEqual([
      undefined,
      'bytes=0',
      'bytes=0',
    ]);
    expect(seen).toEqual({ here: bytes.byteLength, landed: 0 });
    expect((await collect(store.open(descriptor))).equals(bytes)).toBe(true);
  });
});
