import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect } from '@jest/globals';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { OCI_CONFIG, OCI_MANIFEST } from '../../src/oci/media-types.ts';
import { parseReference } from '../../src/oci/reference.ts';
import type { PullEvent } from '../../src/outcome.ts';
import { preparePush, runPush } from '../../src/wire/push.ts';
import { type BagRegistry, bagRegistry } from '../support/bag-registry.ts';
import { closeClients, openClient } from '../support/client.ts';
import { type DockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { type ImageBag, imageBag } from '../support/image-builder.ts';
import { hasPart, realTest } from '../support/real-parts.ts';

const test = realTest('docker-registry');
let folder: string;
let bag: ImageBag;
let source: BagRegistry;
let registry: DockerRegistry;
let events: PullEvent[];
let entries: { readonly image: Descriptor; readonly provenance: Descriptor }[];
let index: Descriptor;
beforeEach(async () => {
  if (!hasPart('docker-registry')) return;
  folder = await mkdtemp(path.join(tmpdir(), 'attestations-'));
  bag = imageBag();
  events = [];
  entries = [];
  for (const architecture of ['amd64', 'arm64', 's390x']) {
    const image = await bag.image({ layers: ['base', architecture], architecture });
    entries.push({ image, provenance: provenanceOf(image) });
  }
  // As BuildKit lists them: the images, then what describes them.
  index = bag.index([...entries.map(({ image }) => image), ...entries.map(({ provenance }) => provenance)]);
  bag.tag('org/app', '1', index);
  source = await bagRegistry(bag);
  registry = await startDockerRegistry();
});
afterEach(async () => {
  if (!hasPart('docker-registry')) return;
  await closeClients();
  await source.close();
  await registry.stop();
  await rm(folder, { recursive: true, force: true });
});

function provenanceOf({ digest }: Descriptor): Descriptor {
  const layer = bag.add('application/vnd.in-toto+json', { subject: [{ digest }] });
  const config = bag.add(OCI_CONFIG, {
    os: 'unknown',
    architecture: 'unknown',
    rootfs: { type: 'layers', diff_ids: [] },
  });
  const manifest = bag.add(OCI_MANIFEST, { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: [layer] });
  const annotations = { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': digest };
  return { ...manifest, platform: { os: 'unknown', architecture: 'unknown' }, annotations };
}

/** Pushes these platforms, and gives back what the registry has then. */
async function pushed(platforms: string, more: Record<string, string> = {}) {
  const to = `${registry.host}/copy:1`;
  const world = { environment: {}, store: path.join(folder, 'store') };
  const raw = { images: `${source.host}/org/app:1`, to, platforms, ...more };
  const prepared = await preparePush(raw, folder, world);
  const report = (event: PullEvent) => void events.push(event);
  const { images } = await runPush(prepared, { ...world, report, signal: new AbortController().signal });
  if (images[0]?.error) throw images[0].error;
  const { digest } = await openClient().resolve(parseReference(to), '1');
  const { bytes } = await openClient().manifest(parseReference(to), digest);
  return { digest, manifests: JSON.parse(Buffer.from(bytes).toString()).manifests };
}
const warnings = () => events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));

test('chosen platforms bring their attestations along, and no others', async () => {
  const [amd, arm] = entries;
  const { manifests } = await pushed('linux/amd64,linux/arm64');
  expect(manifests).toEqual([amd?.image, arm?.image, amd?.provenance, arm?.provenance]);
  expect(warnings()).toEqual([]);
}, 30_000);

test('all platforms by name are the image as it is', async () => {
  const { digest } = await pushed('linux/amd64,linux/arm64,linux/s390x');
  expect(digest).toBe(index.digest);
}, 30_000);

test('one platform is its manifest, for which nothing else is fetched', async () => {
  const { digest } = await pushed('linux/arm64');
  expect(digest).toBe(entries[1]?.image.digest);
  expect(source.fresh().filter((request) => request.includes(entries[1]?.provenance.digest ?? ''))).toEqual([]);
}, 30_000);

test('an attestation that the registry has lost is left out, and that is said', async () => {
  const [amd, arm] = entries;
  if (amd) bag.blobs.delete(amd.provenance.digest);
  const { manifests } = await pushed('linux/amd64,linux/arm64');
  expect(manifests).toEqual([amd?.image, arm?.image, arm?.provenance]);
  expect(warnings()).toEqual([expect.stringContaining('an attestation was left out: ')]);
}, 30_000);
