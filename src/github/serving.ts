import * as core from '@actions/core';
import { maskSecrets, REGISTRY_INPUTS, readInputs } from './inputs.ts';
import { setOutputs } from './set-outputs.ts';

/** The inputs that `serve/action.yml` declares, all of them, in its order. */
export const SERVE_INPUTS = ['port', 'host', 'read-through', 'store', ...REGISTRY_INPUTS] as const;

/** The outputs that `serve/action.yml` declares, all of them, in its order. */
export const SERVE_OUTPUTS = ['registry', 'store'] as const;

/** What main tells post of the server. */
export interface ServingState {
  readonly pid: number;
  /** The file it says things to. */
  readonly log: string;
}

const NAME = 'serving';

/** The text of every input by name, without blanks around it; password and token are masked. */
export function readServeInputs(): Record<(typeof SERVE_INPUTS)[number], string> {
  const inputs = readInputs(SERVE_INPUTS) as Record<(typeof SERVE_INPUTS)[number], string>;
  maskSecrets(inputs);
  return inputs;
}

/** Sets every output; throws as `setOutputs` does. */
export const publishServing = (outputs: Readonly<Record<(typeof SERVE_OUTPUTS)[number], string>>): Promise<void> =>
  setOutputs(outputs);

export const saveServing = (state: ServingState): void => core.saveState(NAME, JSON.stringify(state));

/** The state main left; undefined in main itself, and if it never came so far. */
export function readServing(): ServingState | undefined {
  try {
    const { pid, log } = JSON.parse(core.getState(NAME)) as Partial<ServingState>;
    return Number.isSafeInteger(pid) && typeof log === 'string' ? { pid: pid as number, log } : undefined;
  } catch {
    return undefined;
  }
}
