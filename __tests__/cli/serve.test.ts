import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startSource } from '../support/source.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pull-image-cli-serve-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const serve = (...args: readonly string[]) => startSource(['serve', '--store', folder, ...args]);

test('it says where it listens, answers there, and ends with 0 when it is stopped', async () => {
  const program = serve('--port', '0');
  const line = await new Promise<string>((resolve) => program.process.stdout?.once('data', resolve));
  const [, at = ''] = /^Serving .* at (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(line) ?? [];
  expect(line).toContain(folder);
  expect((await fetch(`${at}/v2/`)).status).toBe(200);
  program.process.kill('SIGTERM');
  expect(await program.done).toMatchObject({ code: 0, stderr: '' });
}, 30_000);

test('what cannot be listened on is refused in words', async () => {
  const [port, host, mirror] = await Promise.all([
    serve('--port', '99999').done,
    serve('--host', '192.0.2.1', '--port', '0').done,
    serve('--mirror', 'nonsense', '--port', '0').done,
  ]);
  expect([port.code, host.code, mirror.code]).toEqual([1, 1, 1]);
  expect(port.stderr).toContain('--port: expected a port from 0 to 65535, found "99999"');
  expect(host.stderr).toContain('192.0.2.1:0: expected an address of this machine');
  expect(mirror.stderr).toContain('mirrors');
}, 60_000);
