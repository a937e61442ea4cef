-- Stands in for the module that WezTerm gives to a configuration. It holds to
-- what WezTerm does (config/src/lua.rs, lua-api-crates): it records, copies and
-- refuses what WezTerm would refuse. Runs in Lua 5.1 to 5.4.
local M = { home_dir = "/HOST-HOME", target_triple = "stub" }

local function copy(v)
  if type(v) ~= "table" then
    return v
  end
  local out = {}
  for k, x in pairs(v) do
    out[k] = copy(x)
  end
  return out
end

local function refuse(...)
  error("wezterm: " .. string.format(...), 3)
end

-- The fields of a configuration that are lists, with the keys that an entry may have.
local fields = {
  exec_domains = { name = "string", fixup_command = "function", label = "string" },
  ssh_domains = {
    name = "string", remote_address = "string", username = "string", multiplexing = "string", assume_shell = "string",
    ssh_option = "table", no_agent_auth = "boolean", connect_automatically = "boolean", timeout = "number",
    local_echo_threshold_ms = "number", overlay_lag_indicator = "boolean", remote_wezterm_path = "string",
    override_proxy_command = "string", ssh_backend = "string", default_prog = "table",
  },
  unix_domains = {
    name = "string", socket_path = "string", connect_automatically = "boolean", no_serve_automatically = "boolean",
    serve_command = "table", proxy_command = "table", skip_permissions_check = "boolean", read_timeout = "number",
    write_timeout = "number", local_echo_threshold_ms = "number", overlay_lag_indicator = "boolean",
  },
  keys = { key = "string", mods = "string", action = "table" },
  default_prog = false,
  color_scheme = false,
}

local required = {
  exec_domains = { "name", "fixup_command" },
  ssh_domains = { "name", "remote_address" },
  unix_domains = { "name" },
  keys = { "key", "action" },
}

local mods = { CMD = true, SUPER = true, WIN = true, CTRL = true, ALT = true, OPT = true, META = true, SHIFT = true, LEADER = true, NONE = true }

local function check(field, value)
  local known = fields[field]
  if known == nil then
    refuse("`%s` is not a valid Config field", tostring(field))
  end
  if not known then
    return
  end
  if type(value) ~= "table" then
    refuse("%s must be a list", field)
  end
  for i, entry in ipairs(value) do
    for k, v in pairs(entry) do
      if known[k] == nil then
        refuse("%s[%d]: unknown field %s", field, i, tostring(k))
      end
      if type(v) ~= known[k] then
        refuse("%s[%d].%s is a %s", field, i, k, type(v))
      end
    end
    for _, k in ipairs(required[field]) do
      if entry[k] == nil then
        refuse("%s[%d]: %s is missing", field, i, k)
      end
    end
    if entry.mods then
      for m in string.gmatch(entry.mods .. "|", "([^|]*)|") do
        if not mods[m] then
          refuse("%s[%d]: no modifier %s", field, i, m)
        end
      end
    end
  end
end

-- The real one is a userdata: what it hands out is a copy, so that
-- table.insert(config.keys, …) changes nothing.
function M.config_builder()
  local data = {}
  local config = setmetatable({}, {
    __index = function(_, field)
      if fields[field] == nil then
        refuse("`%s` is not a valid Config field", tostring(field))
      end
      return copy(data[field])
    end,
    __newindex = function(_, field, value)
      check(field, value)
      data[field] = copy(value)
    end,
  })
  return config, data
end

-- A configuration as WezTerm takes it: names are unique over all domains.
function M.finish(data)
  local seen = {}
  for _, field in ipairs({ "exec_domains", "ssh_domains", "unix_domains" }) do
    for _, d in ipairs(data[field] or {}) do
      if seen[d.name] then
        refuse("domain %s stands twice", d.name)
      end
      seen[d.name] = true
    end
  end
  return data
end

function M.exec_domain(name, fixup, label)
  if type(name) ~= "string" or type(fixup) ~= "function" or type(label) ~= "string" then
    refuse("exec_domain(%s, %s, %s)", type(name), type(fixup), type(label))
  end
  return { name = name, fixup_command = fixup, label = label }
end

function M.default_ssh_domains()
  return { { name = "SSH:example.org", remote_address = "example.org" }, { name = "SSHMUX:example.org", remote_address = "example.org" } }
end

-- Files that were asked for, and the hosts in them; the test sets hosts.
M.asked, M.hosts = {}, {}
function M.enumerate_ssh_hosts(...)
  for _, file in ipairs({ ... }) do
    table.insert(M.asked, file)
  end
  return copy(M.hosts)
end

-- Whatever is asked for is there, but for what lies in /gone.
function M.glob(pattern)
  if string.sub(pattern, 1, 1) == "~" then
    refuse("glob(%s): no ~ is expanded", pattern)
  end
  return string.find(pattern, "^/gone/") and {} or { pattern }
end

local actions = { ShowLauncherArgs = { flags = "string", title = "string" }, SpawnTab = { DomainName = "string" } }
M.action = setmetatable({}, {
  __index = function(_, name)
    local known = actions[name]
    if not known then
      refuse("no action %s", tostring(name))
    end
    return function(args)
      for k, v in pairs(args) do
        if known[k] ~= type(v) then
          refuse("%s: %s is a %s", name, tostring(k), type(v))
        end
      end
      return { [name] = args }
    end
  end,
})

return M
