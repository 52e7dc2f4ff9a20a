import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { PUSH_INPUTS, PUSH_OUTPUTS } from '../src/github/push-outputs.ts';
import { parsePushSettings } from '../src/settings/push.ts';
import { bagRegistry } from './support/bag-registry.ts';
import { HTPASSWD, startDockerRegistry } from './support/docker-registry.ts';
import { imageBag } from './support/image-builder.ts';
import { realTest } from './support/real-parts.ts';
import { start } from './support/terminal.ts';

interface Declared {
  readonly description: string;
  readonly default?: unknown;
}

const project = path.resolve(import.meta.dirname, '..');
const action: {
  readonly description: string;
  readonly inputs: Readonly<Record<string, Declared>>;
  readonly outputs: Readonly<Record<string, Declared>>;
  readonly runs: { readonly using: string; readonly main: string };
} = parse(await readFile(path.join(project, 'push/action.yml'), 'utf8'));

describe('push/action.yml', () => {
  test('declares exactly the inputs that are read, and the outputs that are set', () => {
    expect(Object.keys(action.inputs)).toEqual([...PUSH_INPUTS]);
    expect(Object.keys(action.outputs)).toEqual([...PUSH_OUTPUTS]);
  });

  test('describes each in one sentence, with a default as text', () => {
    const all = [...Object.entries(action.inputs), ...Object.entries(action.outputs)];
    expect(all.filter(([, { description }]) => !/^[^\n]+[^.]\.$/.test(description) || /\. /.test(description))).toEqual(
      [],
    );
    expect(Object.values(action.inputs).filter((input) => typeof input.default !== 'string')).toEqual([]);
    expect(action.description).toMatch(/^\S.{20,124}$/);
  });

  test('has the defaults that settings have', () => {
    const defaults = Object.entries(action.inputs).map(([name, input]) => [name, String(input.default)]);
    const raw = { ...Object.fromEntries(defaults), images: 'redis:7', to: 'x/y', 'github-token': '' };
    expect(parsePushSettings(raw)).toEqual(parsePushSettings({ images: 'redis:7', to: 'x/y' }));
  });

  test('runs the bundle that the build makes, on Node 24', async () => {
    expect(action.runs).toEqual({ using: 'node24', main: '../dist/push/index.js' });
    expect(await readFile(path.join(project, 'scripts/build.js'), 'utf8')).toContain("'push-main': 'push'");
  });
});

describe('the step', () => {
  realTest('docker-registry')(
    'pulls, logs in, pushes and tells later steps the digests; a failure is one annotation',
    async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'pull-image-push-action-'));
      const bag = imageBag();
      const image = await bag.image({ layers: ['one', 'two'] });
      bag.tag('app', '1', image);
      const source = await bagRegistry(bag);
      const registry = await startDockerRegistry({ htpasswd: HTPASSWD.line });
      try {
        const step = async (inputs: Readonly<Record<string, string>>) => {
          const output = path.join(folder, 'output');
          await mkdir(path.join(folder, 'tools'), { recursive: true });
          await writeFile(output, '');
          const variables = Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]);
          const said = await start(
            process.execPath,
            ['--disable-warning=ExperimentalWarning', path.join(project, 'src/push-main.ts')],
            {
              HOME: folder,
              RUNNER_TEMP: folder,
              RUNNER_TOOL_CACHE: path.join(folder, 'tools'),
              GITHUB_WORKSPACE: folder,
              GITHUB_OUTPUT: output,
              ...Object.fromEntries(variables),
            },
          ).done;
          const text = await readFile(output, 'utf8');
          const outputs = [...text.matchAll(/^(\w+)<<(\S+)\n([\s\S]*?)\n?\2$/gm)].map(([, name, , value]) => [
            name,
            value,
          ]);
          return { ...said, outputs: Object.fromEntries(outputs) };
        };
        const to = `${registry.host}/mirror/app:1`;
        const login = { registry: registry.host, username: HTPASSWD.username, password: HTPASSWD.password };
        const done = await step({ images: `${source.host}/app:1`, to, ...login });
        expect({ code: done.code, stderr: done.stderr }).toEqual({ code: 0, stderr: '' });
        expect(done.stdout).toContain(`::group::${to}\n`);
        expect(done.outputs).toMatchObject({
          digest: image.digest,
          digests: JSON.stringify({ [to]: image.digest }),
          pinned: `${to}@${image.digest}`,
        });
        expect(JSON.parse(done.outputs.json)).toMatchObject({ images: { [to]: { blobs: { uploaded: 3 } } } });
        const failed = await step({ images: `${source.host}/app:1`, to: `${registry.host}/mirror/app:2` });
        expect(failed.code).toBe(1);
        expect(failed.stdout.match(/^::error /gm)).toHaveLength(1);
        expect(failed.stdout).toContain('push access denied');
        expect(failed.outputs).toMatchObject({ digest: '', digests: '{}', pinned: '' });
      } finally {
        await source.close();
        await registry.stop();
        await rm(folder, { recursive: true, force: true });
      }
    },
    60_000,
  );
});
