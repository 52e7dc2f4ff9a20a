import { expect, test } from '@jest/globals';
import { descriptorOf } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/digest.ts';
import {
  bareType,
  DOCKER_CONFIG,
  DOCKER_LIST,
  DOCKER_MANIFEST,
  isImageConfigType,
  isIndexType,
  isManifestType,
  isSchema1Type,
  MANIFEST_ACCEPT,
  OCI_CONFIG,
  OCI_INDEX,
  OCI_MANIFEST,
} from '../../src/oci/media-types.ts';

test('a type is of one kind at most', () => {
  const schema1 = 'application/vnd.docker.distribution.manifest.v1+json';
  const kinds = [OCI_INDEX, DOCKER_LIST, OCI_MANIFEST, DOCKER_MANIFEST, schema1, OCI_CONFIG, ''].map((type) =>
    [isIndexType, isManifestType, isSchema1Type].map((is) => Number(is(type))).join(''),
  );
  expect(kinds).toEqual(['100', '100', '010', '010', '001', '000', '000']);
});

test('configs of old builders are configs, those of artifacts are not', () => {
  expect([OCI_CONFIG, DOCKER_CONFIG, 'application/octet-stream', ''].every(isImageConfigType)).toBe(true);
  expect(isImageConfigType('application/vnd.oci.empty.v1+json')).toBe(false);
});

test('a manifest request takes indexes too, and anything else last', () => {
  const types = MANIFEST_ACCEPT.split(', ');
  expect(types).toEqual(expect.arrayContaining([OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST]));
  expect(types.at(-1)).toBe('*/*');
});

test.each([
  [undefined, ''],
  ['', ''],
  [' Application/JSON ; charset=utf-8', 'application/json'],
])('Content-Type %j is the type %j', (contentType, expected) => {
  expect(bareType(contentType)).toBe(expected);
});

test('the descriptor of a document says its type, digest and size', () => {
  const bytes = Buffer.from('{}');
  expect(descriptorOf({ mediaType: OCI_INDEX, digest: digestOf(bytes), bytes })).toEqual({
    mediaType: OCI_INDEX,
    digest: digestOf(bytes),
    size: 2,
  });
});
