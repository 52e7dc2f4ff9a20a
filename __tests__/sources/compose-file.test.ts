import { afterEach, describe, expect, test } from '@jest/globals';
import { readCompose } from '../../src/sources/compose.ts';
import { workspaceAt } from '../../src/sources/workspace.ts';
import { workspaceWith } from '../support/workspace.ts';

let dispose = async () => {};
afterEach(() => dispose());

async function read(files: Record<string, string>) {
  await dispose();
  const workspace = await workspaceWith(files);
  dispose = workspace.dispose;
  return readCompose('compose.yml', { workspace: workspaceAt(workspace.folder), environment: () => undefined });
}

const service = (...lines: string[]) => ['services:', '  a:', ...lines.map((line) => `    ${line}`)].join('\n');
const v = (inner: string) => `\${${inner}}`;

describe('what an override takes back', () => {
  const BASE = service('build: .', 'image: app:1', 'platform: linux/arm64', 'profiles: [x]');
  const over = (...lines: string[]) => read({ 'compose.yml': BASE, 'compose.override.yml': service(...lines) });

  test('with !reset is gone: a build, a platform, profiles, an image, a service', async () => {
    const found = await over('build: !reset null', 'platform: !reset null', 'profiles: !reset []');
    expect(found.images).toEqual([{ text: 'app:1', at: 'compose.yml:4' }]);
    const none = await over('build: !reset', 'image: !reset null', 'profiles: !reset []');
    expect(none).toMatchObject({ images: [], left: [expect.stringContaining('neither an image nor a build')] });
    const whole = { 'compose.yml': BASE, 'compose.override.yml': 'services: {a: !reset null, b: {image: b}}' };
    expect(await read(whole)).toMatchObject({ images: [{ text: 'b' }], left: [] });
  });

  test('with !override has the new value alone', async () => {
    const found = await over('build: !reset {}', 'image: !override other:1', 'profiles: !override [y]');
    expect(found).toMatchObject({ images: [], left: [expect.stringContaining('profiles (y)')] });
  });
});

test('variables in extends are resolved as anywhere else', async () => {
  const files = {
    'compose.yml': service('extends:', `  file: ${v('DIR:-k')}/base.yml`, `  service: ${v('NAME:-x')}`),
    'k/base.yml': 'services: {x: {image: "redis:7"}}',
  };
  expect(await read(files)).toMatchObject({ images: [{ text: 'redis:7' }] });
  await expect(
    read({ ...files, 'compose.yml': service('extends:', `  file: ${v('DIR:?no')}`, '  service: x') }),
  ).rejects.toThrow(`compose.yml:3: ${v('DIR:?no')} needs DIR, which is not set: no`);
});
