import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connectDocker, type DockerOptions } from '../../src/engine/docker.ts';
import { PullError } from '../../src/errors.ts';
import { digestOf } from '../../src/oci/digest.ts';
import type { BlobSource, Engine, Loadable } from '../../src/ports.ts';
import {
  type DaemonFacts,
  type DaemonScript,
  drained,
  json,
  refuse,
  type ScriptedDaemon,
  scriptedDaemon,
} from '../support/docker-daemon.ts';
import { type ImageBag, imageBag } from '../support/image-builder.ts';
import { loadableFrom, throwing, untouchable } from '../support/loadable.ts';
import { until } from '../support/until.ts';

const LOAD = '/v1.41/images/load?quiet=1';
const TITLE = 'Docker 20.10.24 (overlay2)';

let bag: ImageBag;
let image: Loadable;
let controller: AbortController;
let daemon: ScriptedDaemon;
beforeEach(async () => {
  bag = imageBag();
  image = loadableFrom(bag, 'ghcr.io/acme/app:1', await bag.image({ layers: ['base', 'top'] }));
  controller = new AbortController();
});
afterEach(() => daemon.close());

async function engineThat(onLoad: DaemonScript, patience?: DockerOptions, facts?: DaemonFacts): Promise<Engine> {
  daemon = await scriptedDaemon(
    (request, ...rest) => (request.url?.includes('/images/load') ? onLoad(request, ...rest) : false),
    facts,
  );
  return connectDocker(daemon.host, controller.signal, patience);
}

/** Reads the body, then answers. */
const afterBody =
  (answer: (response: ServerResponse, daemon: ScriptedDaemon) => unknown): DaemonScript =>
  async (request, response, daemon) => {
    await drained(request);
    await answer(response, daemon);
  };

const id = () => image.manifest.config.digest;
const accept = afterBody((response, daemon) => {
  daemon.images.set('ghcr.io/acme/app:1', { Id: id() });
  json(response, 200, { stream: 'Loaded image: ghcr.io/acme/app:1\n' });
});

/** A source of endless bytes, slow enough to be interrupted; `closed` tells whether it was left in order. */
function endless(): BlobSource & { closed: boolean } {
  return {
    closed: false,
    async *open() {
      try {
        for (;;) {
          yield Buffer.alloc(64 * 1024);
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        this.closed = true;
      }
    },
  };
}

describe('a load', () => {
  test('is inspected afterwards, and leaves no connection', async () => {
    const engine = await engineThat(accept);
    expect(await engine.load(image, bag.source)).toEqual({
      manifest: image.target.digest,
      imageId: id(),
      local: 'ghcr.io/acme/app:1',
      digestRunnable: false,
    });
    expect(daemon.requests.slice(3)).toEqual([
      `GET /v1.41/images/${id()}/json`,
      'GET /v1.41/images/json',
      `POST ${LOAD}`,
      'GET /v1.41/images/ghcr.io/acme/app:1/json',
      `GET /v1.41/images/ghcr.io/acme/app@${image.target.digest}/json`,
    ]);
    await daemon.quiet();
  });

  test('of an image that is there under another name is a tag', async () => {
    const engine = await engineThat(accept);
    daemon.images.set(id(), { Id: id() });
    const script = engine.load(image, untouchable);
    await expect(script).rejects.toThrow();
    expect(daemon.requests).toContain(`POST /v1.41/images/${id()}/tag?repo=ghcr.io%2Facme%2Fapp&tag=1`);
  });

  test.each<[string, DaemonScript, string]>([
    [
      'an error status',
      afterBody((response) => json(response, 500, { message: 'open /var/lib/docker/tmp/x: no space left on device' })),
      'open /var/lib/docker/tmp/x: no space left on device',
    ],
    ['an error status in plain words', afterBody((response) => response.writeHead(500).end('it broke\n')), 'it broke'],
    ['an error status without a word', afterBody((response) => response.writeHead(503).end()), 'no reason given'],
    [
      'an error inside the stream, with status 200',
      afterBody((response) =>
        json(response, 200, { errorDetail: { message: 'invalid diffID' }, error: 'invalid diffID' }),
      ),
      'invalid diffID',
    ],
    [
      'an unpack failure in words, with status 200',
      afterBody((response) => json(response, 200, { stream: 'Error unpacking image a:1: apply layer error\n' })),
      'Error unpacking image a:1: apply layer error',
    ],
    [
      'workflow commands and colours',
      afterBody((response) => json(response, 500, { message: '\u001b[31m::error::a\n##[error]b' })),
      ': :error: :a # #[error]b',
    ],
    [
      'success, but no image',
      afterBody((response) => json(response, 200, {})),
      'the image was accepted, but afterwards ghcr.io/acme/app:1 is no image at all, expected sha256:',
    ],
  ])('that is answered with %s fails in words that name engine, image and reason', async (_, script, words) => {
    const engine = await engineThat(script);
    await expect(engine.load(image, bag.source)).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
      subject: TITLE,
      reason: expect.stringMatching(/^loading ghcr\.io\/acme\/app:1: /),
      message: expect.stringContaining(words),
      hint: expect.stringMatching(words.includes('no space') ? /^Free some disk space/ : /engine: none/),
    });
  });

  test('after which the name is another image says expected and found', async () => {
    const other = digestOf('other');
    const engine = await engineThat(
      afterBody((response, daemon) => {
        daemon.images.set('ghcr.io/acme/app:1', { Id: other });
        json(response, 200, {});
      }),
    );
    await expect(engine.load(image, bag.source)).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
      message: `${TITLE}: loading ghcr.io/acme/app:1: the image was accepted, but afterwards ghcr.io/acme/app:1 is ${other}, expected ${id()}`,
    });
  });

  test('that is refused while it is being sent ends with the refusal', async () => {
    const engine = await engineThat((_, response) => refuse(response, 403, { message: 'policy forbids it' }));
    const source = endless();
    await expect(engine.load(image, source)).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
      message: `${TITLE}: loading ghcr.io/acme/app:1: policy forbids it`,
    });
    await daemon.quiet();
    await until(() => source.closed);
  });

  test('whose connection is cut closes the blob that was being sent', async () => {
    const engine = await engineThat((request) => request.once('data', () => request.socket.destroy()));
    const source = endless();
    await expect(engine.load(image, source)).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
    await until(() => source.closed);
  });

  test.each<[string, DaemonScript]>([
    ['while it is being sent', (request) => request.once('data', () => request.socket.destroy())],
    ['before the answer', afterBody((response) => response.socket?.destroy())],
    [
      'within the answer',
      afterBody((response) => response.writeHead(200).write('{"stream":"', () => response.socket?.destroy())),
    ],
  ])('whose connection is cut %s fails in words, and what is open is closed', async (_, script) => {
    const engine = await engineThat(script);
    await expect(engine.load(image, bag.source)).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      subject: TITLE,
      reason: `loading ghcr.io/acme/app:1: ${daemon.host.from}: the connection was closed before the answer was complete`,
      hint: 'See in its log whether the daemon stopped.',
    });
    await daemon.quiet();
  });

  test.each<[string, DaemonScript]>([
    ['takes nothing', () => true],
    ['never answers', afterBody(() => true)],
  ])('by a daemon that %s is given up after its time', async (_, script) => {
    const engine = await engineThat(script, { loadMs: 100 });
    await expect(engine.load(image, bag.source)).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: `${TITLE}: loading ghcr.io/acme/app:1: ${daemon.host.from}: no answer within 0.1 s`,
    });
    await daemon.quiet();
  });

  test.each([0, 1, 70])(
    'of a blob that fails after %i chunks ends with that very error, not with a broken pipe',
    async (chunks) => {
      const engine = await engineThat(accept);
      const failure = new PullError('DIGEST_MISMATCH', 'blob', 'other bytes');
      const broken: BlobSource = {
        async *open() {
          for (let at = 0; at < chunks; at += 1) yield Buffer.alloc(64 * 1024);
          throw failure;
        },
      };
      await expect(engine.load(image, broken)).rejects.toBe(failure);
      expect(daemon.images.size).toBe(0);
      await daemon.quiet();
      expect(await engine.load(image, bag.source)).toMatchObject({ imageId: id() });
    },
  );

  test('of which a bug of ours is thrown as it is', async () => {
    const engine = await engineThat(accept);
    const bug = new TypeError('undefined is not a function');
    await expect(engine.load(image, { open: () => throwing(bug) })).rejects.toBe(bug);
  });
});

describe('a cancelled run', () => {
  test.each<[string, DaemonScript, () => BlobSource]>([
    ['while an image is being sent', (request) => request.resume(), endless],
    ['while the daemon takes nothing', () => true, endless],
    ['while the daemon extracts', afterBody(() => true), () => bag.source],
    ['while a blob is awaited', (request) => request.resume(), () => ({ open: () => stalled() })],
  ])('ends at once %s', async (_, script, source) => {
    const engine = await engineThat(script);
    const loading = engine.load(image, source());
    const ended = expect(loading).rejects.toMatchObject({ code: 'CANCELLED' });
    await until(() => daemon.requests.includes(`POST ${LOAD}`));
    await new Promise((resolve) => setTimeout(resolve, 20));
    const startedAt = Date.now();
    controller.abort();
    await ended;
    expect(Date.now() - startedAt).toBeLessThan(1000);
    await daemon.quiet();
  });

  test('asks no more', async () => {
    const engine = await engineThat(accept);
    controller.abort();
    await expect(engine.present(image)).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(engine.load(image, untouchable)).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

async function* stalled(): AsyncGenerator<Uint8Array> {
  await new Promise(() => {});
}

describe('the containerd image store', () => {
  const facts: DaemonFacts = {
    version: '28.0.4',
    apiVersion: '1.48',
    driver: 'overlayfs',
    driverStatus: [['driver-type', 'io.containerd.snapshotter.v1']],
  };
  const inspected = (available: boolean) => ({
    Id: image.target.digest,
    RepoDigests: [`ghcr.io/acme/app@${image.target.digest}`],
    Manifests: [{ Descriptor: { digest: image.target.digest }, Available: available }],
  });

  test('that has not every blob of the image does not hold it', async () => {
    const engine = await engineThat(
      afterBody((response, daemon) => {
        daemon.images.set('ghcr.io/acme/app:1', inspected(false));
        json(response, 200, {});
      }),
      {},
      facts,
    );
    await expect(engine.load(image, bag.source)).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
      message: expect.stringContaining(
        `but afterwards ghcr.io/acme/app:1 has not all of manifest ${image.target.digest}`,
      ),
    });
    expect(await engine.present(image)).toBeUndefined();
    expect(daemon.requests).toContain('GET /v1.48/images/ghcr.io/acme/app:1/json?manifests=1');
  });

  test.each([true, false])(
    'that could not unpack an image loses its name, if the name is this image’s: %s',
    async (own) => {
      const engine = await engineThat(
        afterBody((response, daemon) => {
          daemon.images.set(
            'ghcr.io/acme/app:1',
            own ? inspected(true) : { ...inspected(true), Id: digestOf('other') },
          );
          json(response, 200, { stream: 'Error unpacking image ghcr.io/acme/app:1: wrong diff id\n' });
        }),
        {},
        facts,
      );
      await expect(engine.load(image, bag.source)).rejects.toMatchObject({
        message: expect.stringContaining('wrong diff id'),
      });
      expect(daemon.requests.includes('DELETE /v1.48/images/ghcr.io/acme/app:1')).toBe(own);
    },
  );
});

describe('an engine that fails to say what it holds', () => {
  test.each<[string, DaemonScript, object]>([
    [
      'with an error status',
      (_, response) => json(response, 500, { message: 'database is locked' }),
      { code: 'ENGINE_FAILED', message: `${TITLE}: inspecting ghcr.io/acme/app:1: database is locked` },
    ],
    [
      'with something else than an image',
      (_, response) => json(response, 200, { Id: 'x' }),
      { code: 'ENGINE_FAILED', message: expect.stringContaining('expected an image, found {"Id":"x"}') },
    ],
    [
      'for it hangs up',
      (request) => request.socket.destroy(),
      {
        code: 'ENGINE_UNAVAILABLE',
        subject: TITLE,
        reason: expect.stringMatching(/^inspecting ghcr\.io\/acme\/app:1: /),
      },
    ],
  ])('%s', async (_, script, expected) => {
    daemon = await scriptedDaemon((request, ...rest) =>
      request.url?.endsWith('/json') ? script(request, ...rest) : false,
    );
    const engine = await connectDocker(daemon.host, controller.signal);
    await expect(engine.present(image)).rejects.toMatchObject(expected);
    await expect(engine.find('ghcr.io/acme/app:1')).rejects.toMatchObject(expected);
  });
});
