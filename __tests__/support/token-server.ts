import { createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type Recorded, type ScriptedServer, scriptedServer, sendJson } from './scripted-server.ts';
import { SELF_SIGNED } from './self-signed.ts';

/** How a docker-registry is to be told of a token server. */
export interface TokenAuth {
  readonly realm: string;
  readonly service: string;
  readonly issuer: string;
  /** PEM of the certificate whose key signs. */
  readonly certificate: string;
}

export interface TokenServer {
  readonly auth: TokenAuth;
  readonly server: ScriptedServer;
  /** Requests for tokens, as `GET bob repository:a:pull`; `-` for nobody. */
  asked(): string[];
}

export interface TokenServerOptions {
  /** Passwords by user name; with a name only the public repository is for nobody. */
  readonly users: Readonly<Record<string, string>>;
  /** Refresh tokens by user name, for POST. */
  readonly identities?: Readonly<Record<string, string>>;
  /** Repositories that anybody may pull. */
  readonly open?: readonly string[];
  /** For how many seconds the registry takes a token, whatever the answer says. */
  readonly seconds?: () => number;
}

const SERVICE = 'registry.test';
const ISSUER = 'token-server.test';
/** docker-registry takes tokens for a minute longer than they say. */
const LEEWAY = 60;

/** A token server in the manner of distribution ("Token Authentication Specification"): signed tokens for logins, and for nobody as far as repositories are open. */
export async function tokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const asked: string[] = [];
  const server = await scriptedServer((request, response) => {
    const asking = askingOf(request);
    asked.push(`${request.method} ${asking.user ?? '-'} ${asking.scopes.join(' ')}`);
    if (asking.isKnown(options)) return grant(response, asking, options);
    return sendJson(response, 401, { errors: [{ code: 'UNAUTHORIZED', message: 'incorrect username or password' }] });
  });
  const auth = { realm: `${server.origin}/token`, service: SERVICE, issuer: ISSUER, certificate: SELF_SIGNED.cert };
  return { auth, server, asked: () => asked };
}

interface Asking {
  readonly user: string | undefined;
  readonly scopes: readonly string[];
  isKnown(options: TokenServerOptions): boolean;
}

function askingOf({ method, path, headers, body }: Recorded): Asking {
  if (method === 'POST') {
    const form = new URLSearchParams(body);
    const token = form.get('refresh_token');
    return {
      user: '<identity>',
      scopes: (form.get('scope') ?? '').split(' '),
      isKnown: ({ identities = {} }) => Object.values(identities).some((known) => known === token),
    };
  }
  const scopes = new URL(path, 'http://t').searchParams.getAll('scope');
  const [, basic] = /^Basic (.*)$/.exec(headers.authorization ?? '') ?? [];
  if (basic === undefined) return { user: undefined, scopes, isKnown: () => true };
  const [user = '', password] = Buffer.from(basic, 'base64').toString().split(':');
  return { user, scopes, isKnown: ({ users }) => users[user] !== undefined && users[user] === password };
}

function grant(response: ServerResponse, { user, scopes }: Asking, { open = [], seconds }: TokenServerOptions): void {
  const access = scopes.map((scope) => {
    const [type = '', name = '', actions = ''] = scope.split(':');
    const allowed = user !== undefined ? actions.split(',') : open.includes(name) ? ['pull'] : [];
    return { type, name, actions: allowed };
  });
  sendJson(response, 200, { token: signed(user ?? '', access, seconds?.() ?? 300), expires_in: 300 });
}

/** A JSON Web Token (RFC 7519, ES256) that brings its certificate along. */
function signed(subject: string, access: readonly object[], seconds: number): string {
  const now = Math.floor(Date.now() / 1000);
  const certificate = new X509Certificate(SELF_SIGNED.cert).raw.toString('base64');
  const claims = { iss: ISSUER, sub: subject, aud: SERVICE, iat: now, nbf: now - 1000, jti: randomUUID(), access };
  const parts = [
    { typ: 'JWT', alg: 'ES256', x5c: [certificate] },
    { ...claims, exp: now + seconds - LEEWAY },
  ];
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const key = createPrivateKey(SELF_SIGNED.key);
  return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}
