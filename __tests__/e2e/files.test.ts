import { describe, expect, test } from '@jest/globals';
import { composeJob, good, keysOf } from '../support/compose-job.ts';
import { writeFiles } from '../support/workspace.ts';

const FILES = 'compose.yml';

const job = composeJob();
const { key, inWorkspace } = job;

describe('a compose project', () => {
  test('its images are found and pulled, each once and for its platform', async () => {
    const result = await job.runner.run({ files: FILES, platforms: 'linux/amd64', engine: 'none' });
    good(result);
    expect(keysOf(result)).toEqual(['db', 'web', 'worker'].map(key).sort());
    const { images } = JSON.parse(result.outputs.json ?? '');
    expect(Object.keys(images[key('worker')].platforms)).toEqual(['linux/arm64']);
    expect(Object.keys(images[key('web')].platforms)).toEqual(['linux/amd64']);
    expect(result.stdout).toContain('1 file: 3 images found');
    expect(result.stdout).toContain(
      'compose.yml:8: service app is left out: it is built, and acme/app is what comes out',
    );
    expect(result.stdout).toContain(
      'compose.yml:15: service tools is left out: none of its profiles (debug) is in COMPOSE_PROFILES',
    );

    const all = await job.runner.run(
      { files: FILES, platforms: 'linux/amd64', engine: 'none' },
      { COMPOSE_PROFILES: 'debug' },
    );
    expect(keysOf(all)).toEqual(['db', 'tools', 'web', 'worker'].map(key).sort());
  }, 60_000);

  test('an image of another platform elsewhere has both', async () => {
    const result = await job.runner.run({
      files: FILES,
      images: key('worker'),
      platforms: 'linux/amd64',
      engine: 'none',
    });
    good(result);
    const { images } = JSON.parse(result.outputs.json ?? '');
    expect(Object.keys(images[key('worker')].platforms)).toEqual(['linux/amd64', 'linux/arm64']);
  }, 60_000);

  test('a variable that is not set fails its image with file and line; the others are pulled', async () => {
    await writeFiles(inWorkspace(''), { '.env': '' });
    const result = await job.runner.run({ files: FILES, engine: 'none' });
    expect(result.code).toBe(1);
    expect(result.errors).toEqual([
      {
        title: `\${HOST:?where from}/acme/db:\${DB} (REFERENCE_INVALID)`,
        message: `compose.yml:7: \${HOST:?where from}/acme/db:\${DB} needs HOST, which is not set: where from. Set HOST in the env of the step or in the .env file beside it.`,
      },
    ]);
    expect(keysOf(result)).toEqual(['web', 'worker'].map(key).sort());
  }, 60_000);

  test('a file that is not there is one error, and nothing is pulled', async () => {
    const result = await job.runner.run({ files: 'gone.yml\nmany/**', images: key('web'), engine: 'rocket' });
    expect(result.code).toBe(1);
    expect(result.errors).toHaveLength(1);
    for (const words of [
      '3 mistakes',
      '- files: gone.yml: is not there',
      '- files: many/** matches no file',
      '- engine: ',
    ])
      expect(result.errors[0]?.message).toContain(words);
    expect(job.registry.fresh()).toEqual([]);
  }, 60_000);

  test('no variable of the action itself is one of the project: it may hold a secret', async () => {
    const workspace = inWorkspace('');
    await writeFiles(workspace, {
      'compose.yml': `services: {a: {image: "${job.registry.host}/acme/\${INPUT_PASSWORD-db}:\${ACTIONS_RUNTIME_TOKEN-1}"}}`,
    });
    const login = { registry: 'elsewhere.example', username: 'me', password: 'secret-word' };
    const result = await job.runner.run(
      { files: FILES, engine: 'none', ...login },
      { ACTIONS_RUNTIME_TOKEN: 'secret-token' },
    );
    good(result);
    expect(keysOf(result)).toEqual([key('db')]);
    expect(job.registry.fresh().join()).not.toContain('secret');
  }, 60_000);
});
