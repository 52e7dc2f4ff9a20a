import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { setPriority, tmpdir } from 'node:os';
import path from 'node:path';
import { type DockerRegistry, startDockerRegistry } from '../__tests__/support/docker-registry.ts';
import type { Shape } from './shaping-proxy.ts';

/** A way to the images: where, and what its clients need to trust it. */
export interface Endpoint {
  readonly host: string;
  readonly scheme: 'http' | 'https';
  readonly environment: Readonly<Record<string, string>>;
  /** Lines of the access log since the last call. */
  requests(): Promise<readonly string[]>;
}

export interface Registries {
  readonly plain: Endpoint;
  readonly tls: Endpoint;
  /** The plain one behind a link; the same for the same shape. */
  shaped(shape: Shape): Promise<Endpoint>;
  stop(): Promise<void>;
}

/** Debian's registry twice over the same blobs, plain and with TLS of its own, and links to the plain one on request. Blobs stay if a folder for them is given. */
export async function startRegistries(kept?: string): Promise<Registries> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-registry-'));
  const data = kept ?? path.join(folder, 'data');
  const certificate = path.join(folder, 'certificate.pem');
  const key = path.join(folder, 'key.pem');
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const names = ['-subj', '/CN=bench', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', [...request, ...names, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  const plain = await startDockerRegistry({ data });
  const secure = await startDockerRegistry({ data, tls: { certificate, key } });
  const proxies = new Map<string, { readonly host: string; close(): void }>();
  return {
    plain: await endpoint(plain, plain.host, 'http'),
    // Go's programs read the one, Node's the other.
    tls: await endpoint(secure, secure.host, 'https', { SSL_CERT_FILE: certificate, NODE_EXTRA_CA_CERTS: certificate }),
    async shaped(shape) {
      const name = JSON.stringify(shape);
      const proxy = proxies.get(name) ?? (await startProxy(plain.host, shape));
      proxies.set(name, proxy);
      return endpoint(plain, proxy.host, 'http');
    },
    async stop() {
      for (const proxy of proxies.values()) proxy.close();
      await Promise.all([plain.stop(), secure.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function endpoint(
  registry: DockerRegistry,
  host: string,
  scheme: Endpoint['scheme'],
  environment: Endpoint['environment'] = {},
): Promise<Endpoint> {
  let seen = (await registry.log()).length;
  return {
    host,
    scheme,
    environment,
    async requests() {
      const lines = await registry.log();
      const fresh = lines.slice(seen);
      seen = lines.length;
      return fresh;
    },
  };
}

const PROXY_PRIORITY = -10;

/** In a process of its own, so that it paces evenly while this one measures. */
async function startProxy(target: string, { rate = 0, latencyMs = 0 }: Shape) {
  const file = path.join(import.meta.dirname, 'shaping-proxy-process.ts');
  const args = ['--disable-warning=ExperimentalWarning', file, target, String(rate), String(latencyMs)];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    setPriority(child.pid ?? 0, PROXY_PRIORITY);
  } catch {
    // Only root may; a busy machine then makes it late.
  }
  const [text] = await once(child.stdout, 'data');
  return { host: String(text).trim(), close: () => void child.stdin.end() };
}

/** Bytes of the bodies that lines of an access log tell of. */
export const bytesOf = (lines: readonly string[]): number =>
  lines.reduce((sum, line) => sum + Number(/" \d{3} (\d+)/.exec(line)?.[1] ?? 0), 0);
