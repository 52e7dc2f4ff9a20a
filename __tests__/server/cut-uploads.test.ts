import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { OCI_LAYER_GZIP } from '../../src/oci/media-types.ts';
import type { BlobSource } from '../../src/ports.ts';
import { closeClients, collect, openClient, repositoryAt } from '../support/client.ts';
import { noise } from '../support/image-builder.ts';
import { type Served, served } from '../support/serving.ts';
import { type UploadCutter, uploadCutter } from '../support/upload-cutter.ts';
import { openUploads, type UploadsClient } from '../support/uploads-client.ts';

let serving: Served;
let cutter: UploadCutter | undefined;
let uploads: UploadsClient | undefined;
beforeEach(async () => {
  serving = await served();
});
afterEach(async () => {
  await closeClients();
  await uploads?.close();
  await cutter?.close();
  await serving.dispose();
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
  uploads = openUploads({ sleep: () => sleep(500) });
  expect(await uploads.blob(repositoryAt(cutter.host), blob, source)).toBe('uploaded');
  expect(cutter.left()).toBe(0);
  // What was cut off lay in buffers on the way.
  expect(cutter.sent()).toBeLessThan(bytes.length + 12_000_000);
  const stored = await collect(openClient().blob(repositoryAt(serving.host), blob));
  expect(stored.bytes.equals(bytes)).toBe(true);
}, 60_000);
