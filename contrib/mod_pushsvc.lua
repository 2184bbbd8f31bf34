-- Tells pushsvc what happens to the accounts of a host, so that it can wake their phones. For Prosody 0.12 and later.
--
--   VirtualHost "example.org"
--   modules_enabled = { "delegation"; "pushsvc"; ... }   -- and not cloud_notify
--   pushsvc_component = "push.example.org"               -- the component that pushsvc is
--   pushsvc_hibernation_timeout = 259200                 -- seconds a session may hibernate until something comes for it
--
-- What is said is described in pushsvc's documentation, under "Events". Other modules may have the devices of an account
-- look for news by the event "cloud-notify-ping", as with mod_cloud_notify.

local jid = require "util.jid";
local new_id = require "util.id".short;
local st = require "util.stanza";
local watchdog = require "util.watchdog";
local load_roster = require "core.rostermanager".load_roster;

local component = assert(module:get_option_string("pushsvc_component"), "pushsvc_component is missing");
local patience = module:get_option_number("pushsvc_hibernation_timeout", 259200);
local accounts = prosody.hosts[module.host].sessions;
-- A report has to fit into one stanza: of what is long it is said that it is there, and of a queue the newest will do.
local part, whole = 16000, 128000;
local absent = { away = true; xa = true; dnd = true };

local function send(content)
	module:send(st.message({ from = module.host; to = component }):add_child(content));
end

local function forward(stanza)
	local copy = st.clone(stanza):maptags(function (child)
		if #tostring(child) < part then return child; end
		return st.stanza(child.name, child.attr):text(child.name == "body" and "…" or nil);
	end);
	copy.attr.xmlns = "jabber:client";
	return st.stanza("forwarded", { xmlns = "urn:xmpp:forward:0" }):add_child(copy);
end

local function is_withdrawal(stanza) -- of a push service that takes no more publishes (XEP-0357, section 8)
	local pubsub = stanza:get_child("pubsub", "http://jabber.org/protocol/pubsub");
	local list = pubsub and (pubsub:get_child("affiliations") or pubsub);
	local affiliation = list and list:get_child("affiliation");
	return affiliation and affiliation.attr.affiliation == "none";
end

local function is_known(username, from)
	local contact = (load_roster(username, module.host) or {})[jid.bare(from)];
	return contact and contact.subscription and contact.subscription ~= "none" and "true" or "false";
end

local function report(occasion, username, stanzas, session, present)
	local event = st.stanza("event", {
		xmlns = "pushsvc:events:0"; occasion = occasion; account = username.."@"..module.host;
		session = session and session.resource;
	});
	for _, there in pairs(present or {}) do
		if there.resource then
			local show = there.presence and there.presence:get_child_text("show");
			event:tag("session", { resource = there.resource; away = absent[show] and "true" or nil }):up();
		end
	end
	local copies, length = {}, 0;
	for i = #stanzas, 1, -1 do
		local copy, from = forward(stanzas[i]), stanzas[i].attr.from;
		length = length + #tostring(copy);
		if length > whole and i < #stanzas then break; end
		table.insert(copies, 1, st.stanza("stanza", { known = from and is_known(username, from) }):add_child(copy));
	end
	for _, copy in ipairs(copies) do event:add_child(copy); end
	send(event);
end

local function of_session(occasion, queued)
	return function (event)
		local session = event.resumed or event.origin;
		if not session.username then return; end -- another server's
		report(occasion, session.username, event.stanza and { event.stanza } or queued and event.queue or {}, session);
	end
end

module:hook("smacks-hibernation-start", of_session("hibernated", true));
module:hook("smacks-hibernation-stanza-queued", of_session("queued"));

-- Sessions that have push enabled hibernate until there is something to come back for, and from then on as others do.
local function asked(event)
	local request = event.stanza.attr.type == "set" and event.stanza.tags[1];
	if request and request.attr.xmlns == "urn:xmpp:push:0" then event.origin.pushsvc = request.name == "enable"; end
end
for _, to in ipairs { "self", "bare", "host" } do
	module:hook("iq/"..to, asked, 2^32 + 1); -- before mod_delegation
end

-- Where ad-hoc commands are delegated as well, the host's own come first.
local commands = "http://jabber.org/protocol/commands";
if (module:get_option("delegations") or {})[commands] then
	module:hook("iq/host", function (event)
		local request = event.stanza.attr.type == "set" and event.stanza.tags[1];
		if not request or request.attr.xmlns ~= commands or request.name ~= "command" then return; end
		return module:fire_event("iq-set/host/"..commands..":command", event);
	end, 2^32 + 1); -- before mod_delegation

	module:hook("host-disco-items-node", function (event)
		if event.node ~= commands or jid.host(event.stanza.attr.from) ~= module.host then return; end
		local items, list = "http://jabber.org/protocol/disco#items", event.reply;
		local ask = st.iq({ type = "get", from = module.host, to = component, id = new_id() })
			:tag("query", { xmlns = items, node = commands });
		module:send_iq(ask, nil, 10):next(function (answer)
			for item in answer.stanza:get_child("query", items):childtags("item") do
				list:tag("item", { jid = module.host, node = item.attr.node, name = item.attr.name }):up();
			end
		end):catch(function () end):next(function () module:send(list); end); -- without ours, if they are not told
		return true;
	end, -1); -- after mod_adhoc
end

local function matters(stanza)
	return stanza.name == "message" and (stanza:get_child("body") or stanza:child_with_name("encrypted")
		or stanza:child_with_name("openpgp") or stanza:get_child("x", "jabber:x:encrypted")
		or stanza:child_with_name("propose"));
end

local function wait(session, timeout)
	local callback = session.hibernating_watchdog.callback;
	session.hibernating_watchdog:cancel();
	session.hibernating_watchdog = watchdog.new(timeout, callback);
end

local function impatient(session)
	if session.pushsvc_timeout and session.hibernating_watchdog then wait(session, session.pushsvc_timeout); end
	session.pushsvc_timeout = nil;
end

module:hook("smacks-hibernation-start", function (event)
	local session = event.origin;
	if not session.pushsvc or not session.hibernating_watchdog then return; end
	for _, stanza in ipairs(event.queue) do
		if matters(stanza) then return; end
	end
	session.pushsvc_timeout = session.hibernating_watchdog.timeout;
	wait(session, patience);
end);
module:hook("smacks-hibernation-stanza-queued", function (event)
	if matters(event.stanza) then impatient(event.origin); end
end);
module:hook("smacks-hibernation-end", function (event) event.resumed.pushsvc_timeout = nil; end);

function module.unload()
	for _, account in pairs(accounts) do
		for _, session in pairs(account.sessions) do impatient(session); end
	end
end

module:hook("smacks-hibernation-end", of_session("resumed"));
module:hook("smacks-ack-delayed", of_session("overdue", true));
-- Whoever comes back and wants messages gets what was put aside.
module:hook("message/offline/broadcast", of_session("resumed"));
module:hook("resource-unbind", function (event)
	if event.session.smacks ~= nil then report("ended", event.session.username, {}, event.session); end
end);

module:hook("message/offline/handle", function (event)
	if is_withdrawal(event.stanza) then return; end
	report("offline", event.username or jid.node(event.stanza.attr.to), { event.stanza });
end, 1);

module:hook("message/bare/groupchat", function (event)
	report("groupchat", jid.node(event.stanza.attr.to), { event.stanza });
end, 1);

module:hook("archive-message-added", function (event)
	local username, there = event.for_user, accounts[event.for_user];
	-- What nobody is there for is put aside as well, and what was sent from here wakes nobody here.
	if not there or jid.node(event.stanza.attr.to or "") ~= username then return; end
	local stanza = st.clone(event.stanza);
	stanza:tag("stanza-id", { xmlns = "urn:xmpp:sid:0"; by = username.."@"..module.host; id = event.id }):up();
	report("archived", username, { stanza }, nil, there.sessions);
end);

module:hook("presence/bare", function (event)
	local stanza, username = event.stanza, jid.node(event.stanza.attr.to);
	if stanza.attr.type ~= "subscribe" or not username or accounts[username] then return; end
	local roster, from = load_roster(username, module.host), jid.bare(stanza.attr.from);
	local contact, pending = roster and roster[from] or {}, roster and roster[false] and roster[false].pending or {};
	-- Who is answered at once, or has asked before, asks for nothing new.
	if not roster or contact.approved or pending[from] then return; end
	if contact.subscription ~= "both" and contact.subscription ~= "from" then report("offline", username, { stanza }); end
end, 1);

local function sent(event)
	if event.origin.username and event.stanza:get_child("displayed", "urn:xmpp:chat-markers:0") then
		report("read", event.origin.username, { event.stanza }, event.origin); -- this, and not everything
	end
end
module:hook("pre-message/bare", sent, 1);
module:hook("pre-message/full", sent, 1);

module:hook("message/bare", function (event)
	if is_withdrawal(event.stanza) then send(forward(event.stanza)); end
end, 1);

module:hook("cloud-notify-ping", function (event)
	local ping = st.stanza("event", {
		xmlns = "pushsvc:events:0"; occasion = "ping"; account = event.user.."@"..module.host;
	});
	for _, service in pairs(event.push_services or {}) do
		ping:tag("service", { jid = service.jid; node = service.node }):up();
	end
	send(ping);
end);

module:hook_global("user-deleted", function (event)
	if event.host == module.host then report("removed", event.username, {}); end
end);
