export const historyKept = 500;
const auditKept = 10_000;

/**
 * Compare-and-set of the flag document together with everything that tells of it, so that no version is without its row.
 *
 * KEYS document, history, audit. ARGV expected version, lowest version there may have been before, channel, document, sha256,
 * epoch ms, actor, reason, the history's entry, change, changes,
 * the writer's known keys.
 * Reply: 1 and the new version, or 0 and the version that is there instead.
 */
export const writeScript = `
local current = tonumber(redis.call('HGET', KEYS[1], 'version') or '0') or 0
if current ~= tonumber(ARGV[1]) then return {0, current} end
local version = math.max(current, tonumber(ARGV[2])) + 1
redis.call('HSET', KEYS[1], 'version', version, 'document', ARGV[4], 'sha256', ARGV[5], 'updatedAt', ARGV[6],
  'actor', ARGV[7], 'reason', ARGV[8], 'knownKeys', ARGV[12])
redis.call('HSET', KEYS[2], version, ARGV[9])
redis.call('HDEL', KEYS[2], version - ${historyKept})
redis.call('XADD', KEYS[3], 'MAXLEN', '~', ${auditKept}, '*', 'version', version, 'at', ARGV[6], 'actor', ARGV[7],
  'reason', ARGV[8], 'change', ARGV[10], 'changes', ARGV[11])
redis.call('PUBLISH', ARGV[3], version)
return {1, version}
`;
