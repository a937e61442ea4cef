-- lua driver.lua STUB MODULE CASES: applies a generated module to several
-- configurations, as a wezterm.lua would, and writes what came of it as JSON.
local wezterm = dofile(arg[1])
package.preload["wezterm"] = function()
  return wezterm
end
local load_module = assert(loadfile(arg[2]))
local cases = dofile(arg[3])

local function json(v)
  local kind = type(v)
  if kind == "string" then
    return '"' .. v:gsub('[%c"\\]', function(c)
      return string.format("\\u%04x", c:byte())
    end) .. '"'
  elseif kind == "function" then
    return '"(function)"'
  elseif kind ~= "table" then
    return tostring(v)
  end
  local out = {}
  if next(v) == nil or #v > 0 then
    for i, x in ipairs(v) do
      out[i] = json(x)
    end
    return "[" .. table.concat(out, ",") .. "]"
  end
  for k, x in pairs(v) do
    table.insert(out, json(tostring(k)) .. ":" .. json(x))
  end
  table.sort(out)
  return "{" .. table.concat(out, ",") .. "}"
end

wezterm.hosts = cases.hosts
local result = {}

-- A user's configuration that has something in every list already.
local function users(config)
  config.default_prog = { "/bin/zsh", "-l" }
  config.keys = { { key = "x", mods = "CTRL", action = { Mine = {} } } }
  config.exec_domains = { wezterm.exec_domain("mine-exec", function(cmd) return cmd end, "mine") }
  config.ssh_domains = { { name = "mine-ssh", remote_address = "mine" } }
  config.unix_domains = { { name = "mine-unix" } }
  return config
end

local module = load_module()

result.plain = {}
module.apply(result.plain)
wezterm.finish(result.plain)

local config, data = wezterm.config_builder()
module.apply(config)
result.builder = wezterm.finish(data)

config, data = wezterm.config_builder()
module.apply(users(config))
result.kept = wezterm.finish(data)

config, data = wezterm.config_builder()
module.apply(users(config))
module.apply(config)
result.twice = wezterm.finish(data)

-- Loaded again, as after a change of the configuration.
config, data = wezterm.config_builder()
load_module().apply(users(config))
result.again = wezterm.finish(data)

result.asked = wezterm.asked

result.ran = {}
for i, case in ipairs(cases.commands) do
  config, data = wezterm.config_builder()
  config.default_prog = case.default_prog
  module.apply(config)
  local domain = data.exec_domains and data.exec_domains[1]
  if domain then
    local cmd = domain.fixup_command({ args = case.args, cwd = case.cwd, set_environment_variables = { KEPT = "yes" } })
    cmd.cwd = cmd.cwd or "(none)"
    result.ran[i] = cmd
  end
end

io.write(json(result), "\n")
