/** What is left of the pulls that a registry allows in so many seconds. */
export interface Quota {
  readonly registry: string;
  readonly limit: number;
  readonly remaining: number;
  readonly windowSeconds: number;
  /** True if it is an account's; else it is that of the address this machine has on the internet. */
  readonly isOfAccount: boolean;
}

/** A quota after a run; `spared` are the images of its registry of which no manifest was fetched: nobody counts the HEAD that asks for a digest. */
export interface UsedQuota extends Quota {
  readonly spared: number;
}
