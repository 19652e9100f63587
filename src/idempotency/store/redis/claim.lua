-- KEYS: the event, the last token; ARGV: lease in milliseconds
local state = redis.call('GET', KEYS[1])
if state == 'finished' then
    return {'finished', 0}
elseif state then
    local remaining = redis.call('PTTL', KEYS[1])
    local lease = tonumber(string.match(state, ':(%d+)$'))
    if not lease or remaining < 2 * lease then
        return {'in flight', remaining}
    end
end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local last = tonumber(redis.call('GET', KEYS[2]) or '0')
local token = string.format('%.0f', math.max(now, last + 1))
redis.call('SET', KEYS[2], token)
if tonumber(ARGV[1]) > 0 then
    redis.call('SET', KEYS[1], token .. ':' .. ARGV[1], 'PX', ARGV[1])
else
    redis.call('DEL', KEYS[1])
end
return {'granted', token}
