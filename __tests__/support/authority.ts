import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Issued {
  readonly cert: string;
  readonly key: string;
}

/** An authority of its own, made with `openssl`. */
export interface Authority {
  readonly cert: string;
  /** The file that holds the authority's certificate. */
  readonly file: string;
  /** A certificate for a server with these names, or for a client. */
  issue(names: readonly string[]): Promise<Issued>;
  dispose(): Promise<void>;
}

export async function newAuthority(): Promise<Authority> {
  const folder = await mkdtemp(path.join(tmpdir(), 'authority-'));
  const at = (name: string) => path.join(folder, name);
  const openssl = (...parameters: readonly string[]) => run('openssl', parameters, { cwd: folder });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];
  await openssl(
    'req',
    '-x509',
    ...newKey,
    '-subj',
    '/CN=test authority',
    '-days',
    '2',
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
  );
  let serial = 0;
  return {
    cert: await readFile(at('ca.crt'), 'utf8'),
    file: at('ca.crt'),
    async issue(names) {
      serial += 1;
      const [key, request, cert] = ['key', 'csr', 'crt'].map((kind) => `${serial}.${kind}`) as [string, string, string];
      await writeFile(at('names'), `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}\n`);
      await openssl('req', ...newKey, '-subj', `/CN=${names[0]}`, '-keyout', key, '-out', request);
      const by = [
        '-CA',
        'ca.crt',
        '-CAkey',
        'ca.key',
        '-set_serial',
        `${serial + 1}`,
        '-days',
        '2',
        '-extfile',
        'names',
      ];
      await openssl('x509', '-req', '-in', request, ...by, '-out', cert);
      return { cert: await readFile(at(cert), 'utf8'), key: await readFile(at(key), 'utf8') };
    },
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}
