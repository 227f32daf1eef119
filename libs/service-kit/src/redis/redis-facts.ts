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
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
};

/** Asks a server for its facts. Rejects as the connection's preset does when Redis is away. */
export const redisFacts = async (redis: { info(): Promise<string> }): Promise<RedisFacts> =>
  parseRedisInfo(await redis.info());

const olderThan = (version: string, major: number, minor: number): boolean => {
  const [ours = 0, next = 0] = version.split('.').map(Number);
  return ours < major || (ours === major && next < minor);
};

/**
 * What speaks against using this Redis. An evicting server loses queued jobs and permit slots without a word, so
 * production refuses it; elsewhere it is a warning. Deciding to stop is the caller's.
 */
export const assertRedisFit = (
  facts: RedisFacts,
  { production }: { readonly production: boolean },
): RedisFinding[] => {
  const findings: RedisFinding[] = [];
  const inProduction = production ? 'refuse' : 'warn';
  const { version, role, maxmemoryPolicy, aofEnabled } = facts;
  if (version !== undefined && olderThan(version, 6, 2))
    findings.push({ level: 'refuse', message: `Redis ${version} is too old; use 6.2 or newer` });
  if (role === 'slave')
    findings.push({
      level: inProduction,
      message: 'this Redis is a read-only replica; connect to its primary',
    });
  if (maxmemoryPolicy !== undefined && maxmemoryPolicy !== 'noeviction')
    findings.push({
      level: inProduction,
      message: `this Redis may evict jobs and permits (maxmemory-policy ${maxmemoryPolicy}); set it to noeviction`,
    });
  if (maxmemoryPolicy === undefined && production)
    findings.push({
      level: 'warn',
      message: 'this Redis does not tell its maxmemory-policy; make sure that it is noeviction',
    });
  if (aofEnabled !== true && production)
    findings.push({
      level: 'warn',
      message:
        'this Redis keeps no append-only file: a crash loses accepted jobs; set appendonly yes',
    });
  return findings;
};
