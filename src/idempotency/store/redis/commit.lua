-- KEYS: the event; ARGV: token, retention in milliseconds
local state = redis.call('GET', KEYS[1])
if state and string.match(state, '^(%d+):') == ARGV[1] then
    redis.call('SET', KEYS[1], 'finished', 'PX', ARGV[2])
    return 1
end
return 0
