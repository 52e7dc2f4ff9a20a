import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PullError } from '../../src/errors.ts';
import type { Offer } from '../../src/offer.ts';
import type { BlobSource, Loadable } from '../../src/ports.ts';
import { offerImage } from '../../src/server/offer.ts';
import { type ImageBag, imageBag } from '../support/image-builder.ts';
import { loadableFrom } from '../support/loadable.ts';

let bag: ImageBag;
let image: Loadable;
let offer: Offer;
beforeEach(async () => {
  bag = imageBag();
  image = loadableFrom(bag, 'app:1', await bag.image({ layers: ['base', 'top'] }));
});
afterEach(() => offer.close());

const offered = async (source: BlobSource = bag.source) => {
  offer = await offerImage(image, source);
  return offer;
};
const url = (kind: string, name: string, repository = offer.repository) => {
  const [host = '', ...path] = repository.split('/');
  return `http://${host}/v2/${path.join('/')}/${kind}/${name}`;
};
const layer = () => image.manifest.layers[0] ?? image.manifest.config;
const bytesOf = (digest: string) => bag.blobs.get(digest as never)?.bytes ?? Buffer.alloc(0);

describe('an offered image', () => {
  test('is a registry on loopback under a name of 192 random bits, another one each time', async () => {
    const first = (await offered()).repository;
    expect(first).toMatch(/^127\.0\.0\.1:\d+\/[0-9a-f]{48}\/image$/);
    await offer.close();
    expect((await offered()).repository.split('/')[1]).not.toBe(first.split('/')[1]);
  });

  test('has its documents by digest with their media type, and its blobs', async () => {
    await offered();
    const manifest = await fetch(url('manifests', image.target.digest));
    expect([manifest.status, manifest.headers.get('content-type')]).toEqual([200, image.target.mediaType]);
    expect(Buffer.from(await manifest.arrayBuffer()).equals(Buffer.from(bytesOf(image.target.digest)))).toBe(true);
    for (const { digest } of [image.manifest.config, ...image.manifest.layers]) {
      const blob = await fetch(url('blobs', digest));
      expect(Buffer.from(await blob.arrayBuffer()).equals(Buffer.from(bytesOf(digest)))).toBe(true);
    }
  });

  test('is told by nothing to whom does not know the name', async () => {
    const [host, secret] = (await offered()).repository.split('/');
    for (const repository of [`${host}/image`, `${host}/${'0'.repeat(48)}/image`, `${host}/${secret}`]) {
      expect((await fetch(url('manifests', image.target.digest, repository))).status).toBe(404);
      expect((await fetch(url('blobs', layer().digest, repository))).status).toBe(404);
      expect((await fetch(url('tags', 'list', repository))).status).toBe(404);
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
    let go = () => {};
    const later = new Promise<void>((resolve) => {
      go = resolve;
    });
    await offered({
      async *open(blob) {
        await later;
        yield* bag.source.open(blob);
      },
    });
    const blob = await fetch(url('blobs', layer().digest));
    expect(blob.status).toBe(200);
    go();
    expect((await blob.arrayBuffer()).byteLength).toBe(layer().size);
  });

  test('whose blob fails breaks the connection, and tells why to the one who offers', async () => {
    const failure = new PullError('DIGEST_MISMATCH', 'layer', 'other bytes');
    await offered({
      async *open() {
        yield Buffer.alloc(10);
        throw failure;
      },
    });
    const blob = await fetch(url('blobs', layer().digest));
    await expect(blob.arrayBuffer()).rejects.toThrow();
    await expect(offer.failure).rejects.toBe(failure);
  });

  test('whose reader leaves has not failed', async () => {
    await offered();
    const controller = new AbortController();
    const blob = await fetch(url('blobs', layer().digest), { signal: controller.signal });
    controller.abort();
    await blob.arrayBuffer().catch(() => {});
    const first = await Promise.race([offer.failure, new Promise((resolve) => setTimeout(resolve, 50, 'nothing'))]);
    expect(first).toBe('nothing');
  });

  test('notes that it was asked, and is gone when it is closed', async () => {
    await offered();
    expect(offer.asked()).toBe(false);
    await fetch(url('manifests', image.target.digest), { method: 'HEAD' });
    expect(offer.asked()).toBe(true);
    await offer.close();
    await expect(fetch(url('manifests', image.target.digest))).rejects.toThrow();
  });
});
