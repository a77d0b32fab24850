/// What wrk sends, in Lua.
enum WrkScripts {
  /// Only leases. Answers are not read here, only counted by status by wrk itself, as that is cheapest.
  static func leases(_ dataset: Dataset) -> String { common(dataset) + "request = lease\n" + done }

  /// Leases and releases in turn: whatever was leased is released by the next request, so that no more
  /// numbers are out than there are connections. Each kind's latency is told for single connections.
  static func leasesAndReleases(_ dataset: Dataset) -> String {
    common(dataset) + """
      local ffi = require("ffi")
      ffi.cdef "typedef struct { long s; long ns; } moment; int clock_gettime(int, moment *);"
      local at = ffi.new("moment")
      local function now()
        ffi.C.clock_gettime(1, at)
        return tonumber(at.s) * 1e6 + tonumber(at.ns) / 1e3
      end

      local waiting, first, last = {}, 1, 0
      local sent, is_lease
      leased, released, refused, timed = 0, 0, 0, 0
      latencies = {}

      function request()
        local text
        is_lease = last < first
        if is_lease then
          text = lease()
        else
          local path = waiting[first]
          waiting[first] = nil
          first = first + 1
          text = "DELETE " .. path .. " HTTP/1.1\\r\\n" .. head .. "\\r\\n"
        end
        sent = now()
        return text
      end

      function response(status, headers, body)
        local took = now() - sent
        local id, term = body:match('"id"%s*:%s*"([^"]+)"'), body:match('"term"%s*:%s*(%d+)')
        if status == 201 and id and term then
          leased = leased + 1
          last = last + 1
          waiting[last] = "/v1/leases/" .. id .. "?term=" .. term
          if is_lease and timed < 200000 then
            timed = timed + 1
            latencies[timed] = math.floor(took)
          end
        elseif status == 200 and body:find('"applied"%s*:%s*true') then
          released = released + 1
        elseif status ~= 200 then
          refused = refused + 1
        end
      end

      """ + done
  }

  /// One path again and again.
  static func get(_ path: String) -> String {
    """
    local threads = {}
    function setup(thread) table.insert(threads, thread) end

    function request()
      return "GET \(path) HTTP/1.1\\r\\nHost: " .. wrk.host
        .. "\\r\\nAuthorization: Bearer \(Server.key)\\r\\n\\r\\n"
    end

    """ + done
  }

  /// One request with a body, again and again.
  static func post(_ path: String, _ body: String) -> String {
    """
    local threads = {}
    function setup(thread) table.insert(threads, thread) end

    local body = [==[\(body)]==]
    function request()
      return "POST \(path) HTTP/1.1\\r\\nHost: " .. wrk.host
        .. "\\r\\nAuthorization: Bearer \(Server.key)\\r\\n"
        .. "Content-Type: application/json\\r\\nContent-Length: "
        .. #body .. "\\r\\n\\r\\n" .. body
    end

    """ + done
  }

  private static func common(_ dataset: Dataset) -> String {
    """
    local threads = {}
    function setup(thread)
      thread:set("number", #threads)
      table.insert(threads, thread)
    end

    function init(arguments)
      math.randomseed(tonumber(arguments[1]) + number * 7919)
      for _ = 1, 10 do math.random() end
    end

    head = "Host: " .. wrk.host .. "\\r\\nAuthorization: Bearer \(Server.key)\\r\\n"
    local start = "POST /v1/leases HTTP/1.1\\r\\n" .. head
      .. "Content-Type: application/json\\r\\nContent-Length: "

    function lease()
      local body = string.format(
        '{"company":"Company %d","lead_id":"\(Dataset.idPrefix)%d","customer_phone":"+1650530%d"}',
        math.random(\(Dataset.firstCompany), \(Dataset.firstCompany + Dataset.companies - 1)),
        \(Dataset.firstLead) + math.random(0, \(dataset.leads - 1)), math.random(1000, 9999))
      return start .. #body .. "\\r\\n\\r\\n" .. body
    end

    """
  }

  /// Prints one line of JSON; microseconds as wrk has them.
  private static let done = """
    function done(summary, latency, requests)
      local e = summary.errors
      local leased, released, refused, all = 0, 0, 0, {}
      for _, thread in ipairs(threads) do
        leased = leased + (thread:get("leased") or 0)
        released = released + (thread:get("released") or 0)
        refused = refused + (thread:get("refused") or 0)
        for _, took in ipairs(thread:get("latencies") or {}) do table.insert(all, took) end
      end
      table.sort(all)
      io.write(string.format(
        '\\nRESULT {"duration":%d,"requests":%d,"status":%d,"broken":%d,"median":%d,"p99":%d,' ..
        '"leased":%d,"released":%d,"refused":%d,"lease_median":%d}\\n',
        summary.duration, summary.requests, e.status, e.connect + e.read + e.write + e.timeout,
        latency:percentile(50), latency:percentile(99), leased, released, refused,
        all[math.ceil(#all / 2)] or 0))
    end

    """
}
