import { describe, expect, test } from '@jest/globals';
import { dockerLines } from '../../src/github/docker-words.ts';
import { digest, failed, image, layer, platform } from './outcomes.ts';

const hex = (word: string) => digest(word).slice(7, 19);
const REDIS = digest('redis:7');

describe('dockerLines', () => {
  test('are those of docker pull', () => {
    const layers = [layer('a', { source: 'store' }), layer('b', { source: 'engine' }), layer('c')];
    expect(dockerLines(image({ platforms: [platform('linux/amd64', { layers })] }))).toEqual([
      '7: Pulling from library/redis',
      `${hex('a')}: Already exists`,
      `${hex('b')}: Already exists`,
      `${hex('c')}: Pull complete`,
      `Digest: ${REDIS}`,
      'Status: Downloaded newer image for redis:7',
    ]);
  });

  test('say that nothing new came', () => {
    expect(dockerLines(image({ fresh: false })).at(-1)).toBe('Status: Image is up to date for redis:7');
  });

  const hub = { domain: 'docker.io', path: 'library/redis' };
  test.each([
    [{ ...hub }, 'latest: Pulling from library/redis', 'redis:latest'],
    [{ domain: 'ghcr.io', path: 'o/r', tag: 'main' }, 'main: Pulling from o/r', 'ghcr.io/o/r:main'],
    [{ ...hub, digest: REDIS }, `docker.io/library/redis@${REDIS}: Pulling from library/redis`, `redis@${REDIS}`],
    [
      { ...hub, tag: '7', digest: REDIS },
      `docker.io/library/redis@${REDIS}: Pulling from library/redis`,
      `redis:7@${REDIS}`,
    ],
  ])('head and end for %j', (reference, head, name) => {
    const lines = dockerLines(image({ reference }));
    expect(lines[0]).toBe(head);
    expect(lines.at(-1)).toBe(`Status: Downloaded newer image for ${name}`);
  });

  test('name the platforms if there are several, and a layer once in each', () => {
    const arm = platform('linux/arm64/v8', { layers: [layer('empty'), layer('empty')] });
    expect(dockerLines(image({ platforms: [platform(), arm] })).slice(1, -2)).toEqual([
      'Platform: linux/amd64',
      `${hex('base')}: Pull complete`,
      `${hex('top')}: Pull complete`,
      'Platform: linux/arm64/v8',
      `${hex('empty')}: Pull complete`,
    ]);
  });

  test('end without a status if the image failed after its layers came, and are none if nothing came', () => {
    const { error } = failed('redis:7');
    expect(dockerLines(image({ error })).at(-1)).toBe(`Digest: ${REDIS}`);
    expect(dockerLines(failed('redis:7'))).toEqual([]);
    expect(dockerLines({ ...failed('?'), reference: undefined })).toEqual([]);
  });
});
