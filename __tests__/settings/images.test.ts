import { describe, expect, test } from '@jest/globals';
import type { FoundImage } from '../../src/settings/found.ts';
import { parseSettings, type RawSettings } from '../../src/settings.ts';

const images = (raw: RawSettings, ...found: FoundImage[]) =>
  parseSettings(raw, { images: found, mistakes: [] }).request.images;
const arm = { os: 'linux', architecture: 'arm64' };
const amd = { os: 'linux', architecture: 'amd64' };

describe('images of files', () => {
  test('come after those of images, by their text, each once', () => {
    const all = images(
      { images: 'nginx\nredis:7' },
      { text: 'redis:7', at: 'a.yml:1' },
      { text: 'postgres', at: 'a.yml:2' },
      { text: 'postgres', at: 'b.yml:1' },
    );
    expect(all.map(({ key }) => key)).toEqual(['nginx', 'redis:7', 'postgres']);
    expect(all[2]).toEqual({
      key: 'postgres',
      reference: { domain: 'docker.io', path: 'library/postgres', tag: 'latest' },
    });
  });

  test.each<[string[], object | undefined]>([
    [[''], undefined],
    [['linux/arm64'], [arm]],
    [
      ['linux/arm64', 'linux/amd64', 'linux/arm64'],
      [arm, amd],
    ],
    [
      ['linux/arm64', ''],
      [arm, 'requested'],
    ],
    [
      ['', 'linux/arm64'],
      ['requested', arm],
    ],
  ])('add up their platforms: %j', (platforms, expected) => {
    const found = platforms.map((platform, at) => ({
      text: 'redis',
      at: `a.yml:${at}`,
      platform: platform || undefined,
    }));
    const [image, ...more] = images({}, ...found);
    expect(more).toEqual([]);
    expect(image).toMatchObject({ key: 'redis' });
    expect(image && 'reference' in image ? image.platforms : 'none').toEqual(expected);
  });

  test('fail alone, with file and line', () => {
    const all = images(
      { images: 'nginx' },
      { text: 'Redis', at: 'a.yml:1' },
      { text: 'a', at: 'a.yml:2', platform: 'linux/a/b/c' },
      { text: 'x:', at: 'a.yml:3', problem: { reason: 'needs TAG', hint: 'Set TAG.' } },
    );
    expect(
      all.slice(1).map((image) => ('error' in image ? [image.key, image.error.message, image.error.hint] : [])),
    ).toEqual([
      [
        'Redis',
        expect.stringMatching(/^a\.yml:1: image Redis: invalid reference format: .* must be lowercase$/),
        expect.any(String),
      ],
      ['a', expect.stringMatching(/^a\.yml:2: platform linux\/a\/b\/c: expected os/), expect.any(String)],
      ['x:', 'a.yml:3: needs TAG', 'Set TAG.'],
    ]);
  });

  test('only bad ones are refused together, after what is wrong with the files', () => {
    const parse = () =>
      parseSettings({}, { images: [{ text: 'Redis', at: 'a.yml:1' }], mistakes: ['files: b.yml: is not there'] });
    expect(parse).toThrow(
      /^inputs: 2 mistakes\n- files: a\.yml:1: image Redis: [^\n]*\n- files: b\.yml: is not there$/,
    );
  });

  test('that are none at all are a mistake', () => {
    expect(() => images({ files: 'compose.yml' })).toThrow(
      'inputs: files: name no image to be pulled, and images is empty; name one there, such as redis:7',
    );
  });

  test('are not touched by all-tags, and stay apart from its repositories', () => {
    const all = images(
      { images: 'redis', 'all-tags': 'true' },
      { text: 'redis', at: 'a.yml:1' },
      { text: 'nginx', at: 'a.yml:2' },
    );
    expect(all).toMatchObject([
      { key: 'redis', reference: { path: 'library/redis' } },
      { key: 'redis:latest', reference: { path: 'library/redis', tag: 'latest' } },
      { key: 'nginx', reference: { tag: 'latest' } },
    ]);
    expect(all[0]).not.toHaveProperty('reference.tag');
  });
});
