type Environment = Readonly<Record<string, string | undefined>>;

/** What the child, and the tar and zstd it runs, need of a job's environment. Inputs and tokens of other things stay here. */
const PASSED_ON =
  /^(?:ACTIONS_.*|GITHUB_SERVER_URL|RUNNER_TRACKING_ID|PATH|HOME|LD_LIBRARY_PATH|(?:https?|no|all)_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_(?:FILE|DIR)|NODE_TLS_REJECT_UNAUTHORIZED|PATHEXT|COMSPEC|SYSTEMROOT|SYSTEMDRIVE|WINDIR|PROGRAMFILES|USERPROFILE|TE?MP|TMPDIR)$/i;

/**
 * What @actions/cache lets nobody else say to tar: it unpacks with `-P`, so that members named `/x` and `../x`, and members below a link to anywhere, would be
 * written wherever they like. Absolute names and names with `..` are left out; every link is made to point to a name beside it that is not there; owner and
 * set-user-id bits are dropped. Saving takes the same options and is not changed by them.
 */
const TAR_OPTIONS = [
  '--anchored',
  '--exclude=/*',
  '--no-anchored',
  '--exclude=..',
  // Targets of symbolic links, then of hard links; names of members are left alone.
  '--transform=s,.*,refused,RH',
  '--transform=s,.*,refused,RS',
  '--no-same-owner',
  '--no-same-permissions',
  // Of two names for one file both are packed as files.
  '--hard-dereference',
].join(' ');

/** The environment of the child, whose folder is `root`. */
export function childEnvironment(environment: Environment, root: string): Record<string, string> {
  const passedOn: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && PASSED_ON.test(name)) passedOn[name] = value;
  }
  return {
    ...passedOn,
    TAR_OPTIONS,
    // Bytes are bytes: in other locales the patterns above do not see names that are not valid text.
    LC_ALL: 'C',
    // Layers are compressed already.
    ZSTD_CLEVEL: '1',
    GITHUB_WORKSPACE: root,
    RUNNER_TEMP: root,
  };
}

/** Whether this job may read and write a cache, as far as its environment tells (@actions/cache 6.3.0, `config`). */
export function cacheRights(environment: Environment): { readonly readable: boolean; readonly writable: boolean } {
  const isV2 = Boolean(environment.ACTIONS_CACHE_SERVICE_V2) && isHosted(environment.GITHUB_SERVER_URL);
  const isThere = isV2
    ? Boolean(environment.ACTIONS_RESULTS_URL && environment.ACTIONS_RUNTIME_TOKEN)
    : Boolean(environment.ACTIONS_CACHE_URL);
  const mode = environment.ACTIONS_CACHE_MODE?.trim().toLowerCase() ?? '';
  return {
    readable: isThere && !['none', 'write-only'].includes(mode),
    writable: isThere && !['none', 'read'].includes(mode),
  };
}

/** False on GitHub Enterprise Server, which has version 1 of the service only. */
function isHosted(serverUrl: string | undefined): boolean {
  if (!serverUrl) return true;
  const host = URL.canParse(serverUrl) ? new URL(serverUrl).hostname : '';
  return host === 'github.com' || host.endsWith('.ghe.com') || host.endsWith('.localhost');
}
