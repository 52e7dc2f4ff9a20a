import { tmpdir } from 'node:os';
import path from 'node:path';
import { isCancelled } from './errors.ts';
import { annotateCrash, annotateFailures } from './github/annotations.ts';
import { cacheRule } from './github/cache-rule.ts';
import { readEvent } from './github/event.ts';
import { maskLogin, maskSecrets, readInputs } from './github/inputs.ts';
import { createLayerCache } from './github/layer-cache.ts';
import { failedAsWhole, NOTHING_PULLED, publishOutputs } from './github/outputs.ts';
import { createReporter } from './github/reporter.ts';
import { stateRecorder } from './github/state.ts';
import { storeRoot } from './github/store-root.ts';
import { writeMistakes, writeSummary } from './github/summary.ts';
import { onSignals } from './interrupt.ts';
import type { PullOutcome, Report } from './outcome.ts';
import type { LayerCache } from './ports.ts';
import { pull } from './pull/pull.ts';
import type { RawSettings, Settings } from './settings.ts';
import { readSources, saveLock } from './wire/sources.ts';
import { readSettings, wire } from './wire.ts';

/** The step: inputs → pull → outputs. Red if any image failed; every output is set in any case. */
async function step(raw: RawSettings, signal: AbortSignal): Promise<number> {
  const loud = createReporter({ groups: true });
  let outcome = NOTHING_PULLED;
  let settings: Settings | undefined;
  try {
    const { found, events } = await readSources(raw, workspace, process.env);
    settings = await readSettings(raw, found);
    for (const login of settings.logins) maskLogin(login);
    const report = settings.quiet ? createReporter({ groups: true, quiet: true }) : loud;
    for (const event of events) report(event);
    outcome = await pullWith(settings, report, signal);
    annotateFailures(outcome);
    try {
      outcome = { ...outcome, lockChanges: await saveLock(settings.lockFile, outcome.lock, workspace, report) };
    } finally {
      // The images are here, whatever became of the lock file.
      if (settings.summary) await writeSummary(outcome, report);
    }
    return outcome.totals.failed > 0 ? 1 : 0;
  } catch (error) {
    annotateCrash(error);
    if (!settings) {
      if (!/^false$/i.test(raw.summary ?? '')) await writeMistakes(error, loud);
    } else if (outcome === NOTHING_PULLED) {
      outcome = failedAsWhole(settings.request.images, error);
      if (settings.summary) await writeSummary(outcome, loud);
    }
    return isCancelled(error) ? CANCELLED : 1;
  } finally {
    await publishOutputs(outcome, loud);
  }
}

async function pullWith(settings: Settings, print: Report, signal: AbortSignal): Promise<PullOutcome> {
  for (const message of settings.notices) print({ type: 'notice', message });
  const { path: store, warning } = await storeRoot(settings.store);
  if (warning) print({ type: 'warning', message: warning });
  const rule = cacheRule(settings.cache, process.env, await readEvent(process.env));
  const { storeMaxSize, cacheMaxSave, quiet } = settings;
  const state = stateRecorder(
    { store, storeMaxSize, rule, cacheMaxSave, quiet },
    print,
    process.env.RUNNER_TEMP || tmpdir(),
  );
  const save = () => state.save(signal.aborted);
  // What is complete by then may still be saved: the process itself may not get so far.
  signal.addEventListener('abort', save, { once: true });
  const { report } = state;
  const cache = rule.read ? layerCache(store, report, signal) : undefined;
  const { ports, close } = await wire(settings, {
    environment: process.env,
    store,
    fillWorker: FILL_WORKER,
    cache,
    onSecret: (secret) => maskLogin(secret),
    report,
    signal,
  });
  try {
    const outcome = await pull(settings.request, ports);
    if (rule.hint && ports.cache.readable && outcome.totals.downloaded > 0)
      print({ type: 'notice', message: rule.hint });
    return outcome;
  } finally {
    save();
    await close();
  }
}

const layerCache = (store: string, report: Report, signal: AbortSignal): LayerCache =>
  createLayerCache({
    childPath: CACHE_CHILD,
    staging: path.join(store, 'staging'),
    environment: process.env,
    report,
    signal,
  });

/** Their bundles lie beside this one. */
const CACHE_CHILD = path.join(import.meta.dirname, '..', 'cache', 'index.js');

const FILL_WORKER = path.join(import.meta.dirname, '..', 'fill', 'index.js');

/** As a shell tells of a process that SIGINT ended. */
const CANCELLED = 130;

/** What relative paths in inputs are relative to. */
const workspace = process.env.GITHUB_WORKSPACE || process.cwd();

const raw = readInputs();
maskSecrets(raw);
const signal = onSignals(process, () => {
  process.stdout.write('pull-image: cancelled\n');
  process.exit(CANCELLED);
});
process.exitCode = await step(raw, signal).catch((error) => {
  // The outputs come last, and may be what cannot be written.
  annotateCrash(error);
  return 1;
});
