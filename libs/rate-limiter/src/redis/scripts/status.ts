import { limit, readState } from './state.ts';

/** STATUS: limit, slots in use, foreign ones, paused for, state lost for (ms), then each slot's account. Writes nothing. */
export const statusScript = (clock: string) => `
${readState(clock)}
if lost then
  configured, flag, vendor = tonumber(ARGV[3]), tonumber(ARGV[4]), nil
  return { ${limit}, 0, 0, 0, 1 + window + lease }
end
local in_use, foreign, owners = 0, 0, {}
for _, id in ipairs(call('ZRANGEBYSCORE', slots, '(' .. string.format('%.0f', now), '+inf')) do
  if string.sub(id, 1, 8) == 'foreign:' then foreign = foreign + 1 end
  if string.sub(id, 1, 6) ~= 'epoch:' then in_use = in_use + 1 end
  local slash = string.find(id, '/', 1, true)
  if slash then owners[#owners + 1] = string.sub(id, 1, slash - 1) end
end
return { ${limit}, in_use, foreign, math.max(0, paused_until - now), math.max(0, blocked_until - now), unpack(owners) }
`;
