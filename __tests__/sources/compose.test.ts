import { afterEach, describe, expect, test } from '@jest/globals';
import { readCompose } from '../../src/sources/compose.ts';
import { workspaceAt } from '../../src/sources/workspace.ts';
import { workspaceWith } from '../support/workspace.ts';

let dispose = async () => {};
afterEach(() => dispose());

async function read(files: string | Record<string, string>, environment: Record<string, string> = {}) {
  const all = typeof files === 'string' ? { 'compose.yml': files } : files;
  await dispose();
  const workspace = await workspaceWith(all);
  dispose = workspace.dispose;
  const world = { workspace: workspaceAt(workspace.folder), environment: (name: string) => environment[name] };
  return readCompose(Object.keys(all)[0] ?? '', world);
}

const service = (...lines: string[]) => ['services:', '  a:', ...lines.map((line) => `    ${line}`)].join('\n');
const v = (inner: string) => `\${${inner}}`;
const texts = async (...given: Parameters<typeof read>) => (await read(...given)).images.map(({ text }) => text);

describe('services', () => {
  test('with their image, platform and line', async () => {
    const text = 'name: x\nservices:\n  a: {image: "redis:7"}\n  b:\n    platform: linux/arm64\n    image: postgres\n';
    expect(await read(text)).toEqual({
      images: [
        { text: 'redis:7', at: 'compose.yml:3' },
        { text: 'postgres', at: 'compose.yml:6', platform: 'linux/arm64' },
      ],
      warnings: [],
      left: [],
    });
  });

  test.each([
    ['image: 5.10', '5.10', 'compose.yml:3'],
    ['image: 1e3', '1e3', 'compose.yml:3'],
    ['image: true', 'true', 'compose.yml:3'],
    ['image: redis:5.10\n    platform: 0x10', '0x10', 'compose.yml:4'],
  ])('%j is no text, which Compose refuses, and is said as it is written', async (line, text, at) => {
    expect((await read(service(line))).images).toEqual([
      {
        text,
        at,
        problem: {
          reason: `${text} is no text in YAML, and Compose does not take it`,
          hint: `Put it in quotes: "${text}".`,
        },
      },
    ]);
  });

  test('what is in quotes is text, whatever it looks like', async () => {
    expect(await texts(service('image: "5.10"'))).toEqual(['5.10']);
    expect(await texts(service('image: redis:5.10'))).toEqual(['redis:5.10']);
  });

  test.each([
    [['build: .'], 'it is built'],
    [['build: {context: .}', 'image: app:1'], 'it is built, and app:1 is what comes out'],
    [['build: .', 'image: app:1', 'pull_policy: build'], 'it is built, and app:1 is what comes out'],
    [['build: .', 'image: app:1', 'pull_policy: never'], 'it is built, and app:1 is what comes out'],
    [['command: x'], 'it has neither an image nor a build'],
    [['image: a', 'profiles: [debug, test]'], 'none of its profiles (debug, test) is in COMPOSE_PROFILES'],
  ])('%j is left out: %s', async (lines, why) => {
    expect(await read(service(...lines))).toEqual({
      images: [],
      warnings: [],
      left: [expect.stringMatching(/^compose\.yml:\d+: service a is left out: /)],
    });
    expect((await read(service(...lines))).left[0]).toContain(why);
  });

  test.each(['always', 'missing', 'if_not_present', 'daily', 'every_12h'])(
    'that are built but pulled by policy (%s) are pulled',
    async (policy) => {
      expect(await texts(service('build: .', 'image: app:1', `pull_policy: ${policy}`))).toEqual(['app:1']);
    },
  );

  test('that Compose itself never pulls are pulled all the same', async () => {
    expect(await texts(service('image: a', 'pull_policy: never'))).toEqual(['a']);
  });

  test.each<[Record<string, string>, string[]]>([
    [{}, []],
    [{ COMPOSE_PROFILES: 'debug' }, ['a']],
    [{ COMPOSE_PROFILES: 'x, test' }, ['a']],
    [{ COMPOSE_PROFILES: '*' }, ['a']],
    [{ COMPOSE_PROFILES: 'x' }, []],
  ])('with profiles count as COMPOSE_PROFILES says: %j', async (environment, expected) => {
    expect(await texts(service('image: a', 'profiles: [debug, test]'), environment)).toEqual(expected);
  });

  test('by anchors, merge keys and extension fields', async () => {
    const text = `
x-base: &base
  image: redis:7
  platform: linux/arm64
x-other: {services: {no: {image: no}}}
services:
  a:
    <<: *base
  b:
    <<: [*base, {image: other}]
    image: mine
  c: *base
`;
    expect((await read(text)).images.map(({ text: image, at, platform }) => `${image} ${at} ${platform}`)).toEqual([
      'redis:7 compose.yml:7 linux/arm64',
      'mine compose.yml:11 linux/arm64',
      'redis:7 compose.yml:12 linux/arm64',
    ]);
  });
});

describe('variables', () => {
  test('come from the environment, then from .env, then from defaults', async () => {
    const text = service(`image: ${v('HOST')}/${v('NAME:-redis')}:${v('TAG')}`, `platform: ${v('PLATFORM')}`);
    const files = { 'sub/compose.yml': text, 'sub/.env': 'TAG=1\nHOST=ghcr.io', '.env': 'TAG=9' };
    expect((await read(files, { TAG: '2', PLATFORM: 'linux/arm64' })).images).toMatchObject([
      { text: 'ghcr.io/redis:2', platform: 'linux/arm64' },
    ]);
  });

  test('that are blank are a warning where a reference comes out', async () => {
    expect(await read(service(`image: ${v('PREFIX')}redis:7`))).toMatchObject({
      images: [{ text: 'redis:7' }],
      warnings: [`compose.yml:3: PREFIX is not set, and blank in ${v('PREFIX')}redis:7, as Compose has it`],
    });
  });

  test.each([
    [`redis:${v('TAG')}`, `redis:${v('TAG')} is "redis:", for TAG is not set`],
    [v('IMAGE'), `${v('IMAGE')} is "", for IMAGE is not set`],
    [`${v('HOST')}/redis`, `${v('HOST')}/redis is "/redis", for HOST is not set`],
    [`redis:${v('TAG:?which one')}`, `redis:${v('TAG:?which one')} needs TAG, which is not set: which one`],
  ])('%s without its variable is a problem of its own', async (image, reason) => {
    const name = /[A-Z]+/.exec(image)?.[0];
    expect((await read(service(`image: "${image}"`))).images).toEqual([
      {
        text: image.includes(':?') ? image : expect.any(String),
        at: 'compose.yml:3',
        platform: undefined,
        problem: { reason, hint: `Set ${name} in the env of the step or in the .env file beside it.` },
      },
    ]);
  });
});

describe('other files', () => {
  test('the override beside it goes on top, service by service', async () => {
    const files = {
      'compose.yml': 'services: {a: {image: a, platform: linux/amd64}, b: {image: b}, c: {image: c}}',
      'compose.override.yml': 'services: {a: {image: x}, b: {build: .}, d: {image: d}}',
    };
    const { images, left } = await read(files);
    expect(images.map(({ text, at, platform }) => `${text} ${at} ${platform ?? ''}`.trim())).toEqual([
      'x compose.override.yml:1 linux/amd64',
      'c compose.yml:1',
      'd compose.override.yml:1',
    ]);
    expect(left).toEqual(['compose.override.yml:1: service b is left out: it is built, and b is what comes out']);
  });

  test('extends takes what a service does not say itself, through files', async () => {
    const files = {
      'compose.yml':
        'services:\n  a: {extends: base}\n  base: {extends: {file: sub/more.yml, service: b}, image: mine}',
      'sub/more.yml': 'services:\n  b: {extends: c, image: other}\n  c: {platform: linux/arm64}',
    };
    expect((await read(files)).images).toMatchObject([
      { text: 'mine', at: 'compose.yml:3', platform: 'linux/arm64' },
      { text: 'mine', at: 'compose.yml:3', platform: 'linux/arm64' },
    ]);
  });

  test('include brings services with the variables of their own folder', async () => {
    const files = {
      'compose.yml': `include:\n  - db/compose.yml\n  - path: [web/a.yml, web/b.yml]\n    env_file: web/other.env\nservices: {app: {image: "app:${v('TAG')}"}}`,
      '.env': 'TAG=1',
      'db/compose.yml': `services: {db: {image: "db:${v('TAG')}-${v('SIZE')}"}}`,
      'db/.env': 'TAG=2\nSIZE=big',
      'web/a.yml': `services: {web: {image: a}, more: {image: "more:${v('OWN')}"}}`,
      'web/b.yml': 'services: {web: {image: b}}',
      'web/other.env': 'OWN=3',
    };
    expect(await texts(files)).toEqual(['db:1-big', 'b', 'more:3', 'app:1']);
  });

  test('a remote include is named, not fetched', async () => {
    expect(await read('include:\n  - oci://docker.io/o/r\nservices: {a: {image: a}}')).toMatchObject({
      images: [{ text: 'a' }],
      warnings: ['compose.yml:2: include of oci://docker.io/o/r is not read: it is not a file of this workspace'],
    });
  });

  test.each<[string, Record<string, string>, string | RegExp]>([
    [
      'a base that is not there',
      { 'compose.yml': service('extends: b') },
      'compose.yml:3: compose.yml has no service b to extend',
    ],
    [
      'a file of a base that is not there',
      { 'compose.yml': service('extends: {file: x.yml, service: b}') },
      /^compose\.yml:3: x\.yml is not there, in /,
    ],
    [
      'a circle of bases',
      { 'compose.yml': 'services: {a: {extends: b}, b: {extends: a}}' },
      /^compose\.yml:1: service \w extends itself$/,
    ],
    [
      'an include that is not there',
      { 'compose.yml': 'include: [x.yml]' },
      /^compose\.yml:1: x\.yml is not there, in /,
    ],
    [
      'a circle of includes',
      { 'compose.yml': 'include: [b.yml]', 'b.yml': 'include: [compose.yml]' },
      'b.yml:1: compose.yml includes itself',
    ],
    [
      'an include outside',
      { 'compose.yml': 'include: [../x.yml]' },
      /^compose\.yml:1: \.\.\/x\.yml lies outside of .*, and nothing outside is read$/,
    ],
    ['no YAML', { 'compose.yml': 'services:\n  a: [' }, /^compose\.yml:2: is not YAML: /],
    ['no mapping', { 'compose.yml': '- a' }, 'compose.yml: expected a compose file, found no mapping'],
    ['odd services', { 'compose.yml': 'x: 1\nservices: [a]' }, 'compose.yml:2: expected a mapping of services'],
  ])('%s is an error with its line', async (_, files, message) => {
    await expect(read(files)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    });
  });

  test('a bomb of aliases is an error', async () => {
    const levels = Array.from({ length: 9 }, (_, at) => `x${at + 1}: &x${at + 1} [${Array(9).fill(`*x${at}`).join()}]`);
    await expect(read(['x0: &x0 [a]', ...levels].join('\n'))).rejects.toMatchObject({
      message: expect.stringMatching(/^compose\.yml: is not YAML: Excessive alias count/),
    });
  });
});
