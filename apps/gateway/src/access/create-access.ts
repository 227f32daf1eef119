import { isLoopback, type Logger } from '@glasshouse/service-kit';
import {
  RequestQuota,
  TeamRegister,
  TeamRoll,
  UsageTally,
  type RollEvent,
} from '@glasshouse/teams';
import type { CheckResult } from '@glasshouse/service-kit';
import type { Redis } from 'ioredis';
import type { GatewayConfig } from '../config.ts';
import { developmentKeyOf } from './development-key.ts';
import { believedForMs } from './key-book.ts';
import { KeysNeeded } from './keys-needed.ts';
import { TeamAccess } from './team-access.ts';

export interface AccessParts {
  readonly config: Pick<GatewayConfig, 'HOST' | 'GATEWAY_OPEN' | 'GATEWAY_DEVELOPMENT_KEY'>;
  /** Fails fast: readers wait behind it. */
  readonly redis: Redis;
  /** Of this gateway, among all. */
  readonly name: string;
  readonly logger: Logger;
}

/** The door, with everything it stands on. */
export interface OpenedAccess {
  readonly access: TeamAccess;
  readonly roll: TeamRoll;
  readonly quota: RequestQuota;
  readonly tally: UsageTally;
  /** Reads the register for the first time. @throws KeysNeeded */
  begin(): Promise<void>;
  /** For `/health`: whether keys are asked for, and whether the register can be heard. */
  check(): Promise<CheckResult>;
  stop(): Promise<void>;
}

/** A roll that was not renewed for so long is told of. */
const lateMs = 10_000;

/** Puts the door together: roll, quota and tally on one connection. */
export const createAccess = ({ config, redis, name, logger }: AccessParts): OpenedAccess => {
  const register = new TeamRegister({ redis });
  const roll = new TeamRoll({ register, onEvent: (event) => tellRollEvent(logger, event) });
  const quota = new RequestQuota({ redis, name });
  const tally = new UsageTally({ redis });
  const { HOST, GATEWAY_OPEN, GATEWAY_DEVELOPMENT_KEY } = config;
  const opensWithoutKeys = GATEWAY_OPEN || isLoopback(HOST);
  const developmentKey =
    GATEWAY_DEVELOPMENT_KEY && developmentKeyOf(GATEWAY_DEVELOPMENT_KEY.reveal());
  const access = new TeamAccess({
    roll,
    quota,
    tally,
    opensWithoutKeys,
    developmentKey,
    onGuessing: (address) =>
      logger.warn(
        { event: 'access.guessing', address },
        'many keys that are none from one address: no more are looked up for it this minute',
      ),
  });
  return {
    access,
    roll,
    quota,
    tally,
    begin: async () => {
      await roll.refresh().catch(() => undefined);
      const mayStart = opensWithoutKeys || developmentKey !== undefined || roll.liveKeys > 0;
      if (!mayStart && roll.keysMade !== undefined) throw new KeysNeeded(HOST);
      for (const part of [roll, quota, tally]) part.start();
      tellState(logger, access, developmentKey?.key.id);
    },
    check: () => Promise.resolve(stateOf(access, roll, Date.now())),
    stop: async () => {
      roll.stop();
      quota.stop();
      await tally.stop();
    },
  };
};

const openWords = 'open: no team has a key yet, so everybody may do everything';

const stateOf = (access: TeamAccess, roll: TeamRoll, now: number): CheckResult => {
  if (roll.readAt === undefined || now - roll.readAt > lateMs) {
    return {
      status: 'warn',
      output: `the register of keys cannot be read; known keys are good for ${believedForMs / 60_000} minutes after it was last read`,
    };
  }
  return access.isOpen
    ? { status: 'pass', observedValue: 'open', output: openWords }
    : { status: 'pass', observedValue: 'keys', output: 'team keys are asked for' };
};

const tellState = (logger: Logger, access: TeamAccess, developmentKeyId?: string): void => {
  if (developmentKeyId !== undefined) {
    logger.warn(
      { event: 'access.development-key', keyId: developmentKeyId },
      'the development key of the configuration may do everything; it is public, never use it for real data',
    );
  }
  if (access.isOpen) logger.warn({ event: 'access.open' }, `the gateway is ${openWords}`);
  else logger.info({ event: 'access.keys' }, 'the gateway asks for team keys');
};

const tellRollEvent = (logger: Logger, event: RollEvent): void => {
  switch (event.kind) {
    case 'keys-made':
      return logger.info(
        { event: 'access.keys-made' },
        'teams have keys: from now on they are asked for',
      );
    case 'away':
      return logger.warn(
        { event: 'access.register-away', err: event.error },
        'the register of keys cannot be read: known keys are good for five minutes, others are refused',
      );
    case 'back':
      return logger.info({ event: 'access.register-back' }, 'the register of keys is read again');
    case 'unreadable':
      return logger.error(
        { event: 'access.register-unreadable', ids: event.ids },
        'records in the register of keys cannot be read and count as absent',
      );
  }
};
