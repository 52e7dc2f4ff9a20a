/** What a job may do with the Actions cache. */
export interface CacheRule {
  readonly read: boolean;
  readonly write: boolean;
  /** True if strangers may read what is saved: a public repository, or one of unknown visibility. An image that needs a login is then not saved. */
  readonly guardsPrivate: boolean;
  /** Why this job does not write although it might: how to fill the cache. */
  readonly hint?: string | undefined;
}

/** The event payload at `GITHUB_EVENT_PATH`, as far as it matters; anything may be missing. */
export interface EventPayload {
  readonly repository?:
    | { readonly default_branch?: unknown; readonly visibility?: unknown; readonly private?: unknown }
    | undefined;
}

/** Events of which people outside have no part, and whose entries other runs can read. */
const WRITING_EVENTS = ['push', 'schedule', 'workflow_dispatch', 'repository_dispatch'];

/**
 * Pure: what the `cache` input comes to for this event (design §3.4). `auto` writes where others can read it: on the default branch or a protected one, by an
 * event that belongs to it; elsewhere it reads.
 */
export function cacheRule(
  input: 'auto' | 'true' | 'read-only' | 'false',
  environment: Readonly<Record<string, string | undefined>>,
  event: EventPayload,
): CacheRule {
  const guardsPrivate = input === 'auto' && !isPrivate(event);
  if (input !== 'auto') return { read: input !== 'false', write: input === 'true', guardsPrivate };
  const name = environment.GITHUB_EVENT_NAME ?? '';
  const branch = environment.GITHUB_REF?.startsWith('refs/heads/')
    ? environment.GITHUB_REF.slice('refs/heads/'.length)
    : undefined;
  const main = typeof event.repository?.default_branch === 'string' ? event.repository.default_branch : undefined;
  const isShared =
    branch !== undefined &&
    (branch === main || environment.GITHUB_REF_PROTECTED === 'true' || (main === undefined && name === 'schedule'));
  if (WRITING_EVENTS.includes(name) && isShared) return { read: true, write: true, guardsPrivate };
  const where = main === undefined ? 'the default branch' : main;
  const hint = `This job (${name || 'unknown event'}) only reads the Actions cache. A push to ${where}, or a run there by schedule or by hand, fills it for every branch.`;
  return { read: true, write: false, guardsPrivate, hint };
}

function isPrivate({ repository }: EventPayload): boolean {
  return repository?.private === true || repository?.visibility === 'private' || repository?.visibility === 'internal';
}
