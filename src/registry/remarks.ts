import { clean } from '../lib/clean.ts';
import { redactText } from '../lib/redact.ts';
import type { Quota, Report } from '../outcome.ts';
import { isLow, quotaIn } from './quota.ts';
import { type Headers, headerValues, type Wrap } from './transport/transport.ts';

/** What registries say beside their answers. */
export interface Remarks {
  /** Listens to what registries themselves answer: not to storage, nor to token servers. */
  readonly listen: Wrap;
  /** The last that each registry said of its quota. */
  quotas(): readonly Quota[];
}

/** `299 - "text"`, of which a header may have several (distribution-spec v1.1, "Warnings"). */
const WARNING = /(?:^|,)\s*299\s+[^\s,"]+\s+"((?:[^"\\]|\\[\s\S])*)"/g;
/** A registry that never says the same twice is not listened to for long. */
const MOST_WARNINGS = 5;

/** Reports each warning of a registry once, five of each at most, and once that its quota is nearly used up. */
export function createRemarks(report: Report): Remarks {
  const warned = new Map<string, Set<string>>();
  const quotas = new Map<string, Quota>();
  const low = new Set<string>();

  function hear(registry: string, headers: Headers): void {
    const told = warned.get(registry) ?? new Set<string>();
    warned.set(registry, told);
    for (const text of warningsIn(headers)) {
      if (told.has(text) || told.size >= MOST_WARNINGS) continue;
      told.add(text);
      report({ type: 'notice', message: `${clean(registry, 200)} says: ${text}` });
    }
    const quota = quotaIn(headers, registry);
    if (!quota) return;
    quotas.set(registry, quota);
    if (!isLow(quota) || low.has(registry)) return;
    low.add(registry);
    report({ type: 'quota', quota });
  }

  return {
    listen: (next) => async (request) => {
      const response = await next(request);
      if (!request.sender) hear(request.purpose.domain, response.headers);
      return response;
    },
    quotas: () => [...quotas.values()],
  };
}

function warningsIn(headers: Headers): readonly string[] {
  const texts = headerValues(headers, 'warning').flatMap((value) => [...value.slice(0, MOST_READ).matchAll(WARNING)]);
  const plain = texts.map(([, text = '']) => clean(redactText(text.replace(/\\([\s\S])/g, '$1')), 300));
  return plain.filter((text) => text !== '');
}

/** Characters of a header. */
const MOST_READ = 4096;
