-- Keeps strangers out, in the manner of Jitsi's mod_auth_token: the mechanism is ANONYMOUS all the same, and what counts is
-- the token among the parameters of the session's URL. It is read by prosody's own JWT library.

local new_sasl = require "util.sasl".new;
local formdecode = require "net.http".formdecode;
local generate = require "util.id".medium;
local jwt = require "util.jwt";

local issuer = module:get_option_string("app_id");
local secret = module:get_option_string("app_secret");

local function keep(event)
	local query = event.request.url.query;
	event.session.parameters = query and formdecode(query) or {};
end
module:hook_global("bosh-session", keep);
module:hook_global("websocket-session", keep);

-- What is wrong with a token, as Jitsi's mod_auth_token and mod_token_verification look at it.
local function fault(token, room)
	if token == nil then
		return "token required";
	end
	local good, claims = jwt.verify(secret, token);
	local now = os.time();
	if not good then
		return claims;
	elseif claims.iss ~= issuer then
		return "Invalid issuer ('iss' claim)";
	elseif type(claims.exp) ~= "number" or claims.exp <= now then
		return "Not acceptable by exp";
	elseif claims.nbf ~= nil and claims.nbf > now then
		return "Not acceptable by nbf";
	elseif claims.aud == nil then
		return "'aud' claim is missing";
	elseif claims.room ~= room and claims.room ~= "*" then
		return "it is for another room";
	end
end

local provider = {};

function provider.get_sasl_handler(session)
	local handler = new_sasl(module.host, { anonymous = true });
	function handler:process()
		local fault = fault(session.parameters.token, session.parameters.room);
		if fault then
			return "failure", "not-allowed", fault;
		end
		self.username = generate():lower();
		return "success";
	end
	function handler:clean_clone()
		return provider.get_sasl_handler(session);
	end
	return handler;
end

module:provides("auth", provider);
