import { describe, expect, test } from '@jest/globals';
import type { Document } from '../../src/oci/descriptor.ts';
import { descriptorOf } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { DOCKER_LIST, DOCKER_MANIFEST, OCI_CONFIG, OCI_INDEX, OCI_MANIFEST } from '../../src/oci/media-types.ts';
import type { Leaf } from '../../src/pull/platforms.ts';
import { readableTarget } from '../../src/pull/readable.ts';

const document = (mediaType: string, text: string): Document => ({
  mediaType,
  digest: digestOf(text),
  bytes: Buffer.from(text),
});
const config = { mediaType: OCI_CONFIG, digest: digestOf('config'), size: 6 };

function resolution(targetType: string, manifestType: string, architectures: readonly string[]) {
  const target = document(targetType, 'target');
  const platforms = architectures.map((architecture): Leaf => {
    const manifest = targetType === manifestType ? target : document(manifestType, architecture);
    return {
      name: `linux/${architecture}`,
      platform: { os: 'linux', architecture },
      manifest: { kind: 'manifest', mediaType: manifestType, config, layers: [] },
      documents: manifest === target ? [target] : [target, manifest],
    };
  });
  return {
    target: descriptorOf(target),
    platforms,
    companions: [],
    at: 0,
    packs: new Map(),
    tagAsked: false,
    wanted: 'engine' as const,
  };
}

describe('what readers of the layout find under a name', () => {
  test.each([
    ['an OCI manifest', resolution(OCI_MANIFEST, OCI_MANIFEST, ['amd64'])],
    ['an OCI index of which several platforms are here', resolution(OCI_INDEX, OCI_MANIFEST, ['amd64', 'arm64'])],
  ])('is %s itself', (_, image) => {
    expect(readableTarget(image)).toBeUndefined();
  });

  test('is the manifest of the one platform that is here, whatever the host runs', () => {
    const readable = readableTarget(resolution(OCI_INDEX, OCI_MANIFEST, ['arm64']));
    expect(readable).toEqual({ descriptor: { mediaType: OCI_MANIFEST, digest: digestOf('arm64'), size: 5 } });
  });

  test.each([
    ['a manifest', resolution(DOCKER_MANIFEST, DOCKER_MANIFEST, ['amd64']), [undefined]],
    ['a list with one platform here', resolution(DOCKER_LIST, DOCKER_MANIFEST, ['arm64']), [undefined]],
    ['a list with several', resolution(DOCKER_LIST, DOCKER_MANIFEST, ['amd64', 'arm64']), ['amd64', 'arm64']],
  ])('of Docker’s types is an OCI index over what is here: %s', (_, image, architectures) => {
    const readable = readableTarget(image);
    const { mediaType, manifests } = JSON.parse(Buffer.from(readable?.document?.bytes ?? []).toString());
    expect(mediaType).toBe(OCI_INDEX);
    expect(readable?.descriptor.mediaType).toBe(OCI_INDEX);
    expect(readable?.descriptor.digest).toBe(digestOf(readable?.document?.bytes ?? ''));
    expect(manifests.map(({ platform }: { platform?: { architecture: string } }) => platform?.architecture)).toEqual(
      architectures,
    );
    expect(manifests.every((entry: { mediaType: string }) => entry.mediaType === DOCKER_MANIFEST)).toBe(true);
  });
});
