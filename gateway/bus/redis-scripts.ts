/**
 * What the bus asks of Redis or Valkey, each in one atomic call on the three keys of one room, which share a hash
 * tag and so a slot of a cluster:
 *
 *     meta  hash    e epoch, o offset, t tag of the newest entry, s offset of the saved copy, a time of the agent's
 *                   last sign of life, lead and until: who fetches agents; z: the epochs since the room was erased;
 *                   n:, l:, x: highest number, last `live`, whether over, of each agent session;
 *                   v: viewers and time, of each node
 *     log   stream  entries after the saved copy (and some before it), one field `m` with the envelope
 *     copy  string  a saved copy of the room
 *
 * The envelope's bytes are described in envelope.ts. Times are the server's, so that nodes' clocks may differ.
 */
import { createHash } from 'node:crypto';

export interface RedisScript {
  readonly source: string;
  /** By which the server knows it once it was loaded. */
  readonly digest: string;
}

/** Of one room: what every script takes as its keys. */
export function roomKeys(room: string): string[] {
  const tag = `surtitre:{${room}}`;
  return [`${tag}:meta`, `${tag}:log`, `${tag}:copy`, `${tag}:channel`];
}

const PRELUDE = `
local meta, log, copy, channel = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local function envelope(kind, epoch, offset, tag, previous)
  return struct.pack('>BI4I8I4I4', kind, epoch, offset, tag, previous)
end
local function nowMs()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
local function keep(seconds)
  redis.call('EXPIRE', meta, seconds) redis.call('EXPIRE', log, seconds) redis.call('EXPIRE', copy, seconds)
end
local function tell(isSharded, message)
  redis.call(isSharded == '1' and 'SPUBLISH' or 'PUBLISH', channel, message)
end
`;

function script(body: string): RedisScript {
  const source = PRELUDE + body;
  return { source, digest: createHash('sha1').update(source).digest('hex') };
}

/**
 * ARGV: isSharded, epoch, offset of the caller, new tag, seconds to keep, most entries, then for each input its
 * session or '', number, since when live or '', bytes. Returns {'ok', offset, entries since the saved copy,
 * a letter for each input: n next, d duplicate, h hole, o over}, or {'astray'} when the caller must read first.
 */
export const APPEND = script(`
local m = redis.call('HMGET', meta, 'e', 'o', 't', 's')
if not m[1] or m[1] ~= ARGV[2] or tonumber(m[2]) < tonumber(ARGV[3]) then return {'astray'} end
local epoch, offset, tag = tonumber(m[1]), tonumber(m[2]), tonumber(m[3])
local body, orders = {}, {}
for i = 7, #ARGV, 4 do
  local session, number, live, bytes = ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2]), ARGV[i + 3]
  local order = 'n'
  if session ~= '' then
    local n, l, x = 'n:' .. session, 'l:' .. session, 'x:' .. session
    local known = redis.call('HMGET', meta, n, l, x)
    local last, since = tonumber(known[1]), tonumber(known[2]) or 0
    local returned = live and live > since
    if last and number <= last and not returned then order = 'd'
    else
      if last and number ~= last + 1 and not returned then order = 'h' end
      redis.call('HSET', meta, n, ARGV[i + 1])
      if last and known[3] and not returned then order = 'o'
      else
        if known[3] then redis.call('HDEL', meta, x) end
        if live then redis.call('HSET', meta, l, ARGV[i + 2]) end
      end
    end
  end
  orders[#orders + 1] = order
  if order == 'n' or order == 'h' then
    body[#body + 1] = struct.pack('>BI4', order == 'h' and 1 or 0, #bytes) .. bytes
  end
end
if #body > 0 then
  offset = offset + 1
  local message = envelope(0, epoch, offset, tonumber(ARGV[4]), tag) .. table.concat(body)
  redis.call('XADD', log, 'MAXLEN', '~', ARGV[6], string.format('%.0f-0', offset), 'm', message)
  redis.call('HSET', meta, 'o', string.format('%.0f', offset), 't', ARGV[4])
  tell(ARGV[1], message)
end
keep(ARGV[5])
return {'ok', offset, offset - tonumber(m[4]), table.concat(orders)}
`);

/**
 * ARGV: epoch and offset of the caller (0, 0 when it knows nothing), an epoch to begin with, seconds to keep.
 * Returns {'past', epoch, offset, tag, offset of the copy, copy or '', entries}: all there is; {'rest', epoch,
 * offset, tag, entries}: what follows the caller's offset; {'cut', …} as 'past', when the log ends before it;
 * {'gone'} when there is no such room and the caller knew one; {'erased'} when what the caller knew was erased.
 */
export const READ = script(`
local m = redis.call('HMGET', meta, 'e', 'o', 't', 's', 'z')
if not m[1] then
  if ARGV[1] ~= '0' then return {'gone'} end
  redis.call('DEL', log, copy)
  redis.call('HSET', meta, 'e', ARGV[3], 'o', '0', 't', '0', 's', '0')
  keep(ARGV[4])
  return {'past', tonumber(ARGV[3]), 0, 0, 0, '', {}}
end
local epoch, offset, tag = tonumber(m[1]), tonumber(m[2]), tonumber(m[3])
local kind = 'past'
if m[5] and ARGV[1] ~= '0' and not string.find(m[5], ',' .. ARGV[1] .. ',', 1, true) then return {'erased'} end
if m[1] == ARGV[1] then
  if offset < tonumber(ARGV[2]) then kind = 'cut'
  else
    local from = string.format('%.0f', tonumber(ARGV[2]) + 1)
    return {'rest', epoch, offset, tag, redis.call('XRANGE', log, from, '+')}
  end
end
local from = string.format('%.0f', tonumber(m[4]) + 1)
return {kind, epoch, offset, tag, tonumber(m[4]), redis.call('GET', copy) or '', redis.call('XRANGE', log, from, '+')}
`);

/**
 * A new epoch, because what the caller knew and what is here do not fit together. ARGV: isSharded, epoch and
 * offset that are to be replaced (0, 0: none), new epoch, new offset, new tag, the room as the caller knows it,
 * seconds to keep. Returns 1, or 0 when another node was first.
 */
export const RENEW = script(`
local m = redis.call('HMGET', meta, 'e', 'o', 'z')
if (m[1] or '0') ~= ARGV[2] or (m[2] or '0') ~= ARGV[3] then return 0 end
redis.call('DEL', log)
redis.call('SET', copy, ARGV[7])
redis.call('HSET', meta, 'e', ARGV[4], 'o', ARGV[5], 't', ARGV[6], 's', ARGV[5])
if m[3] then redis.call('HSET', meta, 'z', string.sub(m[3], -200) .. ARGV[4] .. ',') end
keep(ARGV[8])
tell(ARGV[1], envelope(1, tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), 0))
return 1
`);

/** ARGV: epoch, offset of the copy, copy, entries kept before it, seconds to keep. */
export const SAVE = script(`
local m = redis.call('HMGET', meta, 'e', 's')
if m[1] ~= ARGV[1] or tonumber(ARGV[2]) < tonumber(m[2]) then return 0 end
redis.call('SET', copy, ARGV[3])
redis.call('HSET', meta, 's', ARGV[2])
redis.call('XTRIM', log, 'MINID', string.format('%.0f', math.max(0, ARGV[2] - ARGV[4])))
keep(ARGV[5])
return 1
`);

/**
 * ARGV: node, viewers, 1 when the room's agent is connected to it, ms for which such a word holds, seconds to
 * keep. Returns {epoch, offset, tag, viewers elsewhere, 1 when some node has the agent, 1
 * when the saved copy is gone}, or {} when there is no such room.
 */
export const ATTEND = script(`
local all = redis.call('HGETALL', meta)
if #all == 0 then return {} end
local now, holds = nowMs(), tonumber(ARGV[4])
local fields, elsewhere, stale = {}, 0, {}
for i = 1, #all, 2 do
  local field, value = all[i], all[i + 1]
  if string.sub(field, 1, 2) == 'v:' then
    local viewers, atMs = string.match(value, '^(%d+) (%d+)$')
    if not atMs or now - tonumber(atMs) > holds then stale[#stale + 1] = field
    elseif field ~= 'v:' .. ARGV[1] then elsewhere = elsewhere + tonumber(viewers) end
  else fields[field] = value end
end
if #stale > 0 then redis.call('HDEL', meta, unpack(stale)) end
if ARGV[2] == '0' then redis.call('HDEL', meta, 'v:' .. ARGV[1])
else redis.call('HSET', meta, 'v:' .. ARGV[1], string.format('%s %.0f', ARGV[2], now)) end
if ARGV[3] == '1' then
  fields.a = now
  redis.call('HSET', meta, 'a', string.format('%.0f', now))
end
redis.call('EXPIRE', meta, ARGV[5])
local isConnected = fields.a and now - tonumber(fields.a) <= holds
local isCopyGone = fields.s ~= '0' and redis.call('EXISTS', copy) == 0
return {tonumber(fields.e), tonumber(fields.o), tonumber(fields.t), elsewhere, isConnected and 1 or 0, isCopyGone and 1 or 0}
`);

/** ARGV: node, ms for which it may lead, seconds to keep the room. Returns 1 for the node that leads. */
export const LEAD = script(`
local now = nowMs()
local m = redis.call('HMGET', meta, 'lead', 'until', 'e')
if not m[3] or (m[1] and m[1] ~= ARGV[1] and tonumber(m[2]) > now) then return 0 end
redis.call('HSET', meta, 'lead', ARGV[1], 'until', string.format('%.0f', now + tonumber(ARGV[2])))
return 1
`);

/**
 * ARGV: isSharded, new epoch, seconds for which it is remembered that the meeting is over: what agents and nodes
 * that were away still bring of it is refused.
 */
export const ERASE = script(`
local all = redis.call('HGETALL', meta)
redis.call('DEL', log, copy)
for i = 1, #all, 2 do
  local field = all[i]
  local prefix = string.sub(field, 1, 2)
  if prefix == 'n:' then redis.call('HSET', meta, 'x:' .. string.sub(field, 3), '1')
  elseif prefix ~= 'l:' and prefix ~= 'x:' then redis.call('HDEL', meta, field) end
end
redis.call('HSET', meta, 'e', ARGV[2], 'o', '0', 't', '0', 's', '0', 'z', ',' .. ARGV[2] .. ',')
redis.call('EXPIRE', meta, ARGV[3])
tell(ARGV[1], envelope(2, tonumber(ARGV[2]), 0, 0, 0))
return 1
`);

/** ARGV: session. Returns its highest frame number in the log, or nil. */
export const HELD = script(`return redis.call('HGET', meta, 'n:' .. ARGV[1])`);

export const ALL_SCRIPTS = [APPEND, READ, RENEW, SAVE, ATTEND, LEAD, ERASE, HELD];
