import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connectDocker } from '../../src/engine/docker.ts';
import { PullError } from '../../src/errors.ts';
import type { BlobSource, Engine, Loadable } from '../../src/ports.ts';
import { offerImage } from '../../src/server/offer.ts';
import { type DaemonScript, drained, json, type ScriptedDaemon, scriptedDaemon } from '../support/docker-daemon.ts';
import { type ImageBag, imageBag } from '../support/image-builder.ts';
import { loadableFrom } from '../support/loadable.ts';

const NAME = 'ghcr.io/acme/app:1';
let bag: ImageBag;
let image: Loadable;
let daemon: ScriptedDaemon;
let cancel: AbortController;
beforeEach(async () => {
  cancel = new AbortController();
  bag = imageBag();
  image = loadableFrom(bag, NAME, await bag.image({ layers: ['base', 'top'] }));
});
afterEach(() => daemon.close());

/** How a daemon answers a pull, with the name that it is to have for the while. */
type Puller = (temporary: string, ...rest: Parameters<DaemonScript>) => unknown;

/** A daemon that pulls as told, tags, and takes whatever it is sent. */
async function engineThat(pulls: Puller): Promise<Engine> {
  const inspected = { Id: image.manifest.config.digest };
  daemon = await scriptedDaemon(async (request, response, self) => {
    const url = new URL(request.url ?? '', 'http://docker');
    if (url.pathname.endsWith('/images/create')) {
      const temporary = `${url.searchParams.get('fromImage')}@${url.searchParams.get('tag')}`;
      return pulls(temporary, request, response, self);
    }
    if (url.pathname.endsWith('/tag')) {
      self.images.set(`${url.searchParams.get('repo')}:${url.searchParams.get('tag')}`, inspected);
      return response.writeHead(201).end();
    }
    if (request.method === 'DELETE') {
      self.images.delete(decodeURIComponent(url.pathname.replace(/^.*\/images\//, '')));
      return json(response, 200, []);
    }
    if (!url.pathname.endsWith('/load')) return false;
    await drained(request);
    self.images.set(NAME, inspected);
    return json(response, 200, { stream: 'Loaded image\n' });
  });
  return connectDocker(daemon.host, cancel.signal, { offerImage, askMs: 200 });
}

const ask = (temporary: string, kind = 'manifests', name = temporary.replace(/.*@/, '')) => {
  const [host, ...path] = temporary.replace(/@.*/, '').split('/');
  return fetch(`http://${host}/v2/${path.join('/')}/${kind}/${name}`);
};
const done = (what: string) => daemon.requests.filter((request) => request.includes(what)).length;

describe('a daemon that asks the offer', () => {
  test('pulls the manifest from it, and the name of the while is gone when the true one is given', async () => {
    let pulled = '';
    const engine = await engineThat(async (temporary, _request, response, self) => {
      pulled = temporary;
      await (await ask(temporary)).arrayBuffer();
      self.images.set(temporary, { Id: image.manifest.config.digest });
      json(response, 200, { status: 'Download complete' });
    });
    const held = await engine.load(image, bag.source);
    expect(held).toMatchObject({ local: NAME, manifest: image.target.digest });
    expect(pulled).toMatch(new RegExp(`^127\\.0\\.0\\.1:\\d+/[0-9a-f]{32}/acme/app@${image.target.digest}$`));
    expect([...daemon.images.keys()]).toEqual([NAME]);
    expect(done('/load')).toBe(0);
    await expect(ask(pulled)).rejects.toThrow();
  });

  test.each([
    ['in the stream', 200, { errorDetail: { message: 'unsupported media type' }, error: 'unsupported media type' }],
    ['with a status', 500, { message: 'not today' }],
    ['with success, but without the image', 200, { status: 'Download complete' }],
  ])('and then fails %s is sent the image', async (_, status, body) => {
    const engine = await engineThat(async (temporary, _request, response) => {
      await (await ask(temporary)).arrayBuffer();
      json(response, status, body);
    });
    expect(await engine.load(image, bag.source)).toMatchObject({ local: NAME });
    expect([done('/create'), done('/load')]).toEqual([1, 1]);
    expect([...daemon.images.keys()]).toEqual([NAME]);
  });

  test('and has no space left is not sent the image as well', async () => {
    const engine = await engineThat(async (temporary, _request, response) => {
      await (await ask(temporary)).arrayBuffer();
      json(response, 200, { error: 'write /var/lib/docker/tmp/x: no space left on device' });
    });
    await expect(engine.load(image, bag.source)).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
      reason: `loading ${NAME}: write /var/lib/docker/tmp/x: no space left on device`,
      hint: 'Free some disk space for the engine.',
    });
    expect(done('/load')).toBe(0);
    expect([...daemon.images.keys()]).toEqual([]);
  });

  test('for a blob that fails is hung up on at once, with the blob’s own error', async () => {
    const failure = new PullError('DIGEST_MISMATCH', 'layer', 'other bytes');
    const engine = await engineThat(async (temporary) => {
      const blob = await ask(temporary, 'blobs', image.manifest.layers[0]?.digest);
      await blob.arrayBuffer().catch(() => {});
      // And would try again for minutes.
    });
    const broken: BlobSource = {
      async *open(blob) {
        if (blob.digest === image.manifest.config.digest) return yield* bag.source.open(blob);
        yield Buffer.alloc(10);
        throw failure;
      },
    };
    await expect(engine.load(image, broken)).rejects.toBe(failure);
    expect(done('/load')).toBe(0);
    await daemon.quiet();
  });

  test.each([
    ['and a layer that the store has with other bytes is said to be bad', true],
    ['is sent the image if its layers are what they should be', false],
  ])('and refuses a layer: %s', async (_, isBad) => {
    const [layer] = image.manifest.layers;
    if (!layer) throw new Error('it has layers');
    let hashed = 0;
    const source: BlobSource = {
      async *open(blob, range) {
        if (range === undefined) hashed += 1;
        // As a store does, which can hash only the whole.
        if (isBad && blob.digest === layer.digest && range === undefined) throw bad;
        yield* bag.source.open(blob, range);
      },
    };
    const bad = new PullError('DIGEST_MISMATCH', layer.digest, 'other bytes');
    const engine = await engineThat(async (temporary, _request, response) => {
      await (await ask(temporary, 'blobs', layer.digest)).arrayBuffer();
      hashed = 0;
      json(response, 200, { error: `filesystem layer verification failed for digest ${layer.digest}` });
    });
    const loaded = engine.load(image, source);
    if (isBad) await expect(loaded).rejects.toBe(bad);
    else expect(await loaded).toMatchObject({ local: NAME });
    expect(hashed).toBeGreaterThan(0);
    expect(done('/load')).toBe(isBad ? 0 : 1);
  });

  test('keeps no name of the while when the run is cancelled as soon as it has pulled', async () => {
    const engine = await engineThat(async (temporary, _request, response, self) => {
      await (await ask(temporary)).arrayBuffer();
      self.images.set(temporary, { Id: image.manifest.config.digest });
      cancel.abort();
      return json(response, 200, { status: 'Download complete' });
    });
    await expect(engine.load(image, bag.source)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect([...daemon.images.keys()]).toEqual([]);
  });

  test('and stops is an error that names daemon and image', async () => {
    const engine = await engineThat(async (temporary, request) => {
      await (await ask(temporary)).arrayBuffer();
      request.socket.destroy();
    });
    await expect(engine.load(image, bag.source)).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      subject: 'Docker 20.10.24 (overlay2)',
      reason: expect.stringContaining(`loading ${NAME}: `),
    });
  });
});

describe('a daemon that cannot reach this machine’s loopback', () => {
  test.each<[string, Puller]>([
    ['says so', (_, __, response) => json(response, 500, { message: 'connect: connection refused' })],
    ['never asks', () => {}],
  ])('and %s is sent its images from then on', async (_, pulls) => {
    const engine = await engineThat(pulls);
    await engine.load(image, bag.source);
    const other = loadableFrom(bag, NAME, await bag.image({ layers: ['other'] }));
    await expect(engine.load(other, bag.source)).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
    expect([done('/create'), done('/load')]).toEqual([1, 2]);
  });
});

test('an image with zstd layers is sent to a daemon that cannot unpack them', async () => {
  const [layer] = image.manifest.layers;
  if (!layer) throw new Error('it has layers');
  const mediaType = 'application/vnd.oci.image.layer.v1.tar+zstd';
  image = { ...image, manifest: { ...image.manifest, layers: [{ ...layer, mediaType }] } };
  const engine = await engineThat(() => {});
  await engine.load(image, bag.source);
  expect([done('/create'), done('/load')]).toEqual([0, 1]);
});
