-- KEYS: the event; ARGV: token
local state = redis.call('GET', KEYS[1])
if state and string.match(state, '^(%d+):') == ARGV[1] then
    return redis.call('DEL', KEYS[1])
end
return 0
