import { StandardResolutionReasons } from '@openfeature/core';
import type { EvaluationContext, JsonValue, Logger, ResolutionDetails } from '@openfeature/core';
import { FlagdCore, MemoryStorage } from '@openfeature/flagd-core';
import { OpenFeatureEventEmitter, ProviderEvents } from '@openfeature/server-sdk';
import type { Provider } from '@openfeature/server-sdk';
import { FlagsError } from './flags-error.ts';

/** Rules are interpreted: compiling them would turn a flag document into code of ours. */
const options = { disableDynamicCodeGeneration: true };

const { DEFAULT, STALE, SPLIT, TARGETING_MATCH } = StandardResolutionReasons;

/** In a reading's metadata: there is a rule, even if it had nothing to say of this call (DEFAULT). */
export const ruledMark = 'glasshouse.ruled';

/**
 * OpenFeature provider over flagd definitions that are held in memory. It is handed linted documents and checks them
 * once more against flagd's own schemas, strictly; a refused document leaves the one before in force.
 */
export class FlagdProvider implements Provider {
  readonly metadata = { name: 'flagd definitions' } as const;
  readonly runsOn = 'server';
  readonly events = new OpenFeatureEventEmitter();
  readonly #storage: MemoryStorage;
  readonly #core: FlagdCore;
  #stale = false;

  constructor(logger: Logger) {
    this.#storage = new MemoryStorage(logger, options);
    this.#core = new FlagdCore(this.#storage, logger, options);
  }

  /** Takes a document into force and tells which flags changed. Throws a `FlagsError` and changes nothing if it is invalid. */
  replace(document: unknown): string[] {
    try {
      const flagsChanged = this.#storage.setConfigurations(JSON.stringify(document), true);
      this.events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged });
      return flagsChanged;
    } catch (error) {
      const message = error instanceof Error ? error.message.replace(/\s+/g, ' ') : String(error);
      throw new FlagsError([{ key: 'document', level: 'error', message }]);
    }
  }

  /** Whether what is in force may be older than what is stored; readings then have the reason `STALE`. */
  setStale(stale: boolean): void {
    if (stale === this.#stale) return;
    this.#stale = stale;
    this.events.emit(stale ? ProviderEvents.Stale : ProviderEvents.Ready);
  }

  /** The reason may become `STALE`; that there is a rule is told beside it. */
  #told<Value>(details: ResolutionDetails<Value>): Promise<ResolutionDetails<Value>> {
    const { reason, flagMetadata } = details;
    const ruled = reason === TARGETING_MATCH || reason === SPLIT || reason === DEFAULT;
    return Promise.resolve({
      ...details,
      ...(ruled && { flagMetadata: { ...flagMetadata, [ruledMark]: true } }),
      ...(this.#stale && { reason: STALE }),
    });
  }

  resolveBooleanEvaluation(
    key: string,
    fallback: boolean,
    context: EvaluationContext,
    logger: Logger,
  ) {
    return this.#told(this.#core.resolveBooleanEvaluation(key, fallback, context, logger));
  }

  resolveStringEvaluation(
    key: string,
    fallback: string,
    context: EvaluationContext,
    logger: Logger,
  ) {
    return this.#told(this.#core.resolveStringEvaluation(key, fallback, context, logger));
  }

  resolveNumberEvaluation(
    key: string,
    fallback: number,
    context: EvaluationContext,
    logger: Logger,
  ) {
    return this.#told(this.#core.resolveNumberEvaluation(key, fallback, context, logger));
  }

  resolveObjectEvaluation<T extends JsonValue>(
    key: string,
    fallback: T,
    context: EvaluationContext,
    logger: Logger,
  ): Promise<ResolutionDetails<T>> {
    return this.#told(this.#core.resolveObjectEvaluation(key, fallback, context, logger));
  }
}
