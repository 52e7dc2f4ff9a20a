import type { PullOutcome } from '../../src/outcome.ts';
import { digest, failed, image, layer, outcome, platform } from '../github/outcomes.ts';

const MB = 1_000_000;

/** A run such as the README shows: most of it from the cache, something from the registry, one image that failed. */
export function sampleOutcome(): PullOutcome {
  const images = [
    image({
      key: 'postgres:17-alpine',
      digest: digest('postgres'),
      source: 'cache',
      seconds: 1.42,
      platforms: [platform('linux/amd64', { layers: [layer('postgres', { source: 'cache', size: 108 * MB })] })],
    }),
    image({
      key: 'redis:7',
      digest: digest('redis'),
      source: 'registry',
      seconds: 1.91,
      platforms: [
        platform('linux/amd64', {
          layers: [layer('debian', { source: 'cache', size: 28 * MB }), layer('redis', { size: 16 * MB })],
        }),
      ],
    }),
    image({
      key: 'ghcr.io/acme/fixtures:main',
      digest: digest('fixtures'),
      source: 'store',
      seconds: 0.12,
      platforms: [platform('linux/amd64', { layers: [layer('fixtures', { source: 'store', size: 9 * MB })] })],
    }),
    failed('ghcr.io/acme/secret:main', {
      code: 'DENIED',
      reason: 'pull access denied, or it does not exist (ghcr.io answered 403: denied)',
      hint: 'Log in with docker/login-action, or set registry, username and password.',
    }),
  ];
  return outcome(images, {
    moved: [{ reference: 'docker.io/library/redis:7', locked: digest('redis'), now: digest('redis today') }],
    quotas: [
      {
        ...{ registry: 'docker.io', limit: 100, remaining: 68, windowSeconds: 21_600, isOfAccount: false },
        spared: 1,
      },
    ],
    totals: {
      images: 4,
      failed: 1,
      layers: 4,
      bytes: 161 * MB,
      downloaded: 16 * MB,
      pullsSaved: 2,
      registry: { bytes: 16 * MB, seconds: 0.64 },
      cache: { bytes: 136 * MB, seconds: 1.7 },
      seconds: 2.05,
    },
  });
}
