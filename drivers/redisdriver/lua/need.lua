-- need ends a script before its first write if its user may not run a command that comes
-- after it: what was written would stay.
local function need(command, ...)
  if not redis.acl_check_cmd(command, ...) then
    error({err = "NOPERM this user has no permissions to run the '" .. command .. "' command"})
  end
end
