import { LOOKS_PER_WINDOW, WINDOW_PER_RETURN } from '../../kept-slots.ts';

/**
 * Slots that are kept for teams that come back: `keptSlots` of ../../kept-slots.ts, where the rule is told.
 *
 *   kept_slots(reserved)          { { slots, within ms }, … }
 *   spare_beside(kept, free)      how many of the free slots are to be had beside those
 */
export const keptSlotsFunctions = `
local function kept_slots(reserved)
  local all, last = {}, 0
  for look = 0, ${LOOKS_PER_WINDOW - 1} do
    local count = math.floor(look * reserved / ${LOOKS_PER_WINDOW}) + 1
    if count <= reserved and count ~= last then
      all[#all + 1] = { count, math.floor(window / ${WINDOW_PER_RETURN}) + math.floor(look * window / ${LOOKS_PER_WINDOW}) }
    end
    last = count
  end
  return all
end

local function spare_beside(kept, free)
  local spare, falling = free, 0
  for _, each in ipairs(kept) do
    if spare <= 0 then return 0 end
    -- Later looks find no fewer: those that earlier ones found are often enough.
    if free + falling - each[1] < spare then
      falling = call('ZCOUNT', slots, '-inf', now + each[2])
      spare = math.min(spare, free + falling - each[1])
    end
  end
  return math.max(0, spare)
end
`;
