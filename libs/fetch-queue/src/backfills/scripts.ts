/**
 * The steps of a backfill, each atomic. A backfill's record is the only truth: a page is in `todo` (score: from when it may be fetched,
 * which is the end of the lease while somebody fetches it) or in `pages`, never in both.
 *
 * KEYS prefix of the records, active, turns, sizes, expiries · ARGV[1] id, ARGV[2] how long a record is kept (ms)
 */
const prelude = `
local prefix, active, turns, sizes, expiries = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local id, keptMs = ARGV[1], tonumber(ARGV[2])
local record = prefix .. id
local todo, runs, pages, data = record .. ':todo', record .. ':runs', record .. ':pages', record .. ':data'
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function keep()
  for _, key in ipairs({ record, todo, runs, pages, data }) do redis.call('PEXPIRE', key, keptMs) end
  redis.call('ZADD', expiries, now + keptMs, id)
end
local function finish(state)
  redis.call('HSET', record, 'state', state, 'endedAt', now)
  redis.call('HDEL', record, 'scoutUntil', 'single', 'waiting')
  redis.call('DEL', todo, runs)
  redis.call('ZREM', active, id)
  redis.call('HSET', sizes, id, redis.call('HGET', record, 'bytes') or 0)
  keep()
end
local function running()
  local state = redis.call('HGET', record, 'state')
  return state == 'queued' or state == 'running'
end
-- The last page ends the backfill.
local function settle(page)
  redis.call('ZREM', todo, page)
  redis.call('HDEL', runs, page)
  redis.call('HDEL', record, 'scoutUntil', 'single', 'waiting')
  redis.call('HSET', record, 'lastPageAt', now)
  if redis.call('ZCARD', todo) > 0 then return keep() end
  local gaps = redis.call('HMGET', record, 'lost', 'missing')
  finish((tonumber(gaps[1] or 0) + tonumber(gaps[2] or 0)) > 0 and 'completed-with-gaps' or 'completed')
end
local function enqueue(from, to)
  for page = from, to do
    if redis.call('HEXISTS', pages, page) == 0 then redis.call('ZADD', todo, 0, string.format('%05d', page)) end
  end
end
`;

/** ARGV …, order, digest of what was asked, pages, team, weight, upstream, bytes to reserve, byte budget, active ones at most */
export const createScript = `${prelude}
local known = redis.call('HGET', record, 'digest')
if known then return known == ARGV[4] and 'known' or 'conflict' end
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', expiries, '-inf', now)) do
  redis.call('ZREM', expiries, gone)
  redis.call('ZREM', active, gone)
  redis.call('HDEL', sizes, gone)
end
local own = 0
for _, other in ipairs(redis.call('ZRANGE', active, 0, -1)) do
  if redis.call('HGET', prefix .. other, 'team') == ARGV[6] then own = own + 1 end
end
if own >= tonumber(ARGV[11]) then return 'too-many' end
local bytes = tonumber(ARGV[9])
for _, size in ipairs(redis.call('HVALS', sizes)) do bytes = bytes + tonumber(size) end
if bytes > tonumber(ARGV[10]) then return 'full' end
redis.call('HSET', record, 'order', ARGV[3], 'digest', ARGV[4], 'total', ARGV[5], 'team', ARGV[6], 'weight', ARGV[7],
  'upstream', ARGV[8], 'reserved', ARGV[9], 'state', 'queued')
redis.call('HSET', sizes, id, ARGV[9])
redis.call('ZADD', active, 0, id)
enqueue(0, tonumber(ARGV[5]) - 1)
keep()
return 'created'`;

/**
 * The next page to fetch: of the team that has had the fewest for its weight, of its backfill that has waited longest, the oldest page
 * that is due. Until a backfill's first page is stored, and while the vendor does not answer it (\`shy\`: so often in a row), only one is
 * out: whatever is refused then is refused once.
 *
 * ARGV '', kept, upstream, token, leaseMs
 */
export const claimScript = `${prelude}
-- A page that came back goes before those that nobody has come to: what is oldest leaves the plan's sight first.
-- Not after a failure: then another page tells whether it was the vendor or the page.
local function nextDue(of, shy)
  local back = redis.call('ZRANGEBYSCORE', of, '(0', now, 'LIMIT', 0, 1)[1]
  local fresh = (shy or not back) and redis.call('ZRANGEBYSCORE', of, 0, 0, 'LIMIT', 0, 1)[1]
  return fresh or back
end
local base = tonumber(redis.call('HGET', turns, '') or 0)
local best
local seen = {}
for _, each in ipairs(redis.call('ZRANGE', active, 0, -1)) do
  local facts = redis.call('HMGET', prefix .. each, 'upstream', 'team', 'weight', 'done', 'scoutUntil', 'shy')
  local team = facts[2]
  if not team then
    redis.call('ZREM', active, each)
  elseif facts[1] == ARGV[3] and not seen[team] then
    local none = tonumber(facts[4] or 0) == 0
    local single = none or facts[6]
    local free = not single or tonumber(facts[5] or 0) <= now
    local due = free and nextDue(prefix .. each .. ':todo', facts[6])
    if due then
      seen[team] = true
      local turn = math.max(base, tonumber(redis.call('HGET', turns, team) or 0))
      if not best or turn < best.turn then
        best = { id = each, page = due, turn = turn, team = team, weight = tonumber(facts[3]), scout = none, single = single }
      end
    end
  end
end
if not best then return false end
id, record = best.id, prefix .. best.id
todo, runs, pages, data = record .. ':todo', record .. ':runs', record .. ':pages', record .. ':data'
redis.call('HSET', turns, '', best.turn, best.team, best.turn + 1 / best.weight)
redis.call('ZADD', active, now, id)
redis.call('ZADD', todo, now + ARGV[5], best.page)
local tries = tonumber(string.match(redis.call('HGET', runs, best.page) or '0', '^%d+')) + 1
redis.call('HSET', runs, best.page, tries .. ' ' .. ARGV[4])
redis.call('HSETNX', record, 'startedAt', now)
redis.call('HSET', record, 'state', 'running')
if best.single then redis.call('HSET', record, 'scoutUntil', now + ARGV[5], 'single', best.page) end
keep()
return { best.page, redis.call('HGET', record, 'order'), tries, best.scout and 1 or 0 }`;

/** Whose the page is. Somebody else's after a lease ran out, nobody's when the backfill is over. */
const holder = `
local page = ARGV[3]
local function held() return running() and string.match(redis.call('HGET', runs, page) or '', ' (.+)$') == ARGV[4] end
`;

/** ARGV …, page, token, leaseMs */
export const renewScript = `${prelude}${holder}
if not held() then return 0 end
redis.call('ZADD', todo, now + ARGV[5], page)
if redis.call('HGET', record, 'single') == page then redis.call('HSET', record, 'scoutUntil', now + ARGV[5]) end
return 1`;

/**
 * The first answer of a page stays, whoever brings it: it is paid for. ARGV …, page, token, facts, rows' bytes, rows, missing, permits
 */
export const storeScript = `${prelude}${holder}
if not running() then return 'over' end
if redis.call('HEXISTS', pages, tonumber(page)) == 1 then return 'known' end
redis.call('HSET', pages, tonumber(page), ARGV[5])
redis.call('HSET', data, tonumber(page), ARGV[6])
redis.call('HINCRBY', record, 'done', 1)
redis.call('HDEL', record, 'shy')
redis.call('HINCRBY', record, 'bytes', #ARGV[5] + #ARGV[6] + 200)
redis.call('HINCRBY', record, 'rows', ARGV[7])
redis.call('HINCRBY', record, 'missing', ARGV[8])
redis.call('HINCRBY', record, 'permits', ARGV[9])
settle(page)
return 'stored'`;

/** ARGV …, page, token, facts, permits */
export const loseScript = `${prelude}${holder}
if not held() then return 'over' end
redis.call('HSET', pages, tonumber(page), ARGV[5])
redis.call('HINCRBY', record, 'lost', 1)
redis.call('HINCRBY', record, 'permits', ARGV[6])
settle(page)
return 'lost'`;

/**
 * Gives a page back for later. A vendor that does not answer holds the whole backfill for a doubling while, up to a minute: no use in
 * asking for every page in turn. ARGV …, page, token, waitMs, permits, why, is it no try?, did the vendor not answer?
 */
export const postponeScript = `${prelude}${holder}
if redis.call('EXISTS', record) == 0 then return 0 end
redis.call('HINCRBY', record, 'permits', ARGV[6])
if not held() then return 0 end
redis.call('ZADD', todo, now + ARGV[5], page)
local tries = tonumber(string.match(redis.call('HGET', runs, page), '^%d+'))
if ARGV[8] == '1' then tries = tries - 1 end
redis.call('HSET', runs, page, tries .. ' -')
local alone = redis.call('HGET', record, 'single') == page
if ARGV[9] == '1' and (alone or redis.call('HEXISTS', record, 'shy') == 0) then
  local shy = redis.call('HINCRBY', record, 'shy', 1)
  redis.call('HSET', record, 'scoutUntil', now + math.min(60000, 1000 * 2 ^ math.min(shy, 6)))
elseif alone then
  -- Its wait is everybody's: who came next would hear the same.
  redis.call('HSET', record, 'scoutUntil', now + ARGV[5])
end
if ARGV[7] ~= '' then redis.call('HSET', record, 'waiting', cjson.encode({ because = ARGV[7], ['until'] = now + ARGV[5] })) end
return 1`;

/** ARGV …, state, failure ('' = none), permits */
export const endScript = `${prelude}
if redis.call('EXISTS', record) == 0 then return 'unknown' end
if not running() then return 'over' end
if ARGV[4] ~= '' then redis.call('HSET', record, 'failure', ARGV[4]) end
redis.call('HINCRBY', record, 'permits', ARGV[5])
finish(ARGV[3])
return 'ended'`;

/** Takes up again what is not stored: pages that were lost, and those that nobody came to. */
export const reopenScript = `${prelude}
local state = redis.call('HGET', record, 'state')
if not state then return 'unknown' end
if running() then return 'running' end
local known = redis.call('HGETALL', pages)
for at = 1, #known, 2 do
  if cjson.decode(known[at + 1]).state == 'lost' then redis.call('HDEL', pages, known[at]) end
end
enqueue(0, tonumber(redis.call('HGET', record, 'total')) - 1)
if redis.call('ZCARD', todo) == 0 then return 'complete' end
redis.call('HSET', record, 'state', 'queued', 'lost', 0)
redis.call('HDEL', record, 'endedAt', 'failure')
redis.call('HSET', sizes, id, redis.call('HGET', record, 'reserved'))
redis.call('ZADD', active, 0, id)
keep()
return 'reopened'`;
