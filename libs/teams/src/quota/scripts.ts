/**
 * Draws requests of a team's quota, at most as many as are left of it in the last 60 s (whole seconds, the running one included), and
 * takes back what was drawn earlier and not used. Time is Redis'.
 *
 * KEYS drawn · ARGV quota, wanted, then pairs: second, unused
 * Returns drawn, the second they were drawn in, left, ms until one is free (0 when some were drawn)
 */
export const drawScript = `
local time = redis.call('TIME')
local second = tonumber(time[1])
local quota, wanted = tonumber(ARGV[1]), tonumber(ARGV[2])
for at = 3, #ARGV, 2 do
  if redis.call('HEXISTS', KEYS[1], ARGV[at]) == 1 then redis.call('HINCRBY', KEYS[1], ARGV[at], -tonumber(ARGV[at + 1])) end
end
local drawn, seconds, flat = 0, {}, redis.call('HGETALL', KEYS[1])
for at = 1, #flat, 2 do
  local since, count = tonumber(flat[at]), tonumber(flat[at + 1])
  if since < second - 60 or count <= 0 then
    redis.call('HDEL', KEYS[1], flat[at])
  else
    drawn = drawn + count
    seconds[#seconds + 1] = since
  end
end
local granted = math.max(0, math.min(wanted, quota - drawn))
if granted > 0 then
  redis.call('HINCRBY', KEYS[1], second, granted)
  redis.call('EXPIRE', KEYS[1], 120)
end
local waitMs = 0
if granted == 0 and wanted > 0 then
  local excess = drawn - quota + 1
  table.sort(seconds)
  local untilSecond = second + 61
  for _, since in ipairs(seconds) do
    excess = excess - tonumber(redis.call('HGET', KEYS[1], since))
    if excess <= 0 then untilSecond = since + 61 break end
  end
  waitMs = math.max(1, untilSecond * 1000 - (second * 1000 + math.floor(time[2] / 1000)))
end
return {granted, second, math.max(0, quota - drawn - granted), waitMs}`;

/**
 * Says that a gateway is there, and counts those that were during the last ten seconds.
 *
 * KEYS gateways · ARGV name
 */
export const presenceScript = `
local now = tonumber(redis.call('TIME')[1])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 10)
redis.call('EXPIRE', KEYS[1], 60)
return redis.call('ZCARD', KEYS[1])`;
