import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Offer } from '../../src/engine/offer.ts';
import { newDeferred } from '../../src/lib/deferred.ts';
import type { BlobSource, Loadable } from '../../src/ports.ts';
import { offerImage } from '../../src/server/offer.ts';
import { type ImageBag, imageBag } from '../support/image-builder.ts';
import { loadableFrom } from '../support/loadable.ts';

let bag: ImageBag;
let image: Loadable;
let offer: Offer;
beforeEach(async () => {
  bag = imageBag();
  image = loadableFrom(bag, '127.0.0.1:5000/app:1', await bag.image({ layers: ['base', 'top'] }));
});
afterEach(() => offer.close());

const offered = async (source: BlobSource = bag.source) => {
  offer = await offerImage(image, source, 'offered');
  return offer;
};
const url = (kind: string, name: string, prefix = offer.prefix) =>
  `http://${offer.host}/v2/${prefix}/app/${kind}/${name}`;
const layer = () => image.manifest.layers[0] ?? image.manifest.config;
const bytesOf = (digest: string) => bag.blobs.get(digest as never)?.bytes ?? Buffer.alloc(0);

describe('an offered image', () => {
  test('is a registry on loopback under a prefix of 128 random bits, another one each time', async () => {
    const { host, prefix } = await offered();
    expect([host, prefix]).toEqual([
      expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      expect.stringMatching(/^[0-9a-f]{32}$/),
    ]);
    await offer.close();
    expect((await offered()).prefix).not.toBe(prefix);
  });

  test('has its documents by digest with their media type, its target by tag, and its blobs', async () => {
    await offered();
    const tagged = await fetch(url('manifests', 'offered'), { method: 'HEAD' });
    expect(tagged.headers.get('docker-content-digest')).toBe(image.target.digest);
    const manifest = await fetch(url('manifests', image.target.digest));
    expect([manifest.status, manifest.headers.get('content-type')]).toEqual([200, image.target.mediaType]);
    expect(Buffer.from(await manifest.arrayBuffer()).equals(Buffer.from(bytesOf(image.target.digest)))).toBe(true);
    for (const { digest } of [image.manifest.config, ...image.manifest.layers]) {
      const blob = await fetch(url('blobs', digest));
      expect(Buffer.from(await blob.arrayBuffer()).equals(Buffer.from(bytesOf(digest)))).toBe(true);
    }
  });

  test('is told by nothing to whom does not know the name', async () => {
    const { host, prefix } = await offered();
    for (const other of ['library', '0'.repeat(32), prefix.slice(1), `${prefix}/app`]) {
      expect((await fetch(url('manifests', image.target.digest, other))).status).toBe(404);
      expect((await fetch(url('blobs', layer().digest, other))).status).toBe(404);
      expect((await fetch(url('tags', 'list', other))).status).toBe(404);
    }
    expect((await fetch(`http://${host}/v2/_catalog`)).status).toBe(404);
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('cannot be changed: %s', async (method) => {
    await offered();
    expect((await fetch(url('blobs', layer().digest), { method })).status).toBe(405);
  });

  test('gives parts of a blob, and says of a part behind its end how long it is', async () => {
    await offered();
    const { digest, size } = layer();
    const get = (range: string, method = 'GET') =>
      fetch(url('blobs', digest), { method, headers: { range, 'accept-encoding': 'identity' } });
    const part = await get('bytes=10-19');
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 10-19/${size}`]);
    expect(part.headers.get('content-length')).toBe('10');
    expect(await get(`bytes=${size}-`)).toMatchObject({ status: 416 });
    expect((await get(`bytes=${size}-`)).headers.get('content-range')).toBe(`bytes */${size}`);
    expect((await get('bytes=0-1,4-5')).status).toBe(200);
    const head = await get('bytes=10-19', 'HEAD');
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(size)]);
  });

  test('answers before the first byte of a blob has come', async () => {
    const later = newDeferred();
    await offered({
      async *open(blob) {
        await later.promise;
        yield* bag.source.open(blob);
      },
    });
    const blob = await fetch(url('blobs', layer().digest));
    expect(blob.status).toBe(200);
    later.resolve();
    expect((await blob.arrayBuffer()).byteLength).toBe(layer().size);
  });

  test('whose blob fails breaks the connection', async () => {
    await offered({
      async *open() {
        yield Buffer.alloc(10);
        throw new Error('other bytes');
      },
    });
    const blob = await fetch(url('blobs', layer().digest));
    await expect(blob.arrayBuffer()).rejects.toThrow();
  });

  test('notes that it was asked, and is gone when it is closed', async () => {
    await offered();
    expect(offer.asked()).toBe(false);
    await fetch(url('manifests', image.target.digest), { method: 'HEAD' });
    expect(offer.asked()).toBe(true);
    await offer.close();
    await expect(fetch(url('manifests', image.target.digest))).rejects.toThrow();
  });

  test('does not take others on this machine, who know the port alone, for the one it is meant for', async () => {
    await offered();
    for (const path of ['', '00/app/manifests/offered', `${'0'.repeat(32)}/app/blobs/${layer().digest}`])
      await (await fetch(`http://${offer.host}/v2/${path}`)).arrayBuffer();
    expect(offer.asked()).toBe(false);
  });
});
