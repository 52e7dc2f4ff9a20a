import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import { type HelperPrograms, helperPrograms, keeps } from '../support/credential-helpers.ts';
import {
  type DockerRegistry,
  HTPASSWD,
  pushBlob,
  pushManifest,
  startDockerRegistry,
} from '../support/docker-registry.ts';
import { imageBag } from '../support/image-builder.ts';
import { hasPart, realTest } from '../support/real-parts.ts';
import { newRunner, type Runner, type StepResult } from '../support/runner.ts';

const test = realTest('docker-registry');
const { username, password } = HTPASSWD;
const BASIC = Buffer.from(`${username}:${password}`).toString('base64');

let registry: DockerRegistry;
let runner: Runner;
let programs: HelperPrograms | undefined;

beforeAll(async () => {
  if (!hasPart('docker-registry')) return;
  registry = await startDockerRegistry({ htpasswd: HTPASSWD.line });
  const headers = { authorization: `Basic ${BASIC}` };
  const bag = imageBag();
  const target = await bag.image({ layers: ['private'] });
  for (const { bytes, descriptor } of bag.blobs.values()) {
    if (descriptor.digest !== target.digest) await pushBlob(registry.host, 'acme/app', bytes, headers);
  }
  const bytes = bag.blobs.get(target.digest)?.bytes ?? Buffer.alloc(0);
  await pushManifest(registry.host, 'acme/app', '1', { mediaType: target.mediaType, bytes }, headers);
});
afterAll(() => registry?.stop());
beforeEach(async () => {
  runner = await newRunner();
});
afterEach(async () => {
  await runner.dispose();
  await programs?.remove();
  programs = undefined;
});

const pull = (inputs: Record<string, string>, environment: Record<string, string> = {}) =>
  runner.run(
    { images: `${registry.host}/acme/app:1`, engine: 'none', cache: 'false', platforms: 'all', ...inputs },
    { XDG_RUNTIME_DIR: path.join(runner.folder, 'temp'), ...environment },
  );

/** Docker's file of the runner's user. */
async function dockerFile(content: object): Promise<void> {
  const folder = path.join(runner.folder, 'home', '.docker');
  await mkdir(folder);
  await writeFile(path.join(folder, 'config.json'), JSON.stringify(content));
}

/** The log without what the runner takes out of it. */
const masks = ({ stdout }: StepResult) => [...stdout.matchAll(/^::add-mask::(.*)$/gm)].map((match) => match[1]);
const shown = ({ stdout, stderr, outputs, summary }: StepResult) =>
  stdout.replace(/^::add-mask::.*$/gm, '') + stderr + summary + JSON.stringify(outputs);

describe('a private image is pulled', () => {
  test('with a login of registry-auth, which stays out of the log', async () => {
    const list = `- registry: ${registry.host}\n  username: ${username}\n  password: '${password}'`;
    const step = await pull({ 'registry-auth': list });
    expect(step).toMatchObject({ code: 0, errors: [] });
    expect(masks(step)).toContain(BASIC);
    expect(shown(step)).not.toContain(BASIC);
    expect(shown(step)).not.toContain(password);
  });

  test('with what a credential helper on the PATH keeps, which stays out of the log', async () => {
    programs = await helperPrograms({ keeper: keeps({ [registry.host]: [username, password] }) });
    await dockerFile({ credHelpers: { [registry.host]: 'keeper' } });
    const step = await pull({}, { PATH: programs.environment.PATH ?? '' });
    expect(step).toMatchObject({ code: 0, errors: [] });
    expect(masks(step)).toContain(BASIC);
    expect(shown(step)).not.toContain(BASIC);
  });
});

describe('a private image is not pulled', () => {
  test('where the helper is missing, and the log says both', async () => {
    await dockerFile({ credsStore: 'absent' });
    const step = await pull({});
    expect(step.code).toBe(1);
    expect(step.stdout).toContain('::warning::credentials are not read: docker-credential-absent: is not on the PATH');
    expect(step.errors[0]?.message).toContain(`(401 from ${registry.host}: authentication required)`);
  });

  test('with a wrong password, and the error says where it came from', async () => {
    await dockerFile({ auths: { [registry.host]: { auth: Buffer.from('robot:hunter22').toString('base64') } } });
    const step = await pull({});
    expect(step.code).toBe(1);
    expect(step.errors[0]?.message).toMatch(
      /the login of robot to 127\.0\.0\.1:\d+ \(from .*\/home\/\.docker\/config\.json\): it may be expired/,
    );
    expect(masks(step)).toContain('hunter22');
    expect(shown(step)).not.toContain('hunter22');
  });

  test('with a mistake in registry-auth, and no word of it is repeated', async () => {
    const step = await pull({ 'registry-auth': '- username: robot\n  password: *hunter22' });
    expect(step.code).toBe(1);
    expect(step.errors[0]?.message).toContain('a text that begins with * needs quotes');
    expect(step.stdout + step.stderr).not.toContain('hunter22');
  });
});
