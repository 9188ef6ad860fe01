-- Send the tokens of a file in order; an empty line means no token. A DPoP proof follows its token after a space.
local requests, at = {}, 0

function init(args)
  for line in io.lines(args[1]) do
    local headers = { Host = "localhost" }
    local token, proof = line:match("^(%S+) ?(%S*)$")
    if token then headers["Authorization"] = (proof == "" and "Bearer " or "DPoP ") .. token end
    if proof and proof ~= "" then headers["DPoP"] = proof end
    requests[#requests + 1] = wrk.format("GET", wrk.path, headers)
  end
  at = tonumber(args[2])
end

function request()
  at = at % #requests + 1
  return requests[at]
end
