import type dns from 'node:dns';
import { setMaxListeners } from 'node:events';
import type { Repository } from '../oci/reference.ts';
import type { Report } from '../outcome.ts';
import type { Mirror } from '../settings.ts';
import {
  type Credential,
  type CredentialSources,
  createFindCredential,
  type FindCredential,
  loginName,
} from './credentials.ts';
import type { Locate } from './endpoints.ts';
import { createNetwork, type Network } from './network.ts';
import { createRemarks, type Remarks } from './remarks.ts';
import { createRemote, type Divisible } from './remote.ts';
import type { MachineFiles } from './routes/machine-files.ts';
import type { Route } from './routes/routes.ts';
import { authorize } from './transport/authorize.ts';
import type { Timeouts } from './transport/network-error.ts';
import { redirect } from './transport/redirect.ts';
import { type RetryOptions, retry, sleep } from './transport/retry.ts';
import { createTokens } from './transport/tokens.ts';
import { compose } from './transport/transport.ts';

/** How to talk to registries; all but the first three have defaults. */
export interface ClientOptions extends Partial<CredentialSources>, Partial<RetryOptions> {
  /** Sent with every request, `pull-image/1.2.3`. */
  readonly userAgent: string;
  readonly signal: AbortSignal;
  readonly report: Report;
  /** Connections per registry for blobs, and that many again for small requests. */
  readonly connections?: number;
  readonly timeouts?: Partial<Timeouts>;
  /** For HTTPS_PROXY, SSL_CERT_FILE and their like; empty by default. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** Tried in order before the registry they stand for. */
  readonly mirrors?: readonly Mirror[] | undefined;
  /** Hosts, `host:port` and CIDRs that may speak plain HTTP or show any certificate. */
  readonly insecureRegistries?: readonly string[] | undefined;
  /** Instead of /etc/docker/certs.d and its like. */
  readonly certificateFolders?: readonly string[] | undefined;
  /** What other tools of this machine are told of registries; nothing by default. */
  readonly machineFiles?: MachineFiles | undefined;
  /** True for a host that asks us, and is therefore no mirror for us; none by default. */
  readonly isOwn?: ((host: string) => boolean) | undefined;
  /** True if neither headers nor client certificates of the machine's files are ever sent. */
  readonly anonymous?: boolean | undefined;
  /** Looks names up; `dns.lookup` by default. */
  readonly lookup?: typeof dns.lookup | undefined;
}

/** How a repository is to be opened. */
export interface Opening {
  /** How it is reached, if not as usual; for a mirror a single failure is enough. */
  readonly route?: Route | undefined;
  /** What people call it, if not by its own name. */
  readonly name?: string | undefined;
  /** True if things are to be written there: a login that is refused is an error then, never nobody. */
  readonly push?: boolean;
  /** Scopes to ask for, `repository:library/redis:pull` by default. */
  readonly scope?: string;
}

/** What all requests of one client share. */
export interface Client {
  readonly network: Network;
  readonly retries: RetryOptions;
  readonly findCredential: FindCredential;
  readonly remarks: Remarks;
  /** A repository with a door of its own; nothing is sent before something is asked. */
  open(repository: Repository, opening?: Opening): Divisible;
}

const TIMEOUTS: Timeouts = { connectMs: 30_000, headersMs: 30_000, bodyMs: 30_000 };

/** A client of registries over HTTP; nothing is sent before something is asked, and every request ends with the signal. */
export function createClient(options: ClientOptions): Client {
  const { signal, report, userAgent, connections = 8, now = Date.now, random = Math.random } = options;
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  const retries: RetryOptions = { signal, report, now, random, sleep: options.sleep ?? sleep };
  // One listener a request: with many at once Node 20 would suspect a leak.
  setMaxListeners(0, signal);
  const { environment = {}, insecureRegistries = [], certificateFolders, machineFiles, lookup } = options;
  const network = createNetwork({
    environment,
    insecureRegistries,
    certificateFolders,
    machineFiles,
    anonymous: options.anonymous,
    lookup,
    connections,
    userAgent,
    timeouts,
    signal,
  });
  const tokens = createTokens(now);
  const findCredential = createFindCredential({
    logins: options.logins ?? [],
    authFiles: options.authFiles ?? [],
    askHelper: options.askHelper ?? (async () => undefined),
    githubToken: options.githubToken,
    warn: options.warn ?? ((message) => report({ type: 'warning', message })),
    onSecret: options.onSecret ?? (() => {}),
  });
  const onRefusedLogin = refusedLogins(report);
  const remarks = createRemarks(report);
  const send = remarks.listen(network.send);

  return {
    network,
    retries,
    findCredential,
    remarks,
    open(repository, { route, name, push = false, scope = `repository:${repository.path}:pull` } = {}) {
      const { domain } = repository;
      const credential = () => findCredential(repository);
      const refused = (login: Credential) => onRefusedLogin(domain, login);
      const access = { credential, scope, tokens, now, onRefusedLogin: refused };
      const writing = push ? { strict: true, besides: scope } : {};
      const sendOnce = compose(authorize({ ...access, ...writing }), redirect())(send);
      // Who stands in for another is not waited for: the next place is nearer.
      const patient = route?.kind !== 'mirror';
      const sends = { send: patient ? retry(retries)(sendOnce) : sendOnce, sendOnce, sendBare: redirect()(send) };
      const { origin, base, namespace } = route ?? {};
      const locate: Locate = origin ? async () => origin : network.locate;
      const where = { locate, base, namespace };
      return createRemote({ repository, name, ...sends, ...where, push, patient, retries, credential });
    },
  };
}

/** One notice a registry, however many repositories its login does not open. */
function refusedLogins(report: Report): (domain: string, login: Credential) => void {
  const told = new Set<string>();
  return (domain, login) => {
    if (told.has(domain)) return;
    told.add(domain);
    const from = login.from === undefined ? '' : ` (from ${login.from})`;
    const message = `${domain} refused the login of ${loginName(login)}${from}; what is public there is pulled without it.`;
    report({ type: 'notice', message });
  };
}
