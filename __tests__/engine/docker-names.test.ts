import { expect, test } from '@jest/globals';
import { archiveName, localName } from '../../src/engine/docker-names.ts';
import { parseReference } from '../../src/oci/reference.ts';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const LONG = `sha512:${'fedcba9876543210'.repeat(8)}`;
const [graphDriver, containerd] = [{ keepsManifests: false }, { keepsManifests: true }];

test.each([
  ['redis', graphDriver, 'redis:latest', 'docker.io/library/redis:latest'],
  ['redis:7', containerd, 'redis:7', 'docker.io/library/redis:7'],
  ['docker.io/bitnami/redis:7', graphDriver, 'bitnami/redis:7', 'docker.io/bitnami/redis:7'],
  [`redis:7@${DIGEST}`, graphDriver, 'redis:7', 'docker.io/library/redis:7'],
  [`redis:7@${DIGEST}`, containerd, 'redis:7', 'docker.io/library/redis:7'],
  [`redis@${DIGEST}`, graphDriver, 'redis:sha256-0123456789ab', 'docker.io/library/redis:sha256-0123456789ab'],
  [`redis@${LONG}`, graphDriver, 'redis:sha512-fedcba987654', 'docker.io/library/redis:sha512-fedcba987654'],
  [`redis@${DIGEST}`, containerd, `redis@${DIGEST}`, `docker.io/library/redis@${DIGEST}`],
  [
    `localhost:5000/a/b@${DIGEST}`,
    graphDriver,
    'localhost:5000/a/b:sha256-0123456789ab',
    'localhost:5000/a/b:sha256-0123456789ab',
  ],
  ['[::1]:5000/a:1', graphDriver, '[::1]:5000/a:1', '[::1]:5000/a:1'],
])('%s under %j runs as %s and is sent as %s', (reference, naming, local, archive) => {
  expect(localName(parseReference(reference), naming)).toBe(local);
  expect(archiveName(parseReference(reference), naming)).toBe(archive);
});
