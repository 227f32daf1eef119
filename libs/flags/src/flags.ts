import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { StandardResolutionReasons } from '@openfeature/core';
import type { EvaluationContext, EvaluationDetails, FlagValue, Logger } from '@openfeature/core';
import { NOOP_PROVIDER, OpenFeature } from '@openfeature/server-sdk';
import { endpointFlagKey, flagRow, flagTable, knownFlagKeys } from './flag-table.ts';
import type {
  BooleanFlagKey,
  FlagKey,
  NumberFlagKey,
  ObjectFlagKey,
  StringFlagKey,
} from './flag-table.ts';
import { FlagdProvider, ruledMark } from './flagd-provider.ts';
import { checkDocument } from './document/check-document.ts';
import { FlagsError } from './flags-error.ts';

/** What a read found: the value, how it came about (`STATIC`, `TARGETING_MATCH`, `DEFAULT`, `ERROR`, `STALE` …), and its variant's name. */
export interface FlagReading<Value> {
  readonly value: Value;
  readonly reason: string;
  readonly variant?: string;
  /** True when there is a rule: another context may get another value. Told also when the reason is `STALE`. */
  readonly ruled?: true;
}

/** Reading never throws and never rejects: when the document cannot answer, the table's default is served with reason `ERROR`. */
export interface Flags {
  boolean(key: BooleanFlagKey, context?: EvaluationContext): Promise<FlagReading<boolean>>;
  string(key: StringFlagKey, context?: EvaluationContext): Promise<FlagReading<string>>;
  number(key: NumberFlagKey, context?: EvaluationContext): Promise<FlagReading<number>>;
  object(
    key: ObjectFlagKey,
    context?: EvaluationContext,
  ): Promise<FlagReading<Readonly<Record<string, string>>>>;
  /** Takes another document into force; throws a `FlagsError`, and keeps the one in force, if it cannot be used. */
  replace(document: unknown): readonly string[];
  /** Whether the document in force may be older than what is stored: readings then have the reason `STALE`. */
  setStale(stale: boolean): void;
  /** Unbinds from OpenFeature; reads then serve the table's defaults. */
  close(): void;
}

/** What flags say to the log: fields first, as with pino. */
export interface FlagsLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface FlagsOptions {
  /** flagd definitions, parsed, or the path of a JSON file that holds them. */
  readonly document: unknown;
  /** The endpoints there are: each must have its switch in the document. */
  readonly endpointIds?: readonly string[];
  readonly logger: FlagsLogger;
  readonly now?: () => number;
}

export const readFlagsFile = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const message = `${path} cannot be read as JSON: ${error instanceof Error ? error.message : ''}`;
    throw new FlagsError([{ key: 'document', level: 'error', message }]);
  }
};

/** OpenFeature's and flagd's own remarks, which are about rules that do not fit, go to our log. */
const sdkLogger = (logger: FlagsLogger): Logger => {
  const say = (level: 'warn' | 'error') => (first: unknown) =>
    logger[level]({ event: 'flags.sdk' }, String(first));
  const ignore = (): void => undefined;
  return { error: say('error'), warn: say('warn'), info: ignore, debug: ignore };
};

const reading = <Value extends FlagValue>({
  value,
  reason,
  variant,
  flagMetadata,
}: EvaluationDetails<Value>): FlagReading<Value> => ({
  value,
  reason: reason ?? StandardResolutionReasons.UNKNOWN,
  ...(variant !== undefined && { variant }),
  ...(flagMetadata[ruledMark] === true && { ruled: true }),
});

/**
 * Flags of one process, over OpenFeature. A document that lacks a flag the code reads, or has one that could not be
 * served, is refused as a whole with every problem named. Each instance binds its own OpenFeature domain, so that two
 * in one process do not see each other.
 */
export const createFlags = ({
  document,
  endpointIds = [],
  logger,
  now = Date.now,
}: FlagsOptions): Flags => {
  const knownKeys = knownFlagKeys(endpointIds);
  const sdk = sdkLogger(logger);
  const provider = new FlagdProvider(sdk);
  let plain = new Map<FlagKey, FlagReading<FlagValue>>();
  const forget = (): void => void (plain = new Map());

  const replace = (next: unknown): readonly string[] => {
    const { warnings } = checkDocument(next, knownKeys, now);
    const changed = provider.replace(next);
    forget();
    for (const { key, message } of warnings)
      logger.warn({ event: 'flags.lint', flag: key }, `flag ${key} ${message}`);
    return changed;
  };
  replace(typeof document === 'string' ? readFlagsFile(document) : document);

  const domain = `glasshouse-${randomUUID()}`;
  OpenFeature.setProvider(domain, provider);
  const client = OpenFeature.getClient(domain).setLogger(sdk);
  const fallback = <Value>(key: FlagKey): Value => flagRow(key)?.default as Value;

  /**
   * A flag without a rule reads the same for every context until the document changes, and is read several times a call: it is
   * evaluated once. Kept with the document it was read from, which may be another by the time the reading is there.
   */
  const read = async <Value extends FlagValue>(
    key: FlagKey,
    evaluate: () => Promise<EvaluationDetails<Value>>,
  ): Promise<FlagReading<Value>> => {
    const known = plain;
    const before = known.get(key) as FlagReading<Value> | undefined;
    if (before) return before;
    const evaluated = reading(await evaluate());
    if (!evaluated.ruled && evaluated.reason !== StandardResolutionReasons.ERROR)
      known.set(key, evaluated);
    return evaluated;
  };

  return {
    boolean: (key, context) =>
      read(key, () => client.getBooleanDetails(key, fallback(key), context)),
    string: (key, context) => read(key, () => client.getStringDetails(key, fallback(key), context)),
    number: (key, context) => read(key, () => client.getNumberDetails(key, fallback(key), context)),
    object: (key, context) =>
      read(key, () =>
        client.getObjectDetails<Record<string, string>>(
          key,
          { ...flagTable[key].default },
          context,
        ),
      ),
    replace,
    setStale: (stale) => {
      provider.setStale(stale);
      forget();
    },
    close: () => {
      OpenFeature.setProvider(domain, NOOP_PROVIDER);
      forget();
    },
  };
};

/** Whether an endpoint may be asked for at the vendor; what is stored may be served in any case. */
export const isEndpointEnabled = async (
  flags: Pick<Flags, 'boolean'>,
  endpointId: string,
): Promise<boolean> => (await flags.boolean(endpointFlagKey(endpointId))).value;
