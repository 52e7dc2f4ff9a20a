import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What the `docker` command prints; rejects with its stderr if it fails. */
export async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('docker', args);
  return stdout.trim();
}

/** Takes away every name whose repository begins with the prefix, and with the last name of an image the image; then the images with these ids. */
export async function removeImages(prefix: string, ids: readonly string[] = []): Promise<void> {
  const listed = await docker(
    'images',
    '--no-trunc',
    '--digests',
    '--format',
    '{{.Repository}}\t{{.Tag}}\t{{.Digest}}',
  );
  const names = listed.split('\n').flatMap((line) => {
    const [repository = '', tag = '', digest = ''] = line.split('\t');
    if (!repository.startsWith(prefix)) return [];
    return [tag === '<none>' ? `${repository}@${digest}` : `${repository}:${tag}`];
  });
  // Names of one image may go together: what is gone already is no failure.
  for (const name of new Set([...names, ...ids])) await docker('rmi', '--force', name).catch(() => {});
}
