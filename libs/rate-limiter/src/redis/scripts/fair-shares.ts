import { LIMIT_PER_SHORTFALL, RECENT_PER_WINDOW } from '../../lanes.ts';
import { LATE_MAX_MS } from '../../memory/fair-shares.ts';

/** Lua: whether an account counts as a team that wants its share. */
export const isRecent = (account: string, holding: string) =>
  `(${holding}[3] >= now - window / ${RECENT_PER_WINDOW} and string.sub(${account}, -1) ~= '~')`;

/** How many slots an account holds. */
export const holdingFunctions = `
local function held_by(account)
  local holding = used[account]
  return holding and holding[1] or 0
end
`;

/**
 * Who of those who want slots of a lane has them now, and who next: `shareOut` of memory/fair-shares.ts, where the rules are told.
 *
 *   share_out(book, prefix, demands, limit, reserved, free, due, spare, borrowable, recent)
 *     book      { tags = team -> tag, asks = { { p = prefix, c = comes at, u = until, t = { { team, weight, count, served } } } } },
 *             as it lies in the state
 *     demands   { { team, weight, permits max or nil, wanted, later } }
 *     recent    team -> weight, of those that asked a short while ago
 *   gives       { granted, ready, … } for each demand; how many of them are on the pace of what is over a share, or nil where it has none;
 *             turn_at(line, place) -> turn, is its team over its share then; close(comes at) -> book or nil
 */
export const shareOutFunction = `
local max, min, floor, ceil = math.max, math.min, math.floor, math.ceil

local function turns_before(from, weight, till, first, most)
  local turns = (till - from) * weight
  return max(0, min(first and floor(turns) + 1 or ceil(turns), most))
end

local function share_out(book, prefix, demands, limit, reserved, free, due, spare, borrowable, recent)
  local others, standing, before, virtual = {}, false, nil, math.huge
  for _, ask in ipairs(book.asks) do
    if ask.p == prefix then before = ask elseif ask.u >= now then others[#others + 1] = ask end
    if ask.p == prefix or ask.u >= now then
      for _, claim in ipairs(ask.t) do
        standing, virtual = true, min(virtual, book.tags[claim[1]] or 0)
      end
    end
  end
  if not standing then virtual = 0 end

  local own = {}
  for index, demand in ipairs(demands) do
    local team, served = demand[1], nil
    if before then
      for _, claim in ipairs(before.t) do if claim[1] == team then served = claim[4] end end
    end
    if not served then
      for _, ask in ipairs(others) do
        for _, claim in ipairs(ask.t) do
          if claim[1] == team then served = min(served or claim[4], claim[4]) end
        end
      end
    end
    local quota = demand[3] and max(0, demand[3] - held_by(team) - held_by(team .. '~')) or math.huge
    own[index] = { demand = demand, ready = min(demand[4], quota), served = served or 0, granted = 0 }
  end

  local rivals, by_team, weight_of, weights = {}, {}, recent, 0
  local function rival_of(team, weight)
    local rival = by_team[team]
    if not rival then
      local tag = standing and book.tags[team] or virtual
      rival = { team = team, weight = weight, start = max(virtual, tag), ready = 0, all = 0 }
      by_team[team], rivals[#rivals + 1], weight_of[team] = rival, rival, weight
    end
    return rival
  end
  for _, line in ipairs(own) do
    local later = line.demand[5]
    if line.ready + later > 0 then
      local rival = rival_of(line.demand[1], line.demand[2])
      rival.ready, rival.all = rival.ready + line.ready, rival.all + line.ready + later
    end
  end
  for _, ask in ipairs(others) do
    for _, claim in ipairs(ask.t) do
      local rival = rival_of(claim[1], claim[2])
      if ask.c <= now then rival.ready = rival.ready + claim[3] end
      rival.all = rival.all + claim[3]
    end
  end

  for _, weight in pairs(weight_of) do weights = weights + weight end
  local function share_of(weight) return floor((limit - reserved) * weight / weights) end
  local is_paced = false
  if reserved > 0 then
    for team, weight in pairs(weight_of) do
      if share_of(weight) - held_by(team) > floor(limit / ${LIMIT_PER_SHORTFALL}) then is_paced = true end
    end
  end
  if is_paced then spare = min(spare, borrowable) end
  local function is_over(rival, more) return reserved > 0 and rival.held + more >= rival.share end
  local function free_for(over) return min(due, over and spare or free) end
  for _, rival in ipairs(rivals) do
    rival.held, rival.share = held_by(rival.team), share_of(rival.weight)
    rival.first = reserved > 0 and max(0, min(reserved, rival.share) - rival.held) or 0
    rival.servable = min(rival.ready, free_for(is_over(rival, 0)))
  end

  local function turns_of_rival(rival, team, start, at_once, is_first)
    if is_first and rival.first == 0 then return 0 end
    local most = at_once and rival.servable or rival.all
    local before = turns_before(rival.start, rival.weight, start, rival.team < team, most)
    return is_first and before or max(before, min(rival.first, most))
  end

  local function turn_of(line, place, at_once)
    local team, turn = line.demand[1], place
    for _, ask in ipairs(others) do
      if not at_once or ask.c <= now then
        for _, claim in ipairs(ask.t) do
          if claim[1] == team then
            turn = turn + turns_before(claim[4], 1, line.served + place, ask.p < prefix, claim[3])
          end
        end
      end
    end
    local mine = by_team[team]
    if not mine then return turn end
    local start, is_first = mine.start + turn / mine.weight, turn < mine.first
    for _, rival in ipairs(rivals) do
      if rival ~= mine then turn = turn + turns_of_rival(rival, team, start, at_once, is_first) end
    end
    return turn
  end

  local left, borrowed = min(due, free), 0
  for _, line in ipairs(own) do
    local rival, granted = by_team[line.demand[1]], 0
    while granted < line.ready and left > 0 do
      local over = is_over(rival, granted)
      if turn_of(line, granted, true) >= free_for(over) then break end
      if over then borrowed = borrowed + 1 end
      granted, left = granted + 1, left - 1
    end
    line.granted = granted
  end
  for _, line in ipairs(own) do
    local rival = by_team[line.demand[1]]
    if rival then
      rival.start, rival.all = rival.start + line.granted / rival.weight, rival.all - line.granted
      line.served = line.served + line.granted
    end
  end

  local function turn_at(line, place)
    return turn_of(line, place, false), is_over(by_team[line.demand[1]], line.granted + place)
  end

  local function close(comes_at)
    local asks, claims = {}, {}
    for _, ask in ipairs(others) do asks[#asks + 1] = ask end
    for _, line in ipairs(own) do
      local count = line.ready - line.granted + line.demand[5]
      if count > 0 then claims[#claims + 1] = { line.demand[1], line.demand[2], count, line.served } end
    end
    if #claims > 0 then
      asks[#asks + 1] = { p = prefix, c = comes_at, u = comes_at + ${LATE_MAX_MS}, t = claims }
    end
    if #asks == 0 then return nil end
    local waiting, lowest = {}, math.huge
    for _, ask in ipairs(asks) do for _, claim in ipairs(ask.t) do waiting[claim[1]] = true end end
    for _, rival in ipairs(rivals) do
      if waiting[rival.team] then lowest = min(lowest, rival.start) end
    end
    local tags = {}
    if standing then
      for team, tag in pairs(book.tags) do
        if not by_team[team] and tag > lowest then tags[team] = tag - lowest end
      end
    end
    for _, rival in ipairs(rivals) do
      if waiting[rival.team] or rival.start > lowest then tags[rival.team] = rival.start - lowest end
    end
    return { tags = tags, asks = asks }
  end

  return own, is_paced and borrowed, turn_at, close
end
`;
