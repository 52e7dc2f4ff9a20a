import { PullError } from '../../errors.ts';
import { redactUrl } from '../../lib/redact.ts';
import { type Knowledge, reach, refusal, type Sender } from '../policy.ts';
import type { HttpRequest, Wrap } from './transport.ts';

const HINT_INSIDE = 'If that is meant to be, list the host in insecure-registries.';

/** Holds every request that somebody else sent us on against the policy, before anything is sent. Throws REDIRECT_REFUSED. */
export function guard(known: Knowledge): Wrap {
  return (next) => async (request) => {
    const { sender, url } = request;
    if (!sender) return next(request);
    const reason = refusal(sender, url, known);
    if (reason) throw refused(request, url, sender, reason);
    return next({ ...request, within: reach(sender, url, known) });
  };
}

/** The error for a URL that is not asked; signed queries are hidden. */
export function refused({ purpose }: HttpRequest, target: string | URL, sender: Sender, reason: string): PullError {
  const to = redactUrl(target);
  const from = sender.url.host;
  const what = {
    redirect: `a redirect by ${from} to ${to} is not followed`,
    realm: `${from} names a token server that is not asked: ${to}`,
    upload: `${from} names a place for the upload that is not asked: ${to}`,
    layer: `the manifest names a URL for the layer that is not asked: ${to}`,
  };
  const hint = / is an address of /.test(reason) ? HINT_INSIDE : undefined;
  return new PullError('REDIRECT_REFUSED', purpose.repository, `${what[sender.via]}: ${reason}`, { hint });
}
