import { PullError } from '../../errors.ts';
import { canonicalName, familiarName, type Repository } from '../../oci/reference.ts';
import type { Mirror } from '../../settings.ts';
import type { Origins } from '../origins.ts';
import type { FileHost, HostsFile, MachineFiles } from './machine-files.ts';
import { type RegistryRule, repositoryAt, ruleFor } from './registries-conf.ts';

/** Where and how a repository is asked. */
export interface Route {
  /** A mirror is passed over at its first failure. */
  readonly kind: 'mirror' | 'registry';
  /** What it is called there. */
  readonly repository: Repository;
  /** Whether it may say what a tag points to. */
  readonly resolves: boolean;
  /** Whether it may give what has a digest. */
  readonly pulls: boolean;
  /** Scheme, host and port, where a file names them. */
  readonly origin?: URL | undefined;
  /** What stands before the repository in its URLs, `/v2` by default. */
  readonly base?: string | undefined;
  /** The registry it stands for, where it is to be told. */
  readonly namespace?: string | undefined;
  /** The file that says so. */
  readonly file?: string | undefined;
}

/** The places of a repository, in the order in which they are asked; the last one is the registry's own. Throws DENIED if a file forbids the repository, UNSUPPORTED if one moves it to no registry. */
export type FindRoutes = (repository: Repository) => Promise<readonly Route[]>;

export interface RoutesOptions {
  /** Those of the inputs. */
  readonly mirrors: readonly Mirror[];
  readonly files: MachineFiles;
  /** Told how the hosts of files are reached. */
  readonly origins: Origins;
  /** True for a host that asks us, and is not to be asked by us; none by default. */
  readonly isOwn?: ((host: string) => boolean) | undefined;
}

const HUB = 'docker.io';
const HUB_HOST = 'registry-1.docker.io';

/**
 * The mirrors of the inputs come first, then what `hosts.toml` says of the registry, or else `registries.conf` of the longest prefix of the name, then the registry
 * itself. What `registries.conf` forbids is forbidden in any case. Who is not to be asked is left out; in the place of a registry that was moved there it is asked itself.
 */
export function createRoutes({ mirrors, files, origins, isOwn = () => false }: RoutesOptions): FindRoutes {
  return async (repository) => {
    const [hosts, rules] = await Promise.all([files.hosts(repository.domain), files.rules()]);
    const ruled = ruleFor(rules, canonicalName(repository));
    if (ruled?.rule.blocked) throw blocked(repository, ruled.rule);
    if (hosts) learn(hosts, repository.domain, origins);
    const given = hosts ? hostRoutes(repository, hosts) : ruled && ruleRoutes(repository, ruled.rule, ruled.rest);
    const home: Route = { ...EVERYTHING, kind: 'registry', repository };
    const routes = [...mirrorRoutes(repository, mirrors), ...(given ?? [home])];
    const others = routes.filter(({ origin, repository: { domain } }) => !isOwn(origin?.host ?? domain));
    return others.at(-1)?.kind === 'registry' ? others : [...others, home];
  };
}

const EVERYTHING = { resolves: true, pulls: true } as const;

function mirrorRoutes({ domain, path }: Repository, mirrors: readonly Mirror[]): readonly Route[] {
  const mine = mirrors.filter(({ registry }) => registry === domain);
  return mine.map((mirror) => {
    const repository = { domain: mirror.domain, path: `${mirror.prefix}${path}` };
    return { ...EVERYTHING, kind: 'mirror', repository };
  });
}

function hostRoutes(repository: Repository, { file, hosts }: HostsFile): readonly Route[] {
  return hosts.map(({ origin, base, resolves, pulls }, index) => {
    const domain = origin ? domainOf(origin) : repository.domain;
    const namespace = domain === repository.domain ? undefined : repository.domain;
    const kind = index === hosts.length - 1 ? 'registry' : 'mirror';
    return { kind, repository: { ...repository, domain }, resolves, pulls, origin, base, namespace, file };
  });
}

/** Docker Hub by the name that logins for it have. */
const domainOf = ({ host }: URL): string => (host === HUB_HOST ? HUB : host);

function learn({ hosts }: HostsFile, domain: string, origins: Origins): void {
  const own = domain === HUB ? HUB_HOST : domain;
  const originsOf = ({ origin }: FileHost) =>
    origin ? [origin.origin] : [`https://${own}`, `http://${own}`].filter((text) => URL.canParse(text));
  for (const host of hosts) for (const origin of originsOf(host)) origins.learn(new URL(origin).origin, host.settings);
}

function ruleRoutes(repository: Repository, rule: RegistryRule, rest: string): readonly Route[] | undefined {
  const { file, mirrors, location, unusable } = rule;
  const at = (place: string) => repositoryAt(`${place}${rest}`);
  const routes = mirrors.flatMap(({ location: there, resolves }): Route[] => {
    const mirror = at(there);
    return mirror ? [{ kind: 'mirror', repository: mirror, resolves, pulls: true, file }] : [];
  });
  const own = location === '' && unusable === undefined ? repository : at(location);
  if (!own || unusable !== undefined) throw misplaced(repository, rule);
  return [...routes, { ...EVERYTHING, kind: 'registry', repository: own, file }];
}

/** Not the original instead: whoever moved the registry did not mean that one to be asked. */
function misplaced(repository: Repository, { prefix, location, unusable, file }: RegistryRule): PullError {
  const place = unusable ?? JSON.stringify(location);
  const reason = `${file} moves ${prefix} to ${place}: expected a location such as registry.corp:5000/team with which the name is one of a registry`;
  return new PullError('UNSUPPORTED', familiarName(repository), reason, { hint: `Correct the location in ${file}.` });
}

function blocked(repository: Repository, { prefix, file }: RegistryRule): PullError {
  return new PullError('DENIED', familiarName(repository), `${file} blocks ${prefix}`, {
    hint: 'Ask who keeps that file, or name another one in CONTAINERS_REGISTRIES_CONF.',
  });
}
