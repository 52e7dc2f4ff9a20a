import { isCancelled } from './errors.ts';
import { annotateCrash, annotateFailures } from './github/annotations.ts';
import { maskSecrets, readInputs } from './github/inputs.ts';
import { NOTHING_PULLED, publishOutputs } from './github/outputs.ts';
import { createReporter } from './github/reporter.ts';
import { storeRoot } from './github/store-root.ts';
import { writeSummary } from './github/summary.ts';
import { onSignals } from './interrupt.ts';
import type { PullOutcome, Report } from './outcome.ts';
import { pull } from './pull/pull.ts';
import { parseSettings, type RawSettings, type Settings } from './settings.ts';
import { wire } from './wire.ts';

/** The step: inputs → pull → outputs. Red if any image failed; every output is set in any case. */
async function step(raw: RawSettings, signal: AbortSignal): Promise<number> {
  const loud = createReporter({ groups: true });
  let outcome = NOTHING_PULLED;
  try {
    const settings = parseSettings(raw);
    const report = settings.quiet ? createReporter({ groups: true, quiet: true }) : loud;
    outcome = await pullWith(settings, report, signal);
    annotateFailures(outcome);
    if (settings.summary) await writeSummary(outcome, report);
    return outcome.totals.failed > 0 ? 1 : 0;
  } catch (error) {
    annotateCrash(error);
    return isCancelled(error) ? CANCELLED : 1;
  } finally {
    await publishOutputs(outcome, loud);
  }
}

async function pullWith(settings: Settings, report: Report, signal: AbortSignal): Promise<PullOutcome> {
  for (const message of settings.notices) report({ type: 'notice', message });
  const store = await storeRoot(settings.store);
  if (store.warning) report({ type: 'warning', message: store.warning });
  const { ports, close } = await wire(settings, { environment: process.env, store: store.path, report, signal });
  return pull(settings.request, ports).finally(close);
}

/** As a shell tells of a process that SIGINT ended. */
const CANCELLED = 130;

const raw = readInputs();
maskSecrets(raw);
const signal = onSignals(process, () => process.exit(CANCELLED));
process.exitCode = await step(raw, signal);
