-- Send the tokens of a file in order; an empty line means a request without a token.
local requests, at = {}, 0

function init(args)
  for token in io.lines(args[1]) do
    local headers = { Host = "localhost" }
    if token ~= "" then headers["Authorization"] = "Bearer " .. token end
    requests[#requests + 1] = wrk.format("GET", wrk.path, headers)
  end
  at = tonumber(args[2])
end

function request()
  at = at % #requests + 1
  return requests[at]
end
