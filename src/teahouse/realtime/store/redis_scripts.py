"""
What Redis does in one step for a kept channel, in Lua. Offsets and times are Redis' own, never a host's.

A channel has a stream, whose ids are the offsets (`7-0`), and a hash with its epoch and offset, which lives much
longer. One in which nothing was ever published has a hash only for minutes after somebody has asked for it, so that
names that are made up leave nothing behind. KEYS are always the hash and the stream.
"""

import hashlib

import msgspec


class Script(msgspec.Struct, frozen=True):
    source: str

    @property
    def digest(self) -> str:
        return hashlib.sha1(self.source.encode(), usedforsecurity=False).hexdigest()


# A Redis that was started again, or was a replica before, may lack the last publications and would give their offsets
# to others. So the epoch lives as long as the Redis process that counts.
_OPEN = """
local meta, stream = KEYS[1], KEYS[2]
local fresh, idle_ms = ARGV[1], tonumber(ARGV[2])
local life = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local found = redis.call('HMGET', meta, 'epoch', 'offset', 'life', 'version', 'version_epoch')
local epoch, offset = found[1], found[2]
if not epoch then
  epoch, offset = fresh, '0'
  redis.call('DEL', stream)
  redis.call('HSET', meta, 'epoch', epoch, 'offset', offset, 'life', life)
elseif found[3] ~= life then
  epoch = fresh
  redis.call('HSET', meta, 'epoch', epoch, 'life', life)
end
"""

_STAY = """
if redis.call('PTTL', meta) < idle_ms / 2 then
  redis.call('PEXPIRE', meta, idle_ms)
end
"""

# ARGV: fresh epoch, idle ms. Gives epoch, offset.
HEAD = Script(_OPEN + _STAY + "return {epoch, offset}")

# ARGV: fresh epoch, idle ms, XRANGE or XREVRANGE, from, to, limit. Gives epoch, offset, entries.
PAGE = Script(
    _OPEN
    + _STAY
    + """
local entries = {}
if tonumber(ARGV[6]) > 0 then
  entries = redis.call(ARGV[3], stream, ARGV[4], ARGV[5], 'COUNT', ARGV[6])
end
return {epoch, offset, entries}
"""
)

# KEYS: also that of the first answer, with an idempotency key. ARGV: fresh epoch, ms that the hash lives, entry, size,
# ms that the stream lives, version, its epoch, ms that the answer lives. Gives epoch, offset, whether it is kept.
APPEND = Script(
    """
local once = KEYS[3]
if once then
  local first = redis.call('HMGET', once, 'epoch', 'offset')
  if first[1] then
    return {first[1], first[2], 0}
  end
end
"""
    + _OPEN
    + """
local is_kept = 1
local version, last = ARGV[6], found[4]
if version ~= '0' then
  -- Compared as text: numbers here are exact up to 2^53 only.
  local is_newer = not last or ARGV[7] ~= found[5] or #version > #last or (#version == #last and version > last)
  if is_newer then
    redis.call('HSET', meta, 'version', version, 'version_epoch', ARGV[7])
  else
    is_kept = 0
  end
end
if is_kept == 1 then
  offset = string.format('%.0f', redis.call('HINCRBY', meta, 'offset', 1))
  redis.call('XADD', stream, 'MAXLEN', '=', ARGV[4], offset .. '-0', 'entry', ARGV[3])
  redis.call('PEXPIRE', stream, ARGV[5])
end
redis.call('PEXPIRE', meta, idle_ms)
if once then
  redis.call('HSET', once, 'epoch', epoch, 'offset', offset)
  redis.call('PEXPIRE', once, ARGV[8])
end
return {epoch, offset, is_kept}
"""
)
