import { execFile } from 'node:child_process';
import { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { loadCommand } from '../../src/cli/load.ts';
import { pushCommand } from '../../src/cli/push.ts';
import { saveCommand } from '../../src/cli/save.ts';

const run = promisify(execFile);

/** What an image is, wherever it lies: what it was made of stays the same though somebody compresses it anew. */
export interface Identity {
  /** Of the manifest. */
  readonly digest: string;
  /** Of the config. */
  readonly config: string;
  /** Of the layers, not compressed. */
  readonly diffIds: readonly string[];
}

/** What a registry has under a tag; every blob of it is there, or this throws. */
export async function identityAt(host: string, path: string, tag: string): Promise<Identity> {
  const at = `http://${host.replace('localhost', '127.0.0.1')}/v2/${path}`;
  const ok = async (url: string, method = 'GET') => {
    const answer = await fetch(url, { method });
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    return answer;
  };
  const answer = await ok(`${at}/manifests/${tag}`);
  const { config, layers } = (await answer.json()) as Record<'config', { digest: string }> & {
    layers: readonly { digest: string }[];
  };
  for (const { digest } of layers) await ok(`${at}/blobs/${digest}`, 'HEAD');
  const { rootfs } = (await (await ok(`${at}/blobs/${config.digest}`)).json()) as { rootfs: { diff_ids: string[] } };
  const digest = answer.headers.get('docker-content-digest') ?? '';
  return { digest, config: config.digest, diffIds: rootfs.diff_ids };
}

const mute = () => Object.assign(new Writable({ write: (_chunk, _encoding, done) => done() }), { isTTY: false });
const signal = new AbortController().signal;

/** The commands of ours on a store, in this process. */
export function ownCommands(store: string) {
  return {
    /** Pulls what the store lacks, and writes an archive. */
    async save(name: string, output: string): Promise<void> {
      const code = await saveCommand(
        [name],
        { output, store, quiet: true, mirror: [], insecureRegistry: [] },
        { out: mute(), say: () => {} },
        signal,
      );
      if (code !== 0) throw new Error(`save ended with ${code}`);
    },
    /** Loads an archive; the names in it. */
    async load(input: string): Promise<readonly string[]> {
      const names: string[] = [];
      const command = loadCommand(
        (line) => void names.push(line.replace(/^Loaded image: /, '')),
        () => process.stdin,
        signal,
      );
      await command.parseAsync(['--input', input, '--quiet', '--store', store], { from: 'user' });
      return names;
    },
    /** Pushes what the store has, and nothing else. */
    async push(name: string, to: string): Promise<void> {
      const lists = { platform: [], files: [], tags: [], mirror: [], insecureRegistry: [] };
      const options = { ...lists, to: [to], pullPolicy: 'never', store, quiet: true };
      const code = await pushCommand([name], options, signal, { stdout: mute(), stderr: mute() });
      if (code !== 0) throw new Error(`push ended with ${code}`);
    },
  };
}

/** Copies with skopeo, from and to loopback without TLS. */
export const skopeoCopy = (from: string, to: string) => {
  const plain = (place: string, side: string) => (place.startsWith('docker://') ? [`--${side}-tls-verify=false`] : []);
  return run('skopeo', ['copy', '--quiet', ...plain(from, 'src'), ...plain(to, 'dest'), from, to]);
};
