import { isCancelled } from './errors.ts';
import { annotateCrash, annotateFailures } from './github/annotations.ts';
import { maskLogin, maskSecrets, readInputs } from './github/inputs.ts';
import { NOTHING_PUSHED, PUSH_INPUTS, publishPush } from './github/push-outputs.ts';
import { createReporter } from './github/reporter.ts';
import { storeRoot } from './github/store-root.ts';
import { onSignals } from './interrupt.ts';
import type { RawSettings } from './settings.ts';
import { preparePush, runPush } from './wire/push.ts';
import { openCare } from './wire.ts';

/** The step of `push/action.yml`: inputs → pull what is missing → push → outputs. Red if any image failed; every output is set in any case. */
async function step(raw: RawSettings, signal: AbortSignal): Promise<number> {
  const environment = process.env;
  const report = createReporter({ groups: true, quiet: /^true$/i.test(raw.quiet ?? '') });
  let outcome = NOTHING_PUSHED;
  let store = '';
  try {
    const { path, warning } = await storeRoot(raw.store?.trim() || undefined);
    store = path;
    if (warning) report({ type: 'warning', message: warning });
    const prepared = await preparePush(raw, workspace, { environment, store });
    const { pull } = prepared.settings;
    for (const login of pull.logins) maskLogin(login);
    for (const message of pull.notices) report({ type: 'notice', message });
    for (const event of prepared.events) report(event);
    const onSecret = (secret: Parameters<typeof maskLogin>[0]) => maskLogin(secret);
    outcome = await runPush(prepared, { environment, store, onSecret, report, signal });
    annotateFailures(outcome);
    const { care } = await openCare(store, environment);
    const { images, bytes } = await care.sweep(pull.storeMaxSize);
    if (images > 0) report({ type: 'swept', images, bytes });
    return outcome.totals.failed > 0 ? 1 : 0;
  } catch (error) {
    annotateCrash(error);
    return isCancelled(error) ? CANCELLED : 1;
  } finally {
    await publishPush(outcome, store, report);
  }
}

/** As a shell tells of a process that SIGINT ended. */
const CANCELLED = 130;

/** What relative paths in inputs are relative to. */
const workspace = process.env.GITHUB_WORKSPACE || process.cwd();

const raw = readInputs(PUSH_INPUTS);
maskSecrets(raw);
const signal = onSignals(process, () => {
  process.stdout.write('pull-image: cancelled\n');
  process.exit(CANCELLED);
});
process.exitCode = await step(raw, signal).catch((error) => {
  annotateCrash(error);
  return 1;
});
