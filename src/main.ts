import { isCancelled } from './errors.ts';
import { annotateCrash, annotateFailures } from './github/annotations.ts';
import { maskSecrets, readInputs } from './github/inputs.ts';
import { NOTHING_PULLED, publishOutputs } from './github/outputs.ts';
import { createReporter } from './github/reporter.ts';
import { storeRoot } from './github/store-root.ts';
import { writeSummary } from './github/summary.ts';
import { onSignals } from './interrupt.ts';
import type { Report } from './outcome.ts';
import { pull } from './pull/pull.ts';
import { parseSettings, type RawSettings } from './settings.ts';
import { wire } from './wire.ts';

/** The step: inputs → pull → outputs. Red if any image failed; every output is set in any case. */
async function step(raw: RawSettings, signal: AbortSignal): Promise<number> {
  let report: Report = createReporter({ groups: true });
  try {
    const settings = parseSettings(raw);
    report = createReporter({ groups: true, quiet: settings.quiet });
    for (const message of settings.notices) report({ type: 'notice', message });
    const store = await storeRoot(settings.store);
    if (store.warning) report({ type: 'warning', message: store.warning });
    const { ports, close } = await wire(settings, { environment: process.env, store: store.path, report, signal });
    const outcome = await pull(settings.request, ports).finally(close);
    await publishOutputs(outcome, report);
    if (settings.summary) await writeSummary(outcome, report);
    annotateFailures(outcome);
    return outcome.totals.failed > 0 ? 1 : 0;
  } catch (error) {
    annotateCrash(error);
    await publishOutputs(NOTHING_PULLED, report);
    return isCancelled(error) ? CANCELLED : 1;
  }
}

/** As a shell tells of a process that SIGINT ended. */
const CANCELLED = 130;

const raw = readInputs();
maskSecrets(raw);
const signal = onSignals(process, () => process.exit(CANCELLED));
process.exitCode = await step(raw, signal);
