import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { OCI_LAYER_GZIP } from '../../src/oci/media-types.ts';
import { parseReference } from '../../src/oci/reference.ts';
import type { BlobSource } from '../../src/ports.ts';
import { bagRegistry } from '../support/bag-registry.ts';
import { closeClients, collect, openClient, repositoryAt } from '../support/client.ts';
import { imageBag, noise } from '../support/image-builder.ts';
import { closeServers } from '../support/scripted-server.ts';
import { type Served, served } from '../support/serving.ts';
import { startSource } from '../support/source.ts';
import { type UploadCutter, uploadCutter } from '../support/upload-cutter.ts';
import { openUploads, type UploadsClient } from '../support/uploads-client.ts';

let serving: Served;
let folder: string;
let cutter: UploadCutter | undefined;
let uploads: UploadsClient | undefined;
beforeEach(async () => {
  serving = await served();
  folder = await mkdtemp(path.join(tmpdir(), 'pull-image-push-serve-'));
});
afterEach(async () => {
  await closeClients();
  await uploads?.close();
  await cutter?.close();
  await closeServers();
  await serving.dispose();
  await rm(folder, { recursive: true, force: true });
});

test('a push that is cut off costs what was on its way, not the blob', async () => {
  const bytes = noise('cut', 24_000_000);
  const blob = { mediaType: OCI_LAYER_GZIP, digest: digestOf(bytes), size: bytes.length };
  const source: BlobSource = {
    async *open(_, { start, end } = { start: 0, end: bytes.length }) {
      for (let at = start; at < end; at += 65_536) yield bytes.subarray(at, Math.min(end, at + 65_536));
    },
  };
  cutter = await uploadCutter(serving.host.replace('localhost', '127.0.0.1'));
  cutter.cutAfter([9_000_000, 8_000_000]);
  // A moment, so that what came before the cut has been written when it is asked for.
  uploads = openUploads({ sleep: () => sleep(300) });
  expect(await uploads.blob(repositoryAt(cutter.host), blob, source)).toBe('uploaded');
  expect(cutter.left()).toBe(0);
  // What was cut off lay in buffers on the way.
  expect(cutter.sent()).toBeLessThan(bytes.length + 8_000_000);
  const stored = await collect(openClient().blob(repositoryAt(serving.host), blob));
  expect(stored.bytes.equals(bytes)).toBe(true);
}, 60_000);

test('every platform comes with its digest, and the second time no blob byte moves', async () => {
  const bag = imageBag();
  const index = bag.index([
    await bag.image({ layers: ['base', 'amd'] }),
    await bag.image({ layers: ['base', 'arm'], architecture: 'arm64' }),
  ]);
  bag.tag('org/app', '1', index);
  const source = await bagRegistry(bag);
  const push = async () => {
    const words = ['push', `${source.host}/org/app:1`, '--to', `${serving.host}/mirror/`, '--json', '--store', folder];
    const { code, stdout } = await startSource(words, { HOME: folder }).done;
    expect(code).toBe(0);
    return JSON.parse(stdout).totals;
  };
  expect(await push()).toMatchObject({ images: 1, failed: 0, uploaded: 5, present: 0 });
  expect(await push()).toMatchObject({ images: 1, failed: 0, uploaded: 0, present: 5, bytes: 0 });
  const { digest } = await openClient().resolve(parseReference(`${serving.host}/mirror/org/app`), '1');
  expect(digest).toBe(index.digest);
}, 60_000);
