/**
 * The register's changes, each one script: who reads sees all of a change or nothing, and two operators cannot give a team a third
 * key. Time is Redis'. A key that ended over 30 days ago is forgotten in passing.
 */
const prelude = `
local teams, keys, version, used = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local forgetBefore = now - 30 * 86400000

local function changed() redis.call('SET', version, time[1] .. '.' .. time[2]) end

local function liveKeysOf(team)
  local live = {}
  for _, text in ipairs(redis.call('HVALS', keys)) do
    local readable, key = pcall(cjson.decode, text)
    if readable and key.expiresAt and key.expiresAt < forgetBefore then
      redis.call('HDEL', keys, key.id)
      redis.call('HDEL', used, key.id)
    elseif readable and key.team == team and (not key.expiresAt or key.expiresAt > now) then
      live[#live + 1] = key
    end
  end
  return live
end
`;

/**
 * A key, and the team if it is new; a setting that is null is taken away. At most two live keys: one in use, one to change to.
 *
 * KEYS teams, keys, version, used · ARGV team, settings as JSON, key as JSON
 */
export const createScript = `${prelude}
if #liveKeysOf(ARGV[1]) >= 2 then return {'two-live-keys'} end
local known = redis.call('HGET', teams, ARGV[1])
local team = known and cjson.decode(known) or { id = ARGV[1], weight = 1, createdAt = now }
for name, value in pairs(cjson.decode(ARGV[2])) do
  if value == cjson.null then team[name] = nil else team[name] = value end
end
local key = cjson.decode(ARGV[3])
key.createdAt = now
redis.call('HSET', teams, ARGV[1], cjson.encode(team))
redis.call('HSET', keys, key.id, cjson.encode(key))
changed()
return {'done', cjson.encode(key), cjson.encode(team)}`;

/**
 * A second key that may do what the first may; the first ends in \`keepMs\`, at once if that is 0. Without an end of its own the new
 * key lives as long as the old one was made to.
 *
 * KEYS teams, keys, version, used · ARGV team, key as JSON, keepMs, expiresAt or ''
 */
export const rotateScript = `${prelude}
local live = liveKeysOf(ARGV[1])
if #live == 0 then return {redis.call('HEXISTS', teams, ARGV[1]) == 1 and 'no-live-key' or 'no-such-team'} end
if #live >= 2 then return {'two-live-keys'} end
local old, key, keepMs = live[1], cjson.decode(ARGV[2]), tonumber(ARGV[3])
key.scopes = old.scopes
key.createdAt = now
if ARGV[4] ~= '' then
  key.expiresAt = tonumber(ARGV[4])
elseif old.expiresAt then
  key.expiresAt = now + old.expiresAt - old.createdAt
end
redis.call('HSET', keys, key.id, cjson.encode(key))
if keepMs == 0 then
  redis.call('HDEL', keys, old.id)
  redis.call('HDEL', used, old.id)
else
  old.expiresAt = math.min(old.expiresAt or math.huge, now + keepMs)
  redis.call('HSET', keys, old.id, cjson.encode(old))
end
changed()
return {'done', cjson.encode(key), cjson.encode(old)}`;

/**
 * Ends one key by its id, or all of a team. The team's settings stay: the jobs it has queued are still its own.
 *
 * KEYS teams, keys, version, used · ARGV key id or team
 */
export const revokeScript = `${prelude}
local gone, flat = {}, redis.call('HGETALL', keys)
for at = 1, #flat, 2 do
  local id = flat[at]
  local readable, key = pcall(cjson.decode, flat[at + 1])
  if id == ARGV[1] or (readable and key.team == ARGV[1]) then
    redis.call('HDEL', keys, id)
    redis.call('HDEL', used, id)
    gone[#gone + 1] = id
  end
end
if #gone == 0 then return {redis.call('HEXISTS', teams, ARGV[1]) == 1 and 'no-live-key' or 'no-such-key'} end
changed()
return {'done', unpack(gone)}`;
