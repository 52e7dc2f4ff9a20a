import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../src/oci/media-types.ts';
import { parseReference } from '../../src/oci/reference.ts';
import type { PushOutcome } from '../../src/outcome/push.ts';
import type { Store } from '../../src/ports.ts';
import { push } from '../../src/push/push.ts';
import { openStore } from '../../src/store/layout-store.ts';
import { seeded } from '../oci/vectors.ts';
import { HTPASSWD, startDockerRegistry } from '../support/docker-registry.ts';
import { hasPart, realTest } from '../support/real-parts.ts';
import { served } from '../support/serving.ts';
import { bytesOf, type Made, makeIndex, putImage } from '../support/stored-image.ts';
import { type UploadCutter, uploadCutter } from '../support/upload-cutter.ts';
import { openUploads } from '../support/uploads-client.ts';

const LAYER = 100_000;
const CHUNK = 10_000;
const TYPES = `${OCI_INDEX}, ${OCI_MANIFEST}`;
/** More than requests, their answers' headers and manifests of one push are. */
const TALK = 35_000;

interface Peer {
  readonly host: string;
  readonly login?: { readonly username: string; readonly password: string };
  stop(): Promise<void>;
}

const docker = realTest('docker-registry');
const PEERS = [
  {
    name: 'our own server',
    resumes: true,
    rounds: 24,
    test: (name: string, run: () => Promise<void>, ms?: number) => test(name, run, ms),
    start: async (): Promise<Peer> => {
      const { host, dispose } = await served();
      return { host: host.replace('localhost', '127.0.0.1'), stop: dispose };
    },
  },
  // It answers 404 or 500 for an upload that broke, which then begins anew.
  {
    name: 'docker-registry',
    resumes: false,
    rounds: 12,
    test: docker,
    start: (): Promise<Peer> => startDockerRegistry(),
  },
  {
    name: 'docker-registry with htpasswd',
    resumes: false,
    rounds: 4,
    test: docker,
    start: async (): Promise<Peer> => {
      const { username, password, line } = HTPASSWD;
      return { ...(await startDockerRegistry({ htpasswd: line })), login: { username, password } };
    },
  },
];

describe.each(PEERS)('pushing to $name', ({ test, start, resumes, rounds }) => {
  let folder: string;
  let store: Store;
  let image: Made;
  let peer: Peer;
  let cutter: UploadCutter;
  beforeEach(async () => {
    if (!hasPart('docker-registry')) return;
    folder = await mkdtemp(path.join(tmpdir(), 'pull-image-push-'));
    store = await openStore(folder);
    peer = await start();
    cutter = await uploadCutter(peer.host);
  });
  afterEach(async () => {
    await cutter?.close();
    await peer?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** An image that no repository has anything of: where blobs are stored once, a later round would find them there. */
  async function newImage(round: number): Promise<void> {
    const layers = (own: string) => ({ layers: [`base ${round}`, `${own} ${round}`], layerSize: LAYER });
    image = await makeIndex(layers('amd'), layers('arm'));
    await putImage(store, 'app:1', image);
  }

  /** Ends, as a process does that is taken away, when `over` is aborted. */
  async function pushTo(name: string, over?: AbortController): Promise<PushOutcome | undefined> {
    const logins = peer.login ? [{ registry: cutter.host, ...peer.login }] : [];
    const uploads = openUploads({ chunkBytes: CHUNK, logins, ...(over ? { signal: over.signal } : {}) });
    const { signal } = over ?? new AbortController();
    const ports = { uploads, store, report: () => {}, signal, now: Date.now, concurrency: 3 };
    const parcel = { source: 'app:1', target: image.target.digest, to: parseReference(`${cutter.host}/${name}`) };
    try {
      return await push([parcel], ports);
    } catch (error) {
      if (!over?.signal.aborted) throw error;
      return undefined;
    } finally {
      await uploads.close();
    }
  }

  const headers = () => {
    const { username = '', password = '' } = peer.login ?? {};
    return peer.login ? { authorization: `Basic ${btoa(`${username}:${password}`)}` } : undefined;
  };
  const look = (at: string) =>
    fetch(`http://${peer.host}/v2/${at}`, { method: 'HEAD', headers: { accept: TYPES, ...headers() } });
  const has = async (at: string) => (await look(at)).ok;
  const tagged = async (name: string) => (await look(`${name}/manifests/1`)).headers.get('docker-content-digest');
  const isDocument = ({ mediaType }: Descriptor) => /manifest|index/.test(mediaType);
  const lacking = async (name: string) => {
    const kinds = image.blobs.map((blob) => ({
      blob,
      at: `${isDocument(blob) ? 'manifests' : 'blobs'}/${blob.digest}`,
    }));
    const found = await Promise.all(kinds.map(({ at }) => has(`${name}/${at}`)));
    return kinds.filter((_, n) => !found[n]).map(({ blob }) => blob);
  };

  test('sends each blob once, and no blob byte the second time', async () => {
    await newImage(0);
    const blobs = image.blobs.filter((blob) => !isDocument(blob));
    const bytes = blobs.reduce((sum, { size }) => sum + size, 0);
    expect((await pushTo('app:1'))?.totals).toMatchObject({ failed: 0, uploaded: blobs.length, bytes });
    const sent = cutter.sent();
    expect(sent).toBeGreaterThan(bytes);
    expect((await pushTo('app:1'))?.totals).toMatchObject({ failed: 0, uploaded: 0, present: blobs.length, bytes: 0 });
    expect(cutter.sent() - sent).toBeLessThan(TALK);
    expect(await lacking('app')).toEqual([]);
  }, 30_000);

  test(`cut at ${rounds} random moments leaves no tag on what is missing, and the next push sends only the rest`, async () => {
    const random = seeded(8);
    let cut = 0;
    for (let round = 1; round <= rounds; round += 1) {
      await newImage(round);
      const name = `cut/r${round}`;
      cutter.cutAfter([Math.ceil(random() * (bytesOf(image) + TALK / 4))]);
      const over = new AbortController();
      const watch = setInterval(() => cutter.left() === 0 && over.abort(), 1);
      const first = await pushTo(`${name}:1`, over).finally(() => clearInterval(watch));
      cutter.cutAfter([]);
      if (first === undefined) cut += 1;
      // The tag comes last of all: where it is, nothing is missing. What arrived before the cut may still be taken in.
      const tag = await tagged(name);
      const missing = await lacking(name);
      if (tag !== null) expect({ round, tag, missing }).toEqual({ round, tag: image.target.digest, missing: [] });
      const { totals } = (await pushTo(`${name}:1`)) ?? {};
      expect({ round, failed: totals?.failed }).toEqual({ round, failed: 0 });
      expect(totals?.uploaded).toBeLessThanOrEqual(missing.filter((blob) => !isDocument(blob)).length);
      expect([round, await tagged(name), await lacking(name)]).toEqual([round, image.target.digest, []]);
    }
    expect(cut).toBeGreaterThan(rounds / 2);
  }, 90_000);

  test(`a connection that breaks at ${rounds} random moments is not felt: the push goes on`, async () => {
    const random = seeded(9);
    let broken = 0;
    let again = 0;
    for (let round = 1; round <= rounds; round += 1) {
      await newImage(round);
      const name = `broken/r${round}`;
      const total = bytesOf(image);
      const before = cutter.sent();
      cutter.cutAfter([random(), random() / 2].map((part) => Math.ceil(part * total)));
      const { totals } = (await pushTo(`${name}:1`)) ?? {};
      broken += 2 - cutter.left();
      again += cutter.sent() - before - total;
      expect([round, totals?.failed, await lacking(name)]).toEqual([round, 0, []]);
    }
    expect(broken).toBeGreaterThan(rounds);
    // Of a chunk that broke all may be sent again, of those before it nothing.
    if (resumes) expect(again / rounds).toBeLessThan(2 * CHUNK + TALK);
  }, 90_000);
});
