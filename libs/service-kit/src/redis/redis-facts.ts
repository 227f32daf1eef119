/** What a Redis server says about itself, as far as we depend on it. A fact it does not tell is absent. */
export interface RedisFacts {
  readonly version?: string;
  readonly role?: string;
  /** `noeviction` or one of the policies that delete keys. */
  readonly maxmemoryPolicy?: string;
  /** 0 means no limit. */
  readonly maxmemoryBytes?: number;
  readonly usedMemoryBytes?: number;
  readonly aofEnabled?: boolean;
  /** False when the last write to the append-only file failed: the disk is full or gone. */
  readonly aofWrites?: boolean;
  readonly cluster?: boolean;
  /** Redis' clock minus ours, in ms, exact to half a round trip. */
  readonly skewMs?: number;
}

export interface RedisFinding {
  /** `refuse`: the process must not go on with this Redis. */
  readonly level: 'refuse' | 'warn';
  readonly message: string;
}

/** The reply of `INFO`: managed Redis forbids `CONFIG`, but not this. */
export const parseRedisInfo = (info: string): RedisFacts => {
  const told = new Map(
    info.split(/\r?\n/).flatMap((line) => {
      const colon = line.indexOf(':');
      return line.startsWith('#') || colon < 1
        ? []
        : [[line.slice(0, colon), line.slice(colon + 1).trim()] as const];
    }),
  );
  const text = (name: string): string | undefined => told.get(name) || undefined;
  const number = (name: string): number | undefined => {
    const value = text(name);
    return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
  };
  const facts = {
    version: text('redis_version'),
    role: text('role'),
    maxmemoryPolicy: text('maxmemory_policy'),
    maxmemoryBytes: number('maxmemory'),
    usedMemoryBytes: number('used_memory'),
    aofEnabled: told.has('aof_enabled') ? told.get('aof_enabled') === '1' : undefined,
    aofWrites: told.has('aof_last_write_status')
      ? told.get('aof_last_write_status') === 'ok'
      : undefined,
    cluster: told.has('cluster_enabled') ? told.get('cluster_enabled') === '1' : undefined,
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
};

/** Asks a server for its facts. Rejects as the connection's preset does when Redis is away. `now` in epoch ms. */
export const redisFacts = async (
  redis: { info(): Promise<string>; time(): Promise<readonly (number | string)[]> },
  now: () => number = Date.now,
): Promise<RedisFacts> => {
  const facts = parseRedisInfo(await redis.info());
  const askedAt = now();
  const [seconds = 0, micros = 0] = (await redis.time()).map(Number);
  const between = (askedAt + now()) / 2;
  return { ...facts, skewMs: Math.round(seconds * 1_000 + micros / 1_000 - between) };
};

const olderThan = (version: string, major: number, minor: number): boolean => {
  const [ours = 0, next = 0] = version.split('.').map(Number);
  return ours < major || (ours === major && next < minor);
};

/** Delayed jobs and deadlines go by the clocks of our machines, permits by Redis'; more than this between them is felt. */
const skewMaxMs = 2_000;
/** A Redis as full as this is told before it refuses jobs. */
const fullFrom = 0.7;

interface Judged {
  /** What is wrong, said to a person with the remedy; undefined: nothing. */
  readonly fault: (facts: RedisFacts) => string | undefined;
  readonly level: (production: boolean) => RedisFinding['level'] | undefined;
}

const always = (level: RedisFinding['level']) => () => level;
const refusedInProduction = (production: boolean) => (production ? 'refuse' : 'warn');
const onlyInProduction = (production: boolean) => (production ? 'warn' : undefined);

const judged: readonly Judged[] = [
  {
    level: always('refuse'),
    fault: ({ version }) =>
      version !== undefined && olderThan(version, 6, 2)
        ? `Redis ${version} is too old; use 6.2 or newer`
        : undefined,
  },
  {
    level: always('refuse'),
    fault: ({ cluster }) =>
      cluster === true
        ? 'this Redis is a node of a cluster, for which there is no client here; use a single primary'
        : undefined,
  },
  {
    level: refusedInProduction,
    fault: ({ role }) =>
      role === 'slave' ? 'this Redis is a read-only replica; connect to its primary' : undefined,
  },
  {
    level: refusedInProduction,
    fault: ({ maxmemoryPolicy: policy }) =>
      policy !== undefined && policy !== 'noeviction'
        ? `this Redis may evict jobs and permits (maxmemory-policy ${policy}); set it to noeviction`
        : undefined,
  },
  {
    level: onlyInProduction,
    fault: ({ maxmemoryPolicy }) =>
      maxmemoryPolicy === undefined
        ? 'this Redis does not tell its maxmemory-policy; make sure that it is noeviction'
        : undefined,
  },
  {
    level: onlyInProduction,
    fault: ({ aofEnabled }) =>
      aofEnabled === true
        ? undefined
        : 'this Redis keeps no append-only file: a crash loses accepted jobs; set appendonly yes',
  },
  {
    level: always('warn'),
    fault: ({ aofEnabled, aofWrites }) =>
      aofEnabled === true && aofWrites === false
        ? 'this Redis could not write its append-only file: it takes no jobs until its disk does'
        : undefined,
  },
  {
    level: always('warn'),
    fault: ({ usedMemoryBytes: used = 0, maxmemoryBytes: most = 0 }) =>
      most > 0 && used >= most * fullFrom
        ? `this Redis is ${Math.round((100 * used) / most)} % full: at 100 % it takes no jobs; give it more maxmemory, or lower ANSWER_STORE_MB`
        : undefined,
  },
  {
    level: always('warn'),
    fault: ({ skewMs = 0 }) =>
      Math.abs(skewMs) > skewMaxMs
        ? `the clock of Redis is ${(Math.abs(skewMs) / 1_000).toFixed(1)} s ${skewMs > 0 ? 'ahead of' : 'behind'} ours: deadlines and delays are off by as much; set both by NTP`
        : undefined,
  },
];

/**
 * What speaks against using this Redis. An evicting server loses queued jobs and permit slots without a word, so
 * production refuses it; elsewhere it is a warning. Deciding to stop is the caller's.
 */
export const assertRedisFit = (
  facts: RedisFacts,
  { production }: { readonly production: boolean },
): RedisFinding[] =>
  judged.flatMap(({ fault, level: levelIn }) => {
    const level = levelIn(production);
    const message = fault(facts);
    return level === undefined || message === undefined ? [] : [{ level, message }];
  });

const mb = (bytes: number): string => `${(bytes / 1_048_576).toFixed(0)} MB`;

/** The facts in words, for the start check: what keeps jobs, what may lose them. */
export const describeRedis = ({
  version = 'unknown',
  maxmemoryPolicy,
  maxmemoryBytes,
  usedMemoryBytes,
  aofEnabled,
  skewMs,
}: RedisFacts): string =>
  [
    `version ${version}`,
    maxmemoryPolicy,
    aofEnabled !== undefined && `append-only file ${aofEnabled ? 'on' : 'off'}`,
    usedMemoryBytes !== undefined &&
      `${mb(usedMemoryBytes)} of ${maxmemoryBytes ? mb(maxmemoryBytes) : 'no limit'}`,
    skewMs !== undefined && `clock ${skewMs >= 0 ? '+' : ''}${skewMs} ms`,
  ]
    .filter((fact) => typeof fact === 'string')
    .join(', ');
