-- KEYS: the event; ARGV: token, lease in milliseconds
local state = redis.call('GET', KEYS[1])
if not state or string.match(state, '^(%d+):') ~= ARGV[1] then
    return 0
end
if tonumber(ARGV[2]) > 0 then
    redis.call('SET', KEYS[1], ARGV[1] .. ':' .. ARGV[2], 'PX', ARGV[2])
else
    redis.call('DEL', KEYS[1])
end
return 1
